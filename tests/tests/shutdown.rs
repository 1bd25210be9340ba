//! The end of a server, in each state that a connection can be in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{HttpServer, Limits, Log, ShutdownStage, handler};
use doget_tests::{Child, Client, End, FastClock, Gate, PATIENCE, Server, answers, eventually};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
const BLOCK: &str = "GET /block HTTP/1.1\r\nHost: test\r\n\r\n";

static ZEROS: [u8; 16 << 20] = [0; 16 << 20];

/// Longer than any test: what must not be what ends it.
fn graceful() -> Limits {
    Limits::new().shutdown_timeout(Duration::from_secs(600))
}

fn grace(milliseconds: u64) -> Limits {
    Limits::new().shutdown_timeout(Duration::from_millis(milliseconds))
}

fn gated(limits: Limits, gate: &Gate) -> Server {
    built(|server| server.limits(limits), gate)
}

fn built(build: impl FnOnce(HttpServer) -> HttpServer, gate: &Gate) -> Server {
    let gate = gate.clone();
    Server::built(
        build,
        answers(move |request, response| match request.path() {
            "/block" => {
                gate.wait();
                response.reply("blocked")
            }
            "/body" => {
                let mut body = Vec::new();
                request.body().read_to_end(&mut body)?;
                response.reply(body)
            }
            "/whole" => response.reply(Cow::Borrowed(&ZEROS[..])),
            "/stream" => {
                let mut body = response.send_response(200).end_headers()?;
                for piece in ZEROS.chunks(1 << 16) {
                    body.write_all(piece)?;
                }
                body.finish()
            }
            _ => response.reply("quick"),
        }),
    )
}

/// Waits until nobody listens there any more.
#[track_caller]
fn refused(address: std::net::SocketAddr) {
    eventually("refusal", || Client::try_connect(address).is_err());
}

#[test]
fn a28_an_idle_server_ends_at_once() {
    let gate = Gate::new();
    let server = gated(graceful(), &gate);
    let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for client in clients.iter_mut().take(10) {
        client.get("/");
    }
    let address = server.address();
    server.end();
    for client in &mut clients {
        assert_eq!(client.end(), End::Closed(Vec::new()));
    }
    assert!(Client::try_connect(address).is_err());
    // The address is free, at once.
    HttpServer::bind(address).unwrap();
}

#[test]
fn a28_a_server_without_connections_ends_at_once() {
    let gate = Gate::new();
    gated(graceful(), &gate).end();
}
#[test]
fn a28_a_blocked_handler_is_waited_for_and_answered_with_close() {
    let gate = Gate::new();
    let server = gated(graceful(), &gate);
    let (mut idle, mut blocked, mut twice) = (server.connect(), server.connect(), server.connect());
    idle.get("/");
    blocked.send(BLOCK);
    twice.send([BLOCK, REQUEST].concat());
    gate.has(2);
    let address = server.address();
    server.running().shutdown().graceful();
    refused(address);
    idle.is_closed();
    assert!(blocked.is_quiet());
    assert!(!server.running().shutdown().wait(Duration::from_millis(50)));
    gate.open();
    let answer = blocked.answer();
    assert_eq!(answer.text(), "blocked");
    assert_eq!(answer.header("Connection"), Some("close"));
    blocked.is_closed();
    // What was sent behind it may be answered or not; the connection ends in order.
    assert_eq!(twice.answer().text(), "blocked");
    assert!(matches!(twice.end(), End::Closed(_)));
    server.join();
}

#[test]
fn a28_requests_that_come_during_the_end_are_answered_with_close() {
    let gate = Gate::new();
    let server = gated(graceful(), &gate);
    let (mut blocked, mut head, mut body, mut collected) = (
        server.connect(),
        server.connect(),
        server.connect(),
        server.connect(),
    );
    blocked.send(BLOCK);
    gate.has(1);
    head.send(&REQUEST[..20]);
    body.send("POST /body HTTP/1.1\r\nHost: test\r\nContent-Length: 200000\r\n\r\n");
    body.send([b'x'; 100_000]);
    collected.send("POST /body HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234");
    // Their first bytes have to be there before: a connection that sent nothing is idle.
    std::thread::sleep(Duration::from_millis(300));
    server.running().shutdown().graceful();
    refused(server.address());
    // Half a head is nothing that runs: it goes with the idle connections.
    head.is_closed();
    body.send([b'x'; 100_000]);
    assert_eq!(body.answer().body.len(), 200_000);
    body.is_closed();
    collected.send("56789");
    let answer = collected.answer();
    assert_eq!(answer.text(), "0123456789");
    assert!(answer.closes());
    collected.is_closed();
    gate.open();
    assert_eq!(blocked.answer().text(), "blocked");
    server.join();
}

#[test]
fn a28_responses_that_are_on_their_way_are_finished() {
    let gate = Gate::new();
    let server = gated(graceful(), &gate);
    let mut clients: Vec<_> = ["/whole", "/stream"]
        .map(|path| {
            let mut client = Client::connect_narrow(server.address());
            client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
            client
        })
        .into();
    // They have begun.
    let starts: Vec<_> = clients
        .iter_mut()
        .map(|client| client.read_some(10).unwrap())
        .collect();
    assert_eq!(starts, [b"HTTP/1.1 2", b"HTTP/1.1 2"]);
    server.running().shutdown().graceful();
    refused(server.address());
    for client in &mut clients {
        let End::Closed(bytes) = client.end() else {
            panic!("a reset")
        };
        assert!(bytes.len() >= ZEROS.len(), "{} bytes", bytes.len());
    }
    server.join();
}

/// The four that A28 names, and what each of them gets when the grace is over.
#[test]
fn a28_after_the_grace_everything_is_cut() {
    let (clock, gate) = (FastClock::new(), Gate::new());
    let (grace, never) = (Duration::from_secs(60), Duration::from_secs(1_000_000));
    let limits = Limits::new().shutdown_timeout(grace).idle_timeout(never);
    let limits = limits
        .head_timeout(never)
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
fn a28_what_waits_for_a_thread_is_answered_within_the_grace() {
    struct Marked(Gate);

    #[handler]
    impl Marked {
        #[blocking]
        fn do_GET(&self) -> &'static str {
            self.0.wait();
            "got"
        }
    }

    let gate = Gate::new();
    let limits = graceful().max_threads(1);
    let server = Server::with(limits, Marked(gate.clone()));
    let mut clients: Vec<_> = (0..10)
        .map(|_| {
            let mut client = server.connect();
            client.send(REQUEST);
            client
        })
        .collect();
    eventually("a handler", || gate.waiting() > 0);
    std::thread::sleep(Duration::from_millis(300));
    server.running().shutdown().graceful();
    refused(server.address());
    gate.open();
    for client in &mut clients {
        let answer = client.answer();
        assert_eq!(answer.text(), "got");
        client.is_closed();
    }
    server.join();
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

#[test]
fn a_handler_can_end_its_server() {
    for how in ["/graceful", "/now"] {
        let server = Server::with(
            graceful(),
            answers(|request, response| {
                let shutdown = request.server().shutdown();
                match request.path() {
                    "/now" => shutdown.now(),
                    _ => shutdown.graceful(),
                }
                response.reply("bye")
            }),
        );
        let mut idle = server.connect();
        let mut client = server.connect();
        client.send(format!("GET {how} HTTP/1.1\r\nHost: test\r\n\r\n"));
        if how == "/graceful" {
            let answer = client.answer();
            assert_eq!(answer.text(), "bye");
            assert_eq!(answer.header("Connection"), Some("close"));
        }
        client.end();
        idle.is_closed();
        server.join();
    }
}

#[test]
fn serve_forever_returns_when_another_thread_ends_it() {
    let server = HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .log(Log::writer(Box::new(std::io::sink())));
    let (address, shutdown) = (server.local_addr().unwrap(), server.shutdown_handle());
    let thread = std::thread::spawn(move || {
        server.serve_forever(answers(|_, response| response.reply("x")))
    });
    assert_eq!(Client::connect(address).get("/").text(), "x");
    assert_eq!(shutdown.stage(), ShutdownStage::Serving);
    shutdown.graceful();
    assert!(shutdown.wait(PATIENCE));
    thread.join().unwrap().unwrap();
}

#[test]
fn a_server_that_was_ended_before_it_served_does_not_serve() {
    for now in [false, true] {
        let server = HttpServer::bind("127.0.0.1:0")
            .unwrap()
            .log(Log::writer(Box::new(std::io::sink())));
        let (address, shutdown) = (server.local_addr().unwrap(), server.shutdown_handle());
        if now {
            shutdown.now()
        } else {
            shutdown.graceful()
        }
        server
            .serve_forever(answers(|_, response| response.reply("x")))
            .unwrap();
        assert!(Client::try_connect(address).is_err());
    }
}

#[test]
fn a_server_that_is_dropped_without_serving_frees_its_address() {
    let server = HttpServer::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    drop(server);
    HttpServer::bind(address).unwrap();
}

/// Everything that was the server's is gone when `join` returns: the handler too.
#[test]
fn the_handler_is_dropped_with_its_server() {
    struct Held(Arc<AtomicBool>);

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    let dropped = Arc::new(AtomicBool::new(false));
    let held = Held(Arc::clone(&dropped));
    let server = Server::new(answers(move |_, response| {
        let _ = &held;
        response.reply("x")
    }));
    server.connect().get("/");
    server.end();
    eventually("the handler's end", || dropped.load(Ordering::SeqCst));
}

/// A crowd that sends all the time while the server ends: whoever gets an answer gets a whole one.
#[test]
fn a28_the_end_of_a_busy_server_tears_no_response() {
    for round in 0..5 {
        let server = Server::with(
            graceful(),
            answers(|_, response| response.reply(vec![b'x'; 5000])),
        );
        let faults = Arc::new(Mutex::new(Vec::new()));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (mut client, faults) = (server.connect(), Arc::clone(&faults));
                std::thread::spawn(move || {
                    let mut answered = 0;
                    loop {
                        if client.try_send(REQUEST).is_err() {
                            break;
                        }
                        match client.try_answer_to("GET") {
                            Ok(answer) => {
                                answered += 1;
                                if answer.closes() {
                                    break;
                                }
                            }
                            // An idle connection was closed while the request was on its way.
                            Err(error) if error.to_string() == "the server closed" => break,
                            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                                break;
                            }
                            Err(error) => {
                                faults.lock().unwrap().push(error.to_string());
                                break;
                            }
                        }
                    }
                    answered
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(30 * round));
        server.end();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(*faults.lock().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a28_a_process_ends_with_its_server() {
    let mut child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["shutdown_timeout=600000"],
    );
    let mut blocked = child.connect();
    blocked.send("GET /sleep/300 HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut idle = child.connect();
    idle.get("/");
    child.tell("graceful");
    assert_eq!(blocked.answer().text(), "slept\n");
    idle.is_closed();
    assert_eq!(child.ended(), Some(0));
}

#[test]
fn a28_a_process_ends_although_a_handler_is_stuck() {
    let mut child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["shutdown_timeout=200"],
    );
    let mut stuck = child.connect();
    stuck.send("GET /sleep/3600000 HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut active = child.connect();
    active.get("/");
    child.tell("graceful");
    assert_eq!(child.ended(), Some(0));
    stuck.end();
}

mod one_request {
    use super::*;

    struct Once;

    #[handler]
    impl Once {
        fn do_GET(&self) -> &'static str {
            "got"
        }

        #[blocking]
        fn do_POST(&self) -> &'static str {
            "posted"
        }
    }

    /// `handle_request` as often as there are clients, on one server.
    fn serving(times: usize) -> (std::net::SocketAddr, std::thread::JoinHandle<()>) {
        let mut server = HttpServer::bind("127.0.0.1:0")
            .unwrap()
            .log(Log::writer(Box::new(std::io::sink())));
        let address = server.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            for _ in 0..times {
                server.handle_request(Once).unwrap();
            }
        });
        (address, thread)
    }

    #[test]
    fn handle_request_answers_one_and_returns() {
        let (address, thread) = serving(3);
        for _ in 0..3 {
            let mut client = Client::connect(address);
            let answer = client.get("/");
            assert_eq!(answer.text(), "got");
            assert!(answer.closes());
            client.is_closed();
        }
        thread.join().unwrap();
    }

    #[test]
    fn handle_request_answers_one_that_blocks() {
        let (address, thread) = serving(2);
        for _ in 0..2 {
            let mut client = Client::connect(address);
            client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc");
            assert_eq!(client.answer().text(), "posted");
            client.is_closed();
        }
        thread.join().unwrap();
    }

    #[test]
    fn handle_request_takes_a_pipeline_for_one() {
        let (address, thread) = serving(1);
        let mut client = Client::connect(address);
        client.send(REQUEST.repeat(3));
        assert_eq!(client.answer().text(), "got");
        client.is_closed();
        thread.join().unwrap();
    }

    #[test]
    fn handle_request_does_not_count_connections_without_a_request() {
        let (address, thread) = serving(1);
        drop(Client::connect(address));
        let mut silent = Client::connect(address);
        let mut half = Client::connect(address);
        half.send("GET / HT");
        assert!(!thread.is_finished());
        assert_eq!(Client::connect(address).get("/").text(), "got");
        silent.end();
        half.end();
        thread.join().unwrap();
    }

    #[test]
    fn handle_request_answers_who_came_before_it_was_called() {
        let mut server = HttpServer::bind("127.0.0.1:0")
            .unwrap()
            .log(Log::writer(Box::new(std::io::sink())));
        let mut client = Client::connect(server.local_addr().unwrap());
        client.send(REQUEST);
        server.handle_request(Once).unwrap();
        assert_eq!(client.answer().text(), "got");
    }
}
