//! How connections end: an answer that was sent is read, whatever else its client still sends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{Error, Limits, Parsing, Request, Response, Result, Sent, handler};
use doget_tests::{Client, End, Server, eventually, tls};
use rustls::version::TLS13;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Answers without reading what it is sent.
struct Refusing;

#[handler]
impl Refusing {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("got")
    }

    fn do_POST(&self) -> Result<String> {
        Err(Error::new(405).header("Allow", "GET"))
    }

    fn do_PUT(&self, body: Vec<u8>) -> Result<String> {
        Ok(format!("{}", body.len()))
    }

    fn handle_expect_100(&self, _request: &Request<'_>) -> Result<()> {
        Err(Error::new(403))
    }
}

/// The same for old clients.
struct Lenient;

#[handler]
impl Lenient {
    const PROTOCOL_VERSION: &str = "HTTP/1.0";
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("got")
    }

    fn do_POST(&self) -> Result<String> {
        Err(Error::new(405).header("Allow", "GET"))
    }
}

const SIZE: usize = 30 << 20;

/// Sends it all, and only then reads: as most clients do.
#[track_caller]
fn answered(mut client: Client, head: &str, status: u16) {
    let body = vec![b'x'; SIZE];
    client.send(head);
    client
        .try_send(&body)
        .unwrap_or_else(|error| panic!("{head:?}: {error}"));
    let answer = client.answer();
    assert_eq!(answer.status, status, "{head:?}");
    assert!(answer.closes(), "{head:?}");
    assert_eq!(client.end(), End::Closed(Vec::new()), "{head:?}");
}

#[test]
fn an_answer_is_read_behind_30_mb_that_nobody_wants() {
    let plain = Server::new(Refusing);
    let secret = Server::built(|server| server.tls(tls::server()), Refusing);
    let config = Arc::new(tls::client(&[&TLS13]));
    for (head, status) in [
        (
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
            405,
        ),
        (
            "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
            413,
        ),
        (
            "SPAM / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
            501,
        ),
        (
            "POST / HTTP/1.1\r\nHost: test\r\nExpect: soon\r\nContent-Length: 31457280\r\n\r\n",
            417,
        ),
        (
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: x\r\n\r\n",
            400,
        ),
        ("POST / HTTP/1.1\r\nContent-Length: 31457280\r\n\r\n", 400),
    ] {
        answered(plain.connect(), head, status);
        answered(secret.connect().secure(&config), head, status);
    }
    let lenient = Server::new(Lenient);
    answered(
        lenient.connect(),
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
        405,
    );
    answered(
        lenient.connect(),
        "GET / HTTP/1.1\r\nHost: test\r\n\r\n",
        200,
    );
}

/// As long as something comes, and not for ever.
#[test]
fn a_client_that_does_not_end_is_left_at_its_deadlines() {
    let short = Duration::from_millis(300);
    let long = Duration::from_secs(600);
    let limits = Limits::new().linger_timeout(long).max_linger_time(long);
    let begin = |server: &Server| {
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nx");
        assert_eq!(client.answer().text(), "got");
        client
    };
    // One that is silent. It is seen by what it sends then: nobody is there.
    let server = Server::with(limits.clone().linger_timeout(short), Refusing);
    let since = Instant::now();
    let mut client = begin(&server);
    std::thread::sleep(3 * short);
    eventually("the end of a silent client", || {
        std::thread::sleep(Duration::from_millis(20));
        client.try_send("x").is_err()
    });
    assert!(since.elapsed() > short);
    // One that goes on sending.
    let server = Server::with(limits.max_linger_time(short), Refusing);
    let since = Instant::now();
    let mut client = begin(&server);
    eventually("the end of a busy client", || {
        std::thread::sleep(Duration::from_millis(20));
        client.try_send("x").is_err()
    });
    assert!(since.elapsed() > short);
}
