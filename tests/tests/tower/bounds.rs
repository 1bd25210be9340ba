//! What is bounded: threads, the queue, what waits in each direction.

use crate::executor::{Endless, Fed, ask, frame, get, head, post, wait, whole};
use crate::pooled;
use doget::{Limits, Log, Request, Response, Result, Sent, handler, tower};
use doget_tests::{Gate, eventually};
use std::future::Future;
use std::io::{Read, Write};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tower_service::Service as _;

#[derive(Clone)]
struct Slow {
    gate: Arc<Gate>,
    running: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
}

impl Slow {
    fn new() -> Self {
        Self {
            gate: Arc::default(),
            running: Arc::default(),
            written: Arc::default(),
        }
    }

    fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }
}

#[handler]
impl Slow {
    #[route("/wait")]
    fn do_GET_wait(&self) -> &'static str {
        self.running.fetch_add(1, Ordering::SeqCst);
        self.gate.wait();
        "waited"
    }

    #[route("/endless")]
    fn do_GET_endless(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        loop {
            body.write_all(&[b'x'; 1000])?;
            self.written.fetch_add(1000, Ordering::SeqCst);
        }
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// Reads a byte, and then nothing for a while.
    #[route("/taste")]
    fn do_POST_taste(&self, request: &mut Request<'_>) -> Result<&'static str> {
        request.body().read_exact(&mut [0])?;
        self.running.fetch_add(1, Ordering::SeqCst);
        self.gate.wait();
        Ok("tasted")
    }

    #[route("/count")]
    fn do_POST_count(&self, request: &mut Request<'_>) -> Result<String> {
        let mut all = Vec::new();
        Ok(request.body().read_to_end(&mut all)?.to_string())
    }
}

/// Begins a request and leaves it; it goes on when it is polled again.
macro_rules! begun {
    ($service:expr, $path:expr) => {{
        let mut future = Box::pin($service.clone().call(get($path)));
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        future
    }};
}

#[test]
fn more_than_the_threads_and_the_queue_hold_is_503() {
    let slow = Slow::new();
    let service = tower::service(slow.clone())
        .log(Log::off())
        .limits(Limits::new().max_threads(2).max_queued_requests(1));
    let first = begun!(service, "/wait");
    let second = begun!(service, "/wait");
    eventually("both run", || slow.running() == 2);
    let third = begun!(service, "/wait");
    let (status, fields, _) = ask(&service, get("/wait"));
    assert_eq!(status, 503);
    assert_eq!(fields.get("retry-after").unwrap(), "1");
    slow.gate.open();
    for future in [first, second, third] {
        let Ok(response) = wait(future);
        assert_eq!(whole(response.into_body()).unwrap(), b"waited");
    }
    assert_eq!(ask(&service, get("/wait")).0, 200);
}

/// As after a flood of streams that are reset at once: they would keep others out until the queue's time is over.
#[test]
fn who_has_left_holds_no_place_in_the_queue() {
    let slow = Slow::new();
    let service = tower::service(slow.clone())
        .log(Log::off())
        .limits(Limits::new().max_threads(1).max_queued_requests(3));
    let first = begun!(service, "/wait");
    eventually("it runs", || slow.running() == 1);
    let second = begun!(service, "/wait");
    for _ in 0..100 {
        drop(begun!(service, "/wait"));
    }
    let third = begun!(service, "/wait");
    slow.gate.open();
    for future in [first, second, third] {
        let Ok(response) = wait(future);
        assert_eq!(response.status(), 200);
    }
    assert_eq!(slow.running(), 3);
}

#[test]
fn nobody_waits_for_a_thread_for_ever() {
    let slow = Slow::new();
    let limits = Limits::new()
        .max_threads(1)
        .queue_timeout(Duration::from_millis(50));
    let service = tower::service(slow.clone()).log(Log::off()).limits(limits);
    let first = begun!(service, "/wait");
    eventually("it runs", || slow.running() == 1);
    // Nothing ends while this waits.
    assert_eq!(ask(&service, get("/wait")).0, 503);
    slow.gate.open();
    let Ok(response) = wait(first);
    assert_eq!(response.status(), 200);
}

#[test]
fn a_reader_that_stops_holds_a_bounded_number_of_bytes() {
    let slow = Slow::new();
    let (service, ..) = pooled(slow.clone());
    let mut body = head(&service, get("/endless")).into_body();
    let mut before = 0;
    // Until nothing moves any more, and that for a while.
    let mut still = 0;
    eventually("the handler waits", || {
        std::thread::sleep(Duration::from_millis(10));
        let written = slow.written.load(Ordering::SeqCst);
        still = if written == before { still + 1 } else { 0 };
        before = written;
        still > 20
    });
    // What waits, one piece beyond it, and what the writer gathers.
    assert!(before <= 2 * (64 << 10) + (64 << 10), "{before} bytes");
    eventually("it goes on", || {
        assert!(frame(&mut body).unwrap().is_ok());
        slow.written.load(Ordering::SeqCst) > before
    });
    drop(body);
    // The only thread that it had is free again: the handler has got an error.
    let written = slow.written.load(Ordering::SeqCst);
    eventually("it ends", || {
        std::thread::sleep(Duration::from_millis(10));
        slow.written.load(Ordering::SeqCst) == written
            || slow.written.load(Ordering::SeqCst) < written + (1 << 20)
    });
}

/// Of the other direction: what is not read is not taken from the engine below.
#[test]
fn a_handler_that_stops_reading_holds_a_bounded_number_of_bytes() {
    for length in [Some("100000000"), None] {
        let slow = Slow::new();
        let limits = Limits::new().body_buffer_size(0);
        let service = tower::service(slow.clone()).log(Log::off()).limits(limits);
        let endless = Endless::default();
        let request = http::Request::post("/taste").header("Host", "a");
        let request = match length {
            Some(length) => request.header("Content-Length", length),
            None => request,
        };
        let mut future = Box::pin(service.clone().call(request.body(endless.clone()).unwrap()));
        let mut poll = || {
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
        };
        eventually("it reads", || {
            poll();
            slow.running() == 1
        });
        for _ in 0..100 {
            poll();
        }
        let pieces = endless.0.load(Ordering::SeqCst);
        assert!((1..=6).contains(&pieces), "{pieces} pieces of 8 KiB");
        slow.gate.open();
    }
}

#[test]
fn a_reader_that_stops_is_given_up() {
    let slow = Slow::new();
    let limits = Limits::new()
        .max_threads(1)
        .send_timeout(Duration::from_millis(50))
        .send_rate_grace(Duration::from_millis(50));
    let service = tower::service(slow).log(Log::off()).limits(limits);
    let body = head(&service, get("/endless")).into_body();
    // The one thread comes free although the body is neither read nor dropped.
    assert_eq!(ask(&service, get("/nothing")).0, 404);
    assert!(whole(body).is_err());
}

#[test]
fn a_slow_body_that_is_collected_holds_no_thread() {
    let slow = Slow::new();
    let service = tower::service(slow.clone())
        .log(Log::off())
        .limits(Limits::new().max_threads(1));
    let fed = Fed::default();
    fed.data("first ");
    let request = http::Request::post("/echo").header("Host", "a");
    let mut future = pin!(service.clone().call(request.body(fed.clone()).unwrap()));
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    slow.gate.open();
    for _ in 0..3 {
        assert_eq!(ask(&service, get("/wait")).0, 200);
    }
    fed.data("second");
    fed.end();
    let Ok(response) = wait(future);
    assert_eq!(whole(response.into_body()).unwrap(), b"first second");
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let limits = Limits::new()
        .body_buffer_size(0)
        .body_timeout(Duration::from_millis(50))
        .body_rate_grace(Duration::from_millis(50));
    let service = tower::service(Slow::new()).log(Log::off()).limits(limits);
    let request = http::Request::post("/count").header("Host", "a");
    let request = request.header("Content-Length", "5").body(Fed::default());
    assert_eq!(ask(&service, request.unwrap()).0, 408);
}

#[test]
fn inline_has_limits_both_ways() {
    let limits = Limits::new()
        .max_collected_body_size(1000)
        .body_buffer_size(1000)
        .response_buffer_size(1000);
    let service = tower::service(Slow::new())
        .log(Log::off())
        .limits(limits)
        .max_inline_response(100_000)
        .inline();
    let (status, _, text) = ask(&service, post("/count", &"x".repeat(1000)));
    assert_eq!((status, text.as_str()), (200, "1000"));
    assert_eq!(ask(&service, post("/count", &"x".repeat(1001))).0, 413);
    assert_eq!(ask(&service, post("/echo", &"x".repeat(1001))).0, 413);
    // The stream would never end.
    assert_eq!(ask(&service, get("/endless")).0, 500);
    let polled =
        pin!(service.clone().call(get("/endless"))).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok(_))));
}
