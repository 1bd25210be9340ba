//! Section 1: the request line.

use crate::handlers::{Lenient, Steps, Strict};
use doget::{Request, handler};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;

const END: &str = "Host: a\r\n\r\n";

fn bytes(line: &[u8]) -> Vec<u8> {
    [line, b"\r\nHost: a\r\n\r\n"].concat()
}

/// An error page that says this, and the end of the connection.
fn refused(server: &TestServer, request: impl AsRef<[u8]>, status: u16, reason: &str) -> Answer {
    let mut conn = server.connect();
    conn.send(request);
    let answer = conn.answer("GET");
    assert_eq!((answer.status, answer.reason.as_str()), (status, reason));
    assert!(answer.closes());
    conn.assert_end();
    answer
}

fn line_of(length: usize) -> String {
    let shell = "GET /".len() + " HTTP/1.1\r\n".len();
    format!("GET /{} HTTP/1.1\r\n", "a".repeat(length - shell))
}

#[test]
fn req_01_a_line_of_65536_bytes_is_read() {
    let server = TestServer::new(Lenient);
    let line = line_of(65_536);
    let answer = server.one(line.clone() + END);
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains(line.trim_end()));
}

#[test]
fn req_02_a_longer_line_is_414() {
    let server = TestServer::new(Lenient);
    let answer = refused(&server, line_of(65_537) + END, 414, "URI Too Long");
    assert_eq!(answer.body.len(), 444);
    assert_eq!(
        server.end(),
        [
            "127.0.0.1 - - [date] code 414, message URI Too Long",
            "127.0.0.1 - - [date] \"\" 414 444",
        ]
    );
}

#[test]
fn req_02_the_strict_limits_are_smaller() {
    let server = TestServer::new(Strict);
    let target = |length: usize| format!("GET /{} HTTP/1.1\r\n{END}", "a".repeat(length - 1));
    assert_eq!(server.one(target(8192)).status, 200);
    refused(&server, target(8193), 414, "URI Too Long");
    let method = |length: usize| format!("{} / HTTP/1.1\r\n{END}", "M".repeat(length));
    assert_eq!(server.one(method(32)).status, 501);
    refused(&server, method(33), 400, "Method too long");
}

#[test]
fn req_02_the_line_need_not_end_to_be_too_long() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        let endless = format!("GET /{}", "a".repeat(70_000));
        refused(&server, endless, 414, "URI Too Long");
    }
}

#[test]
fn req_03_no_byte_no_answer_and_no_line() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        assert_eq!(server.raw(b"").len(), 0);
        assert_eq!(server.end(), [""; 0]);
    }
}

#[test]
fn req_04_the_end_of_input_ends_a_line() {
    let server = TestServer::new(Lenient);
    assert_eq!(server.one("GET /eof HTTP/1.1").status, 200);
    let server = TestServer::new(Strict);
    assert_eq!(server.raw("GET /eof HTTP/1.1").len(), 0);
    assert_eq!(server.end(), [""; 0]);
}

#[test]
fn req_05_latin_1_and_line_ends() {
    let server = TestServer::new(Lenient);
    let answer = server.one(b" GET  /\xe9 \t HTTP/1.0 \r\r\n\r\n");
    assert_eq!(
        answer.text(),
        "command GET\npath /\u{e9}\nversion HTTP/1.0\nline  GET  /\u{e9} \t HTTP/1.0 \n"
    );
    let line = server.end().remove(0);
    assert_eq!(
        line,
        "127.0.0.1 - - [date] \" GET  /\u{e9} \\x09 HTTP/1.0 \" 200 65"
    );
}

#[test]
fn req_06_words_split_at_any_whitespace() {
    let lenient = TestServer::new(Lenient);
    let strict = TestServer::new(Strict);
    let blanks: &[&[u8]] = &[
        b"\t", b"\x0b", b"\x0c", b"\x1c", b"\x1f", b"\x85", b"\xa0", b"  ",
    ];
    for blank in blanks {
        let line = bytes(&[b"GET", *blank, b"/a", *blank, b"HTTP/1.0"].concat());
        let answer = lenient.one(&line);
        assert!(answer.text().starts_with("command GET\npath /a\n"));
        assert_eq!(strict.one(&line).status, 400, "{}", line.escape_ascii());
    }
}

#[test]
fn req_07_a_line_without_a_word_is_left_without_an_answer() {
    let server = TestServer::new(Lenient);
    for line in [
        "\r\n",
        "\n",
        " \t\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_eq!(server.raw(line).len(), 0, "{line:?}");
    }
    assert_eq!(server.end(), [""; 0]);
}

#[test]
fn req_07_strict_skips_two_empty_lines() {
    let server = TestServer::new(Strict);
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for lines in ["\r\n", "\r\n\r\n"] {
        assert_eq!(server.one(format!("{lines}{request}")).status, 200);
    }
    refused(
        &server,
        format!("\r\n\r\n\r\n{request}"),
        400,
        "Bad request syntax",
    );
}

#[test]
fn req_08_the_last_word_is_the_version() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        refused(
            &server,
            bytes(b"GET /a b HTTP/1.1"),
            400,
            "Bad request syntax ('GET /a b HTTP/1.1')",
        );
        refused(
            &server,
            bytes(b"GET /a b"),
            400,
            "Bad request version ('b')",
        );
    }
}

#[test]
fn req_09_versions_that_are_none() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        for word in [
            "http/1.0",
            "HTTP/1",
            "HTTP/",
            "HTTP/1.1.",
            "HTTP/9.9.9",
            "HTTP/-1.0",
            "HTTP/1_0.0",
            "HTTP/12345678901.0",
            "HTTP/1.\u{b2}",
            "HTTP/.1",
            "XHTTP/1.1",
        ] {
            let latin: Vec<u8> = word.chars().map(|c| c as u8).collect();
            let line = [b"GET / ", latin.as_slice()].concat();
            let reason = format!("Bad request version ('{word}')");
            refused(&server, bytes(&line), 400, &reason);
        }
    }
}

#[test]
fn req_10_versions_compare_as_numbers() {
    let server = TestServer::new(Lenient);
    for word in ["HTTP/01.1", "HTTP/1.10", "HTTP/1.01", "HTTP/001.0002"] {
        let twice = bytes(format!("GET / {word}").as_bytes()).repeat(2);
        server.ask(twice, &["GET", "GET"]);
    }
    let twice = bytes(b"GET / HTTP/1.00").repeat(2);
    server.ask(twice, &["GET"]);
    let server = TestServer::new(Strict);
    for word in ["HTTP/01.1", "HTTP/1.10"] {
        let line = format!("GET / {word}");
        let reason = format!("Bad request version ('{word}')");
        refused(&server, bytes(line.as_bytes()), 400, &reason);
    }
}

#[test]
fn req_11_a_version_of_the_future_is_505() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        for number in ["2.0", "3.14", "10.1"] {
            let line = format!("GET / HTTP/{number}");
            let reason = format!("Invalid HTTP version ({number})");
            let answer = refused(&server, bytes(line.as_bytes()), 505, &reason);
            let explained = "Error code explanation: 505 - Cannot fulfill request.";
            assert!(answer.text().contains(explained));
        }
    }
}

#[test]
fn req_12_http_1_1_keeps_the_connection() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        let twice = bytes(b"GET / HTTP/1.1").repeat(2);
        let answers = server.ask(twice, &["GET", "GET"]);
        assert!(answers.iter().all(|answer| !answer.closes()));
    }
}

#[test]
fn req_13_the_version_is_kept_as_sent() {
    let server = TestServer::new(Lenient);
    let answer = server.one(bytes(b"GET / HTTP/01.1"));
    assert!(answer.text().contains("version HTTP/01.1\n"));
    let server = TestServer::new(Strict);
    let answer = server.one(bytes(b"GET / HTTP/1.9"));
    assert!(answer.text().contains("version HTTP/1.9\n"));
}

#[test]
fn req_14_too_few_or_too_many_words() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        for line in ["GET", "GET / a HTTP/1.1", "a b c d HTTP/1.0"] {
            let reason = format!("Bad request syntax ('{line}')");
            refused(&server, bytes(line.as_bytes()), 400, &reason);
        }
    }
}

#[test]
fn req_15_http_0_9_has_only_get() {
    let server = TestServer::new(Lenient);
    for command in ["POST", "get", "HEAD"] {
        let reason = format!("Bad HTTP/0.9 request type ('{command}')");
        refused(&server, format!("{command} /\r\n"), 400, &reason);
    }
}

#[test]
fn req_16_http_0_9_runs_without_headers() {
    let server = TestServer::new(Lenient);
    let mut conn = server.connect();
    conn.send("GET /simple\r\n");
    let body = conn.rest();
    assert_eq!(
        body,
        b"command GET\npath /simple\nversion HTTP/0.9\nline GET /simple\n"
    );
}

#[test]
fn req_16_strict_does_not_serve_it() {
    let server = TestServer::new(Strict);
    let answer = refused(&server, "GET /\r\n", 400, "Bad request syntax ('GET /')");
    assert!(answer.text().contains("HTTP/0.9, which is not served"));
}

#[test]
fn req_17_a_malformed_line_gets_a_whole_response() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        for line in ["GET", "GET / HTTP/2.0", "POST /", "GET / x"] {
            let raw = server.raw(bytes(line.as_bytes()));
            assert!(raw.starts_with(b"HTTP/1.1 "), "{}", raw.escape_ascii());
        }
    }
}

#[test]
fn req_19_leading_slashes_collapse() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        for (target, path) in [
            ("//ev.il/x", "/ev.il/x"),
            ("///a", "/a"),
            ("/a//b", "/a//b"),
            ("//", "/"),
            ("//a?b=//c", "/a?b=//c"),
            ("/%2F%2f?q#f", "/%2F%2f?q#f"),
        ] {
            let text = server.get(target).text().to_owned();
            assert!(text.contains(&format!("\npath {path}\n")), "{text}");
            assert!(text.contains(&format!("\nline GET {target} HTTP/1.1\n")));
        }
    }
    let server = TestServer::new(Lenient);
    for target in ["*", "a.txt", "http://h/p"] {
        let text = server.get(target).text().to_owned();
        assert!(text.contains(&format!("\npath {target}\n")), "{text}");
    }
}

#[test]
fn req_20_quoting_of_what_was_sent() {
    let server = TestServer::new(Lenient);
    let answer = server.one(bytes(b"SP\xc3\xa9\x01'M / HTTP/1.1"));
    assert_eq!(
        answer.reason,
        "Unsupported method (\"SP\u{c3}\u{a9}\\x01'M\")"
    );
    assert!(
        answer
            .text()
            .contains("<p>Message: Unsupported method (\"SP\u{c3}\u{a9}\\x01'M\").</p>")
    );
    for (sent, shown) in [
        (&b"a'b\"c"[..], r#"'a\'b"c'"#),
        (b"a\"b", r#"'a"b'"#),
        (b"a\\b", r"'a\\b'"),
        (b"\x7f\xad\xff", "'\\x7f\\xad\u{ff}'"),
    ] {
        let answer = server.one(bytes(&[sent, b" / HTTP/1.1"].concat()));
        assert_eq!(answer.reason, format!("Unsupported method ({shown})"));
    }
    let server = TestServer::new(Strict);
    let answer = server.one(bytes(b"SP\xc3\xa9\x01'M / HTTP/1.1"));
    assert_eq!(
        answer.reason,
        "Bad request method (\"SP\u{c3}\u{a9}\\x01'M\")"
    );
}

#[test]
fn req_21_the_command_is_case_sensitive() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        let answer = server.one(bytes(b"get / HTTP/1.1"));
        assert_eq!(answer.status, 501);
        assert_eq!(answer.reason, "Unsupported method ('get')");
        assert!(!answer.closes());
    }
}

#[test]
fn req_22_what_a_handler_sees() {
    let server = TestServer::new(Steps);
    let answer = server.one("GET /a%20b?c=d HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n\r\n");
    assert_eq!(
        answer.text(),
        "command GET\npath /a%20b?c=d\nversion HTTP/1.1\nline GET /a%20b?c=d HTTP/1.1\nHost=a\nX-One=1\n"
    );
}

/// A load balancer may add a query to its health check; the handler's comparison holds all the same.
#[test]
fn req_22_a_path_has_no_query() {
    struct Health;

    #[handler]
    impl Health {
        fn do_GET(&self, request: &Request<'_>) -> Option<String> {
            (request.path() == "/health").then(|| request.target().to_owned())
        }
    }

    let server = TestServer::new(Health);
    for target in ["/health", "/health?x", "/health?", "//health?a=/b"] {
        let answer = server.one(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(answer.text(), target.replace("//", "/"));
    }
    let answer = server.one("GET /health/x HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.status, 404);
}
