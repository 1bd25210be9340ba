//! Clients that are slow and steady, and handlers that are: nobody is cut who takes and gives what the rate asks for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::Limits;
use doget_tests::{Client, Gate, Server, answers, tls};
use rustls::version::TLS13;
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

static ZEROS: [u8; 6 << 20] = [0; 6 << 20];

/// For deadlines that must not be the one that passes.
const LONG: Duration = Duration::from_secs(600);

fn patient() -> patient().send_timeout(Duration::from_millis(500)).min_send_rate(100_000),
        answers(|request, response| match request.path() {
            "/whole" => response.reply([&ZEROS[..], &ZEROS[..]].concat()),
            _ => {
                let mut body = response.send_response(200).end_headers()?;
                body.write_all(&ZEROS)?;
                body.write_all(&ZEROS)?;
                body.finish()
            }
        }),
    );
    std::thread::scope(|scope| {
        for path in ["/whole", "/stream"] {
            let mut client = server.connect();
            scope.spawn(move || {
                client.send(format!("GET {path} HTTP/1.0\r\nHost: test\r\n\r\n"));
                let (mut got, mut bursts) = (0, 0);
                while let Ok(bytes) = client.read_some(1 << 20) {
                    if bytes.is_empty() {
                        break;
                    }
                    got += bytes.len();
                    if got >> 21 > bursts {
                        bursts = got >> 21;
                        std::thread::sleep(Duration::from_millis(1500));
                    }
                }
                assert!(got > 2 * ZEROS.len(), "{path} ends after {got} bytes");
            });
        }
    });
}

/// The rate is that of the client: time in which the handler has nothing to say is not the client's.
#[test]
fn a_stream_that_has_little_to_say_for_a_while_is_not_cut() {
    let server = Server::with(
        patient()
            .send_rate_grace(Duration::from_secs(1))
            .min_send_rate(64 << 20),
        answers(|_, response| {
            let mut body = response.send_response(200).end_headers()?;
            for pause in [0, 2500, 0] {
                std::thread::sleep(Duration::from_millis(pause));
                body.write_all(&ZEROS)?;
                body.flush()?;
            }
            body.finish()
        }),
    );
    let mut client = server.connect();
    assert_eq!(client.get("/").body.len(), 3 * ZEROS.len());
}

/// Nor is that in which it does not read.
#[test]
fn an_upload_whose_handler_takes_its_time_is_not_cut() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = Server::with(
        patient()
            .body_buffer_size(0)
            .body_rate_grace(Duration::from_secs(1))
            .min_body_rate(64 << 20),
        answers(move |request, response| {
            let mut bytes = [0; 4];
            for _ in 0..3 {
                request.body().read_exact(&mut bytes)?;
                handler.wait();
            }
            response.reply("read")
        }),
    );
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\n");
    for _ in 0..3 {
        // Behind the first look, so that somebody waits for it; and then nobody does.
        std::thread::sleep(Duration::from_millis(50));
        client.send("some");
        gate.has(1);
        std::thread::sleep(Duration::from_millis(800));
        gate.pass(1);
    }
    assert_eq!(client.answer().text(), "read");
}
