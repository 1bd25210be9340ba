//! A server under full load from clients of every kind, many of which go away in the middle: afterwards it is as it
//! was before.
//!
//! Some seconds by default; `DOGET_SOAK_SECONDS=600 cargo test --release -p doget-tests --test soak` for the long one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![cfg(target_os = "linux")]

use doget_tests::{Child, Client, PATIENCE, eventually};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const CLIENTS: u64 = 16;

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// One connection's life; says how many answers it got.
fn life(address: SocketAddr, dice: &mut Dice) -> io::Result<u64> {
    let mut client = if dice.roll(8) == 0 {
        Client::connect_narrow(address)
    } else {
        Client::connect(address)
    };
    let mut answers = 0;
    for _ in 0..=dice.roll(30) {
        let (path, size) = match dice.roll(20) {
            0 => (format!("/sleep/{}", dice.roll(20)), 6),
            1 => {
                let size = dice.roll(1 << 20);
                (format!("/stream/{size}"), size)
            }
            2 => {
                let size = dice.roll(4 << 20);
                (format!("/file/{size}"), size)
            }
            3 => {
                let size = dice.roll(1 << 20);
                (format!("/bytes/{size}"), size)
            }
            4 => ("/panic".to_owned(), 0),
            5 => ("/nothing".to_owned(), 0),
            _ => ("/".to_owned(), 6),
        };
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").into_bytes();
        let mut expected = size;
        if dice.roll(5) == 0 {
            expected = dice.roll(100_000);
            let head =
                format!("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {expected}\r\n\r\n");
            request = head.into_bytes();
            request.resize(request.len() + expected as usize, b'x');
        }
        // The point at which this client goes, if it goes now.
        match dice.roll(12) {
            0 => {
                let at = dice.roll(request.len() as u64) as usize;
                client.try_send(&request[..at])?;
                if dice.roll(2) == 0 {
                    client.reset()
                }
                return Ok(answers);
            }
            1 => {
                client.try_send(&request)?;
                let _ = client.read_some(dice.roll(100_000) as usize + 1)?;
                if dice.roll(2) == 0 {
                    client.reset()
                }
                return Ok(answers);
            }
            2 => {
                client.try_send(&request)?;
                client.finish();
                client.try_answer_to("GET")?;
                return Ok(answers + 1);
            }
            _ => {}
        }
        client.try_send(&request)?;
        let answer = client.try_answer_to("GET")?;
        answers += 1;
        if answer.status == 200 {
            assert_eq!(answer.body.len() as u64, expected, "{path}");
        }
        if answer.closes() {
            return Ok(answers);
        }
    }
    Ok(answers)
}

/// Load until the time is over; says how many answers there were.
fn load(address: SocketAddr, time: Duration) -> u64 {
    let deadline = Instant::now() + time;
    let threads: Vec<_> = (0..CLIENTS)
        .map(|number| {
            std::thread::spawn(move || {
                let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1));
                let mut answers = 0;
                while Instant::now() < deadline {
                    match life(address, &mut dice) {
                        Ok(count) => answers += count,
                        // A panic within a pipeline, a write that met a close: the server's right.
                        Err(error) if is_end(&error) => {}
                        Err(error) => panic!("client {number}: {error}"),
                    }
                }
                answers
            })
        })
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum()
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
    )
}

#[test]
fn after_a_soak_the_server_is_as_it_was() {
    let seconds = std::env::var("DOGET_SOAK_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(8);
    let child = Child::start(env!("CARGO_BIN_EXE_doget-test-server"), &["loops=2"]);
    let process = child.process();
    child.connect().get("/");
    // Two own a loop, and two are on stand-by.
    eventually("the threads that stay", || {
        let names = process.thread_names();
        names.iter().filter(|name| *name == "doget").count() >= 4
    });
    let (threads, descriptors) = (process.threads(), process.descriptors());
    // A thread that waits for requests stays.
    let settled = || {
        eventually("descriptors and threads as before", || {
            process.descriptors() <= descriptors && process.threads() <= threads + 1
        });
    };
    // Warm: threads have their buffers, the allocator its arenas.
    let warm = Duration::from_secs((seconds / 4).min(60));
    let mut answers = load(child.address(), warm);
    settled();
    let memory = process.memory();
    answers += load(child.address(), Duration::from_secs(seconds) - warm);
    settled();
    let after = process.memory();
    assert!(
        after < memory + (32 << 20),
        "{memory} bytes before, {after} after, {answers} answers"
    );
    assert!(answers > 100, "only {answers} answers");
    println!("{answers} answers, {memory} bytes before, {after} after");
    assert_eq!(child.connect().get("/").text(), "hello\n");
    let since = Instant::now();
    eventually("an idle second", || {
        let before = process.switches();
        std::thread::sleep(Duration::from_secs(1));
        process.switches() == before
    });
    assert!(since.elapsed() < PATIENCE);
}
