//! Clients that are slow and steady, and handlers that are: nobody is cut who takes and gives what the rate asks for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[cfg(target_os = "linux")]
use doget::HttpServer;
use doget::Limits;
use doget::testing::Clock;
use doget_tests::{Client, Gate, Server, answers, tls};
use rustls::version::TLS13;
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

static ZEROS: [u8; 6 << 20] = [0; 6 << 20];

/// Some pieces of records.
#[cfg(target_os = "linux")]
const SIZE: usize = 300_000;

/// For deadlines that must not be the one that passes.
const LONG: Duration = Duration::from_secs(600);

fn patient() -> Limits {
    Limits::new()
        .head_timeout(LONG)
        .idle_timeout(LONG)
        .body_timeout(LONG)
        .body_rate_grace(LONG)
        .send_timeout(LONG)
        .send_rate_grace(LONG)
}

/// Reads to the end, at this many bytes a second of the system's clock, and says how many there were.
fn read_at(rate: f64, mut client: Client) -> usize {
    let (since, mut got) = (Instant::now(), 0);
    loop {
        match client.read_some(16 << 10) {
            Ok(bytes) if !bytes.is_empty() => got += bytes.len(),
            _ => return got,
        }
        let due = Duration::from_secs_f64(got as f64 / rate);
        std::thread::sleep(due.saturating_sub(since.elapsed()));
    }
}

/// Linux reports room only when a third of what waits has gone, which here takes longer than a client may be silent.
/// By the system's clock: what the system holds has to empty as slowly as the client reads.
/// Each takes four times as much in that time as the rate asks for, and in all more than the system holds for it.
#[test]
fn a_reader_that_is_slow_and_steady_gets_everything() {
    let limits = patient()
        .send_timeout(Duration::from_secs(1))
        .send_rate_grace(Duration::from_secs(2))
        .min_send_rate(150_000);
    let handler = || {
        answers(|request, response| match request.path() {
            "/whole" => response.reply(Cow::Borrowed(&ZEROS[..])),
            _ => {
                let mut body = response.send_response(200).end_headers()?;
                for piece in ZEROS.chunks(1 << 20) {
                    body.write_all(piece)?;
                }
                body.finish()
            }
        })
    };
    let plain = Server::with(limits.clone(), handler());
    let secret = Server::built(|server| server.limits(limits).tls(tls::server()), handler());
    let config = Arc::new(tls::client(&[&TLS13]));
    std::thread::scope(|scope| {
        for path in ["/whole", "/stream"] {
            let clients = [plain.connect(), secret.connect().secure(&config)];
            for (client, scheme) in clients.into_iter().zip(["http", "https"]) {
                scope.spawn(move || {
                    let mut client = client;
                    client.send(format!("GET {path} HTTP/1.0\r\nHost: test\r\n\r\n"));
                    let got = read_at(600_000.0, client);
                    assert!(got > ZEROS.len(), "{scheme}: {path} ends after {got} bytes");
                });
            }
        }
    });
}

/// Over TLS a piece counts as written when its last byte has left, but the client takes it bit by bit: what it has
/// taken of a piece keeps the rate, and what it takes of the last one, which leaves with the end. A piece is more than
/// what may be lacking. The system holds little for this server, so that it does not give way in larger steps.
#[cfg(target_os = "linux")]
#[test]
fn what_a_reader_takes_of_a_piece_of_records_counts() {
    let clock = Clock::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    socket2::SockRef::from(&listener)
        .set_send_buffer_size(4096)
        .unwrap();
    let limits = patient()
        .send_rate_grace(Duration::from_secs(10))
        .min_send_rate(1_000);
    let running = HttpServer::from_listener(listener)
        .unwrap()
        .log(doget::Log::off())
        .limits(limits)
        .clock(&clock)
        .tls(tls::server())
        .spawn(answers(|_, response| {
            response.reply(Cow::Borrowed(&ZEROS[..SIZE]))
        }))
        .unwrap();
    let mut client = Client::connect_narrow(address).secure(&Arc::new(tls::client(&[&TLS13])));
    client.send("GET / HTTP/1.0\r\n\r\n");
    let (mut got, mut step) = (0, 0);
    while got < SIZE {
        step += 1;
        while got < (step * 16_000).min(SIZE) {
            got += client.read_some(16_000).unwrap().len();
        }
        // So that the system has sent what it holds, and has room for more.
        std::thread::sleep(Duration::from_millis(20));
        clock.advance(Duration::from_millis(15_500));
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(running);
}

/// As `curl --limit-rate` does: 1 MiB at once, then nothing for longer than a client may be silent that has taken
/// little.
#[test]
fn a_reader_that_takes_it_in_bursts_gets_everything() {
    let clock = Clock::new();
    let limits = patient()
        .send_timeout(Duration::from_secs(10))
        .min_send_rate(5_000);
    let server = Server::built(
        |server| server.limits(limits).clock(&clock),
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
    for path in ["/whole", "/stream"] {
        let mut client = server.connect();
        client.send(format!("GET {path} HTTP/1.0\r\nHost: test\r\n\r\n"));
        let (mut got, mut bursts) = (0, 0);
        while let Ok(bytes) = client.read_some(1 << 20) {
            if bytes.is_empty() {
                break;
            }
            got += bytes.len();
            if got >> 21 > bursts {
                bursts = got >> 21;
                // So that the server has filled what the client has emptied, and waits.
                std::thread::sleep(Duration::from_millis(50));
                clock.advance(Duration::from_secs(30));
            }
        }
        assert!(got > 2 * ZEROS.len(), "{path} ends after {got} bytes");
    }
}

/// The rate is that of the client: time in which the handler has nothing to say is not the client's.
#[test]
fn a_stream_that_has_little_to_say_for_a_while_is_not_cut() {
    let clock = Clock::new();
    let limits = patient()
        .send_rate_grace(Duration::from_secs(60))
        .min_send_rate(64 << 20);
    let moved = clock.clone();
    let server = Server::built(
        |server| server.limits(limits).clock(&clock),
        answers(move |_, response| {
            let mut body = response.send_response(200).end_headers()?;
            for pause in [0, 150, 0] {
                moved.advance(Duration::from_secs(pause));
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
    let clock = Clock::new();
    let limits = patient()
        .body_buffer_size(0)
        .body_rate_grace(Duration::from_secs(60))
        .min_body_rate(64 << 20);
    let server = Server::built(
        |server| server.limits(limits).clock(&clock),
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
        clock.advance(Duration::from_secs(50));
        gate.pass(1);
    }
    assert_eq!(client.answer().text(), "read");
}
