//! Responses that do not leave whole, and what the log says of them: one line, with the bytes of the body that left.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::Limits;
use doget_tests::{Client, End, Gate, Server, answers, eventually};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

static ZEROS: [u8; 16 << 20] = [0; 16 << 20];

/// `/whole` for the loop to write, anything else from a handler that streams.
fn large(limits: Limits) -> Server {
    Server::with(
        limits,
        answers(|request, response| match request.path() {
            "/whole" => response.reply(Cow::Borrowed(&ZEROS[..])),
            _ => {
                let mut body = response
                    .send_response(200)
                    .send_header("Content-Length", ZEROS.len())
                    .end_headers()?;
                for piece in ZEROS.chunks(1 << 20) {
                    body.write_all(piece)?;
                }
                body.finish()
            }
        }),
    )
}

/// The size in the one line that the log has for this path.
#[track_caller]
fn logged(server: &Server, path: &str) -> usize {
    let line = format!("\"GET {path} HTTP/1.1\" 200 ");
    eventually("a line", || server.log().count(&line) == 1);
    let text = server.log().text();
    let (_, rest) = text.split_once(&line).unwrap();
    rest.lines().next().unwrap().parse().unwrap()
}

/// Sends a request, and reads some of its answer.
fn begun(server: &Server, path: &str, read: usize) -> (Client, usize) {
    let mut client = Client::connect_narrow(server.address());
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
    let mut got = 0;
    while got < read {
        got += client.read_some(1 << 16).unwrap().len();
    }
    // Without the head.
    (client, got - 1000.min(got))
}

#[test]
fn a_response_that_breaks_off_is_logged_with_what_left() {
    for path in ["/whole", "/stream"] {
        // The client goes.
        let server = large(Limits::new());
        let (client, got) = begun(&server, path, 2 << 20);
        client.reset();
        let size = logged(&server, path);
        assert!(
            (got..ZEROS.len()).contains(&size),
            "reset: {path} {size} {got}"
        );
        // The client takes nothing more.
        let server = large(
            Limits::new()
                .send_timeout(Duration::from_millis(300))
                .min_send_rate(1 << 30),
        );
        let (client, got) = begun(&server, path, 2 << 20);
        let size = logged(&server, path);
        assert!(
            (got..ZEROS.len()).contains(&size),
            "timeout: {path} {size} {got}"
        );
        drop(client);
        // The server goes.
        let server = large(Limits::new());
        let (client, got) = begun(&server, path, 2 << 20);
        server.running().shutdown().now();
        assert!(server.running().shutdown().wait(doget_tests::PATIENCE));
        let size = logged(&server, path);
        assert!(
            (got..ZEROS.len()).contains(&size),
            "server: {path} {size} {got}"
        );
        drop(client);
    }
}

/// A handler that is still at work when the server has ended hears so at its next read or write, and nobody gets what
/// it says.
#[test]
fn a_handler_that_outlives_the_server_writes_to_nobody() {
    let gate = Gate::new();
    let (handler, heard) = (gate.clone(), Arc::new(Mutex::new(Vec::new())));
    let hears = Arc::clone(&heard);
    let server = Server::with(
        Limits::new().body_buffer_size(0),
        answers(move |request, response| {
            handler.wait();
            let done = match request.path() {
                "/read" => request.body().read(&mut [0; 10]).map(drop),
                "/write" => {
                    let mut body = response.send_response(200).end_headers()?;
                    let written = body.write_all(b"some").and_then(|()| body.flush());
                    hears
                        .lock()
                        .unwrap()
                        .push(written.map_err(|error| error.kind()));
                    return body.finish();
                }
                _ => {
                    hears
                        .lock()
                        .unwrap()
                        .push(Err(std::io::ErrorKind::ConnectionAborted));
                    return response.reply("whole");
                }
            };
            hears
                .lock()
                .unwrap()
                .push(done.map_err(|error| error.kind()));
            response.reply("whole")
        }),
    );
    let mut clients: Vec<_> = ["/read", "/write", "/reply"]
        .map(|path| {
            let mut client = server.connect();
            client.send(format!(
                "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n"
            ));
            client
        })
        .into();
    gate.has(3);
    server.running().shutdown().now();
    assert!(server.running().shutdown().wait(doget_tests::PATIENCE));
    clients[0].try_send("bytes").unwrap();
    gate.open();
    for client in &mut clients {
        let (End::Closed(bytes) | End::Reset(bytes)) = client.end();
        assert_eq!(String::from_utf8(bytes).unwrap(), "");
    }
    eventually("three handlers", || heard.lock().unwrap().len() == 3);
    let aborted = Err(std::io::ErrorKind::ConnectionAborted);
    assert_eq!(*heard.lock().unwrap(), [aborted; 3]);
}

/// Who has connected and not asked yet is not one that was idle for longest.
#[test]
fn at_the_cap_a_client_that_was_not_heard_yet_keeps_its_place() {
    let server = Server::with(
        Limits::new().max_connections(4),
        answers(|_, response| response.reply("got")),
    );
    let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
    let mut more: Vec<_> = (0..8).map(|_| server.connect()).collect();
    for client in &mut more {
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    }
    // Time for the server to make room, if it did.
    std::thread::sleep(Duration::from_millis(300));
    for client in clients.iter_mut().chain(&mut more).take(4) {
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        assert_eq!(client.answer().text(), "got");
    }
    for client in &mut more {
        assert_eq!(client.answer().text(), "got");
    }
}
