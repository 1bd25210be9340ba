//! Clients that are slow, on purpose or not: each waits at a deadline, and none at a thread.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod bodies;
mod heads;
mod readers;

use doget::Limits;
use doget_tests::{End, FastClock, Server, answers, eventually, eventually_is};
use readers::unread;
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(300);

/// What a short deadline takes at most, however slow the machine is.
const SOON: Duration = Duration::from_secs(8);

/// For deadlines that must not be the one that passes.
const LONG: Duration = Duration::from_secs(1_000_000);

/// Only one deadline is short.
fn patient() -> Limits {
    Limits::new()
        .head_timeout(LONG)
        .idle_timeout(LONG)
        .body_timeout(LONG)
        .body_rate_grace(LONG)
        .send_timeout(LONG)
        .send_rate_grace(LONG)
        .linger_timeout(LONG)
}

fn hello(limits: Limits) -> Server {
    Server::with(limits, answers(|_, response| response.reply("hello")))
}

/// The same by a clock that goes quickly.
fn hurried(clock: &FastClock, limits: Limits) -> Server {
    Server::built(
        |server| server.limits(limits).clock(clock),
        answers(|_, response| response.reply("hello")),
    )
}

#[track_caller]
fn took(since: Instant, at_least: Duration) {
    let time = since.elapsed();
    assert!(time >= at_least, "only {time:?}");
    assert!(time < at_least + SOON, "{time:?}");
}

static ZEROS: [u8; 64 << 20] = [0; 64 << 20];

/// 64 MiB: `/whole` for the loop to write, anything else from a handler that streams.
fn large(limits: Limits) -> (Server, Arc<Mutex<Vec<std::io::ErrorKind>>>) {
    let faults = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&faults);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        answers(move |request, response| match request.path() {
            "/quick" => response.reply("quick"),
            "/whole" => response.reply(Cow::Borrowed(&ZEROS[..])),
            _ => {
                let mut body = response.send_response(200).end_headers()?;
                for piece in ZEROS.chunks(1 << 20) {
                    if let Err(error) = body.write_all(piece) {
                        seen.lock().unwrap().push(error.kind());
                        return Err(error.into());
                    }
                }
                body.finish()
            }
        }),
    );
    (server, faults)
}

/// Handlers that wait for their clients wait by the clock as the loops do: with the deadlines of a production server,
/// reads and writes of a handler end, and so does a response that the loop writes.
#[test]
fn deadlines_of_minutes_are_kept_by_loops_and_by_handlers() {
    let limit = Duration::from_secs(300);
    let clock = FastClock::new();
    let faults = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&faults);
    let limits = patient().body_timeout(limit).send_timeout(limit);
    let server = Server::built(
        |server| server.limits(limits.body_buffer_size(0)).clock(&clock),
        answers(move |request, response| {
            let streamed = match request.path() {
                "/read" => request.body().read_to_end(&mut Vec::new()).map(|_| ()),
                "/write" => {
                    let mut body = response.send_response(200).end_headers()?;
                    body.write_all(&ZEROS)
                }
                _ => return response.reply(Cow::Borrowed(&ZEROS[..])),
            };
            let error = streamed.unwrap_err();
            seen.lock().unwrap().push(error.kind());
            Err(error.into())
        }),
    );
    let since = clock.now();
    let mut client = server.connect();
    client.send("POST /read HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nsome");
    assert_eq!(client.answer().status, 408);
    clock.took(since, limit);
    for path in ["/write", "/whole"] {
        let since = clock.now();
        let _client = unread(&server, path);
        let line = format!("\"GET {path} ");
        eventually("the end of the response", || server.log().count(&line) == 1);
        clock.took(since, limit);
    }
    assert_eq!(*faults.lock().unwrap(), [std::io::ErrorKind::TimedOut; 2]);
}

#[test]
fn limits_act_untouched() {
    let limits = Limits::default();
    for time in [
        limits.head_timeout,
        limits.idle_timeout,
        limits.body_timeout,
        limits.send_timeout,
        limits.linger_timeout,
        limits.shutdown_timeout,
    ] {
        assert!(time <= Duration::from_secs(75));
    }
    // Balancers and proxies end a connection that idles for 60 s. Whoever waits longer never loses a request by it.
    assert!(limits.idle_timeout > Duration::from_secs(60));
    let clock = FastClock::new();
    let server = hurried(&clock, limits.clone());
    let since = clock.now();
    let (mut silent, mut slow) = (server.connect(), server.connect());
    slow.send("GET");
    let slow = std::thread::spawn(move || slow.answer().status);
    assert_eq!(silent.end(), End::Closed(Vec::new()));
    assert_eq!(slow.join().unwrap(), 408);
    clock.took(since, limits.head_timeout);
    eventually_is("idle connections", true, || {
        server.connect().get("/").status == 200
    });
}
