//! Gates: asked on the head alone, once for each request, before its body and before `100 Continue`.

use doget::{Error, Gate, Layer, Promised, Request, Result, handler};
use doget_tests::test_server::TestServer as Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Refuses what has `X-Stop`, and counts.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicU32>);

impl Counting {
    fn count(&self) -> u32 {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Layer for Counting {
    fn gate<'l>(&'l self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'l>> {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        promised.header("X-Count", &count.to_string());
        match request.headers().get("X-Stop") {
            Some(_) => Err(Error::too_many_requests()),
            None => Ok(Gate::Pass),
        }
    }
}

struct Echo;

#[handler]
impl Echo {
    #[route("/echo")]
    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    #[route("/read")]
    fn do_PUT(&self, request: &mut Request<'_>) -> Result<Vec<u8>> {
        request.read_body(1 << 20)
    }

    #[blocking]
    #[route("/slow")]
    fn do_GET_slow(&self) -> &'static str {
        "slow"
    }

    fn do_GET(&self) -> &'static str {
        "quick"
    }
}

fn server() -> (Server, Counting) {
    let counting = Counting::default();
    (Server::new(doget::with(counting.clone(), Echo)), counting)
}

const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[test]
fn a_short_body_of_a_refused_request_is_thrown_away_and_the_connection_kept() {
    let (server, _) = server();
    for body in [
        "Content-Length: 4\r\n\r\nbody",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "Expect: 100-continue\r\nContent-Length: 4\r\n\r\nbody",
    ] {
        let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\nX-Stop: 1\r\n{body}{NEXT}");
        let answers = server.ask(request, &["POST", "GET"]);
        assert_eq!(answers[0].status, 429, "{body}");
        assert!(!answers[0].closes(), "{body}");
        assert_eq!(answers[1].text(), "quick", "{body}");
    }
}

/// The gate answers before the client was asked for its body, and the connection closes: the client may send the body
/// or not (RFC 9110 section 10.1.1).
#[test]
fn a_gate_answers_before_100_continue() {
    let (server, counting) = server();
    for target in ["/echo", "/nowhere"] {
        let mut conn = server.connect();
        conn.send(format!(
            "POST {target} HTTP/1.1\r\nHost: a\r\nX-Stop: 1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        ));
        let answer = conn.answer("POST");
        assert_eq!(answer.status, 429, "{target}");
        assert!(answer.closes());
    }
    assert_eq!(counting.count(), 2);
}

#[test]
fn a_gate_answers_before_a_long_body_is_read() {
    let (server, _) = server();
    let mut conn = server.connect();
    conn.send("POST /echo HTTP/1.1\r\nHost: a\r\nX-Stop: 1\r\nContent-Length: 500000\r\n\r\n");
    let answer = conn.answer("POST");
    assert_eq!(answer.status, 429);
    conn.send(vec![b'x'; 500_000]);
}

/// A body that is collected, a handler on another thread, a pipeline whose answers leave first: the request comes to
/// its handler later, but only once to the gate.
#[test]
fn a_gate_is_asked_once_for_each_request() {
    let (server, counting) = server();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut conn = server.connect();
    conn.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
    conn.send("dy");
    let answer = conn.answer("POST");
    assert_eq!(
        (answer.text(), answer.header("X-Count")),
        ("body", Some("1"))
    );
    assert_eq!(counting.count(), 1, "a body that is collected");

    conn.send(format!("{}{}{}", get("/"), get("/slow"), get("/slow")));
    for count in ["1", "2", "3"] {
        assert_eq!(conn.answer("GET").header("X-Count"), Some(count));
    }
    assert_eq!(counting.count(), 3, "handlers on other threads");

    conn.send(format!(
        "{}PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n",
        get("/")
    ));
    assert_eq!(conn.answer("GET").text(), "quick");
    conn.send(vec![b'x'; 900_000]);
    let answer = conn.answer("PUT");
    assert_eq!((answer.status, answer.header("X-Count")), (200, Some("2")));
    assert_eq!(counting.count(), 2, "answers that leave first");
}

/// Byte by byte, the head is whole once.
#[test]
fn a_gate_sees_whole_heads_alone() {
    let (server, counting) = server();
    let mut conn = server.connect();
    conn.send_in(NEXT, 1);
    assert_eq!(conn.answer("GET").status, 200);
    assert_eq!(counting.count(), 1);
}

/// A gate that blocks is taken over like a handler, and others are served.
#[test]
fn a_gate_that_blocks_holds_nobody_up() {
    struct Waits(doget_tests::Gate);
    impl Layer for Waits {
        fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
            if request.path() == "/waits" {
                self.0.wait();
            }
            Ok(Gate::Pass)
        }
    }
    let gate = doget_tests::Gate::new();
    let server = Server::new(doget::with(Waits(gate.clone()), Echo));
    let mut held: Vec<_> = (0..8)
        .map(|_| {
            let mut conn = server.connect();
            conn.send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
            conn
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(server.get("/").text(), "quick");
    }
    gate.open();
    for conn in &mut held {
        assert_eq!(conn.answer("GET").text(), "quick");
    }
}
