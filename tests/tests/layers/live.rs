//! Guards, gates and promised headers stand before sockets, streams and parked requests too.

use doget::live::{Events, Live, Park, Text, Topic, WebSocket};
use doget::{
    AllowHosts, Authorized, Bearer, Error, Gate, Layer, Promised, Request, RequestId, Result,
    Scheme, Verify, handler, same_secret,
};
use doget_tests::Client;
use doget_tests::live::{Ws, frame, handshake};
use doget_tests::test_server::TestServer;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

struct User(&'static str);

#[derive(Default)]
struct Site {
    topic: Topic<Text>,
    reached: Arc<AtomicUsize>,
}

impl Verify<User> for Site {
    const SCHEME: Scheme = Scheme::Bearer("site");

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        let bearer = Bearer::of(request);
        Ok(bearer
            .filter(|bearer| same_secret(bearer.token(), "of-ada"))
            .map(|_| User("ada")))
    }
}

#[handler(guard(User))]
impl Site {
    #[route("/socket")]
    fn do_GET_socket(&self, socket: WebSocket, user: Authorized<User>) -> Live {
        self.reached.fetch_add(1, Ordering::SeqCst);
        let name = user.0;
        socket.each(move |peer, message| {
            message
                .text()
                .map(|text| peer.send(format!("{name}: {text}")))
        })
    }

    #[route("/events")]
    fn do_GET_events(&self, events: Events) -> Live {
        self.reached.fetch_add(1, Ordering::SeqCst);
        events.follow(&self.topic)
    }

    #[route("/park")]
    fn do_GET_park(&self, park: Park) -> Live {
        self.reached.fetch_add(1, Ordering::SeqCst);
        park.within(Duration::from_secs(25)).0
    }
}

/// Refuses what has `X-Stop`.
struct Stop;

impl Layer for Stop {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        match request.headers().get("X-Stop") {
            Some(_) => Err(Error::too_many_requests()),
            None => Ok(Gate::Pass),
        }
    }
}

const TOKEN: &str = "Authorization: Bearer of-ada\r\n";

fn server() -> (TestServer, Arc<AtomicUsize>) {
    let site = Site::default();
    let reached = Arc::clone(&site.reached);
    let layered = doget::with(AllowHosts::new(["test"]), doget::with(Stop, site));
    (
        TestServer::new(doget::with(RequestId::new(), layered)),
        reached,
    )
}

fn ask(server: &TestServer, request: &str) -> Client {
    let mut client = Client::connect(server.address());
    client.send(request);
    client
}

fn requests(lines: &str) -> [String; 3] {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: test\r\n{lines}\r\n");
    [handshake("/socket", lines), get("/events"), get("/park")]
}

#[test]
fn strangers_get_neither_socket_nor_stream_nor_a_place_to_wait() {
    let (server, reached) = server();
    for lines in ["", "Authorization: Bearer of-bob\r\n"] {
        for request in requests(lines) {
            let mut client = ask(&server, &request);
            let answer = client.answer();
            assert_eq!(answer.status, 401, "{request}");
            let challenge = answer.header("WWW-Authenticate").unwrap();
            assert!(
                challenge.starts_with("Bearer realm=\"site\""),
                "{challenge}"
            );
            assert_eq!(answer.header("Upgrade"), None);
            assert!(answer.header("X-Request-Id").is_some());
            // It speaks HTTP still.
            client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            assert!(client.answer().status >= 400);
        }
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[test]
fn gates_are_asked_before_the_handshake_is() {
    let (server, reached) = server();
    for request in requests(&format!("{TOKEN}X-Stop: 1\r\n")) {
        assert_eq!(ask(&server, &request).answer().status, 429, "{request}");
    }
    for request in requests(TOKEN) {
        let foreign = request.replace("Host: test", "Host: rebound.example");
        let status = ask(&server, &foreign).answer().status;
        assert!((400..500).contains(&status), "{status}: {request}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[test]
fn who_is_known_is_let_in_with_what_layers_promise() {
    let (server, reached) = server();
    let [socket, events, park] = requests(TOKEN);
    let mut ws = Ws::raw(ask(&server, &socket));
    let head = ws.head();
    assert!(
        head.starts_with("HTTP/1.1 101 ") && head.contains("\r\nX-Request-Id: "),
        "{head}"
    );
    ws.text("hello");
    assert_eq!(ws.receive_text(), "ada: hello");
    ws.send(frame(0x88, &[0x03, 0xe8]));
    ws.is_closed_with(1000);
    let head = Ws::raw(ask(&server, &events)).head();
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.contains("\r\nX-Request-Id: "),
        "{head}"
    );
    let answer = ask(&server, &park).answer();
    assert_eq!(answer.status, 204);
    assert!(answer.header("X-Request-Id").is_some());
    assert_eq!(reached.load(Ordering::SeqCst), 3);
}
