//! Handlers that panic, wherever they can: the client learns of it, and the server goes on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{Handler, Limits, Peer, Request, Response, Sent};
use doget_tests::{Child, Client, End, Gate, Server, answers, eventually};
use std::cell::Cell;
use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("in a drop");
        }
    }
}

fn server() -> Server {
    let shared = Mutex::new(0);
    Server::new(answers(move |request, response| match request.path() {
        "/before" => panic!("before anything was sent"),
        "/head" => {
            let _headers = response.send_response(200).send_header("X", 1);
            panic!("within the head");
        }
        "/held" => {
            let mut body = response.send_response(200).end_headers()?;
            body.write_all(b"held back")?;
            panic!("while the body is held back");
        }
        "/body" => {
            let mut body = response.send_response(200).end_headers()?;
            body.write_all(&vec![b'x'; 200_000])?;
            panic!("within the body");
        }
        "/length" => {
            let mut body = response
                .send_response(200)
                .send_header("Content-Length", 300_000)
                .end_headers()?;
            body.write_all(&vec![b'x'; 200_000])?;
            panic!("within the body");
        }
        "/after" => {
            let _bomb = Bomb;
            response.reply("finished")
        }
        "/lock" => {
            let _count = shared.lock().unwrap_or_else(PoisonError::into_inner);
            panic!("while holding a lock");
        }
        "/any" => std::panic::panic_any(7),
        "/read" => {
            let mut body = [0; 10];
            request.body().read_exact(&mut body)?;
            panic!("within the request's body");
        }
        _ => {
            let mut count = shared.lock().unwrap_or_else(PoisonError::into_inner);
            *count += 1;
            response.reply("fine")
        }
    }))
}

#[test]
fn a25_a_panic_before_anything_was_sent_is_a_500() {
    let server = server();
    for path in ["/before", "/head", "/held", "/lock", "/any"] {
        let mut client = server.connect();
        assert_eq!(client.get("/").text(), "fine");
        let answer = client.get(path);
        assert_eq!(answer.status, 500, "{path}");
        assert!(answer.closes(), "{path}");
        assert!(
            !answer.text().contains("lock"),
            "{path}: the client sees the panic's words"
        );
        client.is_closed();
        assert_eq!(server.connect().get("/").text(), "fine");
    }
    eventually("the log", || {
        server.log().count("while holding a lock") == 1
    });
}

#[test]
fn a25_a_panic_behind_a_finished_response_does_not_take_it_back() {
    let server = server();
    let mut client = server.connect();
    assert_eq!(client.get("/after").text(), "finished");
    client.is_closed();
    eventually("the log", || server.log().count("in a drop") == 1);
}

#[test]
fn a25_a_panic_within_a_body_cuts_the_connection_without_a_clean_end() {
    let server = server();
    for path in ["/body", "/length"] {
        let mut client = server.connect();
        client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        let error = client.try_answer_to("GET").expect_err(path);
        assert!(
            matches!(
                error.kind(),
                std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof
            ),
            "{path}: {error}"
        );
        assert_eq!(server.connect().get("/").text(), "fine");
    }
}

#[test]
fn a25_a_panic_within_the_requests_body_leaves_nothing_of_it_to_the_next_request() {
    let server = server();
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";
    for length in [100, 100_000] {
        let mut client = server.connect();
        client.send(format!(
            "POST /read HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n0123456789"
        ));
        client.send(smuggled);
        let _ = client.try_send(vec![b'x'; length - 10 - smuggled.len()]);
        assert_eq!(client.answer().status, 500);
        let (End::Closed(bytes) | End::Reset(bytes)) = client.end();
        assert_eq!(bytes, b"");
    }
}

#[test]
fn a25_two_hundred_panics_cost_no_thread() {
    let child = Child::start(env!("CARGO_BIN_EXE_doget-test-server"), &["loops=2"]);
    child.connect().get("/");
    let (threads, descriptors) = (child.process().threads(), child.process().descriptors());
    for _ in 0..200 {
        let mut client = child.connect();
        assert_eq!(client.get("/panic").status, 500);
        client.is_closed();
    }
    assert_eq!(child.connect().get("/").text(), "hello\n");
    eventually("as before", || {
        child.process().threads() <= threads + 1 && child.process().descriptors() <= descriptors
    });
}

/// Behind a panic in a pipeline nothing is answered, before it everything.
#[test]
fn a25_a_panic_within_a_pipeline() {
    let server = server();
    let mut client = server.connect();
    let request = |path| format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    client.send(["/", "/1", "/before", "/2"].map(request).concat());
    assert_eq!(client.answer().text(), "fine");
    assert_eq!(client.answer().text(), "fine");
    assert_eq!(client.answer().status, 500);
    client.is_closed();
}

/// One handler for each connection, whose own end panics.
struct Fragile {
    requests: Cell<u32>,
    gate: Gate,
}

impl Handler for Fragile {
    fn dispatch(&self, _request: &mut Request<'_>, response: Response<'_>) -> doget::Result<Sent> {
        self.requests.set(self.requests.get() + 1);
        response.reply("x")
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        if self.gate.arrived() > 0 {
            self.gate.wait();
        }
        if !std::thread::panicking() {
            panic!("in a handler's drop");
        }
    }
}

fn fragile(limits: Limits, gate: &Gate) -> Server {
    let gate = gate.clone();
    Server::spawned(
        |server| server.loops(1).limits(limits),
        |server| {
            server.spawn_with(move |_: &Peer| Fragile {
                requests: Cell::new(0),
                gate: gate.clone(),
            })
        },
    )
}

#[test]
fn a25_a_panic_in_the_drop_of_a_connections_handler_is_nobody_elses_trouble() {
    let gate = Gate::new();
    // Connections end in four ways: by their client, by their deadline, for room, by the server.
    let server = fragile(
        Limits::new()
            .idle_timeout(Duration::from_millis(300))
            .max_connections(8),
        &gate,
    );
    for _ in 0..5 {
        server.connect().get("/");
    }
    let mut idle = server.connect();
    idle.get("/");
    idle.is_closed();
    let mut crowd: Vec<Client> = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect();
        assert_eq!(client.get("/").text(), "x");
        crowd.push(client);
    }
    assert_eq!(server.connect().get("/").text(), "x");
    server.end();
}

#[test]
fn a_handlers_drop_that_blocks_does_not_hold_its_loop() {
    let gate = Gate::new();
    let server = fragile(Limits::default(), &gate);
    let mut first = server.connect();
    first.get("/");
    let mut second = server.connect();
    second.get("/");
    // From now on drops wait.
    gate.pass(1);
    gate.wait();
    drop(first);
    gate.has(1);
    assert_eq!(second.get("/").text(), "x");
    assert_eq!(server.connect().get("/").text(), "x");
    gate.open();
}

#[test]
fn a_panic_in_the_function_that_makes_handlers_ends_that_connection_alone() {
    let server = Server::spawned(
        |server| server.loops(1),
        |server| {
            let count = std::sync::atomic::AtomicUsize::new(0);
            server.spawn_with(move |_: &Peer| {
                let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                assert!(number.is_multiple_of(2), "an odd one");
                answers(|_, response| response.reply("even"))
            })
        },
    );
    for n in 0..10 {
        let mut client = server.connect();
        if n % 2 == 0 {
            assert_eq!(client.get("/").text(), "even");
        } else {
            client.end();
        }
    }
}

/// Hooks are the user's code too.
#[test]
fn a25_panics_in_hooks() {
    struct Hooks;

    impl Handler for Hooks {
        fn dispatch(
            &self,
            request: &mut Request<'_>,
            response: Response<'_>,
        ) -> doget::Result<Sent> {
            match request.path() {
                "/error" => Err(doget::Error::new(404)),
                _ => response.reply("x"),
            }
        }

        fn route(&self, _command: &str, path: &str) -> doget::Route {
            assert!(path != "/route", "in route");
            doget::Route::UNKNOWN
        }

        fn send_error(
            &self,
            _request: &Request<'_>,
            _response: Response<'_>,
            _error: doget::Error,
        ) -> doget::Result<Sent> {
            panic!("in send_error");
        }

        fn log_request(&self, _request: &Request<'_>, _code: doget::StatusCode, _size: u64) {
            panic!("in log_request");
        }
    }

    let server = Server::built(|server| server.loops(1), Hooks);
    for _ in 0..3 {
        let mut client = server.connect();
        assert_eq!(client.get("/").text(), "x");
        assert_eq!(client.get("/").text(), "x");
        let answer = client.get("/error");
        assert!(answer.status >= 400, "{}", answer.status);
        client.end();
        let mut client = server.connect();
        client.send("GET /route HTTP/1.1\r\nHost: test\r\n\r\n");
        client.end();
    }
}
