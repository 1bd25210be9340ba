//! The stage before the end: everything is served, and whoever asks can see that it is to be left alone.

use doget::{Limits, Request, Response, Result, Sent, ShutdownStage, StatusCode, handler};
use doget_tests::{Client, End, FastClock, Gate, Server, eventually};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(100_000);

struct Shop(Gate);

#[handler]
impl Shop {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }

    #[route("/ready")]
    fn do_GET_ready(&self, request: &Request<'_>) -> StatusCode {
        match request.server().shutdown().stage() {
            ShutdownStage::Serving => StatusCode::OK,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Ends with the server.
    #[route("/stream")]
    #[blocking]
    fn do_GET_stream(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(b"begun,")?;
        body.flush()?;
        self.0.wait();
        while !request
            .server()
            .shutdown()
            .wait_begun(Duration::from_millis(20))
        {}
        body.write_all(b"ended")?;
        body.finish()
    }
}

/// A server whose clock the test has, with deadlines that do not pass.
fn server(clock: &FastClock, gate: &Gate) -> Server {
    let limits = Limits::new()
        .idle_timeout(LONG)
        .head_timeout(LONG)
        .send_timeout(LONG)
        .send_rate_grace(LONG)
        .max_connection_age(LONG)
        .shutdown_timeout(LONG);
    let gate = gate.clone();
    Server::built(|server| server.limits(limits).clock(clock), Shop(gate))
}

#[track_caller]
fn refused(server: &Server) {
    let address = server.address();
    eventually("refusal", || Client::try_connect(address).is_err());
}

#[test]
fn a_server_that_leaves_serves_all_and_says_close() {
    let (clock, gate) = (FastClock::new(), Gate::new());
    let server = server(&clock, &gate);
    let mut kept = server.connect();
    assert!(!kept.get("/ready").closes());
    let mut half = server.connect();
    half.send("GET / HTTP/1.1\r\n");
    let delay = Duration::from_secs(600);
    let since = clock.now();
    server.running().shutdown().leave(delay);
    // A request of a connection that is kept, one that had begun, and new ones.
    let answer = kept.get("/ready");
    assert_eq!((answer.status, answer.closes()), (503, true));
    kept.is_closed();
    half.send("Host: a\r\n\r\n");
    let answer = half.answer();
    assert_eq!((answer.text(), answer.closes()), ("home", true));
    half.is_closed();
    for _ in 0..3 {
        let mut fresh = server.connect();
        let answer = fresh.get("/");
        assert_eq!((answer.text(), answer.closes()), ("home", true));
        fresh.is_closed();
    }
    // Then it ends by itself, with what is idle.
    let mut idle = server.connect();
    assert_eq!(idle.end(), End::Closed(Vec::new()));
    clock.took(since, delay);
    refused(&server);
    server.join();
}

#[test]
fn streams_and_listeners_hear_of_the_end_and_not_of_the_leaving() {
    let (clock, gate) = (FastClock::new(), Gate::new());
    let server = server(&clock, &gate);
    let told = Arc::new(AtomicBool::new(false));
    let tells = Arc::clone(&told);
    let shutdown = server.running().shutdown().clone();
    shutdown
        .on_begin(move || tells.store(true, Ordering::SeqCst))
        .keep();
    let mut stream = server.connect();
    stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    gate.has(1);
    shutdown.leave(LONG);
    gate.open();
    assert_eq!(shutdown.stage(), ShutdownStage::Leaving);
    assert!(!shutdown.wait_begun(Duration::from_millis(50)));
    assert!(!told.load(Ordering::SeqCst));
    shutdown.graceful();
    assert!(told.load(Ordering::SeqCst));
    assert_eq!(stream.answer().text(), "begun,ended");
    server.join();
}

/// A second word does not wait for the time to leave.
#[test]
fn a_server_that_leaves_can_be_ended_at_once() {
    for now in [false, true] {
        let (clock, gate) = (FastClock::new(), Gate::new());
        let server = server(&clock, &gate);
        let mut idle = server.connect();
        idle.get("/");
        let shutdown = server.running().shutdown().clone();
        shutdown.leave(LONG);
        shutdown.leave(Duration::ZERO);
        assert_eq!(shutdown.stage(), ShutdownStage::Leaving);
        if now {
            shutdown.now();
        } else {
            shutdown.graceful();
        }
        server.join();
        assert!(matches!(idle.end(), End::Closed(_) | End::Reset(_)));
    }
}
