//! Promised headers: every answer has them, whoever writes it.

use doget::{
    Error, Gate, Handler, Layer, Limits, Promised, Request, Response, Result, Sent, handler,
};
use doget_tests::test_server::TestServer as Server;
use std::io::Write;
use std::time::Duration;

/// Promises as a CORS layer does.
struct Marked;

impl Layer for Marked {
    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        promised.header("X-Frame-Options", "DENY");
        promised.header("Vary", "Origin");
        if let Some(origin) = request.headers().get("Origin") {
            promised.header("X-Seen", origin);
        }
    }

    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        match request.path() {
            "/preflight" => Ok(Gate::status(204)),
            "/gate-refuses" => Err(Error::too_many_requests()),
            "/gate-panics" => panic!("a gate"),
            _ => Ok(Gate::Pass),
        }
    }
}

struct Site;

#[handler]
impl Site {
    fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/plain" => response.reply("plain"),
            "/own" => response
                .send_response(200)
                .send_header("x-frame-options", "SAMEORIGIN")
                .send_header("Vary", "Accept, origin")
                .finish(),
            "/varies" => response
                .send_response(200)
                .send_header("Vary", "Accept")
                .finish(),
            "/streams" => {
                let mut body = response.send_response(200).end_headers()?;
                body.write_all(b"one ")?;
                body.flush()?;
                body.write_all(b"two")?;
                body.finish()
            }
            "/flushes" => response
                .send_response(200)
                .flush_headers()?
                .send_header("X-After", "1")
                .finish_with("flushed"),
            "/panics" => panic!("a handler"),
            "/begins" => {
                let head = response.send_response(200).send_header("X-Gone", "1");
                let _ = head.end_headers()?;
                Err(Error::new(409))
            }
            "/promises" => {
                let _ = response.promise("X-Late", "1");
                Err(Error::new(418))
            }
            _ => Err(Error::not_found()),
        }
    }

    #[route("/collect")]
    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

fn server() -> Server {
    let limits = Limits::new()
        .body_timeout(Duration::from_millis(300))
        .head_timeout(Duration::from_millis(300))
        .body_buffer_size(4)
        .max_collected_body_size(100);
    Server::limited(doget::with(Marked, Site), limits)
}

const PLAIN: &str = "GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Each answer that there is, and what is promised on it once.
#[test]
fn every_answer_carries_what_is_promised() {
    let server = server();
    let get = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nConnection: close\r\n\r\n")
    };
    let post = |rest: &str| format!("POST /collect HTTP/1.1\r\nHost: a\r\nOrigin: o\r\n{rest}");
    let rows = [
        ("200", get("/plain"), 200),
        ("404", get("/nowhere"), 404),
        ("streamed", get("/streams"), 200),
        ("flushed", get("/flushes"), 200),
        ("panic", get("/panics"), 500),
        ("taken back", get("/begins"), 409),
        (
            "a method that is not there",
            get("/plain").replace("GET", "SPAM"),
            501,
        ),
        ("a gate's answer", get("/preflight"), 204),
        ("a gate's refusal", get("/gate-refuses"), 429),
        ("a gate's panic", get("/gate-panics"), 500),
        ("413 by length", post("Content-Length: 1000\r\n\r\n"), 413),
        (
            "413 after chunks",
            post(&format!(
                "Transfer-Encoding: chunked\r\n\r\n80\r\n{:0128}\r\n0\r\n\r\n",
                0
            )),
            413,
        ),
        (
            "a bad chunk",
            post("Transfer-Encoding: chunked\r\n\r\nx\r\n"),
            400,
        ),
        ("417", post("Expect: tea\r\nContent-Length: 4\r\n\r\n"), 417),
        ("408 of a body", post("Content-Length: 4\r\n\r\nab"), 408),
        (
            "collected",
            post("Connection: close\r\nContent-Length: 4\r\n\r\nbody"),
            200,
        ),
    ];
    for (what, request, status) in rows {
        let method = if what.contains("not there") {
            "SPAM"
        } else {
            "GET"
        };
        let mut conn = server.connect();
        conn.send(&request);
        let answer = conn.answer(method);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        for (name, value) in [
            ("X-Frame-Options", "DENY"),
            ("Vary", "Origin"),
            ("X-Seen", "o"),
        ] {
            let all: Vec<&str> = answer.all(name).collect();
            assert_eq!(all, [value], "{what}: {answer:?}");
        }
        assert_eq!(answer.header("X-Gone"), None, "{what}");
    }
}

/// Heads that were not understood, and those that never come: what does not depend on the request is there.
#[test]
fn refusals_of_malformed_heads_carry_what_is_promised() {
    let server = server();
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(100_000));
    for (request, status) in [
        ("GET / HTTP/1.1\r\nbad line\r\n\r\n", 400),
        ("SPAM\r\n\r\n", 400),
        (&*long, 414),
        ("GET / HTTP/1.1\r\nHost: a\r\n", 408),
    ] {
        let mut conn = server.connect();
        conn.send(request);
        let answer = conn.answer("GET");
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("X-Frame-Options"), Some("DENY"), "{answer:?}");
        assert_eq!(answer.header("Vary"), Some("Origin"), "{answer:?}");
    }
}

#[test]
fn an_own_field_wins_over_a_promise_and_vary_adds_up() {
    let server = server();
    let answer = server.get("/own");
    assert_eq!(
        answer.all("X-Frame-Options").collect::<Vec<_>>(),
        ["SAMEORIGIN"]
    );
    assert_eq!(answer.all("Vary").collect::<Vec<_>>(), ["Accept, origin"]);
    let answer = server.get("/varies");
    assert_eq!(answer.all("Vary").collect::<Vec<_>>(), ["Accept", "Origin"]);
}

#[test]
fn a_handler_promises_for_the_error_page() {
    let answer = server().get("/promises");
    assert_eq!((answer.status, answer.header("X-Late")), (418, Some("1")));
}

#[test]
fn promises_end_with_their_request() {
    let server = server();
    let first = "GET /nowhere HTTP/1.1\r\nHost: a\r\nOrigin: o\r\n\r\n";
    let answers = server.ask(format!("{first}{PLAIN}"), &["GET", "GET"]);
    assert_eq!(answers[0].header("X-Seen"), Some("o"));
    assert_eq!(answers[1].header("X-Seen"), None);
    assert_eq!(answers[1].header("X-Frame-Options"), Some("DENY"));
}

#[test]
fn interim_responses_and_http_0_9_have_no_promises() {
    let server = server();
    let mut conn = server.connect();
    conn.send(
        "POST /collect HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
    conn.send("ab");
    assert_eq!(conn.answer("POST").header("X-Frame-Options"), Some("DENY"));
    struct Old;
    #[handler]
    impl Old {
        const PROTOCOL_VERSION: &str = "HTTP/1.0";
        const PARSING: doget::Parsing = doget::Parsing::Lenient;
        fn do_GET(&self) -> &'static str {
            "old"
        }
    }
    let server = Server::new(doget::with(Marked, Old));
    assert_eq!(server.raw("GET /plain\r\n"), b"old");
}

/// The error page of a block that cannot be written, in whose place the server's own 500 stands.
#[test]
fn the_last_resort_carries_what_is_promised() {
    struct NoPage;
    impl Handler for NoPage {
        fn dispatch(&self, _: &mut Request<'_>, _: Response<'_>) -> Result<Sent> {
            Err(Error::new(400))
        }
        fn send_error(&self, _: &Request<'_>, _: Response<'_>, _: Error) -> Result<Sent> {
            panic!("no page")
        }
    }
    let answer = Server::new(doget::with(Marked, NoPage)).get("/x");
    assert_eq!(
        (answer.status, answer.header("X-Frame-Options")),
        (500, Some("DENY"))
    );
}

#[test]
fn a_header_that_cannot_be_promised_is_500_and_the_log_says_why() {
    struct Bad;
    impl Layer for Bad {
        fn promise(&self, _: &Request<'_>, promised: &mut Promised) {
            promised.header("X-A", "1\r\nX-B: 2");
        }
    }
    let server = Server::new(doget::with(Bad, Site));
    let answer = server.get("/plain");
    assert_eq!((answer.status, answer.header("X-B")), (500, None));
    let log = server.end().join("\n");
    assert!(log.contains("line break would split the response"), "{log}");
}
