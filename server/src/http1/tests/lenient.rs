//! The lenient profile, by the behaviour rules' names.

use crate::http1::tests::*;

const LENIENT: Parsing = Parsing::Lenient;

fn message(bytes: impl AsRef<[u8]>) -> (u16, String) {
    let error = refuse(LENIENT, bytes);
    (
        error.status(),
        error.message().unwrap_or_default().to_owned(),
    )
}

#[test]
fn req_02_request_line_of_65536() {
    let line = |n: usize| format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(n - 16));
    accept(LENIENT, line(65_536));
    let bytes = line(65_537);
    let (result, head) = read(LENIENT, bytes.as_bytes(), false);
    let error = result.unwrap_err();
    assert_eq!(
        (error.status(), error.message(), error.explain()),
        (414, None, None)
    );
    assert_eq!(
        (head.requestline(), head.method(), head.request_version()),
        ("", "", "")
    );
}

#[test]
fn req_03_nothing_at_all() {
    assert_eq!(read(LENIENT, b"", true).0, Ok(Progress::Partial));
}

#[test]
fn req_04_line_without_line_end() {
    assert_eq!(
        read(LENIENT, b"GET / HTTP/1.0", false).0,
        Ok(Progress::Partial)
    );
    let (result, head) = read(LENIENT, b"GET / HTTP/1.0", true);
    assert_eq!((result, head.method()), (Ok(Progress::Complete(14)), "GET"));
    let (result, _) = read(LENIENT, b"<script>", true);
    assert_eq!(
        result.unwrap_err().message(),
        Some("Bad request syntax ('<script>')")
    );
}

#[test]
fn req_05_trailing_line_ends() {
    let head = accept(LENIENT, "  GET / HTTP/1.0 \r\r\n\r\n");
    assert_eq!(head.requestline(), "  GET / HTTP/1.0 ");
    let head = accept(LENIENT, b"GET /\xe9 HTTP/1.0\n\n");
    assert_eq!(
        (head.requestline(), head.path()),
        ("GET /\u{e9} HTTP/1.0", "/\u{e9}")
    );
}

#[test]
fn req_06_words() {
    for line in [
        &b"GET\xa0/\x85HTTP/1.0"[..],
        b"GET\t/\x0bHTTP/1.0",
        b" GET \x0c / \x1c\x1d\x1e\x1f HTTP/1.0\t",
        b"GET\r/\rHTTP/1.0",
    ] {
        let head = accept(LENIENT, [line, b"\r\n\r\n"].concat());
        assert_eq!(
            (head.method(), head.target(), head.request_version()),
            ("GET", "/", "HTTP/1.0")
        );
    }
    assert_eq!(
        accept(LENIENT, b"G\x01T /\x01 HTTP/1.0\r\n\r\n").method(),
        "G\u{1}T"
    );
}

#[test]
fn req_07_no_word() {
    for bytes in [
        "\r\n",
        "\n",
        "\r\nGET / HTTP/1.0\r\n\r\n",
        "  \t\r\n",
        "\r\r\n",
    ] {
        assert!(refuse(LENIENT, bytes).silent(), "{bytes:?}");
    }
    assert!(!refuse(Parsing::Strict, "\r\n\r\n\r\n").silent());
}

#[test]
fn req_08_last_word_is_the_version() {
    assert_eq!(
        message("GET /a b HTTP/1.1\n"),
        (400, "Bad request syntax ('GET /a b HTTP/1.1')".into())
    );
    assert_eq!(
        message("GET /a b\n"),
        (400, "Bad request version ('b')".into())
    );
    assert_eq!(
        message("GET /a b c HTTP/2.0\n"),
        (505, "Invalid HTTP version (2.0)".into())
    );
}

#[test]
fn req_09_bad_versions() {
    for word in [
        "http/1.0",
        "HTTP/1",
        "HTTP/",
        "HTTP/1.1.",
        "HTTP/9.9.9",
        "HTTP/-1.0",
        "HTTP/1_0.0",
        "HTTP/1.",
        "HTTP/12345678901.0",
        "HTTP/1.12345678901",
        "HTTP/.1",
        "HTTP//1.0",
        "HTTP1.0",
        "HTTP/+1.0",
    ] {
        assert_eq!(
            message(format!("GET / {word}\r\n")),
            (400, format!("Bad request version ('{word}')"))
        );
    }
    assert_eq!(
        message(b"GET / HTTP/1.\xb2\r\n"),
        (400, "Bad request version ('HTTP/1.²')".into())
    );
}

#[test]
fn req_10_numbers_compare_as_integers() {
    assert_eq!(
        accept(LENIENT, "GET / HTTP/01.1\n\n").version(),
        Version::HTTP_11
    );
    assert_eq!(
        accept(LENIENT, "GET / HTTP/1.0000000001\n\n").version(),
        Version::HTTP_11
    );
    let ten = accept(LENIENT, "GET / HTTP/1.10\n\n").version();
    assert!(ten > accept(LENIENT, "GET / HTTP/1.9\n\n").version());
    assert_eq!(
        accept(LENIENT, "GET / HTTP/1.9999999999\n\n")
            .version()
            .minor,
        255
    );
}

#[test]
fn req_11_too_new() {
    assert_eq!(
        message("GET / HTTP/2.0\n"),
        (505, "Invalid HTTP version (2.0)".into())
    );
    assert_eq!(
        message("GET / HTTP/9999999999.00\n"),
        (505, "Invalid HTTP version (9999999999.00)".into())
    );
    assert_eq!(refuse(LENIENT, "GET / HTTP/2.0\n").explain(), None);
}

#[test]
fn req_13_version_as_sent() {
    assert_eq!(
        accept(LENIENT, "GET / HTTP/01.1\n\n").request_version(),
        "HTTP/01.1"
    );
}

#[test]
fn req_14_word_count() {
    assert_eq!(
        message("GET\r\n"),
        (400, "Bad request syntax ('GET')".into())
    );
    assert_eq!(
        message(" a  b c HTTP/1.0\r\n"),
        (400, "Bad request syntax (' a  b c HTTP/1.0')".into())
    );
}

#[test]
fn req_15_simple_requests_are_get() {
    assert_eq!(
        message("POST /\r\n"),
        (400, "Bad HTTP/0.9 request type ('POST')".into())
    );
    assert_eq!(
        message("get /\r\n"),
        (400, "Bad HTTP/0.9 request type ('get')".into())
    );
}

#[test]
fn req_16_simple_requests_have_no_headers() {
    let (result, head) = read(LENIENT, b"GET /a?b\r\nHost : x\r\n\r\n", false);
    assert_eq!(result, Ok(Progress::Complete(10)));
    assert_eq!(
        (head.path(), head.query(), head.field_count()),
        ("/a", Some("b"), 0)
    );
    assert_eq!(
        (head.version(), head.request_version()),
        (Version::HTTP_09, "HTTP/0.9")
    );
    assert!(!head.persistent());
}

#[test]
fn h09_03_three_words_and_http_0_9() {
    let head = accept(LENIENT, "POST / HTTP/0.9\r\nA: b\r\n\r\n");
    assert_eq!(
        (head.request_version(), head.field_count()),
        ("HTTP/0.9", 1)
    );
    assert!(!head.persistent());
}

#[test]
fn req_19_targets_pass_unchecked() {
    for target in ["a.txt", "*", "ftp://h/p", "?x", "/%zz", "/\u{1}"] {
        let head = accept(LENIENT, format!("GET {target} HTTP/1.0\r\n\r\n"));
        assert_eq!(head.effective_target(), target);
    }
    let head = accept(LENIENT, "GET a.txt?x HTTP/1.0\r\n\r\n");
    assert_eq!(
        (head.form(), head.path(), head.query()),
        (TargetForm::Origin, "a.txt", Some("x"))
    );
    let head = accept(LENIENT, "GET ///a HTTP/1.0\r\n\r\n");
    assert_eq!(
        (head.effective_target(), head.requestline()),
        ("/a", "GET ///a HTTP/1.0")
    );
    assert_eq!(
        accept(LENIENT, "CONNECT / HTTP/1.0\r\n\r\n").form(),
        TargetForm::Origin
    );
    assert_eq!(
        accept(LENIENT, "GET * HTTP/1.0\r\n\r\n").form(),
        TargetForm::Asterisk
    );
}

#[test]
fn hdr_02_header_line_of_65536() {
    let head = |n: usize| format!("GET / HTTP/1.0\r\nA: {}\r\n\r\n", "a".repeat(n - 5));
    accept(LENIENT, head(65_536));
    let bytes = head(65_537);
    let (result, head) = read(LENIENT, bytes.as_bytes(), false);
    let error = result.unwrap_err();
    assert_eq!(
        (error.status(), error.message()),
        (431, Some("Line too long"))
    );
    assert_eq!(
        error.explain(),
        Some("got more than 65536 bytes when reading header line")
    );
    // HDR-04
    assert_eq!(
        (head.method(), head.path(), head.request_version()),
        ("GET", "/", "HTTP/1.0")
    );
}

#[test]
fn hdr_03_a_hundred_lines_with_the_blank_one() {
    let head = |n: usize| format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(n));
    assert_eq!(accept(LENIENT, head(99)).field_count(), 99);
    let error = refuse(LENIENT, head(100));
    assert_eq!(
        (error.status(), error.message()),
        (431, Some("Too many headers"))
    );
    assert_eq!(error.explain(), Some("got more than 100 headers"));
    let cut = |n: usize| format!("GET / HTTP/1.0\r\n{}", "A: b\r\n".repeat(n));
    assert!(read(LENIENT, cut(99).as_bytes(), true).0.is_ok());
    assert_eq!(
        read(LENIENT, cut(100).as_bytes(), true)
            .0
            .unwrap_err()
            .status(),
        431
    );
}

#[test]
fn hdr_12_bare_line_feeds() {
    let bytes = b"GET / HTTP/1.0\nA: 1\nB: 2\r\n\nrest";
    let (result, head) = read(LENIENT, bytes, false);
    assert_eq!(result, Ok(Progress::Complete(27)));
    assert_eq!(head.fields(bytes).get("b"), Some("2"));
}

#[test]
fn hdr_13_end_of_input_ends_the_head() {
    for (bytes, fields) in [
        ("GET / HTTP/1.0\r\n", 0),
        ("GET / HTTP/1.0\r\nA: b", 1),
        ("GET / HTTP/1.0\r\nA: b\r", 1),
        ("GET / HTTP/1.0\r\nA: b\r\n", 1),
        ("GET / HTTP/1.0\r\nA: b\r\n\r", 1),
        ("GET / HTTP/1.0\r\nA: b\r\nC:", 2),
    ] {
        assert_eq!(
            read(LENIENT, bytes.as_bytes(), false).0,
            Ok(Progress::Partial)
        );
        let (result, head) = read(LENIENT, bytes.as_bytes(), true);
        assert_eq!(result, Ok(Progress::Complete(bytes.len())), "{bytes:?}");
        assert_eq!(head.field_count(), fields, "{bytes:?}");
        if fields > 0 {
            assert_eq!(head.fields(bytes.as_bytes()).get("a"), Some("b"));
        }
    }
    assert_eq!(
        read(LENIENT, b"GET / HTTP/1.0\r\nA", true)
            .0
            .unwrap_err()
            .status(),
        400
    );
}
