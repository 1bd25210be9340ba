//! Section 6: timeouts.

use crate::connection::request;
use crate::expectations::Expecting;
use crate::handlers::Strict;
use doget::Limits;
use doget_tests::test_server::TestServer;
use std::time::Duration;

fn hasty() -> Limits {
    Limits::new()
        .head_timeout(Duration::from_millis(50))
        .idle_timeout(Duration::from_millis(50))
        .body_timeout(Duration::from_millis(50))
}

#[test]
fn tmo_01_every_wait_has_a_deadline() {
    let limits = Limits::default();
    let deadlines = [
        limits.head_timeout,
        limits.idle_timeout,
        limits.body_timeout,
        limits.send_timeout,
    ];
    assert!(
        deadlines
            .iter()
            .all(|time| *time <= Duration::from_secs(75))
    );
}

#[test]
fn tmo_02_a_head_that_does_not_end_is_408() {
    let wire = TestServer::limited(Strict, hasty());
    let mut conn = wire.connect();
    conn.send("GET / HTTP/1.1\r\nHo");
    let answer = conn.answer("GET");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (408, "Request Timeout")
    );
    assert!(answer.closes());
    conn.assert_end();
    let length = answer.body.len();
    assert_eq!(
        wire.end(),
        [
            "127.0.0.1 - - [date] Request timed out: the request head came too slowly",
            "127.0.0.1 - - [date] code 408, message Request Timeout",
            &format!("127.0.0.1 - - [date] \"\" 408 {length}"),
        ]
    );
}

#[test]
fn tmo_02_a_body_that_does_not_end_is_408() {
    let wire = TestServer::limited(Strict, hasty());
    let mut conn = wire.connect();
    conn.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nbod");
    assert_eq!(conn.answer("POST").status, 408);
    conn.assert_end();
    let lines = wire.end();
    assert_eq!(
        lines[0],
        "127.0.0.1 - - [date] Request timed out: the request body came too slowly"
    );
    assert!(lines[2].contains("\"POST / HTTP/1.1\" 408 "));
}

#[test]
fn tmo_02_a_body_that_stops_is_an_error_to_its_reader() {
    let wire = TestServer::limited(Expecting, hasty());
    let mut conn = wire.connect();
    conn.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\nbod");
    let answer = conn.answer("POST");
    assert_eq!(answer.status, 408);
    assert!(answer.closes());
    conn.assert_end();
}

#[test]
fn tmo_02_an_idle_connection_is_closed_without_a_word() {
    let wire = TestServer::limited(Strict, hasty());
    wire.connect().assert_end();
    // Some clients send an empty line behind a body, which begins no request.
    for line in ["", "\r\n"] {
        let mut conn = wire.connect();
        conn.send(request("1.1", "") + line);
        assert_eq!(conn.answer("GET").status, 200);
        conn.assert_end();
    }
    assert_eq!(wire.end().len(), 2);
}
