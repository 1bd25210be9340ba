//! What a request costs in allocations, on the server's threads, and what it costs to publish: nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::live::{Bytes, Live, Topic, WebSocket};
use doget::{Limits, Log, Request, Response, Result, Sent, handler};
use doget_tests::live::Ws;
use doget_tests::{Client, Server};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Allocations of threads that are counted.
static COUNT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static COUNTED: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

fn count() {
    // A thread that ends has no such variable any more.
    if COUNTED.try_with(Cell::get).unwrap_or(false) {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call is handed on to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise, handed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Handlers run on the server's threads: there they say that these are counted.
struct Site;

#[handler]
impl Site {
    #[route("/text")]
    fn do_GET_text(&self) -> &'static str {
        COUNTED.set(true);
        "hello\n"
    }

    #[route("/fields")]
    fn do_GET_fields(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        COUNTED.set(true);
        let agent = request.headers().get("User-Agent").unwrap_or("");
        response
            .send_response(200)
            .send_header("Content-Type", "text/plain")
            .send_header("X-Agent", agent)
            .send_header("X-Number", 42)
            .finish_with(&b"fields\n"[..])
    }

    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> Result<Sent> {
        COUNTED.set(true);
        let mut body = response.send_response(200).end_headers()?;
        for _ in 0..100 {
            body.write_all(&[b'x'; 2000])?;
        }
        body.finish()
    }

    #[route("/echo")]
    fn do_POST_echo(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        COUNTED.set(true);
        let mut buffer = [0; 4096];
        let mut size = 0;
        loop {
            let read = request.body().read(&mut buffer[size..])?;
            if read == 0 {
                break;
            }
            size += read;
        }
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(&buffer[..size])?;
        body.finish()
    }

    #[route("/blocking")]
    #[blocking]
    fn do_GET_blocking(&self) -> &'static str {
        COUNTED.set(true);
        "blocking\n"
    }

    #[route("/items/{id}")]
    fn do_GET_item(&self, id: u32, response: Response<'_>) -> Result<Sent> {
        COUNTED.set(true);
        let mut body = response.send_response(200).end_headers()?;
        writeln!(body, "{id}")?;
        body.finish()
    }
}

/// Requests of a try, and tries. Below wine a request takes a hundred times as long, and as much comes in between.
const ROUNDS: usize = if cfg!(windows) { 50 } else { 300 };
const TRIES: usize = if cfg!(windows) { 100 } else { 10 };

/// Allocations of a streamed response of 200 kB. A socket of Windows takes less than that at once: the rest is kept, in
/// the buffer that the next response would have had, and the connection has a place for that.
const STREAMED: usize = if cfg!(windows) { 2 } else { 0 };

/// The least of a few tries: on a busy machine a loop is taken over now and then without need, and the requests that
/// follow go to another thread for a while. What each request allocates shows in every try. No more than `most` are
/// looked for.
fn least(client: &mut Client, request: &str, answers: usize, most: usize) -> usize {
    let tries = (0..TRIES).map(|_| allocations(client, request, answers));
    let mut least = usize::MAX;
    for count in tries {
        least = least.min(count);
        if least <= most {
            break;
        }
    }
    least
}

/// Allocations of so many rounds, after as many to warm up.
fn allocations(client: &mut Client, request: &str, answers: usize) -> usize {
    let mut before = 0;
    for round in 0..2 * ROUNDS {
        if round == ROUNDS {
            before = COUNT.load(Ordering::SeqCst);
        }
        client.send(request);
        for _ in 0..answers {
            assert_eq!(client.answer().status, 200);
        }
    }
    COUNT.load(Ordering::SeqCst) - before
}

/// One test at a time, since the counter is one.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn nothing_is_allocated_for_a_request() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let limits = Limits::new().max_requests_per_connection(u32::MAX);
    // Without a log: what its hooks return is the handler's own, and may be a string.
    let server = Server::built(
        |server| server.loops(1).limits(limits).log(Log::off()),
        Site,
    );
    let mut client = server.connect();
    let head = "Host: test\r\nUser-Agent: somebody/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\n\r\n";
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\n{head}");
    let body = "x".repeat(1000);
    let post = format!("POST /echo HTTP/1.1\r\nContent-Length: 1000\r\n{head}{body}");
    let chunked = format!(
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{head}3e8\r\n{body}\r\n0\r\n\r\n"
    );
    let old = format!("GET /text HTTP/1.0\r\nConnection: keep-alive\r\n{head}");
    let cases = [
        ("a text", get("/text"), 1),
        ("a query", get("/text?a=b&c=d"), 1),
        ("HTTP/1.0", old, 1),
        ("fields", get("/fields"), 1),
        ("a parameter", get("/items/17"), 1),
        ("sixteen in one segment", get("/text").repeat(16), 16),
        ("a body with its head", post, 1),
        ("a chunked body", chunked, 1),
        ("a streamed response", get("/stream"), 1),
    ];
    let mut found = Vec::new();
    for (what, request, answers) in cases {
        let most = if what == "a streamed response" {
            STREAMED * ROUNDS
        } else {
            0
        };
        let count = least(&mut client, &request, answers, most);
        if count > most {
            found.push((what, count));
        }
    }
    assert_eq!(found, []);
    // Another thread needs the request's bytes, and a place for them.
    let count = allocations(&mut client, &get("/blocking"), 1);
    assert!(count < 3 * ROUNDS, "{count}");
}

struct Room(Topic<Bytes>);

#[handler]
impl Room {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket.follow(&self.0).only()
    }
}

/// A first touch of memory takes ten times as long as all else that a publisher does, so those who read take it.
#[test]
fn nothing_is_allocated_to_publish() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let topic = Topic::new();
    let server = Server::built(|server| server.loops(1), Room(topic.clone()));
    let mut follower = Ws::connect(server.address(), "/");
    let mut before = 0;
    for round in 0..2 * ROUNDS {
        if round == ROUNDS {
            before = COUNT.load(Ordering::SeqCst);
        }
        // The message itself is the caller's.
        let message = Bytes(vec![b'x'; 100]);
        COUNTED.set(true);
        topic.publish(message);
        COUNTED.set(false);
        assert_eq!(follower.bytes(102)[2..], [b'x'; 100]);
    }
    assert_eq!(COUNT.load(Ordering::SeqCst) - before, 0);
}
