//! Heads that are malformed or too large: A07 to A12.

use crate::hostile::{
    BAD_AUTHORITIES, BAD_FIRST_LINES, BAD_HOSTS, BAD_LINES, BARE_CARRIAGE_RETURNS, BARE_LINE_FEEDS,
    CR_CR_LF, DIFFERENT_HOSTS, REQUEST_LINES,
};
use crate::stage::{CANARY, alive, both, both_limited, limited, refused, refused_around, strict};
use doget::Limits;
use doget_tests::PATIENCE;
use doget_tests::test_server::TestServer;
use std::time::{Duration, Instant};

fn with(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}

#[test]
fn a07_line_ends() {
    let stage = strict();
    for head in BARE_LINE_FEEDS {
        refused(&stage, head, &[400]);
    }
    for stage in both() {
        for lines in BARE_CARRIAGE_RETURNS {
            refused(&stage, with(lines), &[400]);
        }
        refused(&stage, CR_CR_LF, &[400]);
    }
}

#[test]
fn a08_whitespace_and_folding() {
    for stage in both() {
        for lines in BAD_LINES {
            refused(&stage, with(lines), &[400]);
        }
        for head in BAD_FIRST_LINES {
            refused(&stage, head, &[400]);
        }
    }
}

#[test]
fn a09_host() {
    let stage = strict();
    for head in BAD_HOSTS {
        refused(&stage, head, &[400]);
    }
    for stage in both() {
        refused(&stage, DIFFERENT_HOSTS, &[400]);
        for target in BAD_AUTHORITIES {
            let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
            refused(&stage, head, &[400]);
        }
    }
}

#[test]
fn a10_request_lines() {
    let stage = strict();
    for (line, status) in REQUEST_LINES {
        let head = format!("{line}\r\nHost: a\r\n\r\n");
        refused(&stage, head, &[*status]);
    }
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

/// Sends without end, until the server ends the connection.
#[track_caller]
fn is_ended(server: &TestServer, begin: &str, piece: &str) {
    let mut conn = server.connect();
    conn.send(begin);
    let piece = piece.repeat((64 << 10) / piece.len());
    let started = Instant::now();
    while conn.send(&piece) {
        assert!(started.elapsed() < PATIENCE, "the server takes all of it");
    }
}

#[test]
fn a10_what_never_ends_is_not_read_for_ever() {
    // It is refused and then thrown away, for as long as the end of a connection may take.
    for (server, canary) in both_limited(Limits::new().max_linger_time(Duration::from_millis(200)))
    {
        is_ended(&server, "", "M");
        is_ended(&server, "GET /", "a");
        is_ended(&server, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "a");
        is_ended(&server, "GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n");
        is_ended(&server, "", CANARY.get(..1).unwrap_or("G"));
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
            vec![16_383, 16_384, 16_409],
        ),
        (
            head(5, &format!("X: {}\r\n", "a".repeat(8000))),
            vec![32_767, 32_768],
        ),
    ] {
        refused_around((&server, &canary), request, &[431], &places);
    }
    // The largest that pass.
    let (line, places) = (
        format!("X: {}\r\n", "a".repeat(16_384 - 5)),
        [16_384, 16_409],
    );
    crate::stage::in_pieces(&server, head(1, &line).as_bytes(), &places, |raw| {
        assert!(raw.starts_with(b"HTTP/1.1 200 "));
    });
    crate::stage::in_pieces(&server, head(99, "X: y\r\n").as_bytes(), &[600], |raw| {
        assert!(raw.starts_with(b"HTTP/1.1 200 "));
    });
}

#[test]
fn a12_a_large_head_in_single_bytes() {
    // So many pieces take their time.
    let (server, _) = limited(Limits::new().head_timeout(Duration::from_secs(600)));
    let lines = format!("X: {}\r\n", ",".repeat(8000)).repeat(3);
    let path = "/..".repeat(2600);
    let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
    assert!(head.len() > 31_000);
    let mut conn = server.connect();
    conn.send_in(&head, 1);
    assert_eq!(conn.answer("GET").text(), path);
}
