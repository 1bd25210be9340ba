//! Slow heads and idle connections (A17).

use crate::{SHORT, hello, patient, took};
use doget::testing::Clock;
use doget_tests::{Child, End, Server, answers};
use std::time::{Duration, Instant};

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
