//! Section 14: servers.

use crate::handlers::Steps;
#[cfg(target_os = "linux")]
use crate::handlers::Strict;
use doget::{HttpServer, Log, handler};
use doget_tests::Gate;
use doget_tests::PATIENCE;
use doget_tests::test_server::{Conn, TestServer};
use std::io;
use std::net::TcpListener;

const GET: &str = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";

fn quiet(address: &str) -> HttpServer {
    HttpServer::bind(address)
        .expect("a free port")
        .log(Log::off())
}

/// Waits at a gate if asked to.
struct Slow(Gate);

#[handler]
impl Slow {
    fn do_GET(&self, request: &doget::Request<'_>) -> &'static str {
        if request.path() == "/slow" {
            self.0.wait();
        }
        "done"
    }
}

#[test]
fn srv_01_a_blocked_handler_holds_up_nobody_else() {
    let gate = Gate::default();
    let wire = TestServer::with(Slow(gate.clone()), |server| server.loops(1));
    let mut slow = wire.connect();
    slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut idle = wire.connect();
    idle.send("GET / HT");
    assert_eq!(wire.get("/fast").text(), "done");
    gate.open();
    assert_eq!(slow.answer("GET").text(), "done");
}

#[test]
fn srv_02_an_address_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = HttpServer::bind(address).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    assert_eq!(doget::Limits::default().backlog, 1024);
}

/// On an address that nobody else uses, so that nobody else gets the port in between.
#[cfg(target_os = "linux")]
#[test]
fn srv_02_an_address_can_be_bound_again_at_once() {
    let [high, low, ..] = std::process::id().to_ne_bytes();
    let running = quiet(&format!("127.77.{high}.{low}:0"))
        .spawn(Steps)
        .unwrap();
    let address = running.local_addr().unwrap();
    let mut conn = Conn::to(address);
    conn.send("GET /plain HTTP/1.0\r\n\r\n");
    assert!(conn.answer("GET").closes());
    conn.assert_end();
    drop(running);
    let running = quiet(&address.to_string()).spawn(Strict).unwrap();
    assert_eq!(running.local_addr(), Some(address));
}

#[test]
fn srv_03_the_real_address_is_known() {
    let server = quiet("127.0.0.1:0");
    let address = server.local_addr().unwrap();
    assert_ne!(address.port(), 0);
    assert_eq!(server.server_port(), address.port());
    assert_eq!(server.server_name(), "127.0.0.1");
}

#[test]
fn srv_04_a_listener_of_ones_own() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::from_listener(listener).unwrap();
    let _running = server.log(Log::off()).spawn(Steps).unwrap();
    let mut conn = Conn::to(address);
    conn.send(GET);
    assert_eq!(conn.answer("GET").text(), "plain");
}

#[test]
fn srv_05_blocked_handlers_get_threads_of_their_own() {
    let gate = Gate::default();
    let wire = TestServer::with(Slow(gate.clone()), |server| server.loops(1));
    let mut slow: Vec<Conn> = (0..20).map(|_| wire.connect()).collect();
    for conn in &mut slow {
        conn.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    gate.has(20);
    assert_eq!(wire.get("/fast").text(), "done");
    gate.open();
    for conn in &mut slow {
        assert_eq!(conn.answer("GET").text(), "done");
    }
}

/// Ends its own server.
struct Last;

#[handler]
impl Last {
    fn do_GET(&self, request: &doget::Request<'_>) -> &'static str {
        request.server().shutdown().graceful();
        "the last words"
    }
}

#[test]
fn srv_06_shutdown_from_within_a_handler() {
    let server = quiet("127.0.0.1:0");
    let address = server.local_addr().unwrap();
    let shutdown = server.shutdown_handle();
    let serving = std::thread::spawn(move || server.serve_forever(Last));
    let mut conn = Conn::to(address);
    conn.send(GET);
    assert_eq!(conn.answer("GET").text(), "the last words");
    conn.assert_end();
    assert!(shutdown.wait(PATIENCE));
    serving.join().unwrap().unwrap();
}

#[test]
fn srv_07_handle_request_answers_one_request() {
    let mut server = quiet("127.0.0.1:0");
    let address = server.local_addr().unwrap();
    for _ in 0..2 {
        std::thread::scope(|scope| {
            let serving = scope.spawn(|| server.handle_request(Steps));
            let mut conn = Conn::to(address);
            conn.send(GET.repeat(2));
            let answer = conn.answer("GET");
            assert_eq!(answer.text(), "plain");
            assert!(answer.closes());
            conn.assert_end();
            serving.join().unwrap().unwrap();
        });
    }
}

/// Says that it blocks.
struct Blocks;

#[handler]
impl Blocks {
    #[blocking]
    fn do_GET(&self) -> &'static str {
        "plain"
    }
}

#[test]
fn srv_07_the_one_request_may_block() {
    let mut server = quiet("127.0.0.1:0");
    let address = server.local_addr().unwrap();
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| server.handle_request(Blocks));
        let mut conn = Conn::to(address);
        conn.send(GET);
        let answer = conn.answer("GET");
        assert_eq!(answer.text(), "plain");
        conn.assert_end();
        serving.join().unwrap().unwrap();
    });
}

#[test]
fn srv_10_the_end_of_a_connection_is_clean() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "plain");
    conn.assert_end();
    assert!(!conn.reset);
}

#[test]
fn srv_11_a_client_that_goes_away_is_one_quiet_line() {
    let wire = TestServer::new(Steps);
    let mut conn = wire.connect();
    conn.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    drop(conn);
    assert_eq!(wire.get("/plain").text(), "plain");
    assert!(wire.end().iter().all(|line| !line.contains("panicked")));
}

#[test]
fn srv_12_a_dropped_server_closes_its_connections() {
    let running = quiet("127.0.0.1:0").spawn(Steps).unwrap();
    let mut conn = Conn::to(running.local_addr().unwrap());
    conn.send(GET);
    assert_eq!(conn.answer("GET").text(), "plain");
    drop(running);
    conn.assert_end();
}

#[cfg(unix)]
#[test]
fn srv_12_a_dropped_server_no_longer_listens() {
    let name = format!("doget-wire-{}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let running = HttpServer::bind_unix(&path)
        .unwrap()
        .log(Log::off())
        .spawn(Steps)
        .unwrap();
    let mut client = doget_tests::Client::connect_unix(&path);
    assert_eq!(client.get("/plain").text(), "plain");
    drop(running);
    assert!(!path.exists());
    assert!(std::os::unix::net::UnixStream::connect(&path).is_err());
}

#[test]
fn srv_13_a_name_is_bound_on_all_its_addresses() {
    let server = quiet("localhost:0");
    let ports: Vec<u16> = server.local_addrs().map(|address| address.port()).collect();
    assert!(ports.iter().all(|port| *port == ports[0]));
    let addresses: Vec<_> = server.local_addrs().collect();
    let _running = server.spawn(Steps).unwrap();
    for address in addresses {
        let mut conn = Conn::to(address);
        conn.send(GET);
        assert_eq!(conn.answer("GET").text(), "plain");
    }
}
