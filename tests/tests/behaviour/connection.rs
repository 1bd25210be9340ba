//! Sections 3 to 6: connection reuse, expectations, the request cycle, timeouts.

use crate::handlers::{Lenient, Old, Steps, Strict};
use doget::Parsing;
use doget::{Error, Limits, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn request(version: &str, connection: &str) -> String {
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
struct Deaf(Arc<AtomicU32>);

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

/// Reads, or refuses beforehand, what its path says.
struct Expecting;

#[handler]
impl Expecting {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut body = Vec::new();
        if request.path() == "/read" {
            request.body().read_to_end(&mut body)?;
        }
        response.reply(body)
    }

    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        match request.path() {
            "/refused" => Err(Error::new(417)),
            _ => Ok(()),
        }
    }
}

fn expecting(path: &str, version: &str, expect: &str) -> String {
    format!(
        "POST {path} HTTP/{version}\r\nHost: a\r\nExpect: {expect}\r\nContent-Length: 4\r\n\r\n"
    )
}

#[test]
fn exp_01_who_gets_a_100() {
    let wire = TestServer::new(Expecting);
    for version in ["1.1", "1.10"] {
        let mut conn = wire.connect();
        conn.send(expecting("/read", version, "100-Continue"));
        assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
        conn.send("body");
        assert_eq!(conn.answer("POST").text(), "body");
    }
    let raw = wire.raw(expecting("/read", "1.0", "100-continue") + "body");
    assert!(raw.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn exp_01_a_server_of_http_1_0_sends_none() {
    let raw = TestServer::new(Old).raw(expecting("/", "1.1", "100-continue") + "body");
    assert!(raw.starts_with(b"HTTP/1.0 200 OK\r\n"));
    assert!(raw.ends_with(b"body"));
}

#[test]
fn exp_02_a_100_is_bare_and_not_logged() {
    let wire = TestServer::new(Expecting);
    let mut conn = wire.connect();
    conn.send(expecting("/read", "1.1", "100-continue"));
    assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(wire.log(), [""; 0]);
    conn.send("body");
    assert_eq!(conn.answer("POST").status, 200);
    drop(conn);
    assert_eq!(
        wire.end(),
        ["127.0.0.1 - - [date] \"POST /read HTTP/1.1\" 200 4"]
    );
}

#[test]
fn exp_02_a_body_that_is_not_read_is_not_invited() {
    let wire = TestServer::new(Expecting);
    let mut conn = wire.connect();
    conn.send(expecting("/unread", "1.1", "100-continue"));
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (200, 0));
    assert!(answer.closes());
    conn.assert_end();
}

#[test]
fn exp_03_a_hook_may_refuse() {
    let wire = TestServer::new(Expecting);
    let mut conn = wire.connect();
    conn.send(expecting("/refused", "1.1", "100-continue"));
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (417, 0));
    assert!(answer.closes());
    conn.assert_end();
}

#[test]
fn exp_04_another_expectation_is_417() {
    let wire = TestServer::new(Expecting);
    for expect in ["200-ok", "100-continue, x", "x"] {
        let mut conn = wire.connect();
        conn.send(expecting("/read", "1.1", expect));
        let answer = conn.answer("POST");
        assert_eq!((answer.status, answer.interim.len()), (417, 0));
        assert!(answer.closes());
        conn.assert_end();
    }
    let raw = wire.raw(expecting("/read", "1.0", "x") + "body");
    assert!(raw.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

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

fn hasty() -> Limits {
    Limits::new()
        .head_timeout(Duration::from_millis(50))
        .idle_timeout(Duration::from_millis(50))
        .body_timeout(Duration::from_millis(50))
}

#[test]
fn tmo_01_every_wait_has_a_deadline() {
    let limits = Limits::default();
    let deadlines = [
        limits.head_timeout,
        limits.idle_timeout,
        limits.body_timeout,
        limits.send_timeout,
    ];
    assert!(
        deadlines
            .iter()
            .all(|time| *time <= Duration::from_secs(75))
    );
}

#[test]
fn tmo_02_a_head_that_does_not_end_is_408() {
    let wire = TestServer::limited(Strict, hasty());
    let mut conn = wire.connect();
    conn.send("GET / HTTP/1.1\r\nHo");
    let answer = conn.answer("GET");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (408, "Request Timeout")
    );
    assert!(answer.closes());
    conn.assert_end();
    let length = answer.body.len();
    assert_eq!(
        wire.end(),
        [
            "127.0.0.1 - - [date] Request timed out: the request head came too slowly",
            "127.0.0.1 - - [date] code 408, message Request Timeout",
            &format!("127.0.0.1 - - [date] \"\" 408 {length}"),
        ]
    );
}

#[test]
fn tmo_02_a_body_that_does_not_end_is_408() {
    let wire = TestServer::limited(Strict, hasty());
    let mut conn = wire.connect();
    conn.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nbod");
    assert_eq!(conn.answer("POST").status, 408);
    conn.assert_end();
    let lines = wire.end();
    assert_eq!(
        lines[0],
        "127.0.0.1 - - [date] Request timed out: the request body came too slowly"
    );
    assert!(lines[2].contains("\"POST / HTTP/1.1\" 408 "));
}

#[test]
fn tmo_02_a_body_that_stops_is_an_error_to_its_reader() {
    let wire = TestServer::limited(Expecting, hasty());
    let mut conn = wire.connect();
    conn.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\nbod");
    let answer = conn.answer("POST");
    assert_eq!(answer.status, 408);
    assert!(answer.closes());
    conn.assert_end();
}

#[test]
fn tmo_02_an_idle_connection_is_closed_without_a_word() {
    let wire = TestServer::limited(Strict, hasty());
    wire.connect().assert_end();
    // Some clients send an empty line behind a body, which begins no request.
    for line in ["", "\r\n"] {
        let mut conn = wire.connect();
        conn.send(request("1.1", "") + line);
        assert_eq!(conn.answer("GET").status, 200);
        conn.assert_end();
    }
    assert_eq!(wire.end().len(), 2);
}
