//! Section 4: expectations.

use crate::handlers::Old;
use doget::{Error, Parsing, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;
use std::io::Read;

/// Reads, or refuses beforehand, what its path says.
pub(crate) struct Expecting;

#[handler]
impl Expecting {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut body = Vec::new();
        if request.path() == "/read" {
            request.body().read_to_end(&mut body)?;
        }
        response.reply(body)
    }

    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        match request.path() {
            "/refused" => Err(Error::new(417)),
            _ => Ok(()),
        }
    }
}

fn expecting(path: &str, version: &str, expect: &str) -> String {
    format!(
        "POST {path} HTTP/{version}\r\nHost: a\r\nExpect: {expect}\r\nContent-Length: 4\r\n\r\n"
    )
}

#[test]
fn exp_01_who_gets_a_100() {
    let wire = TestServer::new(Expecting);
    for version in ["1.1", "1.10"] {
        let mut conn = wire.connect();
        conn.send(expecting("/read", version, "100-Continue"));
        assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
        conn.send("body");
        assert_eq!(conn.answer("POST").text(), "body");
    }
    let raw = wire.raw(expecting("/read", "1.0", "100-continue") + "body");
    assert!(raw.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn exp_01_a_server_of_http_1_0_sends_none() {
    let raw = TestServer::new(Old).raw(expecting("/", "1.1", "100-continue") + "body");
    assert!(raw.starts_with(b"HTTP/1.0 200 OK\r\n"));
    assert!(raw.ends_with(b"body"));
}

#[test]
fn exp_02_a_100_is_bare_and_not_logged() {
    let wire = TestServer::new(Expecting);
    let mut conn = wire.connect();
    conn.send(expecting("/read", "1.1", "100-continue"));
    assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(wire.log(), [""; 0]);
    conn.send("body");
    assert_eq!(conn.answer("POST").status, 200);
    drop(conn);
    assert_eq!(
        wire.end(),
        ["127.0.0.1 - - [date] \"POST /read HTTP/1.1\" 200 4"]
    );
}

#[test]
fn exp_02_a_body_that_is_not_read_is_not_invited() {
    let wire = TestServer::new(Expecting);
    let mut conn = wire.connect();
    conn.send(expecting("/unread", "1.1", "100-continue"));
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (200, 0));
    assert!(answer.closes());
    conn.assert_end();
}

#[test]
fn exp_03_a_hook_may_refuse() {
    let wire = TestServer::new(Expecting);
    let mut conn = wire.connect();
    conn.send(expecting("/refused", "1.1", "100-continue"));
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (417, 0));
    assert!(answer.closes());
    conn.assert_end();
}

#[test]
fn exp_04_another_expectation_is_417() {
    let wire = TestServer::new(Expecting);
    for expect in ["200-ok", "100-continue, x", "x"] {
        let mut conn = wire.connect();
        conn.send(expecting("/read", "1.1", expect));
        let answer = conn.answer("POST");
        assert_eq!((answer.status, answer.interim.len()), (417, 0));
        assert!(answer.closes());
        conn.assert_end();
    }
    let raw = wire.raw(expecting("/read", "1.0", "x") + "body");
    assert!(raw.starts_with(b"HTTP/1.1 200 OK\r\n"));
}
