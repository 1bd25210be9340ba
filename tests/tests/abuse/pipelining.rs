//! Kept connections and expectations: A26, A27.

use crate::stage::{CANARY, alive, both, limited, strict};
use doget::Limits;

fn get(path: usize, lines: &str) -> String {
    format!("GET /{path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
}

#[test]
fn a26_many_pipelined_requests_in_order() {
    for (wire, _) in both() {
        let requests: String = (0..900).map(|path| get(path, "")).collect();
        for size in [usize::MAX, 1000, 7] {
            let mut conn = wire.connect();
            conn.send_in(&requests, size);
            conn.finish();
            for path in 0..900 {
                assert_eq!(conn.answer("GET").text(), format!("/{path}"));
            }
            conn.assert_end();
        }
    }
}

#[test]
fn a26_requests_of_a_connection_are_bounded() {
    let limits = Limits::new().max_requests_per_connection(150);
    let (wire, canary) = limited(limits);
    let requests: String = (0..150).map(|path| get(path, "")).collect();
    let mut conn = wire.connect();
    conn.send(requests + CANARY);
    for path in 0..150 {
        let answer = conn.answer("GET");
        assert_eq!(answer.text(), format!("/{path}"));
        assert_eq!(answer.closes(), path == 149);
    }
    conn.assert_end();
    canary.is_silent();
}

/// A handler that waits for its body must not hold back what was answered before: the client may wait for that, and
/// then both wait.
#[test]
fn a26_answers_do_not_wait_for_the_body_of_a_request_behind_them() {
    let wires = [
        limited(Limits::default()).0,
        limited(Limits::new().body_buffer_size(3)).0,
    ];
    for wire in wires {
        for (lines, begun, rest) in [
            ("Content-Length: 9\r\n", "some", " more"),
            (
                "Expect: 100-continue\r\nContent-Length: 9\r\n",
                "some",
                " more",
            ),
            (
                "Transfer-Encoding: chunked\r\n",
                "4\r\nsome\r\n",
                "5\r\n more\r\n0\r\n\r\n",
            ),
        ] {
            let mut conn = wire.connect();
            let post = format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n{begun}");
            conn.send(get(1, "") + &get(2, "") + &post);
            assert_eq!(conn.answer("GET").text(), "/1");
            assert_eq!(conn.answer("GET").text(), "/2");
            conn.send(rest);
            assert_eq!(conn.answer("POST").text(), "some more");
        }
    }
}

#[test]
fn a26_nothing_after_close() {
    for (wire, canary) in both() {
        for lines in [
            "Connection: close\r\n",
            "Connection: keep-alive, close\r\n",
            "Connection: close, keep-alive\r\n",
            "Connection: keep-alive\r\nConnection: CLOSE\r\n",
        ] {
            let answers = wire.ask(get(1, "") + &get(2, lines) + CANARY, &["GET", "GET"]);
            assert!(!answers[0].closes() && answers[1].closes(), "{lines}");
        }
        canary.is_silent();
        alive(&wire);
    }
}

#[test]
fn a26_a_connection_header_that_is_not_utf_8() {
    for (wire, _) in both() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: \xff\xfe, close\r\n\r\n";
        assert!(wire.one(head).closes());
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: \xff\r\n\r\n";
        assert!(!wire.one(head).closes());
    }
}

#[test]
fn a26_upgrades_are_ignored() {
    let (wire, _) = strict();
    let upgrade = get(1, "Connection: upgrade\r\nUpgrade: websocket\r\n") + &get(2, "");
    let answers = wire.ask(upgrade, &["GET", "GET"]);
    assert_eq!((answers[0].text(), answers[1].text()), ("/1", "/2"));
}

/// What comes behind an upgrade that nobody has accepted is no other protocol: it is the body of that request, or the
/// next one (pingora passed it on, CVE-2026-2833; nghttpx did not know whose it was, CVE-2026-58055).
#[test]
fn a26_behind_an_upgrade_is_its_body_and_then_a_request() {
    for (wire, canary) in both() {
        let chunks = format!("{:x}\r\n{CANARY}\r\n0\r\n\r\n", CANARY.len());
        for (framing, body) in [
            (format!("Content-Length: {}", CANARY.len()), CANARY),
            ("Transfer-Encoding: chunked".to_owned(), &chunks),
        ] {
            for asked in [
                "Connection: Upgrade\r\nUpgrade: websocket",
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
                "Upgrade: TLS/1.0",
            ] {
                let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{asked}\r\n{framing}\r\n\r\n");
                let answers = wire.ask(head + body + &get(2, ""), &["POST", "GET"]);
                assert_eq!(
                    (answers[0].text(), answers[1].text()),
                    (CANARY, "/2"),
                    "{asked}"
                );
            }
        }
        canary.is_silent();
    }
}

#[test]
fn a27_expectations() {
    for (wire, canary) in both() {
        let expecting = |version: &str, expect: &str| {
            format!(
                "POST / HTTP/{version}\r\nHost: a\r\nExpect: {expect}\r\nContent-Length: 4\r\n\r\n"
            )
        };
        // Under 1.0 the field is nothing.
        let raw = wire.raw(expecting("1.0", "100-continue") + "body");
        assert!(raw.starts_with(b"HTTP/1.1 200 ") && raw.ends_with(b"body"));
        for expect in ["200-maybe", "100-continue, more", "100-continued", "100"] {
            let answer = wire.one(expecting("1.1", expect) + "body" + CANARY);
            assert_eq!(answer.status, 417, "{expect}");
            assert!(answer.closes());
        }
        let mut conn = wire.connect();
        conn.send(expecting("1.1", "100-continue"));
        assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
        conn.send("body");
        assert_eq!(conn.answer("POST").text(), "body");
        // One that never sends its body.
        let mut silent = wire.connect();
        silent.send(expecting("1.1", "100-continue"));
        assert_eq!(silent.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
        silent.finish();
        assert_eq!(silent.answer("POST").status, 400);
        silent.assert_end();
        canary.is_silent();
        alive(&wire);
    }
}
