//! Section 3: reuse of connections.

use crate::handlers::{Lenient, Old, Steps, Strict};
use doget::{Limits, handler};
use doget_tests::test_server::TestServer;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) fn request(version: &str, connection: &str) -> String {
    let field = match connection {
        "" => String::new(),
        value => format!("Connection: {value}\r\n"),
    };
    format!("GET /plain HTTP/{version}\r\nHost: a\r\n{field}\r\n")
}

/// Whether the second of two such requests is answered.
fn keeps(wire: &TestServer, version: &str, connection: &str) -> bool {
    let mut conn = wire.connect();
    conn.send(request(version, connection).repeat(2));
    let first = conn.answer("GET");
    if first.closes() {
        conn.assert_end();
        return false;
    }
    assert!(!conn.answer("GET").closes());
    true
}

#[test]
fn con_01_with_http_1_0_every_response_closes() {
    let wire = TestServer::new(Old);
    for version in ["1.0", "1.1"] {
        for connection in ["", "keep-alive", "close"] {
            assert!(!keeps(&wire, version, connection));
        }
    }
}

#[test]
fn con_02_kept_by_version() {
    for wire in [TestServer::new(Strict), TestServer::new(Lenient)] {
        assert!(keeps(&wire, "1.1", ""));
        assert!(!keeps(&wire, "1.0", ""));
    }
}

#[test]
fn con_03_the_client_decides() {
    for wire in [TestServer::new(Strict), TestServer::new(Lenient)] {
        assert!(!keeps(&wire, "1.1", "close"));
        assert!(!keeps(&wire, "1.1", "CLOSE"));
        assert!(keeps(&wire, "1.1", "keep-alive"));
        assert!(keeps(&wire, "1.0", "Keep-Alive"));
        assert!(keeps(&wire, "1.1", "upgrade"));
    }
}

#[test]
fn con_03_lists_and_repeats_count() {
    let wire = TestServer::new(Strict);
    assert!(!keeps(&wire, "1.1", "upgrade, close"));
    assert!(!keeps(&wire, "1.1", "keep-alive, close"));
    assert!(!keeps(&wire, "1.1", "keep-alive\r\nConnection: close"));
    assert!(keeps(&wire, "1.0", "te, keep-alive"));
}

#[test]
fn con_04_what_the_response_says() {
    let wire = TestServer::new(Strict);
    let header = |version, connection| {
        let answer = wire.one(request(version, connection));
        answer.header("Connection").map(str::to_owned)
    };
    assert_eq!(header("1.1", ""), None);
    assert_eq!(header("1.1", "keep-alive"), None);
    assert_eq!(header("1.1", "close").as_deref(), Some("close"));
    assert_eq!(header("1.0", "").as_deref(), Some("close"));
    assert_eq!(header("1.0", "keep-alive").as_deref(), Some("keep-alive"));
}

/// RFC 2068 section 19.7.1.1: clients that have to ask for a kept connection are told for how long it is kept.
#[test]
fn con_04_clients_of_http_1_0_are_told_how_long_it_is_kept() {
    let told = |limits: Limits, version, connection| {
        let wire = TestServer::limited(Strict, limits);
        let answer = wire.one(request(version, connection));
        answer.header("Keep-Alive").map(str::to_owned)
    };
    let seconds = |time| Limits::new().idle_timeout(Duration::from_millis(time));
    let usual = Limits::new();
    assert_eq!(
        told(usual.clone(), "1.0", "keep-alive").as_deref(),
        Some("timeout=75")
    );
    assert_eq!(
        told(seconds(5900), "1.0", "keep-alive").as_deref(),
        Some("timeout=5")
    );
    assert_eq!(told(seconds(900), "1.0", "keep-alive"), None);
    assert_eq!(told(usual.clone(), "1.0", ""), None);
    assert_eq!(told(usual, "1.1", "keep-alive"), None);
}

#[test]
fn con_05_a_connection_header_of_the_handler_counts() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\nGET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = conn.answer("GET");
    assert_eq!(answer.all("Connection").collect::<Vec<_>>(), ["Close"]);
    conn.assert_end();
}

#[test]
fn con_05_a_handler_cannot_keep_what_has_to_close() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /keep HTTP/1.0\r\n\r\n");
    let answer = conn.answer("GET");
    // One field: Python's `http.client` believes the first of two.
    assert_eq!(answer.all("Connection").collect::<Vec<_>>(), ["close"]);
    conn.assert_end();
}

#[test]
fn con_06_the_handler_decides() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /set-close HTTP/1.1\r\nHost: a\r\n\r\nGET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(conn.answer("GET").closes());
    conn.assert_end();
}

#[test]
fn con_07_requests_until_the_close() {
    let wire = TestServer::new(Strict);
    let mut conn = wire.connect();
    for _ in 0..10 {
        conn.send(request("1.1", ""));
        assert!(!conn.answer("GET").closes());
    }
    conn.send(request("1.1", "close"));
    assert!(conn.answer("GET").closes());
    conn.assert_end();
}

#[test]
fn con_08_pipelined_requests_are_answered_in_order() {
    let wire = TestServer::new(Steps);
    let get = |path: usize| format!("GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut conn = wire.connect();
    conn.send((0..200).map(get).collect::<String>());
    for path in 0..200 {
        let answer = conn.answer("GET");
        assert!(answer.text().contains(&format!("path /{path}\n")));
    }
    conn.send(get(200) + &get(201).replace("Host", "Connection: close\r\nHost") + &get(202));
    assert!(!conn.answer("GET").closes());
    assert!(conn.answer("GET").closes());
    conn.assert_end();
    assert_eq!(wire.end().len(), 202);
}

/// Does not read bodies, and counts its requests.
#[derive(Clone, Default)]
pub(crate) struct Deaf(pub(crate) Arc<AtomicU32>);

#[handler]
impl Deaf {
    fn do_GET(&self) -> &'static str {
        self.0.fetch_add(1, Ordering::SeqCst);
        "deaf"
    }

    fn do_POST(&self) -> &'static str {
        "deaf"
    }
}

#[test]
fn con_09_an_unread_body_is_no_request() {
    let handler = Deaf::default();
    let wire = TestServer::new(handler.clone());
    let inner = "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n";
    let post = |body: &str| {
        let length = body.len();
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    let small = post(inner);
    let large = post(&inner.repeat(4000));
    let chunked = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{inner}\r\n0\r\n\r\n",
        inner.len()
    );
    let answers = wire.ask(small + &large + &chunked, &["POST"; 3]);
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(handler.0.load(Ordering::SeqCst), 0);
}

#[test]
fn con_09_too_much_unread_closes_the_connection() {
    let handler = Deaf::default();
    let wire = TestServer::new(handler.clone());
    let body = "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20_000);
    let mut conn = wire.connect();
    let length = body.len();
    conn.send(format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
    ));
    let answer = conn.answer("POST");
    assert_eq!(answer.status, 200);
    assert!(answer.closes());
    conn.send(body);
    conn.assert_end();
    assert_eq!(handler.0.load(Ordering::SeqCst), 0);
}

#[test]
fn con_10_every_body_on_a_kept_connection_has_an_end() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").header("Content-Length"), Some("5"));
    let stream = conn.answer("GET");
    assert_eq!(stream.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(stream.body.len(), 200_000);
    conn.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "plain");
}

#[test]
fn con_11_the_protocol_version_is_in_the_status_line() {
    for version in ["1.0", "1.1"] {
        assert_eq!(
            TestServer::new(Old).one(request(version, "")).version,
            "HTTP/1.0"
        );
        let answer = TestServer::new(Strict).one(request(version, ""));
        assert_eq!(answer.version, "HTTP/1.1");
    }
}
