//! Who ends a server, and what is gone behind it: the handler, the address, the process.

use crate::graceful;
use doget::{HttpServer, Log, ShutdownStage};
use doget_tests::{Child, Client, PATIENCE, Server, answers, eventually};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_handler_can_end_its_server() {
    for how in ["/graceful", "/now"] {
        let server = Server::with(
            graceful(),
            answers(|request, response| {
                let shutdown = request.server().shutdown();
                match request.path() {
                    "/now" => shutdown.now(),
                    _ => shutdown.graceful(),
                }
                response.reply("bye")
            }),
        );
        let mut idle = server.connect();
        let mut client = server.connect();
        client.send(format!("GET {how} HTTP/1.1\r\nHost: test\r\n\r\n"));
        if how == "/graceful" {
            let answer = client.answer();
            assert_eq!(answer.text(), "bye");
            assert_eq!(answer.header("Connection"), Some("close"));
        }
        client.end();
        idle.is_closed();
        server.join();
    }
}

#[test]
fn serve_forever_returns_when_another_thread_ends_it() {
    let server = HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .log(Log::writer(Box::new(std::io::sink())));
    let (address, shutdown) = (server.local_addr().unwrap(), server.shutdown_handle());
    let thread = std::thread::spawn(move || {
        server.serve_forever(answers(|_, response| response.reply("x")))
    });
    assert_eq!(Client::connect(address).get("/").text(), "x");
    assert_eq!(shutdown.stage(), ShutdownStage::Serving);
    shutdown.graceful();
    assert!(shutdown.wait(PATIENCE));
    thread.join().unwrap().unwrap();
}

#[test]
fn a_server_that_was_ended_before_it_served_does_not_serve() {
    for now in [false, true] {
        let server = HttpServer::bind("127.0.0.1:0")
            .unwrap()
            .log(Log::writer(Box::new(std::io::sink())));
        let (address, shutdown) = (server.local_addr().unwrap(), server.shutdown_handle());
        if now {
            shutdown.now()
        } else {
            shutdown.graceful()
        }
        server
            .serve_forever(answers(|_, response| response.reply("x")))
            .unwrap();
        assert!(Client::try_connect(address).is_err());
    }
}

#[test]
fn a_server_that_is_dropped_without_serving_frees_its_address() {
    let server = HttpServer::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    drop(server);
    HttpServer::bind(address).unwrap();
}

/// Everything that was the server's is gone when `join` returns: the handler too.
#[test]
fn the_handler_is_dropped_with_its_server() {
    struct Held(Arc<AtomicBool>);

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    let dropped = Arc::new(AtomicBool::new(false));
    let held = Held(Arc::clone(&dropped));
    let server = Server::new(answers(move |_, response| {
        let _ = &held;
        response.reply("x")
    }));
    server.connect().get("/");
    server.end();
    eventually("the handler's end", || dropped.load(Ordering::SeqCst));
}

#[test]
fn a28_a_process_ends_with_its_server() {
    let mut child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["shutdown_timeout=600000"],
    );
    let mut blocked = child.connect();
    blocked.send("GET /sleep/300 HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut idle = child.connect();
    idle.get("/");
    child.tell("graceful");
    assert_eq!(blocked.answer().text(), "slept\n");
    idle.is_closed();
    assert_eq!(child.ended(), Some(0));
}

#[test]
fn a28_a_process_ends_although_a_handler_is_stuck() {
    let mut child = Child::start(
        env!("CARGO_BIN_EXE_doget-test-server"),
        &["shutdown_timeout=200"],
    );
    let mut stuck = child.connect();
    stuck.send("GET /sleep/3600000 HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut active = child.connect();
    active.get("/");
    child.tell("graceful");
    assert_eq!(child.ended(), Some(0));
    stuck.end();
}
