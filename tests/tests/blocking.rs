//! Handlers that block: the loop is taken over, the request answered in its turn, the threads grow and shrink.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{Error, Limits, Request, Response, Sent, handler};
use doget_tests::{
    Child, Client, FastClock, Gate, PATIENCE, Server, answers, eventually, eventually_is,
};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// One loop, so that whatever blocks it blocks everything.
fn one_loop(
    limits: Limits,
    answer: impl Fn(&mut Request<'_>, Response<'_>) -> doget::Result<Sent> + Send + Sync + 'static,
) -> Server {
    Server::built(|server| server.loops(1).limits(limits), answers(answer))
}

/// `/block...` waits at the gate, everything else does not; the answer is the path.
fn gated(gate: &Gate) -> Server {
    let gate = gate.clone();
    one_loop(Limits::default(), move |request, response| {
        if request.path().starts_with("/block") {
            gate.wait();
        }
        response.reply(request.target())
    })
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}

#[test]
fn a_blocked_handler_does_not_hold_its_loop() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut blocked = server.connect();
    blocked.send(request("/block"));
    gate.has(1);
    // New connections are accepted meanwhile, and old ones served.
    let mut others: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for other in others.iter_mut().chain(&mut [server.connect()]) {
        assert_eq!(other.get("/quick").text(), "/quick");
        assert_eq!(other.get("/quick/too").text(), "/quick/too");
    }
    assert_eq!(gate.waiting(), 1);
    gate.open();
    assert_eq!(blocked.answer().text(), "/block");
    assert_eq!(blocked.get("/after").text(), "/after");
}

/// Each block is on a path of its own, so that each may take the loop over once more.
#[test]
fn sixty_four_blocked_handlers_and_quick_requests_meanwhile() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut quick = server.connect();
    let mut blocked: Vec<_> = (0..64)
        .map(|n| {
            let mut client = server.connect();
            client.send(request(&format!("/block/{n}")));
            client
        })
        .collect();
    gate.has(64);
    for n in 0..100 {
        let path = format!("/quick/{n}");
        assert_eq!(quick.get(&path).text(), path);
    }
    gate.open();
    for (n, client) in blocked.iter_mut().enumerate() {
        assert_eq!(client.answer().text(), format!("/block/{n}"));
    }
}

#[test]
fn what_got_stuck_once_goes_to_other_threads_and_all_are_answered() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut quick = server.connect();
    for round in 1..=4 {
        let mut blocked: Vec<_> = (0..16)
            .map(|_| {
                let mut client = server.connect();
                client.send(request("/block"));
                client
            })
            .collect();
        gate.has(16);
        assert_eq!(quick.get("/quick").text(), "/quick");
        gate.pass(16);
        for client in &mut blocked {
            assert_eq!(client.answer().text(), "/block");
        }
        assert_eq!(gate.arrived(), round * 16);
    }
}

/// Handlers that end about when the monitor decides to take their loop over, some before and some after. Nobody can
/// say which of them; every request has its answer, in its turn, all the same.
#[test]
fn handlers_that_end_while_their_loop_is_taken_over() {
    const REQUESTS: u32 = 100;
    let server = one_loop(Limits::default(), |request, response| {
        // On paths of their own, so that none is known beforehand. A tick of the monitor is 250 us to 2 ms.
        let number: u32 = request.path()[1..].replace('/', "").parse().unwrap_or(0);
        let micros = number.wrapping_mul(0x9E37_79B9) >> 20;
        std::thread::sleep(Duration::from_micros(micros.into()));
        response.reply(request.target())
    });
    std::thread::scope(|scope| {
        for client in 0..8 {
            let mut connection = server.connect();
            scope.spawn(move || {
                for number in (0..REQUESTS).step_by(2) {
                    let paths = [0, 1].map(|more| format!("/{client}/{:03}", number + more));
                    connection.send(paths.iter().map(|path| request(path)).collect::<String>());
                    for path in paths {
                        assert_eq!(connection.answer().text(), path);
                    }
                }
            });
        }
    });
}

/// What was ready together with the one that blocks is served by the next owner.
#[test]
fn the_rest_of_a_batch_survives_a_take_over() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut clients: Vec<_> = (0..40).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.get("/quick");
    }
    let mut other = server.connect();
    for round in 0..5 {
        for (n, client) in clients.iter_mut().enumerate() {
            let path = if n % 8 == 0 {
                format!("/block/{round}/{n}")
            } else {
                "/quick".to_owned()
            };
            client.send(request(&path));
        }
        for (n, client) in clients.iter_mut().enumerate() {
            if n % 8 != 0 {
                assert_eq!(client.answer().text(), "/quick");
            }
        }
        gate.has(5);
        assert_eq!(other.get("/quick").text(), "/quick");
        gate.pass(5);
        for client in clients.iter_mut().step_by(8) {
            assert!(client.answer().text().starts_with("/block"));
        }
    }
}

/// A burst for a connection whose handler blocks wakes the loop for nothing, and is seen when it comes back.
#[test]
fn what_is_sent_while_the_handler_blocks_is_answered_afterwards_in_order() {
    let gate = Gate::new();
    let server = gated(&gate);
    let (mut client, mut other) = (server.connect(), server.connect());
    for _ in 0..2 {
        // First by a take-over, then on a thread of its own.
        client.send(request("/block"));
        gate.has(1);
        for n in 0..20 {
            client.send(request(&format!("/{n}")));
            other.get("/quick");
        }
        gate.pass(1);
        assert_eq!(client.answer().text(), "/block");
        for n in 0..20 {
            assert_eq!(client.answer().text(), format!("/{n}"));
        }
    }
}

/// Across a take-over, and across the hand-over to a thread that the second time brings.
#[test]
fn pipelined_requests_around_one_that_blocks_are_answered_in_order() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut client = server.connect();
    for _ in 0..3 {
        let paths = ["/1", "/2", "/block", "/3", "/block", "/4", "/5"];
        client.send(paths.map(request).concat());
        gate.has(1);
        assert_eq!(server.connect().get("/quick").text(), "/quick");
        gate.pass(1);
        gate.has(1);
        gate.pass(1);
        for path in paths {
            assert_eq!(client.answer().text(), path);
        }
    }
}

/// What is answered before a request that goes elsewhere is not held back for it.
#[test]
fn answers_before_a_request_that_is_known_to_block_are_sent_before_it_runs() {
    let gate = Gate::new();
    let server = gated(&gate);
    let mut client = server.connect();
    client.send(request("/block"));
    gate.has(1);
    // Taken over, so that it is known from now on.
    server.connect().get("/quick");
    gate.pass(1);
    client.answer();
    client.send(["/1", "/2", "/block"].map(request).concat());
    assert_eq!(client.answer().text(), "/1");
    assert_eq!(client.answer().text(), "/2");
    gate.has(1);
    gate.open();
    assert_eq!(client.answer().text(), "/block");
}
#[test]
fn a_client_that_resets_while_its_handler_blocks_leaves_nothing_behind() {
    let gate = Gate::new();
    let server = gated(&gate);
    for _ in 0..3 {
        let clients: Vec<_> = (0..8)
            .map(|n| {
                let mut client = server.connect();
                client.send(request(&format!("/block/{n}")));
                client
            })
            .collect();
        gate.has(8);
        clients.into_iter().for_each(Client::reset);
        assert_eq!(server.connect().get("/quick").text(), "/quick");
        gate.pass(8);
        gate.has(0);
    }
    assert_eq!(server.connect().get("/quick").text(), "/quick");
}
#[test]
fn a_client_that_finishes_while_its_handler_blocks_gets_its_answer_and_then_the_end() {
    let gate = Gate::new();
    let server = gated(&gate);
    for _ in 0..3 {
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(request("/block"));
        }
        gate.has(4);
        for client in &mut clients {
            client.finish();
        }
        assert_eq!(server.connect().get("/quick").text(), "/quick");
        gate.pass(4);
        for client in &mut clients {
            assert_eq!(client.answer().text(), "/block");
            client.is_closed();
        }
    }
}
#[test]
fn a_panic_after_a_block_is_a_500_and_the_thread_goes_on() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = one_loop(Limits::default(), move |request, response| {
        if request.path() == "/block" {
            handler.wait();
            panic!("after a block");
        }
        response.reply("quick")
    });
    for _ in 0..3 {
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(request("/block"));
        }
        gate.has(4);
        assert_eq!(server.connect().get("/quick").text(), "quick");
        gate.pass(4);
        for client in &mut clients {
            let answer = client.answer();
            assert_eq!(answer.status, 500);
            assert!(answer.closes());
            client.is_closed();
        }
        assert_eq!(server.connect().get("/quick").text(), "quick");
    }
}

/// The handler waits for room, its loop does not.
#[test]
fn a_handler_that_writes_to_a_reader_who_stopped_does_not_hold_its_loop() {
    const SIZE: usize = 64 << 20;
    let finished = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&finished);
    let server = one_loop(Limits::default(), move |request, response| {
        if request.path() == "/quick" {
            return response.reply("quick");
        }
        let mut body = response
            .send_response(200)
            .send_header("Content-Length", SIZE)
            .end_headers()?;
        let piece = [b'x'; 64 << 10];
        for _ in 0..SIZE / piece.len() {
            body.write_all(&piece)?;
        }
        seen.fetch_add(1, Ordering::SeqCst);
        body.finish()
    });
    let mut slow = Client::connect_narrow(server.address());
    slow.send(request("/stream"));
    for _ in 0..50 {
        assert_eq!(server.connect().get("/quick").text(), "quick");
    }
    assert_eq!(finished.load(Ordering::SeqCst), 0);
    assert_eq!(slow.answer().body.len(), SIZE);
    assert_eq!(finished.load(Ordering::SeqCst), 1);
    assert_eq!(slow.get("/quick").text(), "quick");
}

/// A handler that computes is let be for a while, and taken over in the end.
#[test]
fn a_handler_that_computes_for_long_does_not_hold_its_loop_for_ever() {
    let stop = Arc::new(AtomicBool::new(false));
    let server = one_loop(Limits::default(), move |request, response| {
        let deadline = Instant::now() + 3 * PATIENCE;
        match request.path() {
            "/spin" => {
                while !stop.load(Ordering::Relaxed) && Instant::now() < deadline {
                    std::hint::spin_loop();
                }
            }
            _ => stop.store(true, Ordering::Relaxed),
        }
        response.reply(request.target())
    });
    let (mut spinning, mut other) = (server.connect(), server.connect());
    spinning.send(request("/spin"));
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(other.get("/stop").text(), "/stop");
    assert_eq!(spinning.answer().text(), "/spin");
}

struct Marked {
    gate: Gate,
}

#[handler]
impl Marked {
    #[blocking]
    fn do_GET(&self) -> &'static str {
        self.gate.wait();
        "got\n"
    }

    fn do_PUT(&self) -> &'static str {
        "put\n"
    }
}

const PUT: &str = "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n";

/// With `#[blocking]`, which needs no take-over to be known.
#[test]
fn at_the_cap_what_blocks_waits_and_nobody_else_notices() {
    let gate = Gate::new();
    let limits = Limits::new().max_threads(4);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        Marked { gate: gate.clone() },
    );
    let mut blocked: Vec<_> = (0..20)
        .map(|_| {
            let mut client = server.connect();
            client.send(request("/"));
            client
        })
        .collect();
    gate.has(4);
    let mut quick = server.connect();
    for _ in 0..50 {
        quick.send(PUT);
        assert_eq!(quick.answer().text(), "put\n");
        assert_eq!(gate.waiting(), 4);
    }
    assert_eq!(gate.arrived(), 4);
    for done in (4..20).step_by(4) {
        gate.pass(4);
        eventually("four more", || {
            gate.arrived() == done + 4 && gate.waiting() == 4
        });
    }
    gate.open();
    for client in &mut blocked {
        assert_eq!(client.answer().text(), "got\n");
    }
}

/// A20: beyond the threads and the queue there is an answer at once.
#[test]
fn a20_a_full_queue_is_a_503_with_retry_after() {
    let gate = Gate::new();
    let limits = Limits::new().max_threads(1).max_queued_requests(1);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        Marked { gate: gate.clone() },
    );
    let mut first = server.connect();
    first.send(request("/"));
    gate.has(1);
    // Of the others one waits in the queue, and no more.
    let statuses: Vec<_> = {
        let mut clients: Vec<_> = (0..6).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(request("/"));
        }
        let threads: Vec<_> = clients
            .into_iter()
            .map(|mut client| std::thread::spawn(move || client.answer()))
            .collect();
        eventually("five refusals", || {
            threads.iter().filter(|thread| thread.is_finished()).count() == 5
        });
        gate.open();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    };
    assert_eq!(first.answer().status, 200);
    let refused: Vec<_> = statuses
        .iter()
        .filter(|answer| answer.status == 503)
        .collect();
    assert_eq!(refused.len(), 5);
    assert!(
        refused
            .iter()
            .all(|answer| answer.header("Retry-After") == Some("1"))
    );
    assert_eq!(
        statuses
            .iter()
            .filter(|answer| answer.status == 200)
            .count(),
        1
    );
}

#[test]
fn a_connection_that_had_its_503_goes_on() {
    let gate = Gate::new();
    let limits = Limits::new().max_threads(1).max_queued_requests(0);
    let server = Server::built(
        |server| server.loops(1).limits(limits),
        Marked { gate: gate.clone() },
    );
    let (mut first, mut second) = (server.connect(), server.connect());
    first.send(request("/"));
    gate.has(1);
    assert_eq!(second.get("/").status, 503);
    second.send(PUT);
    assert_eq!(second.answer().text(), "put\n");
    gate.open();
    assert_eq!(first.answer().status, 200);
    eventually("a free thread", || second.get("/").status == 200);
}

/// A20: the threads that the limits allow, and no other.
#[test]
fn a20_threads_grow_with_what_blocks_up_to_the_cap_and_shrink_again() {
    let child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &[
            "loops=1",
            "max_threads=24",
            "max_requests_per_connection=1000000",
        ],
    );
    let mut quick = child.connect();
    quick.get("/");
    let before = child.process().threads();
    let mut blocked: Vec<_> = (0..100)
        .map(|_| {
            let mut client = child.connect();
            client.send(request("/sleep/500"));
            client
        })
        .collect();
    let mut most = 0;
    while blocked.iter_mut().any(|client| client.is_quiet()) {
        assert_eq!(quick.get("/").text(), "hello\n");
        most = most.max(child.process().threads());
    }
    for client in &mut blocked {
        assert_eq!(client.answer().text(), "slept\n");
    }
    // One owns the loop, and there is one already.
    assert!(most <= before + 24, "{most} threads, {before} at first");
    assert!(most >= before + 12, "{most} threads, {before} at first");
    // A spare one stays.
    eventually("fewer threads", || child.process().threads() <= before + 1);
}

/// Connections of several loops, each of which is taken over.
#[test]
fn several_loops_are_taken_over_at_once() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = Server::built(
        |server| server.loops(4),
        answers(move |request, response| {
            if request.path().starts_with("/block") {
                handler.wait();
            }
            response.reply(request.target())
        }),
    );
    let mut blocked: Vec<_> = (0..48)
        .map(|n| {
            let mut client = server.connect();
            client.send(request(&format!("/block/{n}")));
            client
        })
        .collect();
    gate.has(48);
    for _ in 0..32 {
        assert_eq!(server.connect().get("/quick").text(), "/quick");
    }
    gate.open();
    for (n, client) in blocked.iter_mut().enumerate() {
        assert_eq!(client.answer().text(), format!("/block/{n}"));
    }
}

/// A client that pipelines without end has a turn, as others have.
#[test]
fn a_client_that_pipelines_without_end_does_not_starve_the_others() {
    let limits = Limits::new().max_requests_per_connection(u32::MAX);
    let server = one_loop(limits, |_, response| response.reply("x"));
    let stop = Arc::new(AtomicBool::new(false));
    let mut threads = Vec::new();
    let bulk = request("/").repeat(4096);
    for _ in 0..2 {
        let mut sender = server.connect();
        let mut reader = sender.twin();
        let (bulk, stopped) = (bulk.clone(), Arc::clone(&stop));
        threads.push(std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) && sender.try_send(&bulk).is_ok() {}
            sender.finish();
        }));
        threads.push(std::thread::spawn(move || {
            while reader
                .read_some(1 << 20)
                .is_ok_and(|bytes| !bytes.is_empty())
            {}
        }));
    }
    for _ in 0..10 {
        assert_eq!(server.connect().get("/other").text(), "x");
    }
    stop.store(true, Ordering::Relaxed);
    server.running().shutdown().now();
    for thread in threads {
        let _ = thread.join();
    }
}

/// The idle time of a connection that a handler had for long runs from its answer.
#[test]
fn a_connection_that_came_back_from_a_handler_has_its_deadline_again() {
    let (clock, gate, limit) = (FastClock::new(), Gate::new(), Duration::from_secs(60));
    let limits = Limits::new().idle_timeout(limit).head_timeout(limit);
    let handler = gate.clone();
    let server = Server::built(
        |server| server.loops(1).limits(limits).clock(&clock),
        answers(move |_, response| {
            handler.wait();
            response.reply("x")
        }),
    );
    let mut client = server.connect();
    client.send(request("/"));
    gate.has(1);
    clock.sleep(3 * limit);
    let answered = clock.now();
    gate.open();
    assert_eq!(client.answer().status, 200);
    client.is_closed();
    clock.took(answered, limit);
}

/// `Date` says when the response was made, not when its request came; a handler on the loop's own thread is
/// not expected to take long, and has the time of its batch.
#[test]
fn the_date_after_a_handler_that_is_known_to_block_is_not_that_of_its_request() {
    let gate = Gate::new();
    let server = Server::new(Marked { gate: gate.clone() });
    let mut client = server.connect();
    let asked = SystemTime::now();
    client.send(request("/"));
    gate.has(1);
    std::thread::sleep(Duration::from_millis(2100));
    gate.open();
    let answer = client.answer();
    let date = doget::parse_http_date(answer.header("Date").unwrap()).expect("a date");
    assert!(
        date >= asked + Duration::from_secs(1),
        "{date:?}, asked at {asked:?}"
    );
}

#[test]
fn an_error_after_a_block_is_its_page_and_the_connection_goes_on() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = one_loop(Limits::default(), move |_, _| {
        handler.wait();
        Err(Error::new(418))
    });
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(request("/"));
        gate.has(1);
        gate.pass(1);
        assert_eq!(client.answer().status, 418);
    }
}

/// A thread that is lost to its loop is a spare afterwards: blocks one after the other take few of them.
#[test]
fn blocks_one_after_the_other_share_their_threads() {
    let child = Child::start(env!("CARGO_BIN_EXE_doget-test-server"), &["loops=1"]);
    let mut client = child.connect();
    client.get("/");
    let before = child.process().threads();
    for n in 0..20 {
        assert_eq!(client.get(&format!("/sleep/{}", 10 + n)).text(), "slept\n");
        let threads = child.process().threads();
        assert!(
            threads <= before + 3,
            "{threads} threads, {before} at first"
        );
    }
    eventually_is("threads", true, || child.process().threads() <= before + 1);
}
