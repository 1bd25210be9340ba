//! The abuse cases of framing and parsing, by number.

use crate::http1::tests::hostile::*;
use crate::http1::tests::*;

#[test]
fn a01_length_and_coding() {
    for lines in LENGTH_AND_CODING {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
}

#[test]
fn a02_several_lengths() {
    for lines in SEVERAL_LENGTHS {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
}

#[test]
fn a03_malformed_lengths() {
    let many = "1".repeat(8000);
    for value in MALFORMED_LENGTHS.iter().chain([&many.as_str()]) {
        for profile in BOTH {
            refuse_with(profile, with(&format!("Content-Length: {value}")), 400);
        }
    }
    let lengths = [("0", 0), ("18446744073709551615", u64::MAX)];
    for (value, length) in FOUR.iter().map(|four| (*four, 4)).chain(lengths) {
        for profile in BOTH {
            let head = accept(profile, with(&format!("Content-Length:{value}")));
            assert_eq!(head.framing(), RequestFraming::Length(length));
        }
    }
}

#[test]
fn a04_transfer_codings() {
    for (values, status) in [(BAD_CODINGS, 400), (OTHER_CODINGS, 501)] {
        for value in values {
            for profile in BOTH {
                refuse_with(
                    profile,
                    with(&format!("Transfer-Encoding: {value}")),
                    status,
                );
            }
        }
    }
    for lines in BAD_CODING_LINES {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
    for profile in BOTH {
        // A byte that is no UTF-8, which the table of texts cannot hold.
        let raw = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \xa0chunked\r\n\r\n";
        refuse_with(profile, raw, 400);
        refuse_with(profile, CODING_ON_HTTP_10, 400);
        for value in CHUNKED {
            let head = accept(profile, with(&format!("Transfer-Encoding:{value}")));
            assert_eq!(head.framing(), RequestFraming::Chunked);
        }
    }
}

#[test]
fn a07_line_ends() {
    for head in BARE_LINE_FEEDS {
        refuse_with(Parsing::Strict, head, 400);
    }
    accept(Parsing::Lenient, "GET / HTTP/1.1\nHost: a\r\nX: y\n\n");
    for lines in BARE_CARRIAGE_RETURNS {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
    for profile in BOTH {
        refuse_with(profile, CR_CR_LF, 400);
    }
}

#[test]
fn a08_whitespace_folding_and_names() {
    for profile in BOTH {
        for lines in BAD_LINES {
            refuse_with(profile, with(lines), 400);
        }
        for head in BAD_FIRST_LINES {
            refuse_with(profile, head, 400);
        }
    }
}

#[test]
fn a08_says_what_is_wrong() {
    for (lines, explain) in [
        ("A : b", "whitespace between a header's name and its colon"),
        ("A: b\r\n c: d", "a folded header line"),
        ("A: b\r\n c", "a folded header line"),
        (": x", "a header without a name"),
        (
            "A b: c",
            "a header's name holds a character that is not allowed there",
        ),
        ("no colon", "a header line without a colon"),
        ("A: b\0c", "a header's value holds a control character"),
        ("A: b\rc", "a header's value holds a control character"),
    ] {
        let error = refuse(Parsing::Strict, with(lines));
        assert_eq!(error.message(), Some("Bad header line"));
        assert_eq!(error.explain(), Some(explain), "{lines:?}");
    }
}

#[test]
fn a09_host() {
    for head in BAD_HOSTS {
        refuse_with(Parsing::Strict, head, 400);
    }
    for profile in BOTH {
        refuse_with(profile, DIFFERENT_HOSTS, 400);
        for target in BAD_AUTHORITIES {
            refuse_with(
                profile,
                format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"),
                400,
            );
        }
        for (bytes, authority) in [
            (
                "GET http://A:80/x HTTP/1.1\r\nHost: b\r\n\r\n",
                Some("a:80"),
            ),
            ("GET http://a/x HTTP/1.1\r\nHost: b\r\n\r\n", Some("a")),
            (
                "GET / HTTP/1.1\r\nHost: Ex.Ample:8000\r\n\r\n",
                Some("ex.ample:8000"),
            ),
            (
                "GET / HTTP/1.1\r\nHost: ex.ample:8000 \r\n\r\n",
                Some("ex.ample:8000"),
            ),
            ("GET / HTTP/1.1\r\nHost: A_b\t\r\n\r\n", Some("a_b")),
            ("GET / HTTP/1.1\r\nHost: [::A]:1\r\n\r\n", Some("[::a]:1")),
            ("GET / HTTP/1.1\r\nHost:\r\n\r\n", None),
            ("GET / HTTP/1.0\r\n\r\n", None),
        ] {
            let head = accept(profile, bytes);
            assert_eq!(head.authority(bytes.as_bytes()), authority);
            assert_eq!(Some(head.requestline()), bytes.lines().next());
        }
    }
    for bytes in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    ] {
        let head = accept(Parsing::Lenient, bytes);
        assert_eq!(head.authority(bytes.as_bytes()), None);
    }
    accept(
        Parsing::Lenient,
        "GET / HTTP/1.1\r\nHost: a\r\nHost: A\r\n\r\n",
    );
}

#[test]
fn a10_request_lines() {
    for (line, status) in REQUEST_LINES {
        let head = format!("{line}\r\nHost: a\r\n\r\n");
        refuse_with(Parsing::Strict, head, *status);
    }
    refuse_with(
        Parsing::Strict,
        format!("{}GET / HTTP/1.1\r\n", "\r\n".repeat(1000)),
        400,
    );
}

#[test]
fn a10_refused_as_soon_as_the_line_has_ended() {
    refuse_with(Parsing::Strict, "GET / HTTP/2.0\r\n", 505);
    refuse_with(Parsing::Strict, "GET /\r\n", 400);
    refuse_with(Parsing::Lenient, "GET / HTTP/2.0\n", 505);
}

#[test]
fn a10_texts() {
    for (line, message) in [
        ("GET / x", "Bad request version ('x')"),
        ("GET / HTTP/2.0", "Invalid HTTP version (2.0)"),
        ("GET", "Bad request syntax ('GET')"),
        (
            "GET / b HTTP/1.1",
            "Bad request syntax ('GET / b HTTP/1.1')",
        ),
        ("GET  / HTTP/1.1", "Bad request syntax ('GET  / HTTP/1.1')"),
        ("GET /", "Bad request syntax ('GET /')"),
        ("G(T / HTTP/1.1", "Bad request method ('G(T')"),
        ("GET x'y HTTP/1.1", "Bad request target (\"x'y\")"),
        (
            "GET http://u@a/ HTTP/1.1",
            "Bad request target ('http://u@a/')",
        ),
    ] {
        let error = refuse(Parsing::Strict, format!("{line}\r\n"));
        assert_eq!(error.message(), Some(message));
    }
    let error = refuse(Parsing::Lenient, "GET http://u@a/ HTTP/1.0\r\n");
    assert_eq!(
        error.explain(),
        Some("user information in a target is refused")
    );
}

#[test]
fn a26_connection_options() {
    for (version, lines, persistent, keep_alive) in [
        ("1.1", "X: y", true, false),
        ("1.1", "Connection: close", false, false),
        ("1.1", "Connection: CLOSE", false, false),
        ("1.1", "Connection: close ", false, false),
        ("1.1", "Connection: keep-alive", true, true),
        ("1.1", "Connection: keep-alive, close", false, true),
        ("1.1", "Connection: close,keep-alive", false, true),
        (
            "1.1",
            "Connection: keep-alive\r\nconnection: close",
            false,
            true,
        ),
        ("1.1", "Connection: ,, foo,\tclose ,", false, false),
        ("1.1", "Connection: closed", true, false),
        ("1.1", "Connection: keep-alive, Upgrade", true, true),
        ("1.1", "Connection:", true, false),
        ("1.0", "X: y", false, false),
        ("1.0", "Connection: keep-alive", true, true),
        ("1.0", "Connection: foo, Keep-Alive", true, true),
        ("1.0", "Connection: keep-alive, close", false, true),
        ("1.2", "X: y", true, false),
    ] {
        for profile in BOTH {
            let head = accept(
                profile,
                format!("GET / HTTP/{version}\r\nHost: a\r\n{lines}\r\n\r\n"),
            );
            assert_eq!(head.persistent(), persistent, "{version} {lines}");
            assert_eq!(
                head.connection_keep_alive(),
                keep_alive,
                "{version} {lines}"
            );
        }
    }
    let head = accept(
        Parsing::Strict,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: \xff\xfe, close\r\n\r\n",
    );
    assert!(!head.persistent());
}

#[test]
fn a27_expectations() {
    for (version, lines, expect) in [
        ("1.1", "X: y", Expect::None),
        ("1.1", "Expect: 100-continue", Expect::Continue),
        ("1.1", "expect: 100-CONTINUE", Expect::Continue),
        (
            "1.1",
            "Expect: 100-continue, 100-continue",
            Expect::Continue,
        ),
        ("1.1", "Expect: 100-continues", Expect::Unknown),
        ("1.1", "Expect: 100-continue, x", Expect::Unknown),
        ("1.1", "Expect: x\r\nExpect: 100-continue", Expect::Unknown),
        ("1.1", "Expect:", Expect::None),
        ("1.1", "Expect: \u{e9}", Expect::Unknown),
        ("1.0", "Expect: 100-continue", Expect::None),
        ("1.0", "Expect: x", Expect::None),
    ] {
        for profile in BOTH {
            let head = accept(
                profile,
                format!("POST / HTTP/{version}\r\nHost: a\r\n{lines}\r\n\r\n"),
            );
            assert_eq!(head.expect(), expect, "{version} {lines}");
        }
    }
}
