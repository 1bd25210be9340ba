//! Section 7: send_error; section 10: the status table.

use crate::handlers::{Lenient, Steps, Strict};
use doget::hooks::responses;
use doget::{Error, Request, Response, Sent, StatusCode, handler};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;

const PAGE: &str = r#"<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: 404</p>
        <p>Message: File not found.</p>
        <p>Error code explanation: 404 - Nothing matches the given URI.</p>
    </body>
</html>
"#;

fn named(answer: &Answer) -> Vec<(&str, &str)> {
    answer
        .headers
        .iter()
        .filter(|(name, _)| name != "Date")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn err_01_texts_default_to_the_table_and_to_question_marks() {
    let server = TestServer::new(Steps);
    let answer = server.get("/missing");
    assert_eq!(answer.reason, "File not found");
    assert!(
        answer
            .text()
            .contains("404 - Nothing matches the given URI.")
    );
    let answer = server.get("/unknown");
    assert_eq!((answer.status, answer.reason.as_str()), (299, "???"));
    assert!(answer.text().contains("<p>Message: ???.</p>"));
    assert!(answer.text().contains("299 - ???."));
}

#[test]
fn err_02_order_of_the_headers() {
    let server = TestServer::new(Steps);
    let closing = server.one("GET /missing HTTP/1.0\r\n\r\n");
    assert_eq!(
        closing.names(),
        [
            "Server",
            "Date",
            "Connection",
            "Content-Type",
            "Content-Length"
        ]
    );
    // Also where the body that nobody read is what closes it.
    let long = "GET /missing HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n";
    assert_eq!(server.one(long).names(), closing.names());
    let kept = server.get("/missing");
    assert_eq!(
        kept.names(),
        ["Server", "Date", "Content-Type", "Content-Length"]
    );
}

#[test]
fn err_02_its_own_headers_follow() {
    let answer = TestServer::new(Steps).get("/with-header");
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("WWW-Authenticate"), Some("Basic realm=\"a\""));
}

#[test]
fn err_03_the_page_is_whole_in_memory_before_it_leaves() {
    let raw = TestServer::new(Steps).raw("GET /missing HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(raw.ends_with(PAGE.as_bytes()));
}

#[test]
fn err_04_an_error_closes_only_where_the_framing_is_unsound() {
    let server = TestServer::new(Steps);
    let twice = "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
    let answers = server.ask(twice, &["GET", "GET"]);
    assert!(answers.iter().all(|answer| !answer.closes()));
    let malformed = "GET /missing HTTP/1.1\r\n\r\n".repeat(2);
    let answers = server.ask(malformed, &["GET"]);
    assert!(answers[0].closes());
}

#[test]
fn err_05_no_body_where_none_may_be() {
    let server = TestServer::new(Steps);
    for (path, names) in [
        ("/204", &["Server"][..]),
        ("/205", &["Server", "Content-Length"]),
        ("/304", &["Server"]),
    ] {
        let twice = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").repeat(2);
        for answer in server.ask(twice, &["GET", "GET"]) {
            let found: Vec<_> = named(&answer).iter().map(|(name, _)| *name).collect();
            assert_eq!(found, names);
            assert!(answer.body.is_empty());
        }
    }
}

#[test]
fn err_06_head_has_the_length_of_the_body_that_is_not_sent() {
    let server = TestServer::new(Steps);
    let head = server.one("HEAD /missing HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(named(&head), named(&server.get("/missing")));
    assert_eq!(head.header("Content-Length"), Some("460"));
}

#[test]
fn err_07_the_page_to_the_byte() {
    let server = TestServer::new(Steps);
    let answer = server.get("/missing");
    assert_eq!(answer.text(), PAGE);
    assert_eq!(answer.body.len(), 460);
    let server = TestServer::new(Strict);
    let answer = server.one("SPAM / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.body.len(), 482);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000));
    assert_eq!(TestServer::new(Lenient).one(long).body.len(), 444);
}

#[test]
fn err_08_markup_is_escaped_in_the_page_alone() {
    let answer = TestServer::new(Steps).get("/markup");
    assert_eq!(answer.reason, "<b>&\"'");
    assert!(answer.text().contains("<p>Message: &lt;b&gt;&amp;\"'.</p>"));
    assert!(answer.text().contains("400 - &lt;i&gt;&amp;\"'.</p>"));
}

#[test]
fn err_09_utf_8_in_the_page_and_latin_1_in_the_status_line() {
    let answer = TestServer::new(Steps).get("/latin");
    assert_eq!(answer.reason, "caf\u{e9}");
    assert!(answer.text().contains("<p>Message: caf\u{e9}.</p>"));
    assert!(answer.text().contains("404 - \u{20ac} is not latin."));
}

/// A page of its own.
struct Terse;

#[handler]
impl Terse {
    const ERROR_MESSAGE_FORMAT: &str = "{{{code}}} {message}: {explain}\n";
    const ERROR_CONTENT_TYPE: &str = "text/plain";

    fn do_GET(&self) -> doget::Result<&'static str> {
        Err(doget::Error::new(404).message("a < b"))
    }
}

#[test]
fn err_10_the_page_and_its_type_are_the_handlers() {
    let answer = TestServer::new(Steps).get("/missing");
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html;charset=utf-8")
    );
    let answer = TestServer::new(Terse).get("/");
    assert_eq!(answer.header("Content-Type"), Some("text/plain"));
    assert_eq!(
        answer.text(),
        "{404} a &lt; b: Nothing matches the given URI\n"
    );
}

/// HTTP/0.9 with errors.
struct Simple;

#[handler]
impl Simple {
    const PARSING: doget::Parsing = doget::Parsing::Lenient;

    fn do_GET(&self, request: &doget::Request<'_>) -> doget::Result<&'static str> {
        match request.path() {
            "/204" => Err(doget::Error::new(204)),
            _ => Err(doget::Error::new(404).message("File not found")),
        }
    }
}

#[test]
fn err_11_in_http_0_9_an_error_is_its_page_alone() {
    let server = TestServer::new(Simple);
    assert_eq!(server.raw("GET /\r\n"), PAGE.as_bytes());
    assert_eq!(server.raw("GET /204\r\n").len(), 0);
}

#[test]
fn err_12_an_error_takes_the_place_of_a_response_that_has_not_left() {
    let answer = TestServer::new(Broken).get("/");
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("X-First"), None);
    assert_eq!(answer.text(), PAGE);
}

/// Fails after its head.
struct Broken;

#[handler]
impl Broken {
    fn do_GET(&self, response: doget::Response<'_>) -> doget::Result<doget::Sent> {
        use std::io::Write;
        let mut wfile = response
            .send_response(200)
            .send_header("X-First", 1)
            .end_headers()?;
        wfile.write_all(b"first")?;
        Err(doget::Error::new(404).message("File not found"))
    }
}

#[test]
fn sts_01_the_table() {
    const TABLE: [(u16, &str, &str); 12] = [
        (100, "Continue", "Request received, please continue"),
        (
            103,
            "Early Hints",
            "Headers sent to prepare for the response",
        ),
        (200, "OK", "Request fulfilled, document follows"),
        (
            304,
            "Not Modified",
            "Document has not changed since given time",
        ),
        (404, "Not Found", "Nothing matches the given URI"),
        (413, "Content Too Large", "Content is too large"),
        (414, "URI Too Long", "URI is too long"),
        (416, "Range Not Satisfiable", "Cannot satisfy request range"),
        (
            418,
            "I'm a Teapot",
            "Server refuses to brew coffee because it is a teapot",
        ),
        (
            422,
            "Unprocessable Content",
            "Server is not able to process the contained instructions",
        ),
        (
            429,
            "Too Many Requests",
            "The user has sent too many requests in a given amount of time (\"rate limiting\")",
        ),
        (
            511,
            "Network Authentication Required",
            "The client needs to authenticate to gain network access",
        ),
    ];
    for (code, short, long) in TABLE {
        assert_eq!(responses(StatusCode::from(code)), Some((short, long)));
    }
    let known = (0..=999).filter(|code| responses(StatusCode::from(*code)).is_some());
    assert_eq!(known.count(), 62);
}

#[test]
fn sts_02_codes_without_an_entry() {
    for code in [306, 419, 420, 427, 430, 509, 99, 600] {
        assert_eq!(responses(StatusCode::from(code)), None);
    }
}

#[test]
fn sts_05_classes() {
    for code in 100..=599_u16 {
        let status = StatusCode::from(code);
        let class = [
            status.is_informational(),
            status.is_success(),
            status.is_redirection(),
            status.is_client_error(),
            status.is_server_error(),
        ];
        let position = class.iter().position(|is| *is);
        assert_eq!(position, Some(usize::from(code / 100) - 1));
        assert_eq!(class.iter().filter(|is| **is).count(), 1);
    }
}

/// A status line carries ISO-8859-1 at most: the page has the words, and the status line the usual ones.
#[test]
fn err_09_a_message_beyond_latin_1_is_in_the_page_alone() {
    use doget::{Error, handler, testing};

    struct Far;

    #[handler]
    impl Far {
        fn do_GET(&self) -> doget::Result<&'static str> {
            Err(Error::new(404).message("\u{65e5}\u{672c}"))
        }
    }

    let answer = testing::exchange(&Far, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = String::from_utf8(answer).expect("the page is UTF-8");
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(
        answer.contains("<p>Message: \u{65e5}\u{672c}.</p>"),
        "{answer}"
    );
}

/// A page of its own, written without a thought for what the server does.
struct OwnPage;

#[handler]
impl OwnPage {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }

    #[route("/secret")]
    fn do_GET_secret(&self) -> Result<&'static str, Error> {
        Err(Error::new(401)
            .header("WWW-Authenticate", "Basic realm=\"a\"")
            .header("WWW-Authenticate", "Digest realm=\"a\"")
            .header("Content-Type", "never"))
    }

    #[route("/broken")]
    fn do_GET_broken(&self) -> Result<&'static str, Error> {
        Err(Error::internal("the database is gone"))
    }

    #[route("/invalid")]
    fn do_GET_invalid(&self) -> Result<&'static str, Error> {
        Err(Error::new(409).header("X-Bad", "a\nb"))
    }

    fn send_error(
        &self,
        _: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent, Error> {
        response
            .with_status(error.status())
            .reply(format!("sorry, {error}"))
    }
}

#[test]
fn err_02_a_page_of_ones_own_has_the_headers_of_the_error() {
    let server = TestServer::new(OwnPage);
    let answer = server.one("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, OPTIONS"));
    let answer = server.get("/secret");
    assert_eq!(answer.text(), "sorry, 401 Unauthorized");
    let challenges: Vec<_> = answer.all("WWW-Authenticate").collect();
    assert_eq!(challenges, ["Basic realm=\"a\"", "Digest realm=\"a\""]);
    // What the page says itself stands.
    let types: Vec<_> = answer.all("Content-Type").collect();
    assert_eq!(types, ["text/plain; charset=utf-8"]);
    assert_eq!(server.get("/invalid").status, 500);
    // And nothing is left for the next answer.
    assert_eq!(server.get("/").names().len(), 4);
}

#[test]
fn err_02_the_server_logs_an_error_whatever_page_it_gets() {
    let server = TestServer::new(OwnPage);
    assert_eq!(
        server.get("/broken").text(),
        "sorry, 500 Internal Server Error"
    );
    let log = server.log().join("\n");
    for words in [
        "] code 500, message Internal Server Error",
        "] caused by: the database is gone",
        "] \"GET /broken HTTP/1.1\" 500 ",
    ] {
        assert_eq!(log.matches(words).count(), 1, "{words}: {log}");
    }
}
