//! Connections among loops: which one serves them, and that they lose nothing on the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{HttpServer, Peer, Request, handler};
use doget_tests::{Client, Server, answers, eventually, tls};
use rustls::version::{TLS12, TLS13};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// Computes for as many microseconds as the path says, and answers with the thread that did it and the query.
fn compute(request: &Request<'_>) -> String {
    let micros = request.path().trim_start_matches('/');
    let time = Duration::from_micros(micros.parse().unwrap_or(0));
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
    let thread = std::thread::current().id();
    format!("{thread:?} {}", request.query_string())
}

/// A server whose requests [`compute`].
fn computing(build: impl FnOnce(HttpServer) -> HttpServer) -> Server {
    Server::built(
        build,
        answers(|request, response| response.reply(compute(request))),
    )
}

/// Has each client ask as often, side by side, and says how many answers each thread gave it.
fn asked_by_all(clients: &mut [Client], target: &str, times: usize) -> Vec<HashMap<String, usize>> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = clients
            .iter_mut()
            .enumerate()
            .map(|(number, client)| {
                scope.spawn(move || {
                    let mut threads = HashMap::new();
                    for time in 0..times {
                        let answer = client.get(&format!("{target}?{number}.{time}"));
                        let (thread, query) = answer.text().split_once(' ').unwrap();
                        assert_eq!(query, format!("{number}.{time}"));
                        *threads.entry(thread.to_owned()).or_insert(0) += 1;
                    }
                    threads
                })
            })
            .collect();
        asking
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    })
}

#[test]
fn connections_that_wait_for_each_other_go_to_loops_that_have_room() {
    let server = computing(|server| server.loops(2));
    // One after the other: the system has the same loop accept them all.
    let mut clients: Vec<_> = (0..8)
        .map(|_| {
            let mut client = server.connect();
            client.get("/");
            client
        })
        .collect();
    eventually("two loops share them", || {
        let mut shares = HashMap::new();
        for (thread, answers) in asked_by_all(&mut clients, "/500", 20).into_iter().flatten() {
            *shares.entry(thread).or_insert(0) += answers;
        }
        // One connection's answers each: how many go is a matter of who else uses the processors.
        shares.values().filter(|&&share| share >= 20).count() >= 2
    });
}

#[test]
fn connections_of_loops_with_little_to_do_come_together() {
    let server = computing(|server| server.loops(4));
    let start = Barrier::new(16);
    let mut clients: Vec<_> = std::thread::scope(|scope| {
        let connecting: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let mut client = server.connect();
                    client.get("/300");
                    client
                })
            })
            .collect();
        connecting
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    eventually("one loop has them", || {
        let mut threads = HashSet::new();
        for client in &mut clients {
            threads.insert(client.get("/").text().to_owned());
        }
        threads.len() == 1
    });
}

/// Has clients ask until most of them have been answered by more than one thread, and says how often each has asked.
fn asked_until_moved(clients: &mut [Client]) -> usize {
    let mut threads = vec![HashSet::new(); clients.len()];
    let mut asked = 0;
    eventually("most of them have moved", || {
        for (target, times) in [("/300", 40), ("/0", 1000)] {
            let answers = asked_by_all(clients, target, times);
            for (threads, answers) in threads.iter_mut().zip(answers) {
                threads.extend(answers.into_keys());
            }
            asked += times;
        }
        threads.iter().filter(|threads| threads.len() > 1).count() > 6
    });
    asked
}

/// In one segment, with its end: nothing of that is forgotten either.
fn asks_twice_and_ends(client: &mut Client) {
    client.send("GET /0?a HTTP/1.1\r\nHost: a\r\n\r\nGET /0?b HTTP/1.1\r\nHost: a\r\n\r\n");
    client.finish();
    assert!(client.answer().text().ends_with(" a"));
    assert!(client.answer().text().ends_with(" b"));
    client.is_closed();
}

#[test]
fn connections_that_go_from_loop_to_loop_lose_nothing() {
    let server = computing(|server| server.loops(4));
    let mut clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
    asked_until_moved(&mut clients);
    for client in &mut clients {
        asks_twice_and_ends(client);
    }
}

#[test]
fn connections_with_tls_go_from_loop_to_loop_too() {
    let server = computing(|server| server.loops(4).tls(tls::server()));
    for version in [&TLS12, &TLS13] {
        let config = Arc::new(tls::client(&[version]));
        let mut clients: Vec<_> = (0..12).map(|_| server.connect().secure(&config)).collect();
        asked_until_moved(&mut clients);
        for client in &mut clients {
            asks_twice_and_ends(client);
        }
    }
}

/// Computes, and counts how often.
struct Counting {
    asked: Cell<usize>,
}

#[handler]
impl Counting {
    fn do_GET(&self, request: &Request<'_>) -> String {
        self.asked.set(self.asked.get() + 1);
        compute(request)
    }

    #[route("/asked")]
    fn do_GET_asked(&self) -> String {
        self.asked.get().to_string()
    }
}

#[test]
fn connections_take_handlers_of_their_own_along() {
    let server = Server::spawned(
        |server| server.loops(4),
        |server| {
            server.spawn_with(|_: &Peer| Counting {
                asked: Cell::new(0),
            })
        },
    );
    let mut clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
    let asked = asked_until_moved(&mut clients).to_string();
    for client in &mut clients {
        assert_eq!(client.get("/asked").text(), asked);
    }
}
