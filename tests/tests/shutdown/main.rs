//! The end of a server, in each state that a connection can be in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod cut;
mod grace;
mod on_their_way;
mod owners;

use doget::{HttpServer, Limits};
use doget_tests::{Client, Gate, Server, answers, eventually};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::time::Duration;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

const BLOCK: &str = "GET /block HTTP/1.1\r\nHost: test\r\n\r\n";

static ZEROS: [u8; 16 << 20] = [0; 16 << 20];

/// Longer than any test: what must not be what ends it.
fn graceful() -> Limits {
    Limits::new().shutdown_timeout(Duration::from_secs(600))
}

fn grace(milliseconds: u64) -> Limits {
    Limits::new().shutdown_timeout(Duration::from_millis(milliseconds))
}

fn gated(limits: Limits, gate: &Gate) -> Server {
    built(|server| server.limits(limits), gate)
}

fn built(build: impl FnOnce(HttpServer) -> HttpServer, gate: &Gate) -> Server {
    let gate = gate.clone();
    Server::built(
        build,
        answers(move |request, response| match request.path() {
            "/block" => {
                gate.wait();
                response.reply("blocked")
            }
            "/body" => {
                let mut body = Vec::new();
                request.body().read_to_end(&mut body)?;
                response.reply(body)
            }
            "/whole" => response.reply(Cow::Borrowed(&ZEROS[..])),
            "/stream" => {
                let mut body = response.send_response(200).end_headers()?;
                for piece in ZEROS.chunks(1 << 16) {
                    body.write_all(piece)?;
                }
                body.finish()
            }
            _ => response.reply("quick"),
        }),
    )
}

/// Waits until nobody listens there any more.
#[track_caller]
fn refused(address: std::net::SocketAddr) {
    eventually("refusal", || Client::try_connect(address).is_err());
}
