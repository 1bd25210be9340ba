//! Section 11: logging.

use crate::handlers::{Lenient, Steps, Strict};
use doget::{
    Basic, Log, LogFormat, Parsing, Request, Response, Result, Scheme, Sent, StatusCode, Verify,
    handler, hooks,
};
use doget_tests::Lines;
use doget_tests::test_server::TestServer;
use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::time::SystemTime;

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

#[test]
fn log_01_address_date_and_message() {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let wire = TestServer::with(Steps, |server| server.log(log.clone()));
    wire.get("/plain");
    wire.end();
    assert!(log.flush(doget_tests::PATIENCE));
    let text = lines.text();
    let (date, rest) = text
        .strip_prefix("127.0.0.1 - - [")
        .and_then(|rest| rest.split_once("] "))
        .expect("address and date");
    assert_eq!(rest, "\"GET /plain HTTP/1.1\" 200 5\n");
    assert_eq!(date.len(), "21/Nov/2026 10:02:51".len());
}

#[test]
fn log_02_control_characters_and_backslashes_are_escaped() {
    let wire = TestServer::new(Lenient);
    wire.raw(b"G\x1b\\\xa0T /\xe9\x7f HTTP/1.0\r\nHost: a\r\n\r\n");
    let method = wire.one(b"A\x01B / HTTP/1.0\r\n\r\n");
    assert_eq!(method.reason, "Unsupported method ('A\\x01B')");
    let lines = wire.end();
    assert!(
        lines[1]
            .starts_with("127.0.0.1 - - [date] \"G\\x1b\\\\\u{a0}T /\u{e9}\\x7f HTTP/1.0\" 400 "),
        "{lines:?}"
    );
    assert_eq!(
        lines[2],
        "127.0.0.1 - - [date] code 501, message Unsupported method ('A\\\\x01B')"
    );
}

#[test]
fn log_03_the_line_of_a_request() {
    let wire = TestServer::new(Steps);
    wire.raw(get("/plain") + &get("/204") + "HEAD /plain HTTP/1.0\r\n\r\n");
    assert_eq!(
        wire.end(),
        [
            "127.0.0.1 - - [date] \"GET /plain HTTP/1.1\" 200 5",
            "127.0.0.1 - - [date] code 204, message No Content",
            "127.0.0.1 - - [date] \"GET /204 HTTP/1.1\" 204 0",
            "127.0.0.1 - - [date] \"HEAD /plain HTTP/1.0\" 200 0",
        ]
    );
}

#[test]
fn log_03_a_quote_cannot_end_the_request_line() {
    let wire = TestServer::new(Lenient);
    wire.raw("GET /\"_200_-_\" HTTP/1.0\r\n\r\n");
    let lines = wire.end();
    assert!(lines[0].starts_with(r#"127.0.0.1 - - [date] "GET /\x22_200_-_\x22 HTTP/1.0" 200"#));
}

/// Two request lines never leave the same text, whichever hooks the line passes.
#[test]
fn log_03_an_escaped_field_can_be_read_back() {
    let lines = |wire: TestServer| {
        for target in ["/\"", r"/\x22", r"/\\x22", r"/\", "/\x7f"] {
            wire.raw(format!("GET {target} HTTP/1.0\r\n\r\n"));
        }
        let lines = wire.end();
        let paths = lines.iter().filter_map(|line| line.split('"').nth(1));
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = [r"\x22", r"\\x22", r"\\\\x22", r"\\", r"\x7f"];
    let expected = expected.map(|path| format!("GET /{path} HTTP/1.0"));
    assert_eq!(lines(TestServer::new(Lenient)), expected);
    assert_eq!(lines(TestServer::new(Renamed)), expected);
    assert_eq!(lines(TestServer::new(Prefixed)), expected);
}

/// Hides its clients, as handlers behind a proxy do.
struct Renamed;

#[handler]
impl Renamed {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self) -> &'static str {
        "ok"
    }

    fn address_string<'r>(&self, _: &'r Request<'_>) -> Cow<'r, str> {
        Cow::Borrowed("somebody")
    }
}

/// Puts a word before each message.
struct Prefixed;

#[handler]
impl Prefixed {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self) -> &'static str {
        "ok"
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_message(self, request, format_args!("mine: {args}"));
    }
}

#[test]
fn log_03_a_long_field_is_cut() {
    let wire = TestServer::new(Strict);
    wire.get(&format!("/{}", "a".repeat(8000)));
    let lines = wire.end();
    assert!(lines[0].contains(&format!("\"GET /{}\" 200", "a".repeat(2048 - 5))));
}

#[test]
fn log_03_the_bytes_of_a_streamed_body_are_counted() {
    let wire = TestServer::new(Steps);
    wire.raw(get("/stream"));
    assert_eq!(
        wire.end(),
        ["127.0.0.1 - - [date] \"GET /stream HTTP/1.1\" 200 200000"]
    );
}

#[test]
fn log_04_a_status_is_logged_as_its_number() {
    let wire = TestServer::new(Steps);
    wire.raw(get("/999"));
    assert_eq!(
        wire.end(),
        ["127.0.0.1 - - [date] \"GET /999 HTTP/1.1\" 999 0"]
    );
}

/// Logs in its own words.
struct Chatty;

#[handler]
impl Chatty {
    fn do_GET(&self) -> Result<&'static str> {
        Err(doget::Error::new(404).message("File not found"))
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_message(self, request, format_args!("<{args}>"));
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let args = format_args!("request {} {size}", code.as_u16());
        self.log_message(request, args);
    }

    fn log_date_time_string(&self, _: SystemTime) -> Cow<'static, str> {
        Cow::Borrowed("now")
    }

    fn address_string<'r>(&self, request: &'r Request<'_>) -> Cow<'r, str> {
        Cow::Borrowed(request.headers().get("X-For").unwrap_or("-"))
    }
}

#[test]
fn log_05_log_error_goes_through_log_message() {
    let wire = TestServer::new(Chatty);
    wire.raw("GET / HTTP/1.1\r\nHost: a\r\nX-For: 10.0.0.1\r\n\r\n");
    assert_eq!(
        wire.end(),
        [
            "10.0.0.1 - - [date] <code 404, message File not found>",
            "10.0.0.1 - - [date] <request 404 460>",
        ]
    );
}

#[test]
fn log_06_an_error_gives_two_lines() {
    let wire = TestServer::new(Steps);
    wire.raw(get("/missing"));
    assert_eq!(
        wire.end(),
        [
            "127.0.0.1 - - [date] code 404, message File not found",
            "127.0.0.1 - - [date] \"GET /missing HTTP/1.1\" 404 460",
        ]
    );
}

/// Logs from within.
struct Within;

#[handler]
impl Within {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut wfile = response.send_response(200).end_headers()?;
        hooks::log_message(self, request, format_args!("begun"));
        wfile.write_all(b"body")?;
        let sent = wfile.finish();
        hooks::log_message(self, request, format_args!("finished"));
        sent
    }
}

#[test]
fn log_07_a_request_is_logged_when_its_response_is_over() {
    let wire = TestServer::new(Within);
    wire.raw(get("/"));
    assert_eq!(
        wire.end(),
        [
            "127.0.0.1 - - [date] begun",
            "127.0.0.1 - - [date] finished",
            "127.0.0.1 - - [date] \"GET / HTTP/1.1\" 200 4",
        ]
    );
}

#[test]
fn log_08_the_form_of_the_date() {
    let date = hooks::log_date_time_string(SystemTime::now());
    let (day, rest) = date.split_at(3);
    let (month, rest) = rest.split_at(3);
    assert!(day.starts_with(|c: char| c.is_ascii_digit()) && day.ends_with('/'));
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    assert_eq!(months.find(month).map(|at| at % 3), Some(0));
    let shape: String = rest
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    assert_eq!(shape, "/9999 99:99:99");
}

#[test]
fn log_09_the_address_without_the_port() {
    for (peer, shown) in [
        ("127.0.0.1:1", "127.0.0.1"),
        ("[::1]:1", "::1"),
        ("[2001:db8::a]:1", "2001:db8::a"),
        ("[::ffff:10.0.0.1]:1", "10.0.0.1"),
        // Not a mapped address, but one that was meant for tunnels (RFC 4291 section 2.5.5.1).
        ("[::10.0.0.1]:1", "::a00:1"),
    ] {
        let peer = peer.parse().expect("an address");
        for format in [LogFormat::Common, LogFormat::Combined] {
            // The quote is for the way that asks the hooks.
            for request in [&*get("/"), "GET /\"a HTTP/1.1\r\nHost: a\r\n\r\n"] {
                for lines in [
                    lines_of(&Defaults, format, peer, request),
                    lines_of(&WrittenOut, format, peer, request),
                ] {
                    assert!(
                        lines[0].starts_with(&format!("{shown} 2")),
                        "{format:?} {lines:?}"
                    );
                }
            }
        }
    }
}

/// Says which client the socket names.
struct Raw;

#[handler]
impl Raw {
    fn do_GET(&self, request: &Request<'_>) -> String {
        request.client_address().to_string()
    }
}

/// What an IPv4 client of `[::]` got, and what was logged; `None` on a system without IPv6.
fn by_ipv4(handler: impl doget::Handler + Send + Sync + 'static) -> Option<(String, String)> {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let server = doget::HttpServer::bind("[::]:0").ok()?.log(log.clone());
    let running = server.spawn(handler).expect("a server");
    let port = running.local_addr().expect("an address").port();
    let mut conn = doget_tests::test_server::Conn::to(([127, 0, 0, 1], port).into());
    conn.send(get("/"));
    conn.finish();
    let answer = String::from_utf8(conn.rest()).expect("text");
    drop(running);
    assert!(log.flush(doget_tests::PATIENCE));
    Some((answer, lines.text()))
}

#[test]
fn log_09_an_ipv4_client_of_an_ipv6_socket_has_its_own_address() {
    let (Some((_, short)), Some((_, asked)), Some((answer, raw))) =
        (by_ipv4(Defaults), by_ipv4(WrittenOut), by_ipv4(Raw))
    else {
        return;
    };
    for log in [short, asked, raw] {
        assert!(log.starts_with("127.0.0.1 - - ["), "{log}");
        assert!(log.contains("] \"GET / HTTP/1.1\" 200 "), "{log}");
    }
    // The handler is told what the system says.
    assert!(answer.contains("\r\n\r\n[::ffff:127.0.0.1]:"), "{answer}");
}

#[test]
fn log_11_a_log_that_is_off_takes_nothing() {
    let wire = TestServer::with(Steps, |server| server.log(Log::off()));
    assert_eq!(wire.get("/missing").status, 404);
    assert_eq!(wire.end(), [""; 0]);
}

struct Users;

struct User(String);

impl Verify<User> for Users {
    const SCHEME: Scheme = Scheme::Basic("test");

    fn verify(&self, request: &Request<'_>) -> doget::Result<Option<User>> {
        Ok(Basic::of(request).map(|basic| User(basic.name().to_owned())))
    }

    fn user_name<'u>(&self, user: &'u User) -> Option<Cow<'u, str>> {
        Some(Cow::Borrowed(&user.0))
    }
}

#[handler(guard(User))]
impl Users {
    fn do_GET(&self, request: &Request<'_>) -> String {
        format!("hello {}", request.user().unwrap_or("?"))
    }

    #[open]
    fn do_PUT(&self) -> &'static str {
        "open"
    }
}

#[test]
fn a_verified_user_stands_in_the_log() {
    let wire = TestServer::new(Users);
    let mut fields = Vec::new();
    for (line, pair, status, field) in [
        ("GET /", "ada:x", 200, "ada"),
        ("GET /nothing?x", "Ada L:x", 200, "Ada\\x20L"),
        ("GET /", "a\" [b]:x", 200, "a\\x22\\x20\\x5bb\\x5d"),
        ("GET /", "-:x", 200, "\\x2d"),
        // Who was not verified claims nothing.
        ("PUT /", "ada:x", 200, "-"),
        ("GET /", "", 401, "-"),
    ] {
        let credentials = match pair {
            "" => String::new(),
            pair => format!("Authorization: Basic {}\r\n", base64(pair)),
        };
        let answer = wire.one(format!(
            "{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{credentials}\r\n"
        ));
        assert_eq!(answer.status, status, "{line} {pair}");
        fields.push(format!(
            "127.0.0.1 - {field} [date] \"{line} HTTP/1.1\" {status} "
        ));
    }
    let logged = wire.end();
    let requests: Vec<&String> = logged
        .iter()
        .filter(|line| line.contains("HTTP/1.1"))
        .collect();
    assert_eq!(requests.len(), fields.len());
    for (line, field) in requests.iter().zip(&fields) {
        assert!(line.starts_with(field), "{line} {field}");
    }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for group in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            encoded.push(match place <= group.len() {
                true => char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]),
                false => '=',
            });
        }
    }
    encoded
}

#[test]
fn log_03_the_combined_format() {
    let wire = TestServer::with(Strict, |server| server.log_format(LogFormat::Combined));
    wire.raw(
        "GET / HTTP/1.1\r\nHost: a\r\nReferer: http://b/\"\r\nUser-Agent: x y\r\n\r\n".to_owned()
            + &get("/2"),
    );
    let lines = wire.end();
    assert!(
        lines[0].starts_with("127.0.0.1 - - [date] \"GET / HTTP/1.1\" 200 ")
            && lines[0].ends_with(" \"http://b/\\x22\" \"x y\""),
        "{lines:?}"
    );
    assert!(lines[1].ends_with(" \"-\" \"-\""), "{lines:?}");
}

#[test]
fn log_08_the_combined_format_has_a_zone_in_its_date() {
    let log = Lines::default();
    let sink = Log::writer(Box::new(log.clone()));
    let server = doget::testing::Exchange::new()
        .log(sink.clone())
        .log_format(LogFormat::Combined);
    server.run(&Strict, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(sink.flush(doget_tests::PATIENCE));
    let text = log.text();
    let date = text.split(['[', ']']).nth(1).expect("a date in brackets");
    assert_eq!(date.len(), "21/Nov/2026:10:02:51 +0100".len(), "{text}");
    assert_eq!((&date[11..12], &date[20..21]), (":", " "), "{text}");
}

#[test]
fn log_06_errors_may_have_a_log_of_their_own() {
    let errors = Lines::default();
    let log = Log::writer(Box::new(errors.clone()));
    let wire = TestServer::with(Steps, |server| server.error_log(log.clone()));
    wire.raw(get("/missing") + &get("/panic"));
    let lines = wire.end();
    assert!(log.flush(doget_tests::PATIENCE));
    assert_eq!(lines.len(), 2);
    assert!(lines[0].ends_with("\"GET /missing HTTP/1.1\" 404 460"));
    assert!(lines[1].contains("\"GET /panic HTTP/1.1\" 500 "));
    let errors = errors.text();
    let words: Vec<_> = errors
        .lines()
        .filter_map(|line| line.split_once("] "))
        .map(|(_, words)| words)
        .collect();
    assert_eq!(
        words,
        [
            "code 404, message File not found",
            "code 500, message Internal Server Error",
            "caused by: the handler panicked: a panic on purpose",
        ]
    );
}

/// The defaults, and the same hooks written out: then the server has to ask them.
struct Defaults;
struct WrittenOut;

#[handler]
impl Defaults {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

#[handler]
impl WrittenOut {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn address_string<'r>(&self, request: &'r Request<'_>) -> Cow<'r, str> {
        hooks::address_string(request)
    }
}

#[test]
fn the_line_of_the_defaults_is_the_one_that_hooks_would_write() {
    let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\nReferer: http://a/b?c\r\nUser-Agent: curl/8 (x; y)\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nReferer: \"\\\r\nUser-Agent: \u{e9}\t\r\n\r\n",
        "GET /\"\\a HTTP/1.0\r\n\r\n",
        "GET /\u{e9} HTTP/1.0\r\nUser-Agent: a\r\n\r\n",
        "HEAD /?q HTTP/1.0\r\nUser-Agent: \r\n\r\n",
        "NO/METHOD / HTTP/1.1\r\n\r\n",
        "\r\n\r\nGET",
    ];
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(2048 - 14));
    let longer = long.replace("/a", "/aa");
    let longest = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: {}\r\n\r\n",
        "a".repeat(2049)
    );
    let peers: [std::net::SocketAddr; 3] = [
        "127.0.0.1:1".parse().expect("an address"),
        "[::1]:1".parse().expect("an address"),
        "[::ffff:10.0.0.1]:1".parse().expect("an address"),
    ];
    for format in [LogFormat::Common, LogFormat::Combined] {
        for peer in peers {
            for request in requests.iter().copied().chain([&*long, &longer, &longest]) {
                let one = lines_of(&Defaults, format, peer, request);
                let other = lines_of(&WrittenOut, format, peer, request);
                assert_eq!(one, other, "{format:?} {peer} {request:?}");
            }
        }
    }
}

/// What is logged, without the date.
fn lines_of(
    handler: &impl doget::Handler,
    format: LogFormat,
    peer: std::net::SocketAddr,
    request: &str,
) -> Vec<String> {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    doget::testing::Exchange::new()
        .log(log.clone())
        .log_format(format)
        .peer(peer)
        .run(handler, request.as_bytes());
    assert!(log.flush(doget_tests::PATIENCE));
    lines
        .text()
        .lines()
        .map(|line| {
            let (address, rest) = line.split_once(" - - [").expect("a date");
            let (date, rest) = rest.split_once("] ").expect("the end of a date");
            assert!(date.len() >= "21/Nov/2026 10:02:51".len());
            format!("{address} {} {rest}", date.len())
        })
        .collect()
}
