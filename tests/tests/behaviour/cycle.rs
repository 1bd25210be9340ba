//! Section 5: from the request to its method, and to the end of its response.

use crate::connection::{Deaf, request};
use crate::handlers::{Steps, Strict};
use doget::{Error, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[test]
fn dsp_01_a_method_is_called_by_its_name() {
    let wire = TestServer::new(Steps);
    let answer = wire.one("SPAM / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.text(), "spam");
}

#[test]
fn dsp_02_a_method_that_is_missing_is_501() {
    let wire = TestServer::new(Steps);
    for method in ["GETs", "custom", "PUT", "SPAMs", "SPA"] {
        let answer = wire.one(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(answer.status, 501);
        assert_eq!(answer.reason, format!("Unsupported method ('{method}')"));
    }
}

/// Nothing derived.
struct Exact;

#[handler(exact)]
impl Exact {
    fn do_GET(&self) -> &'static str {
        "exact"
    }
}

#[test]
fn dsp_02_head_and_options_are_derived_unless_exact() {
    let wire = TestServer::new(Strict);
    let get = wire.get("/");
    let head = wire.one("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    // One letter more in the text that describes the request, in each of two places.
    let length = (get.body.len() + 2).to_string();
    assert_eq!(head.header("Content-Length"), Some(length.as_str()));
    assert_eq!(head.names(), get.names());
    let options = wire.one("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(options.status, 200);
    assert_eq!(options.header("Allow"), Some("GET, HEAD, POST, OPTIONS"));
    let wire = TestServer::new(Exact);
    for method in ["HEAD", "OPTIONS"] {
        let answer = wire.one(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(answer.status, 501);
    }
}

#[test]
fn dsp_03_what_was_written_leaves_without_a_flush() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /flushed HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "flushed");
}

#[test]
fn dsp_04_a_faulty_head_does_not_reach_the_handler() {
    let handler = Deaf::default();
    let wire = TestServer::new(handler.clone());
    for request in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    ] {
        assert_eq!(wire.one(request).status, 400);
    }
    assert_eq!(handler.0.load(Ordering::SeqCst), 0);
}

#[test]
fn dsp_05_a_panic_is_a_500() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = conn.answer("GET");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (500, "Internal Server Error")
    );
    assert!(!answer.text().contains("purpose"));
    assert!(answer.closes());
    conn.assert_end();
    assert_eq!(wire.get("/plain").text(), "plain");
    let lines = wire.end();
    assert_eq!(
        lines[..3],
        [
            "127.0.0.1 - - [date] code 500, message Internal Server Error",
            "127.0.0.1 - - [date] caused by: the handler panicked: a panic on purpose",
            &format!(
                "127.0.0.1 - - [date] \"GET /panic HTTP/1.1\" 500 {}",
                answer.body.len()
            ),
        ]
    );
}

/// A handler of the trait alone.
struct Bare;

impl doget::Handler for Bare {
    fn dispatch(&self, request: &mut Request<'_>, _: Response<'_>) -> Result<Sent> {
        let message = format!("Unsupported method ('{}')", request.method());
        Err(Error::new(501).message(message))
    }
}

#[test]
fn dsp_06_the_trait_alone_implements_no_method() {
    let wire = TestServer::new(Bare);
    for method in ["GET", "HEAD", "OPTIONS"] {
        let answer = wire.one(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(answer.status, 501);
    }
}

/// A connection's own handler.
struct Own {
    requests: std::cell::Cell<u32>,
    ended: Arc<AtomicU32>,
}

#[handler]
impl Own {
    fn do_GET(&self) -> String {
        self.requests.set(self.requests.get() + 1);
        self.requests.get().to_string()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn dsp_07_a_handler_for_each_connection() {
    let ended = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&ended);
    let wire = TestServer::spawn(
        |server| server,
        |server| {
            server.spawn_with(move |_| Own {
                requests: std::cell::Cell::new(0),
                ended: Arc::clone(&count),
            })
        },
    );
    let (mut one, mut two) = (wire.connect(), wire.connect());
    for number in ["1", "2", "3"] {
        one.send(request("1.1", ""));
        assert_eq!(one.answer("GET").text(), number);
    }
    two.send(request("1.1", ""));
    assert_eq!(two.answer("GET").text(), "1");
    drop((one, two));
    wire.end();
    assert_eq!(ended.load(Ordering::SeqCst), 2);
}

/// Answers a byte at a time.
struct Drip;

#[handler]
impl Drip {
    fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut wfile = response.send_response(200).end_headers()?;
        let mut byte = [0];
        while request.body().read(&mut byte)? > 0 {
            wfile.write_all(&byte)?;
            wfile.flush()?;
        }
        wfile.finish()
    }
}

#[test]
fn dsp_08_the_body_is_read_and_the_response_written_at_once() {
    let wire = TestServer::new(Drip);
    let mut conn = wire.connect();
    conn.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    conn.send("a");
    let head = conn.until(b"\r\n\r\n");
    assert!(head.ends_with(b"Transfer-Encoding: chunked\r\n\r\n"));
    assert_eq!(conn.until(b"a\r\n"), b"1\r\na\r\n");
    conn.send("b");
    assert_eq!(conn.until(b"b\r\n"), b"1\r\nb\r\n");
}

/// Tells who asks whom.
struct Who;

#[handler]
impl Who {
    fn do_GET(&self, request: &Request<'_>) -> String {
        format!(
            "{} {} {}",
            request.client_address(),
            request.server().server_name(),
            request.server().server_port()
        )
    }
}

#[test]
fn dsp_09_the_client_and_the_server_are_known() {
    let wire = TestServer::new(Who);
    let stream = std::net::TcpStream::connect(wire.address()).unwrap();
    let mut writer = &stream;
    writer
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    (&stream).read_to_string(&mut text).unwrap();
    let expected = format!(
        "\r\n\r\n{} 127.0.0.1 {}",
        stream.local_addr().unwrap(),
        wire.address().port()
    );
    assert!(text.ends_with(&expected), "{text}");
}
