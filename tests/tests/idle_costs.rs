//! A server that has nothing to do does nothing: no context switch, no processor time, no thread more than before.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![cfg(target_os = "linux")]

use doget_tests::{Child, Client, eventually};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_doget-test-server");

/// Waits for two seconds without a single switch.
#[track_caller]
fn is_idle(child: &Child) {
    let process = child.process();
    eventually("two seconds without a context switch", || {
        let before = (process.switches(), process.processor(), process.threads());
        std::thread::sleep(Duration::from_secs(2));
        before == (process.switches(), process.processor(), process.threads())
    });
}
#[test]
fn a_fresh_server_makes_no_context_switch() {
    is_idle(&Child::start(PROGRAM, &[]));
}

#[test]
fn a_server_makes_no_context_switch_after_traffic() {
    let child = Child::start(PROGRAM, &["max_requests_per_connection=1000000"]);
    let mut clients: Vec<_> = (0..50).map(|_| child.connect()).collect();
    for _ in 0..20 {
        for client in &mut clients {
            client.get("/");
        }
    }
    drop(clients);
    is_idle(&child);
}

#[test]
fn idle_connections_cost_no_context_switch() {
    // Within the wheel: beyond it there is one look in sixteen seconds.
    let child = Child::start(PROGRAM, &["idle_timeout=600000", "head_timeout=600000"]);
    let mut clients: Vec<_> = (0..200).map(|_| child.connect()).collect();
    for client in clients.iter_mut().step_by(2) {
        client.get("/");
    }
    is_idle(&child);
    for client in &mut clients {
        assert_eq!(client.get("/").text(), "hello\n");
    }
}

#[test]
fn after_many_blocked_handlers_the_threads_and_the_switches_are_gone() {
    let child = Child::start(PROGRAM, &["loops=1"]);
    child.connect().get("/");
    let threads = child.process().threads();
    let mut clients: Vec<_> = (0..128)
        .map(|_| {
            let mut client = child.connect();
            client.send("GET /sleep/200 HTTP/1.1\r\nHost: test\r\n\r\n");
            client
        })
        .collect();
    for client in &mut clients {
        assert_eq!(client.answer().text(), "slept\n");
    }
    drop(clients);
    is_idle(&child);
    eventually("few threads", || child.process().threads() <= threads + 1);
    is_idle(&child);
}

/// Handlers that wait, responses that nobody reads, heads that do not go on: waiting is not work.
#[test]
fn what_waits_for_a_client_costs_nothing() {
    let child = Child::start(
        PROGRAM,
        &[
            "loops=1",
            "head_timeout=600000",
            "body_timeout=600000",
            "send_timeout=600000",
        ],
    );
    let sent = |text: &str| {
        let mut client = Client::connect_narrow(child.address());
        client.send(text);
        client
    };
    let _clients = [
        "GET / HT",
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nsome",
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10000000\r\n\r\nsome",
        "GET /sleep/100000 HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /file/60000000 HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /bytes/60000000 HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /stream/60000000 HTTP/1.1\r\nHost: test\r\n\r\n",
    ]
    .map(sent);
    assert_eq!(child.connect().get("/").text(), "hello\n");
    is_idle(&child);
}

/// A handler that has a thread of its own and reads a long body waits for each piece. Each also was an event of its
/// connection, so the loop woke too, and found that it had nothing to do. Pollers other than epoll still do that.
#[test]
#[cfg(not(doget_mio))]
fn what_a_handler_reads_does_not_wake_its_loop() {
    const ROUNDS: u64 = 2_000;
    let child = Child::start(PROGRAM, &["loops=1"]);
    let mut client = child.connect();
    client.send(format!(
        "POST /bounce HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n",
        1 << 20
    ));
    let mut bounce = |rounds: u64| {
        for _ in 0..rounds {
            client.send("x");
            let mut came = Vec::new();
            while !came.ends_with(b"x\r\n") {
                came.extend(client.read_some(100).expect("the byte comes back"));
            }
        }
    };
    // The loop is taken over by then.
    bounce(ROUNDS);
    let before = child.process().waits();
    bounce(ROUNDS);
    let waits = child.process().waits() - before;
    assert!(waits < ROUNDS * 3 / 2, "{waits} waits for {ROUNDS} pieces");
}
