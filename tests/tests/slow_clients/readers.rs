//! Readers that stop or drip (A19).

use crate::{SHORT, ZEROS, large, patient, took};
use doget::testing::Clock;
use doget_tests::{Child, Client, End, Gate, Server, answers, eventually, is_below_wine};
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// Sends a request and reads nothing; says when the connection was cut.
pub(crate) fn unread(server: &Server, path: &str) -> Client {
    let mut client = Client::connect_narrow(server.address());
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client
}

/// The log has a line for a response when it is over.
fn cut(server: &Server, path: &str, since: Instant, at_least: Duration) {
    let line = format!("\"GET {path} ");
    eventually("the end of the response", || server.log().count(&line) == 1);
    took(since, at_least);
}

#[test]
fn a19_a_reader_that_stopped_is_cut() {
    let (server, faults) = large(patient().send_timeout(SHORT));
    for path in ["/whole", "/stream"] {
        let since = Instant::now();
        let mut client = unread(&server, path);
        assert_eq!(server.connect().get("/quick").text(), "quick");
        cut(&server, path, since, SHORT);
        // What is in the buffers may still be read, and then it is a reset: nobody takes this for the whole.
        assert!(matches!(client.end(), End::Reset(_)) || is_below_wine());
    }
    eventually("the handler's error", || {
        *faults.lock().unwrap() == [std::io::ErrorKind::TimedOut]
    });
}

#[test]
fn a19_a_reader_that_drips_is_cut_for_its_rate() {
    let (server, _) = large(patient().send_rate_grace(SHORT).min_send_rate(1 << 30));
    for path in ["/whole", "/stream"] {
        let since = Instant::now();
        let mut client = unread(&server, path);
        let mut got = 0;
        while let Ok(bytes) = client.read_some(100) {
            if bytes.is_empty() && is_below_wine() {
                break;
            }
            assert!(!bytes.is_empty(), "a clean end after {got} bytes");
            got += bytes.len();
            assert!(got < ZEROS.len());
            std::thread::sleep(Duration::from_millis(1));
        }
        cut(&server, path, since, SHORT);
    }
}

/// What it sends is no progress of what it does not take.
#[test]
fn a19_a_reader_that_stopped_and_goes_on_sending_is_cut() {
    let (server, _) = large(patient().send_timeout(SHORT));
    for path in ["/whole", "/stream"] {
        let since = Instant::now();
        let mut client = unread(&server, path);
        let line = format!("\"GET {path} ");
        eventually("the end of the response", || {
            let _ = client.try_send("GET / HTTP/1.1\r\n");
            std::thread::sleep(Duration::from_millis(20));
            server.log().count(&line) == 1
        });
        took(since, SHORT);
    }
}

#[test]
fn a19_a_reader_that_stops_for_less_than_the_deadline_gets_everything() {
    let (server, _) = large(patient().send_timeout(Duration::from_secs(15)));
    for path in ["/whole", "/stream"] {
        let mut client = unread(&server, path);
        std::thread::sleep(SHORT);
        assert_eq!(client.answer().body.len(), ZEROS.len());
        assert_eq!(client.get("/quick").text(), "quick");
    }
}

#[test]
fn two_hundred_slow_readers_of_64_mib_take_no_threads_and_no_memory() {
    let child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["max_threads=2", "send_timeout=600000"],
    );
    let mut active = child.connect();
    active.get("/");
    let (threads, memory, descriptors) = (
        child.process().threads(),
        child.process().memory(),
        child.process().descriptors(),
    );
    let size = 64 << 20;
    let mut slow: Vec<_> = (0..200)
        .map(|_| {
            let mut client = Client::connect_narrow(child.address());
            client.send(format!("GET /file/{size} HTTP/1.1\r\nHost: test\r\n\r\n"));
            client
        })
        .collect();
    for client in &mut slow {
        assert!(!client.read_some(1000).unwrap().is_empty());
        assert_eq!(active.get("/").text(), "hello\n");
    }
    assert!(child.process().threads() <= threads + 2);
    let more = child.process().memory().saturating_sub(memory);
    assert!(more < 64 << 20, "{more} bytes");
    // One of them reads to the end, the others go.
    let mut last = slow.pop().unwrap();
    let mut got = 1000;
    while got < size {
        let bytes = last.read_some(1 << 20).unwrap();
        assert!(!bytes.is_empty(), "a clean end after {got} bytes");
        got += bytes.len();
    }
    drop((slow, last));
    eventually("their descriptors", || {
        child.process().descriptors() <= descriptors
    });
    assert_eq!(active.get("/").text(), "hello\n");
}

/// A response that its handler took long for has its own time to be written.
#[test]
fn the_time_to_write_runs_from_the_response_and_not_from_its_request() {
    /// More than the system holds for a client that reads nothing.
    const SIZE: usize = 16 << 20;

    let (clock, gate) = (Clock::new(), Gate::new());
    let (limit, handler) = (Duration::from_secs(60), gate.clone());
    let server = Server::built(
        |server| {
            let limits = patient().send_timeout(limit);
            server.loops(1).limits(limits).clock(&clock)
        },
        answers(move |request, response| {
            if request.path() == "/quick" {
                return response.reply("quick");
            }
            handler.wait();
            response.reply(Cow::Borrowed(&ZEROS[..SIZE]))
        }),
    );
    for _ in 0..2 {
        // Lost by its first block, then on a thread of its own.
        let mut client = unread(&server, "/");
        gate.has(1);
        // There is one loop, so that it is taken over by then.
        assert_eq!(server.connect().get("/quick").text(), "quick");
        clock.advance(2 * limit);
        gate.pass(1);
        let mut got = client.read_some(1).unwrap().len();
        assert!(got > 0);
        clock.advance(limit / 2);
        while got < SIZE {
            let bytes = client.read_some(1 << 20).unwrap();
            assert!(!bytes.is_empty(), "it is cut after {got} bytes");
            got += bytes.len();
        }
    }
}
