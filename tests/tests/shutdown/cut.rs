//! After the grace, or at a second word: everything is cut.

use crate::{BLOCK, REQUEST, ZEROS, built, gated, grace, graceful, refused};
use doget::{Limits, ShutdownStage};
use doget_tests::{Client, End, FastClock, Gate, PATIENCE, Server, answers, eventually};
use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::Duration;

/// The four that A28 names, and what each of them gets when the grace is over.
#[test]
fn a28_after_the_grace_everything_is_cut() {
    let (clock, gate) = (FastClock::new(), Gate::new());
    let (grace, never) = (Duration::from_secs(60), Duration::from_secs(1_000_000));
    let limits = Limits::new().shutdown_timeout(grace).idle_timeout(never);
    let limits = limits
        .head_timeout(never)
        .shutdown_head_timeout(never)
        .send_timeout(never)
        .send_rate_grace(never);
    let server = built(|server| server.limits(limits).clock(&clock), &gate);
    let (mut idle, mut head, mut stuck) = (server.connect(), server.connect(), server.connect());
    let mut whole = Client::connect_narrow(server.address());
    let mut stream = Client::connect_narrow(server.address());
    idle.get("/");
    head.send(&REQUEST[..20]);
    whole.send("GET /whole HTTP/1.1\r\nHost: test\r\n\r\n");
    stream.send("GET /stream HTTP/1.1\r\nHost: test\r\n\r\n");
    stuck.send(BLOCK);
    gate.has(1);
    assert!(!whole.read_some(10).unwrap().is_empty());
    assert!(!stream.read_some(10).unwrap().is_empty());
    std::thread::sleep(Duration::from_millis(300));
    let since = clock.now();
    server.running().shutdown().graceful();
    idle.is_closed();
    server.join();
    clock.took(since, grace);
    head.is_closed();
    for client in [&mut whole, &mut stream] {
        let (End::Closed(bytes) | End::Reset(bytes)) = client.end();
        assert!(bytes.len() < ZEROS.len());
    }
    // Nobody can stop the handler; it was left behind, and its connection goes with it.
    assert_eq!(gate.waiting(), 1);
    gate.open();
    stuck.end();
}

#[test]
fn a28_a_second_shutdown_cuts_at_once() {
    let gate = Gate::new();
    let server = gated(graceful(), &gate);
    let (mut head, mut stuck) = (server.connect(), server.connect());
    let mut stream = Client::connect_narrow(server.address());
    head.send(&REQUEST[..20]);
    stream.send("GET /stream HTTP/1.1\r\nHost: test\r\n\r\n");
    stuck.send(BLOCK);
    gate.has(1);
    assert!(!stream.read_some(10).unwrap().is_empty());
    let shutdown = server.running().shutdown().clone();
    shutdown.graceful();
    refused(server.address());
    assert_eq!(shutdown.stage(), ShutdownStage::Draining);
    shutdown.now();
    shutdown.graceful();
    assert_eq!(shutdown.stage(), ShutdownStage::Cut);
    server.join();
    head.is_closed();
    stream.end();
    gate.open();
    stuck.end();
}

/// With one loop, and a handler that holds it for less than a take-over needs: the others are cut all the same.
#[test]
fn a28_a_cut_does_not_wait_for_a_loop_that_is_held() {
    for _ in 0..3 {
        let gate = Gate::new();
        let handler = gate.clone();
        let server = Server::built(
            |server| server.loops(1),
            answers(move |request, response| {
                if request.path() == "/block" {
                    request.server().shutdown().now();
                    handler.wait();
                }
                response.reply("x")
            }),
        );
        let mut idle: Vec<_> = (0..5).map(|_| server.connect()).collect();
        for client in &mut idle {
            client.get("/");
        }
        let mut stuck = server.connect();
        stuck.send(BLOCK);
        server.join();
        for client in &mut idle {
            client.is_closed();
        }
        gate.open();
        stuck.end();
    }
}

#[test]
fn a28_handlers_that_wait_for_their_client_are_woken_by_the_cut() {
    let gate = Gate::new();
    let (begun, beginnings) = mpsc::channel();
    let server = Server::with(
        grace(200).body_buffer_size(0),
        answers({
            let gate = gate.clone();
            move |request, response| {
                begun.send(()).unwrap();
                let mut body = Vec::new();
                let read = request.body().read_to_end(&mut body);
                let written = response.send_response(200).end_headers().map(|mut body| {
                    ZEROS
                        .chunks(1 << 16)
                        .try_for_each(|piece| body.write_all(piece))
                });
                gate.wait();
                read?;
                written??;
                Err(doget::Error::new(500))
            }
        }),
    );
    let mut reading = server.connect();
    reading.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nsome");
    let mut writing = Client::connect_narrow(server.address());
    writing.send(REQUEST);
    assert!(!writing.read_some(10).unwrap().is_empty());
    // A connection whose request is not read yet when the end begins is closed without one.
    for _ in 0..2 {
        beginnings.recv_timeout(PATIENCE).unwrap();
    }
    assert_eq!(gate.waiting(), 0);
    server.running().shutdown().graceful();
    gate.has(2);
    gate.open();
    server.join();
    reading.end();
    writing.end();
}

#[test]
fn a28_what_waits_for_a_thread_is_cut_after_the_grace() {
    let gate = Gate::new();
    let limits = grace(200).max_threads(1);
    let server = gated(limits, &gate);
    let mut clients: Vec<_> = (0..20)
        .map(|_| {
            let mut client = server.connect();
            client.send(BLOCK);
            client
        })
        .collect();
    eventually("a handler", || gate.waiting() > 0);
    server.running().shutdown().graceful();
    server.join();
    let arrived = gate.arrived();
    gate.open();
    for client in &mut clients {
        client.end();
    }
    assert_eq!(gate.arrived(), arrived, "a handler ran after the end");
}
