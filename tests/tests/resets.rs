//! Clients that go away, at every point, and clients that stop sending.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::Limits;
use doget_tests::{Child, Client, End, Gate, Server, answers, eventually};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_doget-test-server");

/// The child has as many descriptors as before, and is quiet.
#[track_caller]
fn nothing_is_left(child: &Child, descriptors: usize) {
    eventually("their descriptors", || {
        child.process().descriptors() <= descriptors
    });
    assert_eq!(child.connect().get("/").text(), "hello\n");
    // No spin: there is a second in which it does next to nothing.
    eventually("a quiet second", || {
        let before = child.process().processor();
        std::thread::sleep(Duration::from_millis(500));
        child.process().processor() - before < Duration::from_millis(50)
    });
}

#[test]
fn a23_a_client_that_resets_at_every_point_of_its_request() {
    let child = Child::start(PROGRAM, &["loops=2"]);
    child.connect().get("/");
    let descriptors = child.process().descriptors();
    let requests = [
        "GET / HTTP/1.1\r\nHost: test\r\n\r\n".to_owned(),
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n0123456789".to_owned(),
        "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_owned(),
        "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc".to_owned(),
        format!("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(50)),
    ];
    for request in &requests {
        for at in 0..=request.len() {
            let mut client = child.connect();
            client.send(&request[..at]);
            if at % 3 == 0 {
                // So that the server has seen it.
                std::thread::sleep(Duration::from_millis(1));
            }
            if at % 2 == 0 {
                client.reset()
            } else {
                drop(client)
            }
        }
    }
    nothing_is_left(&child, descriptors);
}

#[test]
fn a23_a_client_that_resets_within_the_response() {
    let child = Child::start(PROGRAM, &["loops=2"]);
    child.connect().get("/");
    let descriptors = child.process().descriptors();
    for n in 0..100 {
        let path = ["stream", "bytes", "file"][n % 3];
        let mut client = child.connect();
        client.send(format!(
            "GET /{path}/8000000 HTTP/1.1\r\nHost: test\r\n\r\n"
        ));
        assert!(!client.read_some(1 << (n % 15)).unwrap().is_empty());
        if n % 2 == 0 {
            client.reset()
        } else {
            drop(client)
        }
    }
    nothing_is_left(&child, descriptors);
}

#[test]
fn a23_one_line_for_a_client_that_went_away_and_no_second_response() {
    static ZEROS: [u8; 16 << 20] = [0; 16 << 20];
    let server = Server::built(
        |server| server.loops(1),
        answers(|request, response| match request.path() {
            "/whole" => response.reply(Cow::Borrowed(&ZEROS[..])),
            "/stream" => {
                let mut body = response.send_response(200).end_headers()?;
                for piece in ZEROS.chunks(1 << 16) {
                    body.write_all(piece)?;
                }
                body.finish()
            }
            _ => response.reply("x"),
        }),
    );
    for path in ["/whole", "/stream"] {
        for _ in 0..10 {
            let mut client = Client::connect_narrow(server.address());
            client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
            assert!(!client.read_some(1000).unwrap().is_empty());
            client.reset();
        }
        let line = format!("\"GET {path} HTTP/1.1\" 200 ");
        eventually("their lines", || server.log().count(&line) == 10);
    }
    let text = server.log().text();
    assert!(!text.contains(" 500 "), "{text}");
    assert!(text.lines().count() <= 40, "{text}");
    assert_eq!(server.connect().get("/").text(), "x");
}

/// What is left of an old connection must not be taken for its slot's next one.
#[test]
fn slots_that_are_used_again_at_once() {
    let child = Child::start(PROGRAM, &["loops=1"]);
    child.connect().get("/");
    let descriptors = child.process().descriptors();
    let mut blocked = Vec::new();
    for n in 0..300 {
        let mut client = child.connect();
        client.send("GET /sleep/20 HTTP/1.1\r\nHost: test\r\n\r\n");
        if n % 3 == 0 {
            client.reset();
        } else {
            blocked.push(client);
        }
        let mut client = child.connect();
        if n % 2 == 0 {
            assert_eq!(client.get("/").text(), "hello\n");
        }
        client.reset();
    }
    for client in &mut blocked {
        assert_eq!(client.answer().text(), "slept\n");
    }
    drop(blocked);
    nothing_is_left(&child, descriptors);
}

#[test]
fn a24_a_client_that_finishes_behind_its_request_gets_its_answer() {
    let child = Child::start(PROGRAM, &["loops=1"]);
    child.connect().get("/");
    let descriptors = child.process().descriptors();
    for pause in [0, 5] {
        for path in [
            "/",
            "/bytes/300000",
            "/stream/300000",
            "/file/300000",
            "/sleep/20",
        ] {
            let mut client = child.connect();
            client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
            std::thread::sleep(Duration::from_millis(pause));
            client.finish();
            assert_eq!(client.answer().status, 200, "{path}");
            assert_eq!(client.end(), End::Closed(Vec::new()), "{path}");
        }
    }
    nothing_is_left(&child, descriptors);
}

/// The end comes with the requests, in one segment and so in one event.
#[test]
#[cfg(target_os = "linux")]
fn a24_requests_and_the_end_in_one_segment() {
    let child = Child::start(PROGRAM, &["loops=1"]);
    child.connect().get("/");
    let descriptors = child.process().descriptors();
    for _ in 0..20 {
        let client = child.connect();
        let mut client = client.corked();
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n".repeat(20));
        client.finish();
        for _ in 0..20 {
            assert_eq!(client.answer().text(), "hello\n");
        }
        assert_eq!(client.end(), End::Closed(Vec::new()));
    }
    nothing_is_left(&child, descriptors);
}

#[test]
fn a24_the_end_within_a_head_is_the_end() {
    let child = Child::start(PROGRAM, &["loops=1"]);
    child.connect().get("/");
    let descriptors = child.process().descriptors();
    let head = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    for at in 0..head.len() {
        let mut client = child.connect();
        client.send(&head[..at]);
        client.finish();
        let End::Closed(bytes) = client.end() else {
            panic!("a reset after {at} bytes");
        };
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 400 "),
            "{text}"
        );
    }
    nothing_is_left(&child, descriptors);
}

#[test]
fn a24_the_end_within_a_body_is_an_error_to_its_handler() {
    let faults = Arc::new(Mutex::new(Vec::new()));
    for body_buffer_size in [1 << 20, 0] {
        let seen = Arc::clone(&faults);
        let server = Server::with(
            Limits::new().body_buffer_size(body_buffer_size),
            answers(move |request, response| {
                let mut body = Vec::new();
                match request.body().read_to_end(&mut body) {
                    Ok(_) => response.reply("whole"),
                    Err(error) => {
                        seen.lock().unwrap().push(error.kind());
                        Err(error.into())
                    }
                }
            }),
        );
        for body in [
            "Content-Length: 100\r\n\r\nsome",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        ] {
            let mut client = server.connect();
            client.send(format!("POST / HTTP/1.1\r\nHost: test\r\n{body}"));
            client.finish();
            let answer = client.answer();
            assert_eq!(answer.status, 400, "{body:?}");
            assert!(answer.closes());
            assert_eq!(client.end(), End::Closed(Vec::new()));
        }
    }
    // The loop that collects a body does not call a handler for one that was cut short.
    assert_eq!(
        *faults.lock().unwrap(),
        [std::io::ErrorKind::UnexpectedEof; 4]
    );
}

/// A26: as many as there are, in order, and with little memory.
#[test]
fn a26_ten_thousand_pipelined_requests() {
    let child = Child::start(PROGRAM, &["loops=1", "max_requests_per_connection=1000000"]);
    let mut client = child.connect();
    client.get("/");
    let memory = child.process().memory();
    let mut sender = client.twin();
    let thread = std::thread::spawn(move || {
        for n in 0..10_000 {
            sender.send(format!(
                "GET /bytes/{} HTTP/1.1\r\nHost: test\r\n\r\n",
                n % 100
            ));
        }
    });
    for n in 0..10_000 {
        assert_eq!(client.answer().body.len(), n % 100);
    }
    thread.join().unwrap();
    let more = child.process().memory().saturating_sub(memory);
    assert!(more < 8 << 20, "{more} bytes");
}

/// The client sends all before it reads anything: what is read ahead has a bound, and so have the answers.
#[test]
fn a26_pipelined_requests_whose_answers_nobody_reads_are_not_taken() {
    let child = Child::start(
        PROGRAM,
        &["loops=1", "max_requests_per_connection=100000000"],
    );
    let mut client = Client::connect_narrow(child.address());
    child.connect().get("/");
    let memory = child.process().memory();
    let mut sender = client.twin();
    let thread = std::thread::spawn(move || {
        let request = "GET /bytes/60000 HTTP/1.1\r\nHost: test\r\n\r\n".repeat(100);
        let mut sent = 0;
        while sent < 20_000 && sender.try_send(&request).is_ok() {
            sent += 100;
        }
        sent
    });
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(2) && !thread.is_finished() {
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(child.connect().get("/").text(), "hello\n");
    }
    let more = child.process().memory().saturating_sub(memory);
    assert!(more < 16 << 20, "{more} bytes");
    for _ in 0..200 {
        assert_eq!(client.answer().body.len(), 60_000);
    }
    client.reset();
    thread.join().unwrap();
}

#[test]
fn a26_nothing_is_answered_behind_close() {
    let server = Server::new(answers(|_, response| response.reply("x")));
    for close in ["close", "keep-alive, close", "Close", "close, \u{e9}"] {
        let mut client = server.connect();
        let last = format!("GET / HTTP/1.1\r\nHost: test\r\nConnection: {close}\r\n\r\n");
        let other = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
        client.send([other, other, &last, other, other].concat());
        assert!(!client.answer().closes());
        assert!(!client.answer().closes());
        assert!(client.answer().closes(), "{close}");
        assert_eq!(client.end(), End::Closed(Vec::new()), "{close}");
    }
}

#[test]
fn a26_the_last_of_so_many_requests_says_close() {
    let server = Server::with(
        Limits::new().max_requests_per_connection(10),
        answers(|_, response| response.reply("x")),
    );
    for pipelined in [false, true] {
        let mut client = server.connect();
        let request = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
        if pipelined {
            client.send(request.repeat(15));
        }
        for n in 1..=10 {
            if !pipelined {
                client.send(request);
            }
            assert_eq!(client.answer().closes(), n == 10);
        }
        assert_eq!(client.end(), End::Closed(Vec::new()));
    }
}

#[test]
fn a27_expectations() {
    let gate = Gate::new();
    gate.open();
    let server = Server::new(answers(|request, response| {
        if request.path() == "/reject" {
            return Err(doget::Error::new(403));
        }
        let mut body = Vec::new();
        request.body().read_to_end(&mut body)?;
        response.reply(body)
    }));
    let request = |path, version, expect, length| {
        format!(
            "POST {path} HTTP/{version}\r\nHost: test\r\nExpect: {expect}\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    // Invited when the handler reads, and not before.
    let mut client = server.connect();
    client.send(request("/", "1.1", "100-continue", 5));
    assert_eq!(client.answer().status, 100);
    assert!(client.is_quiet());
    client.send("hello");
    assert_eq!(client.answer().text(), "hello");
    // Once more on the same connection; a client that does not wait needs no invitation.
    client.send(request("/", "1.1", "100-Continue", 5) + "again");
    let answer = client.answer();
    let answer = if answer.status == 100 {
        client.answer()
    } else {
        answer
    };
    assert_eq!(answer.text(), "again");
    // Turned away: no invitation, and nobody waits for the body.
    let mut client = server.connect();
    client.send(request("/reject", "1.1", "100-continue", 5));
    let answer = client.answer();
    assert_eq!(answer.status, 403);
    assert!(answer.closes());
    client.is_closed();
    // HTTP/1.0 knows no interim responses.
    let mut client = server.connect();
    client.send(request("/", "1.0", "100-continue", 5) + "hello");
    assert_eq!(client.answer().text(), "hello");
    // Another expectation.
    let mut client = server.connect();
    client.send(request("/", "1.1", "the-unexpected", 5));
    assert_eq!(client.answer().status, 417);
    client.is_closed();
    // Invited, and it does not come.
    let mut client = server.connect();
    client.send(request("/", "1.1", "100-continue", 5));
    assert_eq!(client.answer().status, 100);
    client.finish();
    assert_eq!(client.answer().status, 400);
    client.is_closed();
}
