//! Requests that are on their way when the end begins: on connections that have asked nothing yet, in the system's
//! queue, behind half a head.

use crate::{REQUEST, refused};
use doget::{HttpServer, Limits, Log, Networks, Peer};
use doget_tests::{Client, End, FastClock, Gate, Server, answers, tls};
use rustls::version::TLS13;
use std::sync::Arc;
use std::time::Duration;

const LINE: &str = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";

/// Longer than any test takes, by any clock.
const LONG: Duration = Duration::from_secs(1_000_000);

/// No deadline passes.
fn patient() -> Limits {
    Limits::new()
        .head_timeout(LONG)
        .handshake_timeout(LONG)
        .idle_timeout(LONG)
        .shutdown_timeout(LONG)
        .shutdown_head_timeout(LONG)
}

fn hello(build: impl FnOnce(HttpServer) -> HttpServer) -> Server {
    Server::built(build, answers(|_, response| response.reply("hello")))
}

/// The end has begun: nobody listens any more.
#[track_caller]
fn drains(server: &Server) {
    server.running().shutdown().graceful();
    refused(server.address());
}

/// One answer, which is whole and says that it is the last.
#[track_caller]
fn is_answered(client: &mut Client) {
    let answer = client.answer();
    assert_eq!((answer.status, answer.text()), (200, "hello"));
    assert_eq!(answer.header("Connection"), Some("close"));
    assert_eq!(client.end(), End::Closed(Vec::new()));
}

#[test]
fn a_connection_that_has_asked_nothing_is_answered_when_it_does() {
    for loops in [1, 3] {
        let server = hello(|server| server.limits(patient()).loops(loops));
        let mut clients: Vec<_> = (0..6).map(|_| server.connect()).collect();
        let mut kept = server.connect();
        assert!(!kept.get("/").closes());
        drains(&server);
        // One that was answered promises nothing more.
        assert_eq!(kept.end(), End::Closed(Vec::new()));
        for client in &mut clients {
            assert!(client.is_quiet());
            client.send(REQUEST);
            is_answered(client);
        }
        server.join();
    }
}

/// What is there before the end begins is answered, on a connection that is kept too.
#[test]
fn what_was_sent_before_the_end_is_answered() {
    for _ in 0..20 {
        let server = hello(|server| server.limits(patient()));
        let mut kept = server.connect();
        assert!(!kept.get("/").closes());
        let mut fresh = server.connect();
        kept.send(REQUEST);
        fresh.send(REQUEST);
        server.running().shutdown().graceful();
        for client in [&mut kept, &mut fresh] {
            let answer = client.answer();
            assert_eq!(answer.text(), "hello");
            assert_eq!(client.end(), End::Closed(Vec::new()));
        }
        server.join();
    }
}

/// A close would reset what the system keeps for the server, and the requests on it.
#[test]
fn connections_that_wait_to_be_accepted_are_answered() {
    for own_handlers in [false, true] {
        let server = HttpServer::bind("127.0.0.1:0").unwrap();
        let server = server.limits(patient()).log(Log::off());
        let (address, shutdown) = (server.local_addr().unwrap(), server.shutdown_handle());
        let mut clients: Vec<_> = (0..10).map(|_| Client::connect(address)).collect();
        let (early, late) = clients.split_at_mut(5);
        for client in &mut *early {
            client.send(REQUEST);
        }
        // From here on its loops accept nothing.
        shutdown.graceful();
        let handler = || answers(|_, response| response.reply("hello"));
        let serving = std::thread::spawn(move || match own_handlers {
            true => server.serve_with(move |_: &Peer| handler()),
            false => server.serve_forever(handler()),
        });
        for client in early {
            is_answered(client);
        }
        for client in late {
            client.send(REQUEST);
            is_answered(client);
        }
        serving.join().unwrap().unwrap();
        assert!(Client::try_connect(address).is_err());
    }
}

#[test]
fn a_head_that_has_begun_may_end() {
    let server = hello(|server| server.limits(patient()));
    let (start, rest) = REQUEST.split_at(20);
    let (mut first, mut second) = (server.connect(), server.connect());
    first.send(start);
    // Of a request that is not the first, too. The answer shows that the bytes behind it were read with it.
    second.send([REQUEST, start].concat());
    assert!(!second.answer().closes());
    drains(&server);
    for client in [&mut first, &mut second] {
        client.send(rest);
        is_answered(client);
    }
    server.join();
}

/// Before a proxy's header, within it and behind it; the same with TLS, and within the handshake.
#[test]
fn what_comes_before_a_request_may_come() {
    let config = Arc::new(tls::client(&[&TLS13]));
    for secure in [false, true] {
        let server = hello(|server| {
            let server = server.limits(patient());
            let server = server.proxy_protocol(Networks::new(["127.0.0.1"]).unwrap());
            if secure {
                server.tls(tls::server())
            } else {
                server
            }
        });
        let mut hello = Vec::new();
        tls::connection(&config).write_tls(&mut hello).unwrap();
        let sent = [String::new(), LINE[..10].to_owned(), LINE.to_owned()];
        let mut clients: Vec<_> = sent
            .iter()
            .map(|sent| {
                let mut client = server.connect();
                client.send(sent);
                client
            })
            .collect();
        // The first bytes of a handshake that does not go on.
        let mut half = server.connect();
        half.send(LINE);
        half.send(&hello[..hello.len() / 2]);
        drains(&server);
        for (client, sent) in clients.drain(..).zip(&sent) {
            let mut client = client;
            client.send(&LINE[sent.len()..]);
            if secure {
                client = client.secure(&config);
            }
            client.send(REQUEST);
            is_answered(&mut client);
        }
        drop(half);
        server.join();
    }
}

/// Who says nothing is closed at the bound without a word, and half a head gets 408, whatever else there is to wait
/// for.
#[test]
fn who_stays_silent_is_closed_at_the_bound() {
    let bound = Duration::from_secs(600);
    let clock = FastClock::new();
    let limits = patient().shutdown_head_timeout(bound);
    let server = hello(|server| server.limits(limits).clock(&clock));
    let since = clock.now();
    let (mut silent, mut half) = (server.connect(), server.connect());
    half.send(&REQUEST[..20]);
    server.running().shutdown().graceful();
    assert_eq!(silent.end(), End::Closed(Vec::new()));
    let answer = half.answer();
    assert_eq!((answer.status, answer.closes()), (408, true));
    assert_eq!(half.end(), End::Closed(Vec::new()));
    server.join();
    clock.took(since, bound);
}

/// A connection that is older than that is closed at once: by a clock that stands still.
#[test]
fn the_bound_counts_from_the_accept() {
    let clock = doget::testing::Clock::new();
    let limits = patient().shutdown_head_timeout(Duration::from_secs(1));
    let server = hello(|server| server.limits(limits).clock(&clock));
    let mut old = server.connect();
    // A later one was answered, so this one is accepted.
    assert_eq!(server.connect().get("/").status, 200);
    clock.advance(Duration::from_secs(2));
    let mut young = server.connect();
    assert_eq!(server.connect().get("/").status, 200);
    drains(&server);
    assert_eq!(old.end(), End::Closed(Vec::new()));
    assert!(young.is_quiet());
    young.send(REQUEST);
    is_answered(&mut young);
    server.join();
}

/// Whatever clients do: who brings a byte now and then, who begins handshakes and ends none.
#[test]
fn the_bound_is_that_of_the_shutdown_at_most() {
    let grace = Duration::from_secs(600);
    let clock = FastClock::new();
    let limits = patient().shutdown_timeout(grace);
    let server = hello(|server| server.limits(limits).clock(&clock));
    let (silent, mut slow) = (server.connect(), server.connect());
    let since = clock.now();
    server.running().shutdown().graceful();
    let shutdown = server.running().shutdown().clone();
    let dripping = std::thread::spawn(move || {
        slow.send("GET / HTTP/1.1\r\n");
        while !shutdown.wait(Duration::from_millis(5)) && slow.try_send("A: b\r\n").is_ok() {}
    });
    server.join();
    clock.took(since, grace);
    dripping.join().unwrap();
    drop(silent);
}

/// A gate that a handler waits at does not keep others from being served.
#[test]
fn a_loop_that_is_held_keeps_nobody_from_being_accepted() {
    let gate = Gate::new();
    let held = gate.clone();
    let server = Server::built(
        |server| server.limits(patient()).loops(1),
        answers(move |request, response| {
            if request.path() == "/held" {
                held.wait();
            }
            response.reply("hello")
        }),
    );
    let mut holds = server.connect();
    holds.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
    gate.has(1);
    let mut client = server.connect();
    drains(&server);
    client.send(REQUEST);
    is_answered(&mut client);
    gate.open();
    is_answered(&mut holds);
    server.join();
}
