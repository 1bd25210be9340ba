//! The abuse cases of framing and parsing, by number.

use crate::http1::tests::*;

#[test]
fn a01_length_and_coding() {
    for length in ["6", "0"] {
        for lines in [
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
            format!("transfer-encoding: chunked\r\nContent-length: {length}"),
        ] {
            for profile in BOTH {
                refuse_with(profile, with(&lines), 400);
            }
        }
    }
}

#[test]
fn a02_several_lengths() {
    for lines in [
        "Content-Length: 4\r\nContent-Length: 0",
        "Content-Length: 4\r\nContent-Length: 4",
        "Content-Length: 4\r\nX: y\r\nCONTENT-LENGTH: 4",
        "Content-Length: 4, 4",
        "Content-Length: 4,5",
        "Content-Length: 4,",
    ] {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
}

#[test]
fn a03_malformed_lengths() {
    let many = "1".repeat(8000);
    for value in [
        "+4",
        "-1",
        "4 4",
        "0x4",
        "4_0",
        "",
        "4;",
        "٤",
        "4.0",
        "1e3",
        "a",
        "\"4\"",
        "18446744073709551616",
        "99999999999999999999",
        "000000000000000000004",
        &many,
    ] {
        for profile in BOTH {
            refuse_with(profile, with(&format!("Content-Length: {value}")), 400);
        }
    }
    for (value, length) in [
        ("0", 0),
        ("4", 4),
        (" \t4\t ", 4),
        ("0004", 4),
        ("18446744073709551615", u64::MAX),
    ] {
        for profile in BOTH {
            let head = accept(profile, with(&format!("Content-Length:{value}")));
            assert_eq!(head.framing(), RequestFraming::Length(length));
        }
    }
}

#[test]
fn a04_transfer_codings() {
    for value in [
        "chunked, identity",
        "chunked, chunked",
        "identity",
        "xchunked",
        "\"chunked\"",
        "chunked;q=1",
        "",
        "chunked,",
        ",chunked",
        "chunked\u{a0}",
        "chunke",
        "gzip",
        "deflate, gzip",
        "identity, chunked",
        "br, chunked",
        "gzip, br, chunked",
        "c hunked",
        "chunked gzip",
        "gzip;q=1, chunked",
    ] {
        for profile in BOTH {
            refuse_with(profile, with(&format!("Transfer-Encoding: {value}")), 400);
        }
    }
    for raw in [
        &b"\x0bchunked"[..],
        b"chunked\x0c",
        b"chunked\0",
        b"\xa0chunked",
        b"chunked\x7f",
    ] {
        for profile in BOTH {
            let mut head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ".to_vec();
            head.extend_from_slice(raw);
            head.extend_from_slice(b"\r\n\r\n");
            refuse_with(profile, head, 400);
        }
    }
    for value in [
        "gzip, chunked",
        "GZIP,chunked",
        "deflate, gzip, chunked",
        "compress, chunked",
    ] {
        for profile in BOTH {
            refuse_with(profile, with(&format!("Transfer-Encoding: {value}")), 501);
        }
    }
    for lines in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding\r\n: chunked",
        "Transfer-Encoding:\r\n chunked",
    ] {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
    for profile in BOTH {
        refuse_with(
            profile,
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        );
        for value in ["chunked", "Chunked", " CHUNKED\t", "\tchunked"] {
            let head = accept(profile, with(&format!("Transfer-Encoding:{value}")));
            assert_eq!(head.framing(), RequestFraming::Chunked);
        }
    }
}

#[test]
fn a07_line_ends() {
    for head in [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        refuse_with(Parsing::Strict, head, 400);
    }
    accept(Parsing::Lenient, "GET / HTTP/1.1\nHost: a\r\nX: y\n\n");
    for lines in ["A: b\rc: d", "A: b\r", "A: \rb", "A\r: b", "\rA: b", "A:\r"] {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
    for profile in BOTH {
        refuse_with(profile, "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n", 400);
    }
}

#[test]
fn a08_whitespace_folding_and_names() {
    for lines in [
        "A : b",
        "A\t: b",
        " A: b",
        "\tA: b",
        "A: b\r\n c",
        "A: b\r\n\tc",
        "A: b\r\n \r\nB: c",
        ": x",
        ":",
        "A(: b",
        "A b: c",
        "\u{e9}: b",
        "no colon",
        "A\0: b",
        "A: b\0c",
        "A: \u{1}",
        "A: \u{7f}",
        "\"A\": b",
        "A;: b",
        "{A}: b",
        "From x",
    ] {
        for profile in BOTH {
            refuse_with(profile, with(lines), 400);
        }
    }
    for profile in BOTH {
        refuse_with(profile, "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);
        refuse_with(profile, "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
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
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/../b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: :80\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a b\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n",
    ] {
        refuse_with(Parsing::Strict, head, 400);
    }
    for profile in BOTH {
        refuse_with(profile, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
        for target in [
            "http://u@a/",
            "http://u:p@a/",
            "http:///x",
            "http://",
            "http://a b/",
            "http://a:x/",
            "https://[::1/",
            "http://a,b/",
            "http://@/",
        ] {
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
    for (line, status) in [
        ("GET  / HTTP/1.1", 400),
        ("GET /  HTTP/1.1", 400),
        (" GET / HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        ("GET\t/\tHTTP/1.1", 400),
        ("GET /\tHTTP/1.1", 400),
        ("GET / a HTTP/1.1", 400),
        ("GET /", 400),
        ("GET", 400),
        (" ", 400),
        ("GET / HTTP/1.10", 400),
        ("GET / HTTP/01.1", 400),
        ("GET / http/1.1", 400),
        ("GET / HTTP/1", 400),
        ("GET / HTTP/1.", 400),
        ("GET / HTTP/0.9", 400),
        ("GET / HTTP/1.1\r", 400),
        ("GET / FTP/1.1", 400),
        ("GET / HTTP/2.0", 505),
        ("GET / HTTP/3.1", 505),
        ("PRI * HTTP/2.0", 505),
        ("GET / HTTP/20.0", 505),
        ("G(T / HTTP/1.1", 400),
        ("G\u{e9}T / HTTP/1.1", 400),
        ("GET /\u{e9} HTTP/1.1", 400),
        ("GET /\u{1} HTTP/1.1", 400),
        ("GET /\0 HTTP/1.1", 400),
        ("GET /a\u{b}b HTTP/1.1", 400),
        ("GET a.txt HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400),
        ("GET ftp://a/ HTTP/1.1", 400),
        ("GET ?x HTTP/1.1", 400),
        ("CONNECT / HTTP/1.1", 400),
        ("CONNECT a HTTP/1.1", 400),
        ("CONNECT a: HTTP/1.1", 400),
        ("CONNECT http://a/ HTTP/1.1", 400),
    ] {
        refuse_with(
            Parsing::Strict,
            format!("{line}\r\nHost: a\r\n\r\n"),
            status,
        );
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
