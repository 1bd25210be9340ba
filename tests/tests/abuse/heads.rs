//! Heads that are malformed or too large: A07 to A12.

use crate::stage::{CANARY, alive, both, refused, refused_around, strict};
use doget_tests::test_server::TestServer;

fn with(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}

#[test]
fn a07_line_ends() {
    let stage = strict();
    for head in [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        refused(&stage, head, &[400]);
    }
    for stage in both() {
        for lines in ["A: b\rc: d", "A: b\r", "A: \rb", "A\r: b", "\rA: b"] {
            refused(&stage, with(lines), &[400]);
        }
        refused(&stage, "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n", &[400]);
    }
}

#[test]
fn a08_whitespace_and_folding() {
    for stage in both() {
        for lines in [
            "A : b",
            "A\t: b",
            "A: b\r\n c",
            "A: b\r\n\tc",
            ": x",
            ":",
            "A(: b",
            "A b: c",
            "\u{80}: b",
            "no colon",
            "A\0: b",
            "A: b\0c",
            "A: \u{1}",
            "A: \u{7f}",
            "\"A\": b",
        ] {
            refused(&stage, with(lines), &[400]);
        }
        refused(&stage, "GET / HTTP/1.1\r\n Host: a\r\n\r\n", &[400]);
        refused(&stage, "GET / HTTP/1.1\r\nHost : a\r\n\r\n", &[400]);
    }
}

#[test]
fn a09_host() {
    let stage = strict();
    for lines in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a b\r\n",
        "Host: a/../b\r\n",
        "Host: a,b\r\n",
        "Host: a@b\r\n",
        "Host: a:b\r\n",
        "Host: a:99999\r\n",
        "Host: [::1\r\n",
        "Host: \u{e9}\r\n",
    ] {
        refused(&stage, format!("GET / HTTP/1.1\r\n{lines}\r\n"), &[400]);
    }
    for stage in both() {
        let differ = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
        refused(&stage, differ, &[400]);
        let user = "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n";
        refused(&stage, user, &[400]);
    }
}

#[test]
fn a10_request_lines() {
    let stage = strict();
    for line in [
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        " GET / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET\t/\tHTTP/1.1",
        "GET / HTTP/1.10",
        "GET / http/1.1",
        "GET /",
        "GET",
        "GET / a HTTP/1.1",
        "G\u{1}T / HTTP/1.1",
        "GET /\u{1} HTTP/1.1",
        "GET /\u{e9} HTTP/1.1",
        "GET a HTTP/1.1",
        "GET * HTTP/1.1",
        "GET ftp://a/ HTTP/1.1",
        "CONNECT / HTTP/1.1",
        "G(T / HTTP/1.1",
        "GET /\0 HTTP/1.1",
    ] {
        refused(&stage, format!("{line}\r\nHost: a\r\n\r\n"), &[400]);
    }
    refused(&stage, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", &[505]);
    refused(&stage, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[505]);
    let empty = "\r\n".repeat(1000) + &with("");
    refused(&stage, empty, &[400]);
}

#[test]
fn a10_limits_of_the_request_line_hold_at_every_split() {
    let (server, canary) = strict();
    let target = |length: usize| {
        let target = format!("/{}", "a".repeat(length - 1));
        format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
    };
    let places = [4, 8192, 8196, 8206, 8236];
    crate::stage::in_pieces(&server, target(8192).as_bytes(), &places, |raw| {
        assert!(raw.starts_with(b"HTTP/1.1 200 "));
    });
    refused_around((&server, &canary), target(8193), &[414], &places);
    let method = |length: usize| format!("{} / HTTP/1.1\r\nHost: a\r\n\r\n", "M".repeat(length));
    crate::stage::in_pieces(&server, method(32).as_bytes(), &[31, 32, 33], |raw| {
        assert!(raw.starts_with(b"HTTP/1.1 501 "));
    });
    refused_around((&server, &canary), method(33), &[400], &[31, 32, 33]);
}

/// How much of something endless the server takes before it ends the connection.
fn taken(server: &TestServer, begin: &str, piece: &str) -> usize {
    let mut conn = server.connect();
    conn.send(begin);
    let piece = piece.repeat((64 << 10) / piece.len());
    let mut taken = 0;
    while conn.send(&piece) {
        taken += piece.len();
        assert!(taken < 256 << 20, "the server takes all of it");
    }
    taken
}

#[test]
fn a10_what_never_ends_is_not_read_for_ever() {
    for (server, canary) in both() {
        taken(&server, "", "M");
        taken(&server, "GET /", "a");
        taken(&server, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "a");
        taken(&server, "GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n");
        taken(&server, "", CANARY.get(..1).unwrap_or("G"));
        canary.is_silent();
        alive(&server);
    }
}

#[test]
fn a11_header_floods() {
    let (server, canary) = strict();
    let head = |count: usize, line: &str| with(line.repeat(count).trim_end());
    for (request, places) in [
        (head(100, "X: y\r\n"), vec![400, 600, 620]),
        (head(10_000, "X:\r\n"), vec![500]),
        (
            head(1, &format!("X: {}\r\n", "a".repeat(1 << 16))),
            vec![8191, 8192, 8217],
        ),
        (
            head(5, &format!("X: {}\r\n", "a".repeat(8000))),
            vec![32_767, 32_768],
        ),
    ] {
        refused_around((&server, &canary), request, &[431], &places);
    }
    // The largest that pass.
    let line = format!("X: {}\r\n", "a".repeat(8192 - 5));
    crate::stage::in_pieces(&server, head(1, &line).as_bytes(), &[8192, 8217], |raw| {
        assert!(raw.starts_with(b"HTTP/1.1 200 "));
    });
    crate::stage::in_pieces(&server, head(99, "X: y\r\n").as_bytes(), &[600], |raw| {
        assert!(raw.starts_with(b"HTTP/1.1 200 "));
    });
}

#[test]
fn a12_a_large_head_in_single_bytes() {
    let (server, _) = strict();
    let lines = format!("X: {}\r\n", ",".repeat(8000)).repeat(3);
    let path = "/..".repeat(2600);
    let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
    assert!(head.len() > 31_000);
    let mut conn = server.connect();
    conn.send_in(&head, 1);
    assert_eq!(conn.answer("GET").text(), path);
}
