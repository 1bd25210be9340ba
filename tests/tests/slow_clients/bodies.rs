//! Slow bodies, and bodies that nobody reads (A18).

use crate::{SHORT, hello, patient, took};
use doget::Limits;
use doget_tests::{Child, Gate, Server, answers, eventually};
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
