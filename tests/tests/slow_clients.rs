//! Clients that are slow, on purpose or not: each waits at a deadline, and none at a thread.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::Limits;
use doget::testing::Clock;
use doget_tests::{
    Child, Client, End, FastClock, Gate, Server, answers, eventually, eventually_is,
};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
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

#[test]
fn a17_a_silent_connection_is_closed_without_a_word() {
    let server = hello(patient().head_timeout(SHORT));
    let since = Instant::now();
    let mut client = server.connect();
    assert_eq!(client.end(), End::Closed(Vec::new()));
    took(since, SHORT);
}

#[test]
fn a17_a_slow_head_is_cut_at_its_deadline() {
    let server = hello(patient().head_timeout(SHORT));
    let since = Instant::now();
    let mut client = server.connect();
    let mut reader = client.twin();
    let sender = std::thread::spawn(move || {
        let head = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(10_000));
        client.drip(head, 1, Duration::from_millis(10))
    });
    let answer = reader.answer();
    assert_eq!(answer.status, 408);
    assert!(answer.closes());
    took(since, SHORT);
    server.running().shutdown().now();
    assert!(!sender.join().unwrap(), "the whole head was taken");
}

#[test]
fn a17_the_deadline_of_a_later_head_runs_from_its_first_byte() {
    let server = hello(patient().head_timeout(SHORT));
    let mut client = server.connect();
    client.get("/");
    // Longer than a head's time: an idle connection has another limit.
    std::thread::sleep(2 * SHORT);
    let since = Instant::now();
    client.send("GET / HTTP/1.1\r\nHo");
    assert_eq!(client.answer().status, 408);
    client.is_closed();
    took(since, SHORT);
}

#[test]
fn a17_an_idle_connection_is_closed_at_its_deadline() {
    let server = hello(patient().idle_timeout(SHORT));
    let mut client = server.connect();
    let since = Instant::now();
    client.get("/");
    assert_eq!(client.end(), End::Closed(Vec::new()));
    took(since, SHORT);
}

/// Segments that end within a head, one after the other: no head takes long, all together do.
#[test]
fn a17_a_client_that_pipelines_across_segments_is_not_slow() {
    let time = Duration::from_secs(60);
    let clock = Clock::new();
    let server = Server::built(
        |server| server.limits(patient().head_timeout(time)).clock(&clock),
        answers(|_, response| response.reply("hello")),
    );
    let mut client = server.connect();
    let request = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    let (start, end) = request.split_at(10);
    client.send(start);
    let since = clock.now();
    while clock.now().duration_since(since) < 3 * time {
        client.send([end, start].concat());
        assert_eq!(client.answer().text(), "hello");
        clock.advance(time / 10);
    }
}

#[test]
fn a18_a_slow_body_that_the_loop_collects_is_cut_without_a_handler() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let server = Server::with(
        patient().body_timeout(SHORT),
        answers(move |_, response| {
            counted.fetch_add(1, Ordering::SeqCst);
            response.reply("hello")
        }),
    );
    let mut client = server.connect();
    let since = Instant::now();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nsome");
    let answer = client.answer();
    assert_eq!(answer.status, 408);
    assert!(answer.closes());
    client.is_closed();
    took(since, SHORT);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

/// The handler reads for itself: what `read` says goes to the list.
fn reading(limits: Limits) -> (Server, Arc<Mutex<Vec<std::io::ErrorKind>>>) {
    let faults = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&faults);
    let server = Server::with(
        limits.body_buffer_size(0),
        answers(move |request, response| {
            let mut body = Vec::new();
            match request.body().read_to_end(&mut body) {
                Ok(size) => response.reply(format!("{size}")),
                Err(error) => {
                    seen.lock().unwrap().push(error.kind());
                    Err(error.into())
                }
            }
        }),
    );
    (server, faults)
}

#[test]
fn a18_a_slow_body_is_a_timeout_to_the_handler_that_reads_it() {
    let (server, faults) = reading(patient().body_timeout(SHORT));
    for _ in 0..2 {
        let mut client = server.connect();
        let since = Instant::now();
        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\nsome");
        let answer = client.answer();
        assert_eq!(answer.status, 408);
        assert!(answer.closes());
        client.is_closed();
        took(since, SHORT);
    }
    assert_eq!(*faults.lock().unwrap(), [std::io::ErrorKind::TimedOut; 2]);
}

/// Every byte is progress; their rate is too low.
#[test]
fn a18_a_body_that_drips_is_cut_for_its_rate() {
    let limits = patient().body_rate_grace(SHORT).min_body_rate(1 << 10);
    // By the loop, then by the transport below the handler.
    for body_buffer_size in [1 << 20, 0] {
        let (server, _) = reading(limits.clone().body_buffer_size(body_buffer_size));
        let mut client = server.connect();
        let mut reader = client.twin();
        let since = Instant::now();
        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n");
        let sender =
            std::thread::spawn(move || client.drip([b'x'; 3000], 1, Duration::from_millis(10)));
        assert_eq!(reader.answer().status, 408);
        took(since, SHORT);
        server.running().shutdown().now();
        assert!(!sender.join().unwrap(), "every byte was taken");
    }
}

#[test]
fn a18_a_body_that_comes_slowly_but_quickly_enough_is_whole() {
    for body_buffer_size in [1 << 20, 0] {
        let (server, _) = reading(
            patient()
                .body_buffer_size(body_buffer_size)
                .body_timeout(Duration::from_secs(10))
                .body_rate_grace(Duration::from_secs(10))
                .min_body_rate(10),
        );
        let mut client = server.connect();
        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 40\r\n\r\n");
        assert!(client.drip([b'x'; 40], 1, Duration::from_millis(10)));
        assert_eq!(client.answer().text(), "40");
    }
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

/// Sends a request and reads nothing; says when the connection was cut.
fn unread(server: &Server, path: &str) -> Client {
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
        assert!(matches!(client.end(), End::Reset(_)));
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
fn two_hundred_slow_heads_take_no_threads() {
    let child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["max_threads=2", "head_timeout=600000"],
    );
    let mut active = child.connect();
    active.get("/");
    let before = child.process().threads();
    let mut slow: Vec<_> = (0..200).map(|_| child.connect()).collect();
    for piece in ["GET / HT", "TP/1.1\r\n", "Host: te"] {
        for client in &mut slow {
            client.send(piece);
        }
        assert_eq!(active.get("/").text(), "hello\n");
        assert!(child.process().threads() <= before + 2);
    }
    assert!(slow.iter_mut().all(|client| client.is_quiet()));
    for client in &mut slow {
        client.send("st\r\n\r\n");
    }
    for client in &mut slow {
        assert_eq!(client.answer().text(), "hello\n");
    }
    assert!(child.process().threads() <= before + 2);
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

#[test]
fn two_hundred_slow_bodies_take_no_threads() {
    let child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["max_threads=2", "body_timeout=600000"],
    );
    let mut active = child.connect();
    active.get("/");
    let before = child.process().threads();
    let mut slow: Vec<_> = (0..200).map(|_| child.connect()).collect();
    for client in &mut slow {
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\nslow");
    }
    for client in &mut slow {
        client.send("sl");
    }
    assert_eq!(active.get("/").text(), "hello\n");
    assert!(slow.iter_mut().all(|client| client.is_quiet()));
    for client in &mut slow {
        client.send("slowly");
    }
    for client in &mut slow {
        assert_eq!(client.answer().text(), "slowslslowly");
    }
    assert!(child.process().threads() <= before + 2);
}

/// A handler that is done does not wait for the bytes that it did not read.
#[test]
fn an_unread_body_that_does_not_come_ends_the_connection_and_not_the_answer() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = Server::with(
        patient().body_buffer_size(0).linger_timeout(SHORT),
        answers(move |request, response| {
            if request.path() == "/block" {
                handler.wait();
            }
            response.reply("unread")
        }),
    );
    for path in ["/", "/block"] {
        let mut client = server.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n"
        ));
        if path == "/block" {
            gate.has(1);
            // Longer than it lingers: the time to drain is not the handler's.
            std::thread::sleep(2 * SHORT);
            gate.pass(1);
        }
        let since = Instant::now();
        assert_eq!(client.answer().text(), "unread");
        client.is_closed();
        took(since, SHORT / 2);
        // And one that does come leaves the connection whole.
        let mut client = server.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n"
        ));
        if path == "/block" {
            gate.has(1);
            gate.pass(1);
        }
        assert_eq!(client.answer().text(), "unread");
        client.send([b'x'; 1000]);
        assert_eq!(client.get("/").text(), "unread");
    }
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

#[test]
fn the_last_response_of_an_old_connection_says_so() {
    let (clock, age) = (Clock::new(), Duration::from_secs(3600));
    let server = Server::built(
        |server| {
            server
                .limits(patient().max_connection_age(age))
                .clock(&clock)
        },
        answers(|_, response| response.reply("hello")),
    );
    let mut client = server.connect();
    for _ in 0..5 {
        assert!(!client.get("/").closes());
        clock.advance(age / 6);
    }
    clock.advance(age / 5);
    assert!(client.get("/").closes());
    client.is_closed();
}

#[test]
fn a_client_that_goes_on_sending_after_the_last_answer_reads_it_all_the_same() {
    let server = hello(patient().max_linger_time(SHORT));
    for _ in 0..20 {
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let _ = client.try_send([b'x'; 20_000]);
        assert_eq!(client.answer().text(), "hello");
        drop(client);
    }
    // One that neither goes nor stops is left after a while.
    let mut client = server.connect();
    client.send("BAD\r\n\r\n");
    let since = Instant::now();
    assert_eq!(client.answer().status, 400);
    eventually("the end", || {
        std::thread::sleep(Duration::from_millis(20));
        client.try_send("x").is_err()
    });
    took(since, SHORT);
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
