//! All threads are busy, and still every loop goes on: threads for take-overs lie beyond those that clients can fill.
//!
//! Before that was so, each of these tests waited in vain: a loop whose handler blocked was nobody's until it returned.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{Handler, Limits, Request, Response, Sent, handler};
use doget_tests::{Child, Client, Gate, PATIENCE, Server, answers, eventually, eventually_is};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Routes that block in one way or another, and one that does not.
struct Site {
    gate: Gate,
}

#[handler]
impl Site {
    #[route("/quick")]
    fn do_GET_quick(&self) -> &'static str {
        "quick"
    }

    #[route("/unknown")]
    fn do_GET_unknown(&self) -> &'static str {
        "unknown"
    }

    #[route("/gate")]
    #[blocking]
    fn do_GET_gate(&self) -> &'static str {
        self.gate.wait();
        "gate"
    }

    #[route("/marked")]
    #[blocking]
    fn do_GET_marked(&self) -> &'static str {
        "marked"
    }

    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> doget::Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        loop {
            body.write_all(&[b'x'; 64 << 10])?;
        }
    }

    #[route("/upload")]
    fn do_POST_upload(&self, request: &mut Request<'_>) -> doget::Result<String> {
        let size = std::io::copy(request.body(), &mut std::io::sink())?;
        Ok(size.to_string())
    }

    #[route("/wait")]
    fn do_POST_wait(&self) -> &'static str {
        self.gate.wait();
        "waited"
    }

    #[route("/wait/too")]
    fn do_POST_wait_too(&self) -> &'static str {
        self.gate.wait();
        "waited"
    }

    #[route("/burn")]
    fn do_POST_burn(&self) -> &'static str {
        let began = Instant::now();
        while self.gate.waiting() > 0 && began.elapsed() < PATIENCE {
            // It computes all the time, and lets others do so: each loop has one of these.
            std::thread::yield_now();
        }
        "burnt"
    }
}

/// Few threads, and nothing that ends by itself while a test looks.
fn small(takeover_threads: usize) -> Limits {
    Limits::new()
        .max_threads(3)
        .takeover_threads_per_loop(takeover_threads)
        .max_queued_requests(4)
        .queue_timeout(Duration::from_millis(50))
        .head_timeout(30 * PATIENCE)
        .idle_timeout(30 * PATIENCE)
        .body_timeout(3 * PATIENCE)
        .body_rate_grace(3 * PATIENCE)
        .send_timeout(3 * PATIENCE)
}

fn served(loops: usize, limits: Limits, handler: impl Handler + Send + Sync + 'static) -> Server {
    Server::built(|server| server.loops(loops).limits(limits), handler)
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}

fn post(path: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
}

/// A body of which only the beginning comes, but more than is read before the handler runs.
fn stalled_upload() -> String {
    let head = "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n";
    head.to_owned() + &" ".repeat(100_000)
}

/// Keeps asking until no thread is left for a request that needs one.
fn until_full(server: &Server, mut fill: impl FnMut() -> Client) -> Vec<Client> {
    let mut fillers = Vec::new();
    let mut marked = server.connect();
    eventually("all threads are busy", || {
        if marked.get("/marked").status == 503 {
            return true;
        }
        fillers.push(fill());
        false
    });
    fillers
}

/// Sends the same on so many connections.
fn sends(server: &Server, count: usize, bytes: &str) -> Vec<Client> {
    let client = |_| {
        let mut client = server.connect();
        client.send(bytes);
        client
    };
    (0..count).map(client).collect()
}

/// A quick request is answered on every loop: on connections that are there already, and on new ones.
fn quick_goes_on(server: &Server, old: &mut [Client]) {
    for client in old {
        gets_quick(client, "/quick");
    }
    for _ in 0..12 {
        gets_quick(&mut server.connect(), "/quick");
    }
}

/// Each time there is an answer. It may be 503 for a while where the machine is so busy that a quick handler seemed
/// stuck.
fn gets_quick(client: &mut Client, path: &str) {
    eventually("a quick answer", || client.get(path).text() == &path[1..]);
}

/// One kind after the other gets stuck on every loop, with all threads busy.
fn besieged(loops: usize, fill: impl Fn(&Server) -> Client) {
    let gate = Gate::new();
    let limits = small(32).max_queued_requests(0);
    let server = served(loops, limits, Site { gate: gate.clone() });
    let mut old: Vec<_> = (0..12).map(|_| server.connect()).collect();
    quick_goes_on(&server, &mut old);
    let mut held = until_full(&server, || fill(&server));
    quick_goes_on(&server, &mut old);
    for attack in [post("/wait"), stalled_upload(), post("/wait/too")] {
        held.extend(sends(&server, 8 * loops, &attack));
        quick_goes_on(&server, &mut old);
    }
    // A kind that was never seen before is tried as long as there are threads for it.
    gets_quick(&mut server.connect(), "/unknown");
    held.extend(sends(&server, loops, &post("/burn")));
    quick_goes_on(&server, &mut old);
    drop(held);
    gate.open();
    let mut marked = server.connect();
    eventually("threads again", || marked.get("/marked").status == 200);
}

fn fill_by_gate(server: &Server) -> Client {
    let mut client = server.connect();
    client.send(get("/gate"));
    client
}

/// A reader that takes nothing: its handler waits in a write.
fn fill_by_reading_slowly(server: &Server) -> Client {
    let mut client = Client::connect_narrow(server.address());
    client.send(get("/stream"));
    client.read_some(1).unwrap();
    client
}

#[test]
fn one_loop_goes_on_while_all_threads_block() {
    besieged(1, fill_by_gate);
}

#[test]
fn two_loops_go_on_while_all_threads_block() {
    besieged(2, fill_by_gate);
}

#[test]
fn six_loops_go_on_while_all_threads_block() {
    besieged(6, fill_by_gate);
}

#[test]
fn loops_go_on_while_all_threads_write_to_slow_readers() {
    besieged(2, fill_by_reading_slowly);
}

#[test]
fn loops_go_on_while_all_threads_read_uploads_that_stall() {
    besieged(2, |server| {
        let mut client = server.connect();
        client.send(stalled_upload());
        client
    });
}

/// `/block...` waits at the gate, and `/turn...` too once it is told to, each path being a kind of its own;
/// everything else answers with its path.
fn turning(gate: &Gate, turned: &Arc<AtomicBool>) -> impl Handler + Send + Sync + use<> {
    let (gate, turned) = (gate.clone(), Arc::clone(turned));
    answers(move |request, response| {
        let path = request.path();
        let turned = turned.load(Ordering::SeqCst);
        if path.starts_with("/block") || path.starts_with("/turn") && turned {
            gate.wait();
        }
        response.reply(path)
    })
}

/// Kinds that ran on loops before get stuck, one after the other, until nothing runs there. They are many, since on a
/// busy machine some are not known to be quick.
fn until_the_last(server: &Server, turned: &AtomicBool) -> Vec<Client> {
    const KINDS: usize = 400;
    let mut held = sends(server, 1, &get("/block"));
    for path in (0..KINDS).map(|number| format!("/turn/{number}")) {
        // A connection for each: one that is kept is closed where the machine is too busy to send the next in time.
        eventually("an answer", || server.connect().get(&path).status == 200);
    }
    turned.store(true, Ordering::SeqCst);
    for number in 0..KINDS {
        held.extend(sends(server, 1, &get(&format!("/turn/{number}"))));
        // On a busy machine a handler may seem stuck for a moment, and be refused for that; what is stuck stays so.
        if (0..12).all(|_| is_refused(server)) {
            return held;
        }
    }
    panic!(
        "handlers run on loops in spite of {} that block",
        held.len()
    );
}

/// A new connection that gets a 503 is kept, and closed when it was idle for long.
fn is_refused(server: &Server) -> bool {
    let mut client = server.connect();
    let answer = client.get("/quick");
    if answer.status == 503 {
        assert_eq!(answer.header("Retry-After"), Some("1"));
        client.is_closed();
    }
    answer.status == 503
}

/// With the reserve used up too, loops run no handler; but they accept, answer with 503, and see to deadlines.
fn at_the_last(loops: usize) {
    let gate = Gate::new();
    let limits = small(3).idle_timeout(Duration::from_millis(300));
    let turned = Arc::default();
    let server = served(loops, limits, turning(&gate, &turned));
    let _held = until_the_last(&server, &turned);
    gate.open();
    eventually("handlers on loops again", || {
        server.connect().get("/quick").status == 200
    });
}

#[test]
fn one_loop_lives_with_the_reserve_used_up() {
    at_the_last(1);
}

#[test]
fn two_loops_live_with_the_reserve_used_up() {
    at_the_last(2);
}

#[test]
fn six_loops_live_with_the_reserve_used_up() {
    at_the_last(6);
}

/// Each connection's handler is made by a function of the user's, and dropped with its connection: both may block.
#[test]
fn handlers_of_connections_use_no_last_thread() {
    struct Blocks(Gate, bool);
    impl Drop for Blocks {
        fn drop(&mut self) {
            if self.1 {
                self.0.wait();
            }
        }
    }
    impl Handler for Blocks {
        fn dispatch(
            &self,
            request: &mut Request<'_>,
            response: Response<'_>,
        ) -> doget::Result<Sent> {
            response.reply(request.path())
        }
    }
    let gate = Gate::new();
    let made = gate.clone();
    let server = Server::spawned(
        |server| server.loops(2).limits(small(3)),
        move |server| {
            let number = AtomicUsize::new(0);
            server.spawn_with(move |_| {
                let number = number.fetch_add(1, Ordering::Relaxed);
                Blocks(made.clone(), number > 0)
            })
        },
    );
    let mut first = server.connect();
    assert_eq!(first.get("/quick").text(), "/quick");
    // Their handlers' ends block, one after the other.
    for _ in 0..40 {
        let mut client = server.connect();
        client.send(get("/quick"));
        drop(client);
    }
    eventually("the reserve is in use", || gate.waiting() >= 3 + 2);
    let answer = first.get("/quick");
    assert!([200, 503].contains(&answer.status), "{}", answer.status);
    gate.open();
    eventually("new connections", || {
        let mut client = server.connect();
        client.send(get("/quick"));
        client.answer().status == 200
    });
}

/// What waits for a thread does so for a bounded time.
#[test]
fn a_request_that_no_thread_comes_for_gets_503_in_time() {
    let gate = Gate::new();
    let server = served(1, small(2), Site { gate: gate.clone() });
    let _held = until_full(&server, || fill_by_gate(&server));
    let mut waiting = server.connect();
    // The second is pipelined behind the one that waits, and needs no thread.
    waiting.send(get("/marked") + &get("/quick"));
    let answer = waiting.answer();
    assert_eq!(
        (answer.status, answer.header("Retry-After")),
        (503, Some("1"))
    );
    assert_eq!(waiting.answer().text(), "quick");
    // So with a body that was read ahead.
    waiting.send("GET /marked HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
    assert_eq!(waiting.answer().status, 503);
    assert_eq!(waiting.get("/quick").text(), "quick");
    // The third is the one that found all threads busy.
    eventually_is("lines of refusals", 3, || {
        server.log().count("\"GET /marked HTTP/1.1\" 503")
    });
    gate.open();
}

/// An operator sees in the log why requests wait.
#[test]
fn that_all_threads_are_busy_is_said_once_a_minute() {
    let gate = Gate::new();
    let server = served(1, small(2), Site { gate: gate.clone() });
    let said = || {
        server
            .log()
            .count("doget: all 3 threads are busy: 0 of 2 threads for take-overs")
    };
    let mut held = until_full(&server, || fill_by_gate(&server));
    eventually_is("lines that say so", 1, said);
    gate.pass(3);
    held.extend(until_full(&server, || fill_by_gate(&server)));
    assert_eq!(said(), 1);
    gate.open();
}

/// At no time are there more threads than the limits say.
#[test]
fn threads_are_never_more_than_the_limits_allow() {
    let child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &[
            "loops=2",
            "max_threads=4",
            "takeover_threads_per_loop=5",
            "max_queued_requests=8",
        ],
    );
    let mut quick = child.connect();
    quick.get("/");
    let before = child.process().threads();
    let mut held = Vec::new();
    let mut most = 0;
    for number in 0..200 {
        let mut client = child.connect();
        // Each a kind of its own: each takes a loop over once more.
        client.send(get(&format!("/sleep/300/{number}")));
        held.push(client);
        most = most.max(child.process().threads());
    }
    for client in &mut held {
        let answer = client.answer();
        assert!([200, 503].contains(&answer.status), "{}", answer.status);
        most = most.max(child.process().threads());
    }
    // Two of the reserve are there from the start.
    assert!(
        most <= before + 4 + 2 * 5 - 2,
        "{most} threads, {before} at first"
    );
    assert!(most > before + 4, "{most} threads, {before} at first");
    eventually("fewer threads", || child.process().threads() <= before + 1);
}
