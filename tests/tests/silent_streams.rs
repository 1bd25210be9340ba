//! Streams that have nothing to say for a while: they hear that the server ends, or that their client has left.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::Limits;
use doget_tests::{End, Server, answers, eventually};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Each says `begun`, then nothing, until it hears that it is over.
fn silent() -> (Server, Arc<AtomicUsize>) {
    let over = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&over);
    let server = Server::with(
        Limits::new().shutdown_timeout(Duration::from_secs(600)),
        answers(move |request, response| {
            let mut body = response.send_response(200).end_headers()?;
            body.write_all(b"begun")?;
            body.flush()?;
            let shutdown = request.server().shutdown();
            while body.is_connected() && !shutdown.wait_begun(Duration::from_millis(20)) {}
            counted.fetch_add(1, Ordering::SeqCst);
            body.finish()
        }),
    );
    (server, over)
}

#[test]
fn a_stream_hears_that_the_server_ends() {
    let (server, over) = silent();
    let told = Arc::new(AtomicUsize::new(0));
    for _ in 0..2 {
        let (shutdown, told) = (server.running().shutdown().clone(), Arc::clone(&told));
        let listener = server.running().shutdown().on_begin(move || {
            // The lock is not held.
            let _ = shutdown.stage();
            told.fetch_add(1, Ordering::SeqCst);
        });
        listener.keep();
    }
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    for client in &mut clients {
        assert!(!client.read_some(1).unwrap().is_empty());
    }
    let since = Instant::now();
    server.running().shutdown().graceful();
    server.running().shutdown().graceful();
    assert_eq!(told.load(Ordering::SeqCst), 2);
    for client in &mut clients {
        let End::Closed(rest) = client.end() else {
            panic!("a reset");
        };
        assert!(
            rest.ends_with(b"begun\r\n0\r\n\r\n"),
            "{}",
            rest.escape_ascii()
        );
    }
    server.join();
    assert!(since.elapsed() < doget_tests::PATIENCE);
    assert_eq!(over.load(Ordering::SeqCst), 3);
}

/// Else a server would keep one for each request that it ever had.
#[test]
fn a_listener_goes_with_its_request() {
    let (server, _) = silent();
    let shutdown = server.running().shutdown().clone();
    let told = Arc::new(AtomicUsize::new(0));
    let listen = |step| {
        let told = Arc::clone(&told);
        shutdown.on_begin(move || {
            told.fetch_add(step, Ordering::SeqCst);
        })
    };
    let (first, last) = (listen(1), listen(10));
    for _ in 0..1000 {
        drop(listen(100));
    }
    listen(1000).keep();
    drop(first);
    assert_eq!(Arc::strong_count(&told), 3);
    shutdown.graceful();
    assert_eq!(told.load(Ordering::SeqCst), 1010);
    // The end has begun: at once, and nothing is kept.
    drop(listen(10_000));
    drop(last);
    assert_eq!(told.load(Ordering::SeqCst), 11_010);
    assert_eq!(Arc::strong_count(&told), 1);
    server.join();
}

#[test]
fn a_stream_hears_that_its_client_has_left() {
    let (server, over) = silent();
    for (count, resets) in [(1, false), (2, true)] {
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        assert!(!client.read_some(1).unwrap().is_empty());
        assert_eq!(over.load(Ordering::SeqCst), count - 1);
        if resets {
            client.reset();
        } else {
            drop(client);
        }
        eventually("the end of the handler", || {
            over.load(Ordering::SeqCst) == count
        });
    }
}
