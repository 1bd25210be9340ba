//! Who leaves, and who learns of it.

use crate::executor::{Fed, ask, frame, get, head, wait};
use crate::pooled;
use doget::{Log, Request, Response, Result, Sent, handler, tower};
use doget_tests::eventually;
use std::future::Future;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;
use tower_service::Service as _;

#[derive(Clone, Default)]
struct Watching {
    begun: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Watching {
    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }
}

#[handler]
impl Watching {
    /// Ends when it has seen that the client has left, or that the server ends.
    #[route("/quiet")]
    fn do_GET_quiet(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let shutdown = request.server().shutdown().clone();
        let mut body = response.send_response(200).end_headers()?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        body.flush()?;
        while body.is_connected() && !shutdown.wait_begun(Duration::from_millis(5)) {}
        self.ended.fetch_add(1, Ordering::SeqCst);
        body.finish()
    }

    #[route("/headless")]
    fn do_GET_headless(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        while body.is_connected() {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
        body.write_all(b"late")?;
        body.finish()
    }

    #[route("/upload")]
    fn do_POST_upload(&self, request: &mut Request<'_>) -> Result<String> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let mut all = Vec::new();
        let read = request.body().read_to_end(&mut all);
        self.ended.fetch_add(1, Ordering::SeqCst);
        Ok(read?.to_string())
    }
}

#[test]
fn a_client_that_leaves_is_seen() {
    let watching = Watching::default();
    let (service, ..) = pooled(watching.clone());
    // Behind the head.
    let mut body = head(&service, get("/quiet")).into_body();
    eventually("it has begun", || watching.begun() == 1);
    let next = std::future::poll_fn(|cx| {
        std::task::Poll::Ready(http_body::Body::poll_frame(
            std::pin::Pin::new(&mut body),
            cx,
        ))
    });
    assert!(wait(next).is_pending());
    assert_eq!(watching.ended(), 0);
    drop(body);
    eventually("it has ended", || watching.ended() == 1);
    // Before it.
    let mut future = Box::pin(service.clone().call(get("/headless")));
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    eventually("it has begun", || watching.begun() == 2);
    drop(future);
    eventually("it has ended", || watching.ended() == 2);
    // Before anything.
    drop(service.clone().call(get("/quiet")));
    assert_eq!(ask(&service, get("/nothing")).0, 404);
    assert_eq!(watching.begun(), 2);
}

#[test]
fn an_upload_that_breaks_off_is_400() {
    let watching = Watching::default();
    let limits = doget::Limits::new().body_buffer_size(0);
    let service = tower::service(watching.clone())
        .log(Log::off())
        .limits(limits);
    let fed = Fed::default();
    fed.data("some");
    fed.fail();
    let request = http::Request::post("/upload").header("Host", "a");
    let request = request.header("Content-Length", "50").body(fed);
    assert_eq!(ask(&service, request.unwrap()).0, 400);
    // And one whose client is gone together with the task.
    let request = http::Request::post("/upload").header("Host", "a");
    let request = request.header("Content-Length", "50").body(Fed::default());
    let mut future = Box::pin(service.clone().call(request.unwrap()));
    for _ in 0..2 {
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        eventually("it has begun", || watching.begun() == 2);
    }
    drop(future);
    eventually("it has ended", || watching.ended() == 2);
}

#[test]
fn streams_learn_of_the_end() {
    let watching = Watching::default();
    let (service, ..) = pooled(watching.clone());
    let shutdown = service.shutdown_handle();
    let mut body = head(&service, get("/quiet")).into_body();
    shutdown.graceful();
    assert_eq!(frame(&mut body), None);
    assert_eq!(watching.ended(), 1);
    shutdown.now();
    assert!(head(&service, get("/quiet")).status().is_server_error());
}

thread_local! {
    static LEAVES: std::cell::Cell<Option<Arc<AtomicUsize>>> = const { std::cell::Cell::new(None) };
}

/// Leaves something with its thread that lives as long as the thread does.
struct Staying(Arc<AtomicUsize>);

#[handler]
impl Staying {
    fn do_GET(&self) -> &'static str {
        LEAVES.set(Some(Arc::clone(&self.0)));
        "left"
    }
}

/// The last clone takes the threads with it.
#[test]
fn the_threads_leave_with_the_service() {
    let left = Arc::new(AtomicUsize::new(0));
    let service = tower::service(Staying(Arc::clone(&left))).log(Log::off());
    let clone = service.clone();
    assert_eq!(ask(&service, get("/")).2, "left");
    drop(service);
    assert_eq!(ask(&clone, get("/")).2, "left");
    // The test, the handler and at least one thread.
    assert!(Arc::strong_count(&left) > 2);
    drop(clone);
    eventually("the threads have left", || Arc::strong_count(&left) == 1);
}
