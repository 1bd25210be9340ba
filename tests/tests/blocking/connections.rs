//! The connection of a handler that blocks: its order, its end, its deadline, its date.

use crate::{Marked, gated, one_loop, request};
use doget::{Error, Limits};
use doget_tests::{Client, FastClock, Gate, Server, answers};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// A burst for a connection whose handler blocks wakes the loop for nothing, and is seen when it comes back.
#[test]
fn what_is_sent_while_the_handler_blocks_is_answered_afterwards_in_order() {
    let gate = Gate::new();
    let server = gated(&gate);
    let (mut client, mut other) = (server.connect(), server.connect());
    for _ in 0..2 {
        // First by a take-over, then on a thread of its own.
        client.send(request("/block"));
        gate.has(1);
        for n in 0..20 {
            client.send(request(&format!("/{n}")));
            other.get("/quick");
        }
        gate.pass(1);
        assert_eq!(client.answer().text(), "/block");
        for n in 0..20 {
            assert_eq!(client.answer().text(), format!("/{n}"));
        }
    }
}

/// Across a take-over, and across the hand-over to a thread that the second time brings.
#[test]
fn pipelined_requests_around_one_that_blocks_are_answered_in_order() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut client = server.connect();
    for _ in 0..3 {
        let paths = ["/1", "/2", "/block", "/3", "/block", "/4", "/5"];
        client.send(paths.map(request).concat());
        gate.has(1);
        assert_eq!(server.connect().get("/quick").text(), "/quick");
        gate.pass(1);
        gate.has(1);
        gate.pass(1);
        for path in paths {
            assert_eq!(client.answer().text(), path);
        }
    }
}

/// What is answered before a request that goes elsewhere is not held back for it.
#[test]
fn answers_before_a_request_that_is_known_to_block_are_sent_before_it_runs() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut client = server.connect();
    client.send(request("/block"));
    gate.has(1);
    // Taken over, so that it is known from now on.
    server.connect().get("/quick");
    gate.pass(1);
    client.answer();
    client.send(["/1", "/2", "/block"].map(request).concat());
    assert_eq!(client.answer().text(), "/1");
    assert_eq!(client.answer().text(), "/2");
    gate.has(1);
    gate.open();
    assert_eq!(client.answer().text(), "/block");
}

#[test]
fn a_client_that_resets_while_its_handler_blocks_leaves_nothing_behind() {
    let gate = Gate::new();
    let server = gated(&gate);
    for _ in 0..3 {
        let clients: Vec<_> = (0..8)
            .map(|n| {
                let mut client = server.connect();
                client.send(request(&format!("/block/{n}")));
                client
            })
            .collect();
        gate.has(8);
        clients.into_iter().for_each(Client::reset);
        assert_eq!(server.connect().get("/quick").text(), "/quick");
        gate.pass(8);
        gate.has(0);
    }
    assert_eq!(server.connect().get("/quick").text(), "/quick");
}

#[test]
fn a_client_that_finishes_while_its_handler_blocks_gets_its_answer_and_then_the_end() {
    let gate = Gate::new();
    let server = gated(&gate);
    for _ in 0..3 {
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(request("/block"));
        }
        gate.has(4);
        for client in &mut clients {
            client.finish();
        }
        assert_eq!(server.connect().get("/quick").text(), "/quick");
        gate.pass(4);
        for client in &mut clients {
            assert_eq!(client.answer().text(), "/block");
            client.is_closed();
        }
    }
}

#[test]
fn a_panic_after_a_block_is_a_500_and_the_thread_goes_on() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = one_loop(Limits::default(), move |request, response| {
        if request.path() == "/block" {
            handler.wait();
            panic!("after a block");
        }
        response.reply("quick")
    });
    for _ in 0..3 {
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(request("/block"));
        }
        gate.has(4);
        assert_eq!(server.connect().get("/quick").text(), "quick");
        gate.pass(4);
        for client in &mut clients {
            let answer = client.answer();
            assert_eq!(answer.status, 500);
            assert!(answer.closes());
            client.is_closed();
        }
        assert_eq!(server.connect().get("/quick").text(), "quick");
    }
}

/// A client that pipelines without end has a turn, as others have.
#[test]
fn a_client_that_pipelines_without_end_does_not_starve_the_others() {
    let limits = Limits::new().max_requests_per_connection(u32::MAX);
    let server = one_loop(limits, |_, response| response.reply("x"));
    let stop = Arc::new(AtomicBool::new(false));
    let mut threads = Vec::new();
    let bulk = request("/").repeat(4096);
    for _ in 0..2 {
        let mut sender = server.connect();
        let mut reader = sender.twin();
        let (bulk, stopped) = (bulk.clone(), Arc::clone(&stop));
        threads.push(std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) && sender.try_send(&bulk).is_ok() {}
            sender.finish();
        }));
        threads.push(std::thread::spawn(move || {
            while reader
                .read_some(1 << 20)
                .is_ok_and(|bytes| !bytes.is_empty())
            {}
        }));
    }
    for _ in 0..10 {
        assert_eq!(server.connect().get("/other").text(), "x");
    }
    stop.store(true, Ordering::Relaxed);
    server.running().shutdown().now();
    for thread in threads {
        let _ = thread.join();
    }
}

/// The idle time of a connection that a handler had for long runs from its answer.
#[test]
fn a_connection_that_came_back_from_a_handler_has_its_deadline_again() {
    let (clock, gate, limit) = (FastClock::new(), Gate::new(), Duration::from_secs(60));
    let limits = Limits::new().idle_timeout(limit).head_timeout(limit);
    let handler = gate.clone();
    let server = Server::built(
        |server| server.loops(1).limits(limits).clock(&clock),
        answers(move |_, response| {
            handler.wait();
            response.reply("x")
        }),
    );
    let mut client = server.connect();
    client.send(request("/"));
    gate.has(1);
    clock.sleep(3 * limit);
    let answered = clock.now();
    gate.open();
    assert_eq!(client.answer().status, 200);
    client.is_closed();
    clock.took(answered, limit);
}

/// `Date` says when the response was made, not when its request came; a handler on the loop's own thread is
/// not expected to take long, and has the time of its batch.
#[test]
fn the_date_after_a_handler_that_is_known_to_block_is_not_that_of_its_request() {
    let gate = Gate::new();
    let server = Server::new(Marked { gate: gate.clone() });
    let mut client = server.connect();
    let asked = SystemTime::now();
    client.send(request("/"));
    gate.has(1);
    std::thread::sleep(Duration::from_millis(2100));
    gate.open();
    let answer = client.answer();
    let date = doget::parse_http_date(answer.header("Date").unwrap()).expect("a date");
    assert!(
        date >= asked + Duration::from_secs(1),
        "{date:?}, asked at {asked:?}"
    );
}

#[test]
fn an_error_after_a_block_is_its_page_and_the_connection_goes_on() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = one_loop(Limits::default(), move |_, _| {
        handler.wait();
        Err(Error::new(418))
    });
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(request("/"));
        gate.has(1);
        gate.pass(1);
        assert_eq!(client.answer().status, 418);
    }
}
