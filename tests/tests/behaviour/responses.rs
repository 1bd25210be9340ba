//! Section 8: building a response; section 9: HTTP/0.9; section 12: version and dates.

use crate::handlers::{Lenient, Steps, Strict};
use doget::Parsing;
use doget::{HttpDate, Request, Response, ResponseHead, Result, Sent, StatusCode, handler};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::borrow::Cow;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[test]
fn rsp_01_server_and_date_follow_the_status_line() {
    let answer = TestServer::new(Steps).get("/plain");
    assert_eq!(
        (
            answer.version.as_str(),
            answer.status,
            answer.reason.as_str()
        ),
        ("HTTP/1.1", 200, "OK")
    );
    assert_eq!(
        answer.names(),
        ["Server", "Date", "Content-Type", "Content-Length"]
    );
}

#[test]
fn rsp_02_the_status_line_alone() {
    let server = TestServer::new(Steps);
    let answer = server.get("/only");
    assert_eq!(answer.names(), ["Content-Length"]);
    assert_eq!(answer.text(), "only");
    let raw = server.raw("GET /only-299 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(raw.starts_with(b"HTTP/1.1 299 \r\n"));
    assert_eq!(server.get("/reason").reason, "As You Like It");
}

#[test]
fn rsp_03_headers_keep_spelling_order_and_repeats() {
    let answer = TestServer::new(Steps).get("/repeat");
    let sent: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("x-spelled"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        sent,
        [
            ("x-Spelled", "1"),
            ("X-sPELLED", "2"),
            ("x-Spelled", "caf\u{e9}")
        ]
    );
}

/// An error page in place of a response that cannot be sent, and what the log says of it.
fn refused(path: &str, why: &str) {
    let server = TestServer::new(Steps);
    let raw = server.raw(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert!(raw.starts_with(b"HTTP/1.1 500 Internal Server Error\r\n"));
    assert!(!raw.windows(10).any(|part| part == b"X-Injected"));
    assert_eq!(server.get("/plain").text(), "plain");
    let lines = server.end();
    assert_eq!(
        lines[1],
        format!("127.0.0.1 - - [date] caused by: {why}"),
        "{lines:?}"
    );
}

#[test]
fn rsp_04_what_is_not_latin_1_is_an_error() {
    refused(
        "/wide",
        "header 'X-Wide': characters above U+00FF cannot be sent; percent-encode them or use the RFC 8187 form",
    );
}

#[test]
fn rsp_05_a_head_leaves_whole() {
    let raw = TestServer::new(Steps).raw("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(raw.ends_with(b"\r\n\r\nplain"));
}

/// Holds on between the two halves of its head.
struct Halves(doget_tests::Gate);

#[handler]
impl Halves {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        let headers = response
            .send_response(200)
            .send_header("X-First", 1)
            .flush_headers()?;
        self.0.wait();
        headers.send_header("X-Second", 2).finish()
    }
}

#[test]
fn rsp_06_flush_headers_sends_what_there_is() {
    let gate = doget_tests::Gate::default();
    let server = TestServer::new(Halves(gate.clone()));
    let mut conn = server.connect();
    conn.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let first = conn.until(b"X-First: 1\r\n");
    assert!(first.starts_with(b"HTTP/1.1 200 OK\r\nServer: "));
    gate.open();
    assert_eq!(
        conn.until(b"\r\n\r\n"),
        b"X-Second: 2\r\nContent-Length: 0\r\n\r\n"
    );
    assert_eq!(
        TestServer::new(Steps).get("/flushed").names(),
        ["Server", "Date", "X-First", "X-Second", "Content-Length"]
    );
}

#[test]
fn rsp_08_every_body_is_framed() {
    let server = TestServer::new(Steps);
    assert_eq!(server.get("/plain").header("Content-Length"), Some("5"));
    let stream = server.get("/stream");
    assert_eq!(stream.header("Transfer-Encoding"), Some("chunked"));
    let old = server.one("GET /stream HTTP/1.0\r\n\r\n");
    assert!(old.to_end && old.closes());
    assert_eq!(old.body, stream.body);
    let head = server.one("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(head.names(), stream.names());
}

#[test]
fn rsp_09_a_response_cannot_be_split() {
    let broken = "a line break would split the response; remove or percent-encode it";
    refused("/split", &format!("header 'X-Split': {broken}"));
    refused("/split-reason", &format!("status line: {broken}"));
}

#[test]
fn rsp_10_codes_have_three_digits() {
    let server = TestServer::new(Steps);
    let raw = server.raw("GET /999 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(raw.starts_with(b"HTTP/1.1 999 \r\n"));
    refused(
        "/1000",
        "status line: the status code must have three digits, 100 to 999",
    );
}

/// Sees HTTP/0.9.
struct Simple;

#[handler]
impl Simple {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        let mut wfile = response
            .send_response(200)
            .send_header("Connection", "keep-alive")
            .end_headers()?;
        wfile.write_all(b"simple")?;
        wfile.flush()?;
        wfile.write_all(b" body")?;
        wfile.finish()
    }

    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

#[test]
fn h09_01_the_body_alone() {
    let server = TestServer::new(Simple);
    assert_eq!(server.raw("GET /\r\n"), b"simple body");
}

#[test]
fn h09_02_it_is_logged_as_usual() {
    let server = TestServer::new(Simple);
    server.raw("GET /\r\n");
    assert_eq!(server.end(), ["127.0.0.1 - - [date] \"GET /\" 200 11"]);
}

#[test]
fn h09_03_the_version_word_http_0_9() {
    let server = TestServer::new(Simple);
    let post = "POST / HTTP/0.9\r\nContent-Length: 4\r\n\r\nbody";
    assert_eq!(server.raw(post), b"body");
    let answer = TestServer::new(Strict).one("GET / HTTP/0.9\r\nHost: a\r\n\r\n");
    assert_eq!(answer.reason, "Bad request version ('HTTP/0.9')");
}

#[test]
fn h09_04_one_request_a_connection() {
    let server = TestServer::new(Lenient);
    let mut conn = server.connect();
    conn.send("GET /1\r\nGET /2\r\n");
    let body = conn.rest();
    assert!(body.starts_with(b"command GET\npath /1\n"));
    assert!(body.ends_with(b"line GET /1\n"));
}

/// A version and dates of its own.
struct Dated;

#[handler]
impl Dated {
    const SERVER_VERSION: &str = "Dated/2.0";
    const SYS_VERSION: &str = "Sys/1.0";

    fn do_GET(&self) -> &'static str {
        "dated"
    }

    fn date_time_string(&self, _: SystemTime) -> HttpDate {
        HttpDate::new(UNIX_EPOCH + Duration::from_millis(784_111_777_999))
    }
}

fn server_header(answer: &Answer) -> &str {
    answer.header("Server").expect("a Server header")
}

#[test]
fn ver_01_server_version_and_sys_version() {
    let answer = TestServer::new(Dated).get("/");
    assert_eq!(server_header(&answer), "Dated/2.0 Sys/1.0");
}

#[test]
fn ver_02_the_default_is_the_crate() {
    let answer = TestServer::new(Strict).get("/");
    let expected = doget::hooks::SERVER_VERSION;
    assert_eq!(server_header(&answer), expected);
    assert!(expected.starts_with("doget/"));
}

struct Nameless;

#[handler]
impl Nameless {
    const SERVER_VERSION: &str = "";

    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

struct SystemAlone;

#[handler]
impl SystemAlone {
    const SERVER_VERSION: &str = "";
    const SYS_VERSION: &str = "Plan9";

    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

#[test]
fn ver_01_an_empty_version_is_not_sent() {
    let server = TestServer::new(Nameless);
    // Twice, since the first lines are kept.
    for path in ["/", "/", "/"] {
        let answer = server.get(path);
        assert_eq!(answer.names(), ["Date", "Content-Type", "Content-Length"]);
    }
    let answer = server.one("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((answer.status, answer.header("Server")), (501, None));
    let answer = TestServer::new(SystemAlone).get("/");
    assert_eq!(answer.header("Server"), Some("Plan9"));
}

#[test]
fn ver_03_there_is_no_sys_version_unless_one_is_given() {
    assert_eq!(<Strict as doget::Declared>::SETTINGS.sys_version, "");
}

#[test]
fn dat_01_dates() {
    let answer = TestServer::new(Dated).get("/");
    assert_eq!(answer.header("Date"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    let before = SystemTime::now() - Duration::from_secs(2);
    let answer = TestServer::new(Strict).get("/");
    let date = answer.header("Date").and_then(doget::parse_http_date);
    let date = date.expect("a date");
    assert!(before <= date && date <= SystemTime::now());
}

/// Overrides what can be overridden.
struct Own;

#[handler]
impl Own {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/missing" => response.send_error(404, None, None),
            "/teapot" => response.send_response(418).finish(),
            _ => response.reply("own"),
        }
    }

    fn version_string(&self) -> Cow<'_, str> {
        Cow::Borrowed("Own")
    }

    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        headers.send_header("Access-Control-Allow-Origin", "*")
    }

    fn responses(&self, code: StatusCode) -> Option<(&str, &str)> {
        match code.as_u16() {
            404 => Some(("Verloren", "Es ist nicht da")),
            418 => Some(("Short And Stout", "")),
            _ => doget::hooks::responses(code),
        }
    }
}

#[test]
fn ovr_02_internal_calls_go_through_the_override() {
    let server = TestServer::new(Own);
    for path in ["/", "/missing", "/teapot"] {
        let answer = server.get(path);
        assert_eq!(server_header(&answer), "Own");
        assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("*"));
    }
    let answer = server.get("/missing");
    assert_eq!(answer.reason, "Verloren");
    assert!(answer.text().contains("404 - Es ist nicht da."));
    assert_eq!(server.get("/teapot").reason, "Short And Stout");
    let unparsed = server.one("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(unparsed.header("Access-Control-Allow-Origin"), Some("*"));
}

/// Its errors are of a kind of its own.
struct OwnErrors;

#[handler]
impl OwnErrors {
    fn do_GET(&self) -> Result<&'static str> {
        Err(doget::Error::new(404).message("nothing here"))
    }

    fn do_POST(&self) -> &'static str {
        panic!("a panic on purpose")
    }

    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: doget::Error,
    ) -> Result<Sent> {
        let text = error.message_text().unwrap_or_default();
        let body = format!(
            "{{\"method\": \"{}\", \"error\": \"{text}\"}}",
            request.method()
        );
        response
            .send_response(error.status())
            .send_header("Content-Type", "application/json")
            .finish_with(body.into_bytes())
    }
}

#[test]
fn ovr_02_every_error_goes_through_send_error() {
    let server = TestServer::new(OwnErrors);
    let ask = |line: &str, fields: &str| {
        let answer = server.one(format!("{line}\r\n{fields}\r\n"));
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
        (answer.status, answer.text().to_owned(), answer.closes())
    };
    let page =
        |method: &str, error: &str| format!("{{\"method\": \"{method}\", \"error\": \"{error}\"}}");
    let host = "Host: a\r\n";
    assert_eq!(
        ask("GET / HTTP/1.1", host),
        (404, page("GET", "nothing here"), false)
    );
    assert_eq!(
        ask("SPAM / HTTP/1.1", host),
        (501, page("SPAM", "Unsupported method ('SPAM')"), false)
    );
    assert_eq!(ask("POST / HTTP/1.1", host), (500, page("POST", ""), true));
    assert_eq!(
        ask("GET / HTTP/1.1", ""),
        (400, page("GET", "Bad Host"), true)
    );
    assert_eq!(
        ask("GET", host),
        (400, page("", "Bad request syntax ('GET')"), true)
    );
    assert_eq!(
        ask("GET / HTTP/1.1", "Host: a\r\nExpect: x\r\n"),
        (417, page("GET", ""), true)
    );
}

/// A handler that stands on another one.
struct Above {
    base: Steps,
}

#[handler(base(self.base: Steps))]
impl Above {
    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

#[test]
fn ovr_06_own_methods_first_then_those_of_the_base() {
    let server = TestServer::new(Above { base: Steps });
    let post = server.one("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!(post.text(), "body");
    assert_eq!(server.get("/plain").text(), "plain");
    let answer = server.one("SPAM / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.text(), "spam");
}

#[test]
fn ovr_01_the_defaults_of_the_consts() {
    use doget::Declared;
    assert_eq!(Strict::SETTINGS.protocol_version, "HTTP/1.1");
    assert_eq!(
        Strict::SETTINGS.server_version,
        doget::hooks::SERVER_VERSION
    );
    assert_eq!(
        Strict::SETTINGS.error_message_format,
        doget::hooks::ERROR_MESSAGE_FORMAT
    );
    assert_eq!(
        Strict::SETTINGS.error_content_type,
        "text/html;charset=utf-8"
    );
}
