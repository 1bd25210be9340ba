//! A loop whose handler blocks goes on: quick requests, other loops, readers who stopped.

use crate::{gated, one_loop, request};
use doget::Limits;
use doget_tests::{Client, Gate, PATIENCE, Server, answers};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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
