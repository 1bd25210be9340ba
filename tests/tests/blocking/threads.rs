//! The threads of handlers that block: how many, the queue behind them, 503 beyond it.

use crate::{Marked, PUT, request};
use doget::Limits;
use doget_tests::{Child, Gate, Server, eventually, eventually_is};

/// With `#[blocking]`, which needs no take-over to be known.
#[test]
fn at_the_cap_what_blocks_waits_and_nobody_else_notices() {
    let gate = Gate::new();
    let limits = Limits::new().max_threads(4);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        Marked { gate: gate.clone() },
    );
    let mut blocked: Vec<_> = (0..20)
        .map(|_| {
            let mut client = server.connect();
            client.send(request("/"));
            client
        })
        .collect();
    gate.has(4);
    let mut quick = server.connect();
    for _ in 0..50 {
        quick.send(PUT);
        assert_eq!(quick.answer().text(), "put\n");
        assert_eq!(gate.waiting(), 4);
    }
    assert_eq!(gate.arrived(), 4);
    for done in (4..20).step_by(4) {
        gate.pass(4);
        eventually("four more", || {
            gate.arrived() == done + 4 && gate.waiting() == 4
        });
    }
    gate.open();
    for client in &mut blocked {
        assert_eq!(client.answer().text(), "got\n");
    }
}

/// A20: beyond the threads and the queue there is an answer at once.
#[test]
fn a20_a_full_queue_is_a_503_with_retry_after() {
    let gate = Gate::new();
    let limits = Limits::new().max_threads(1).max_queued_requests(1);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        Marked { gate: gate.clone() },
    );
    let mut first = server.connect();
    first.send(request("/"));
    gate.has(1);
    // Of the others one waits in the queue, and no more.
    let statuses: Vec<_> = {
        let mut clients: Vec<_> = (0..6).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(request("/"));
        }
        let threads: Vec<_> = clients
            .into_iter()
            .map(|mut client| std::thread::spawn(move || client.answer()))
            .collect();
        eventually("five refusals", || {
            threads.iter().filter(|thread| thread.is_finished()).count() == 5
        });
        gate.open();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    };
    assert_eq!(first.answer().status, 200);
    let refused: Vec<_> = statuses
        .iter()
        .filter(|answer| answer.status == 503)
        .collect();
    assert_eq!(refused.len(), 5);
    assert!(
        refused
            .iter()
            .all(|answer| answer.header("Retry-After") == Some("1"))
    );
    assert_eq!(
        statuses
            .iter()
            .filter(|answer| answer.status == 200)
            .count(),
        1
    );
}

#[test]
fn a_connection_that_had_its_503_goes_on() {
    let gate = Gate::new();
    let limits = Limits::new().max_threads(1).max_queued_requests(0);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        Marked { gate: gate.clone() },
    );
    let (mut first, mut second) = (server.connect(), server.connect());
    first.send(request("/"));
    gate.has(1);
    assert_eq!(second.get("/").status, 503);
    second.send(PUT);
    assert_eq!(second.answer().text(), "put\n");
    gate.open();
    assert_eq!(first.answer().status, 200);
    eventually("a free thread", || second.get("/").status == 200);
}

/// A20: the threads that the limits allow, and no other.
#[test]
fn a20_threads_grow_with_what_blocks_up_to_the_cap_and_shrink_again() {
    let child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &[
            "loops=1",
            "max_threads=24",
            // On a busy machine a quick handler may seem stuck, and each that does takes one.
            "takeover_threads_per_loop=1",
            "max_requests_per_connection=1000000",
        ],
    );
    let mut quick = child.connect();
    quick.get("/");
    let before = child.process().threads();
    let mut blocked: Vec<_> = (0..100)
        .map(|_| {
            let mut client = child.connect();
            client.send(request("/sleep/500"));
            client
        })
        .collect();
    let mut most = 0;
    while blocked.iter_mut().any(|client| client.is_quiet()) {
        assert_eq!(quick.get("/").text(), "hello\n");
        most = most.max(child.process().threads());
    }
    for client in &mut blocked {
        assert_eq!(client.answer().text(), "slept\n");
    }
    // One owns the loop, and is there already; one more is for its take-over.
    assert!(most <= before + 24, "{most} threads, {before} at first");
    assert!(most >= before + 12, "{most} threads, {before} at first");
    // A spare one stays.
    eventually("fewer threads", || child.process().threads() <= before + 1);
}

/// A thread that is lost to its loop is a spare afterwards: blocks one after the other take few of them.
#[test]
fn blocks_one_after_the_other_share_their_threads() {
    let child = Child::start(env!("CARGO_BIN_EXE_doget-test-server"), &["loops=1"]);
    let mut client = child.connect();
    client.get("/");
    let before = child.process().threads();
    for n in 0..20 {
        assert_eq!(client.get(&format!("/sleep/{}", 10 + n)).text(), "slept\n");
        let threads = child.process().threads();
        assert!(
            threads <= before + 3,
            "{threads} threads, {before} at first"
        );
    }
    eventually_is("threads", true, || child.process().threads() <= before + 1);
}
