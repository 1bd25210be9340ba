//! Servers that wait for one request: `handle_request` and `serve_for`, their deadlines, and their end from elsewhere.

use doget::testing::Clock;
use doget::{HttpServer, Log, Request, Shutdown, ShutdownStage, handler};
use doget_tests::Client;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

/// Longer than any of these tests takes.
const LONG: Duration = Duration::from_secs(60);

struct Callback;

#[handler]
impl Callback {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }

    #[route("/callback")]
    fn do_GET_callback(&self, request: &Request<'_>) -> &'static str {
        request.server().shutdown().graceful();
        "thanks"
    }
}

fn bind() -> (HttpServer, SocketAddr, Shutdown) {
    let server = HttpServer::bind("127.0.0.1:0").unwrap().log(Log::off());
    let address = server.local_addr().unwrap();
    let shutdown = server.shutdown_handle();
    (server, address, shutdown)
}

fn serve_for(timeout: Duration) -> (JoinHandle<bool>, SocketAddr, Shutdown) {
    let (server, address, shutdown) = bind();
    let serving = std::thread::spawn(move || server.serve_for(timeout, Callback).unwrap());
    (serving, address, shutdown)
}

#[test]
fn handle_request_for_returns_when_nobody_comes() {
    let (mut server, address, _) = bind();
    let begun = Instant::now();
    let timeout = Duration::from_millis(20);
    assert!(!server.handle_request_for(timeout, Callback).unwrap());
    assert!(begun.elapsed() >= timeout);
    // It still listens.
    let serving = std::thread::spawn(move || server.handle_request_for(LONG, Callback).unwrap());
    assert_eq!(Client::connect(address).get("/").text(), "home");
    assert!(serving.join().unwrap());
}

#[test]
fn handle_request_says_that_it_answered() {
    let (mut server, address, _) = bind();
    let serving = std::thread::spawn(move || server.handle_request(Callback).unwrap());
    assert_eq!(Client::connect(address).get("/nothing").status, 404);
    assert!(serving.join().unwrap());
}

#[test]
fn shutdown_handle_ends_handle_request() {
    for cut in [false, true] {
        let (mut server, address, shutdown) = bind();
        let serving = std::thread::spawn(move || {
            let answers = [(); 3].map(|()| server.handle_request(Callback).unwrap());
            (answers, server)
        });
        // It runs by then: the first call has answered.
        assert_eq!(Client::connect(address).get("/").text(), "home");
        if cut {
            shutdown.now();
        } else {
            shutdown.graceful();
        }
        let (answers, mut server) = serving.join().unwrap();
        assert_eq!(answers, [true, false, false]);
        assert!(shutdown.wait(LONG));
        assert!(!server.handle_request(Callback).unwrap());
    }
}

#[test]
fn a_shutdown_before_the_call_ends_it_too() {
    let (mut server, _, shutdown) = bind();
    shutdown.graceful();
    assert!(!server.handle_request(Callback).unwrap());
}

#[test]
fn a_handler_that_ends_its_request_ends_no_further_one() {
    let (mut server, address, _) = bind();
    let serving =
        std::thread::spawn(move || [(); 2].map(|()| server.handle_request(Callback).unwrap()));
    assert_eq!(Client::connect(address).get("/callback").text(), "thanks");
    assert_eq!(Client::connect(address).get("/").text(), "home");
    assert_eq!(serving.join().unwrap(), [true, true]);
}

#[test]
fn serve_for_waits_for_the_request_that_counts() {
    let (serving, address, shutdown) = serve_for(LONG);
    let mut client = Client::connect(address);
    assert_eq!(client.get("/favicon.ico").status, 404);
    assert_eq!(client.get("/").text(), "home");
    let silent = Client::connect(address);
    let answer = client.get("/callback");
    assert_eq!((answer.text(), answer.closes()), ("thanks", true));
    drop(client);
    assert!(serving.join().unwrap());
    assert!(shutdown.wait(LONG));
    drop(silent);
}

#[test]
fn serve_for_ends_in_time() {
    let begun = Instant::now();
    let timeout = Duration::from_millis(20);
    let (serving, _, shutdown) = serve_for(timeout);
    assert!(!serving.join().unwrap());
    assert!(begun.elapsed() >= timeout);
    assert!(shutdown.wait(LONG));
}

/// By a clock that the test moves, an hour is over at once, and not before.
#[test]
fn the_time_to_serve_is_that_of_the_clock() {
    let (clock, hour) = (Clock::new(), Duration::from_secs(3600));
    let (server, address, shutdown) = bind();
    let server = server.clock(&clock);
    let serving = std::thread::spawn(move || server.serve_for(hour, Callback).unwrap());
    let mut client = Client::connect(address);
    assert_eq!(client.get("/").text(), "home");
    clock.advance(hour / 2);
    assert_eq!(Client::connect(address).get("/").text(), "home");
    assert_eq!(shutdown.stage(), ShutdownStage::Serving);
    clock.advance(hour / 2);
    assert!(!serving.join().unwrap());
}

#[test]
fn serve_for_is_ended_from_elsewhere() {
    let (serving, address, shutdown) = serve_for(Duration::MAX);
    assert_eq!(Client::connect(address).get("/").text(), "home");
    shutdown.graceful();
    assert!(serving.join().unwrap());
}

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
fn serving(times: usize) -> (SocketAddr, JoinHandle<()>) {
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
    // Often, since a client that came while the server before ended was answered by that one, with 503.
    let (address, thread) = serving(100);
    for _ in 0..100 {
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
