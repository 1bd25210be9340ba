//! Answers as values and by hand: headers and statuses beside a reply, bodies, redirects, error pages of one's own, and
//! errors of other crates.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::{
    AnyResult, Displayed, Error, FileRanges, Handler, Html, IntoBody, Log, OrStatus, Redirect,
    Reply, Response, Result, Sent, Static, StatusCode, handler, testing,
};
use std::borrow::Cow;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The answer without its `Date`, and what the log says after its date.
fn ask(handler: &impl Handler, line: &str) -> (String, Vec<String>) {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let request = format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
    let outcome = testing::Exchange::new()
        .log(log.clone())
        .run(handler, request.as_bytes());
    assert!(log.flush(std::time::Duration::from_secs(60)));
    let answer = String::from_utf8_lossy(&outcome.bytes)
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("Date: "))
        .collect();
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let log = log
        .lines()
        .map(|line| line.split_once("] ").unwrap().1.to_owned());
    (answer, log.collect())
}

/// The status and the fields, in order, without `Server`, and the body.
fn parts(answer: &str) -> (u16, Vec<&str>, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap()[9..12].parse().unwrap();
    let fields = lines.filter(|line| !line.starts_with("Server: ")).collect();
    (status, fields, body)
}

struct Values;

#[handler]
impl Values {
    #[route("/tuple")]
    fn do_GET_tuple(&self) -> impl Reply {
        let headers = [("X-One", "1"), ("Cache-Control", "no-store")];
        (StatusCode::CREATED, headers, "made")
    }

    #[route("/number")]
    fn do_GET_number(&self) -> impl Reply {
        (202, "taken")
    }

    #[route("/numbers")]
    fn do_GET_numbers(&self) -> impl Reply {
        (203, [("X-Left", 7_u64)], Html("<p>"))
    }

    #[route("/headers")]
    fn do_GET_headers(&self) -> impl Reply {
        ([("Content-Type", "text/csv")], "a,b")
    }

    #[route("/methods")]
    fn do_GET_methods(&self) -> impl Reply {
        "x".with_header("X-Inner", 1)
            .with_header("Set-Cookie", "a=1")
            .with_status(201)
            .with_header("Set-Cookie", "b=2")
            .with_header("x-inner", 2)
            .with_status(206)
    }

    #[route("/error")]
    fn do_GET_error(&self) -> impl Reply {
        None::<&str>.with_header("X-Kept", "no")
    }

    #[route("/framing")]
    fn do_GET_framing(&self) -> impl Reply {
        "x".with_header("Content-Length", 100)
    }

    #[route("/split")]
    fn do_GET_split(&self) -> impl Reply {
        "x".with_header("X-Split", "a\r\nX-Evil: b")
    }

    #[route("/streamed")]
    fn do_GET_streamed(&self, response: Response<'_>) -> Result<Sent> {
        let head = response
            .with_header("X-Early", "yes")
            .send_response(200)
            .send_header("X-EARLY", "no")
            .flush_headers()?;
        head.content_type("text/plain").finish_with("end")
    }
}

#[test]
fn a_value_can_carry_headers_and_a_status() {
    for (path, expected) in [
        (
            "/tuple",
            (
                201,
                vec![
                    "Content-Type: text/plain; charset=utf-8",
                    "X-One: 1",
                    "Cache-Control: no-store",
                    "Content-Length: 4",
                ],
                "made",
            ),
        ),
        (
            "/number",
            (
                202,
                vec![
                    "Content-Type: text/plain; charset=utf-8",
                    "Content-Length: 5",
                ],
                "taken",
            ),
        ),
        (
            "/numbers",
            (
                203,
                vec![
                    "Content-Type: text/html; charset=utf-8",
                    "X-Left: 7",
                    "Content-Length: 3",
                ],
                "<p>",
            ),
        ),
        // In place of that of text.
        (
            "/headers",
            (
                200,
                vec!["Content-Type: text/csv", "Content-Length: 3"],
                "a,b",
            ),
        ),
        // What is outside decides; cookies add up.
        (
            "/methods",
            (
                206,
                vec![
                    "Content-Type: text/plain; charset=utf-8",
                    "x-inner: 2",
                    "Set-Cookie: b=2",
                    "Set-Cookie: a=1",
                    "Content-Length: 1",
                ],
                "x",
            ),
        ),
        (
            "/streamed",
            (
                200,
                vec![
                    "X-Early: yes",
                    "Content-Type: text/plain",
                    "Content-Length: 3",
                ],
                "end",
            ),
        ),
    ] {
        let (answer, _) = ask(&Values, &format!("GET {path}"));
        assert_eq!(parts(&answer), expected, "{path}");
    }
}

#[test]
fn a_header_that_was_given_beforehand_is_not_that_of_an_error() {
    let (answer, _) = ask(&Values, "GET /error");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(!answer.contains("X-Kept"), "{answer}");
}

#[test]
fn headers_that_are_not_valid_are_a_500_whenever_they_are_given() {
    for (path, words) in [
        (
            "/framing",
            "Content-Length cannot be given before the response",
        ),
        ("/split", "a line break would split the response"),
    ] {
        let (answer, log) = ask(&Values, &format!("GET {path}"));
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(!answer.contains("X-Evil"), "{answer}");
        assert!(log.iter().any(|line| line.contains(words)), "{log:?}");
    }
}

struct ByHand;

impl ByHand {
    fn sent(response: Response<'_>, body: impl IntoBody) -> Result<Sent> {
        response.send_response(200).finish_with(body)
    }
}

#[handler]
impl ByHand {
    #[route("/body/{number}")]
    fn do_GET_body(&self, number: u8, response: Response<'_>) -> Result<Sent> {
        static LARGE: [u8; 100_000] = [b'x'; 100_000];
        let text = String::from("body");
        match number {
            0 => Self::sent(response, "body"),
            1 => Self::sent(response, text.as_str()),
            2 => Self::sent(response, &text),
            3 => Self::sent(response, text),
            4 => Self::sent(response, text.as_bytes()),
            5 => Self::sent(response, text.into_bytes()),
            6 => Self::sent(response, Cow::Borrowed("body")),
            7 => Self::sent(response, Cow::Owned::<str>(text)),
            8 => Self::sent(response, *b"body"),
            9 => Self::sent(response, Arc::<str>::from("body")),
            10 => Self::sent(response, Static(b"body")),
            _ => Self::sent(response, Static(&LARGE)),
        }
    }

    #[route("/values")]
    fn do_GET_values(&self, response: Response<'_>) -> Result<Sent> {
        let address = std::net::Ipv4Addr::LOCALHOST;
        response
            .send_response(200)
            .send_header("A", "text")
            .send_header("B", String::from("owned"))
            .send_header("C", 18_446_744_073_709_551_615_u64)
            .send_header("D", -1)
            .send_header("E", Displayed(address))
            .send_header("F", format_args!("{address}:{}", 80))
            .send_header("G", true)
            .send_header("H", Cow::Borrowed("h\u{e9}"))
            .send_header("I", 'i')
            .send_header_if("J", None::<&str>)
            .finish()
    }
}

#[test]
fn bodies_are_text_or_bytes_from_anywhere() {
    for number in 0..=10 {
        let (answer, _) = ask(&ByHand, &format!("GET /body/{number}"));
        assert_eq!(
            parts(&answer),
            (200, vec!["Content-Length: 4"], "body"),
            "{number}"
        );
    }
    let (answer, _) = ask(&ByHand, "GET /body/11");
    assert_eq!(parts(&answer).2.len(), 100_000);
}

#[test]
fn values_of_headers() {
    let lines = testing::exchange(&ByHand, b"GET /values HTTP/1.1\r\nHost: a\r\n\r\n");
    let lines = lines
        .split(|&byte| byte == b'\n')
        .filter(|line| line.get(1) == Some(&b':'))
        .map(|line| String::from_utf8_lossy(line).trim_end().to_owned());
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            "A: text",
            "B: owned",
            "C: 18446744073709551615",
            "D: -1",
            "E: 127.0.0.1",
            "F: 127.0.0.1:80",
            "G: true",
            "H: h\u{fffd}",
            "I: i",
        ]
    );
}

struct Ranges;

#[handler]
impl Ranges {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        let file = std::fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))?;
        let ranges = vec![
            ("a:".to_owned(), 1..8),
            (";b:".to_owned(), 0..1),
            (";c:".to_owned(), std::ops::Range { start: 5, end: 2 }),
        ];
        let age = std::time::SystemTime::now().duration_since(response.time());
        response
            .send_response(200)
            .send_header_if("X-Age", age.ok().map(|age| age.as_secs() / 60))
            .finish_with_ranges(file, FileRanges::new(ranges, ".".to_owned()))
    }
}

#[test]
fn ranges_of_a_file_with_text_around_them() {
    let (answer, _) = ask(&Ranges, "GET /");
    let fields = vec!["X-Age: 0", "Content-Length: 17"];
    assert_eq!(parts(&answer), (200, fields, "a:package;b:[;c:."));
}

/// Ranges without a byte, and without a text before them, among others.
struct EmptyRanges;

#[handler]
impl EmptyRanges {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        let file = std::fs::File::open("Cargo.toml").map_err(Error::internal)?;
        let ranges = [
            ("", 0..0),
            ("a:", 1..8),
            ("", 3..3),
            ("", 4..4),
            ("b:", 0..0),
        ];
        let ranges = ranges.map(|(text, range)| (text.to_owned(), range));
        response
            .send_response(200)
            .finish_with_ranges(file, FileRanges::new(ranges.into(), ".".to_owned()))
    }
}

#[test]
fn empty_ranges_of_a_file_end_no_body() {
    let (answer, _) = ask(&EmptyRanges, "GET /");
    assert_eq!(parts(&answer).2, "a:packageb:.");
    let server = doget_tests::Server::new(EmptyRanges);
    assert_eq!(server.connect().get("/").text(), "a:packageb:.");
}

struct Moved(&'static str);

#[handler]
impl Moved {
    fn do_GET(&self) -> Redirect {
        Redirect::see_other(self.0)
    }
}

#[test]
fn a_redirect_is_escaped_as_a_browser_would() {
    for (given, sent) in [
        ("/t/h\u{f6}", "/t/h%C3%B6"),
        ("/t/\u{65e5}", "/t/%E6%97%A5"),
        ("/a b?c d=\"e\"#f g", "/a%20b?c%20d=%22e%22#f%20g"),
        ("/a%20b?x=%2F", "/a%20b?x=%2F"),
        (
            "https://example.org:8000/~a/(b);c,d=e@f!$&'*+",
            "https://example.org:8000/~a/(b);c,d=e@f!$&'*+",
        ),
        ("http://[::1]/", "http://[::1]/"),
        ("/a\r\nX-Evil: b", "/a%0D%0AX-Evil:%20b"),
        ("/100%", "/100%"),
    ] {
        let (answer, _) = ask(&Moved(given), "GET /");
        let (status, fields, _) = parts(&answer);
        assert_eq!((status, fields[0]), (303, &*format!("Location: {sent}")));
    }
}

#[derive(Debug)]
struct Deep(Option<Box<dyn std::error::Error + Send + Sync>>);

impl std::fmt::Display for Deep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("deep")
    }
}

impl std::error::Error for Deep {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_ref().map(|source| &**source as _)
    }
}

struct Fails;

#[handler]
impl Fails {
    #[route("/any/{case}")]
    fn do_GET_any(&self, case: &str) -> AnyResult<String> {
        match case {
            "number" => Ok("x".parse::<u8>()?.to_string()),
            "text" => Err("only words")?,
            "own" => Err(Error::conflict())?,
            "io" => Err(std::io::Error::other(Error::gone()))?,
            "around" => Err(Deep(Some(Box::new(Error::new(451).header("X-Law", "1")))))?,
            "within" => Err(Deep(Some(Box::new(std::io::Error::other(Error::new(413))))))?,
            _ => Err(Deep(Some("the bottom".into())))?,
        }
    }

    #[route("/or/{text}")]
    fn do_GET_or(&self, text: &str) -> Result<String> {
        let number: u8 = text.parse().or_status(400)?;
        let small = (number < 100).then_some(number).or_404()?;
        let left = 50_u8.checked_sub(small).ok_or("too large").or_500()?;
        Err::<u8, _>(Error::not_found()).or_500().or_else(|error| {
            (error.status() == StatusCode::NOT_FOUND)
                .then_some(left)
                .ok_or(error)
        })?;
        Ok(left.to_string())
    }
}

#[test]
fn errors_of_other_crates_are_a_500_or_what_is_in_them() {
    for (case, status) in [
        ("number", 500),
        ("text", 500),
        ("own", 409),
        ("io", 410),
        ("around", 451),
        ("within", 413),
        ("deep", 500),
    ] {
        let (answer, _) = ask(&Fails, &format!("GET /any/{case}"));
        assert_eq!(parts(&answer).0, status, "{case}");
        assert!(
            !answer.contains("deep") && !answer.contains("words"),
            "{answer}"
        );
    }
    let (answer, log) = ask(&Fails, "GET /any/around");
    assert!(answer.contains("\r\nX-Law: 1\r\n"), "{answer}");
    assert_eq!(
        log[..3],
        [
            "code 451, message Unavailable For Legal Reasons",
            "caused by: deep",
            "caused by: 451 Unavailable For Legal Reasons",
        ]
    );
    let (_, log) = ask(&Fails, "GET /any/else");
    assert_eq!(log[1..3], ["caused by: deep", "caused by: the bottom"]);
}

#[test]
fn a_status_where_it_fails() {
    for (text, status) in [("x", 400), ("200", 404), ("70", 500), ("20", 200)] {
        let (answer, log) = ask(&Fails, &format!("GET /or/{text}"));
        assert_eq!(parts(&answer).0, status, "{text}");
        if status == 400 {
            assert_eq!(log[1], "caused by: invalid digit found in string");
        }
    }
}
