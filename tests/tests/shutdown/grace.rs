//! Within the grace: what is under way is finished, and what comes is answered and closed.

use crate::{BLOCK, REQUEST, ZEROS, gated, graceful, refused};
use doget::{HttpServer, handler};
use doget_tests::{Client, End, Gate, Server, answers, eventually};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
    let limits = graceful().shutdown_head_timeout(Duration::from_secs(600));
    let server = gated(limits, &gate);
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
    server.running().shutdown().graceful();
    refused(server.address());
    head.send(&REQUEST[20..]);
    let answer = head.answer();
    assert_eq!((answer.text(), answer.closes()), ("quick", true));
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
