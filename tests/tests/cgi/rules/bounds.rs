//! How many scripts run, and what a handler for them can be told.

use crate::site::{CAT, LONG, Scripts, bounded};
use doget::{CgiHandler, CgiLimits, Limits};
use doget_tests::eventually;
use doget_tests::test_server::TestServer;
use std::fs;
use std::time::Duration;

#[test]
fn more_scripts_than_may_run_are_503() {
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/wait",
        "Content-Type: text/plain",
        "echo begun; while [ ! -e $NOTES/go ]; do sleep 0.01; done",
    );
    let wire = TestServer::new(bounded(&scripts, |limits| limits.max_scripts(3)));
    let mut waiting: Vec<_> = (0..3)
        .map(|_| {
            let mut conn = wire.connect();
            conn.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: a\r\n\r\n");
            conn.until(b"begun");
            conn
        })
        .collect();
    let answer = wire.get("/cgi-bin/env");
    assert_eq!(
        (answer.status, answer.header("Retry-After")),
        (503, Some("1"))
    );
    // Files are not scripts.
    assert_eq!(wire.get("/a.txt").text(), "hello\n");
    fs::write(scripts.notes().join("go"), "").unwrap();
    for conn in &mut waiting {
        conn.until(b"0\r\n\r\n");
    }
    eventually("a place", || wire.get("/cgi-bin/env").status == 200);
}

#[test]
fn a_script_that_waits_holds_up_nobody() {
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/wait",
        "Content-Type: text/plain",
        "while [ ! -e $NOTES/go ]; do sleep 0.01; done",
    );
    // One loop: if a script held it, nothing else would be answered.
    let wire = TestServer::with(scripts.handler(), |server| server.loops(1));
    let mut waiting: Vec<_> = (0..7)
        .map(|_| {
            let mut conn = wire.connect();
            conn.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: a\r\n\r\n");
            conn
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(wire.get("/a.txt").text(), "hello\n");
    }
    assert_eq!(wire.get("/cgi-bin/env").status, 200);
    fs::write(scripts.notes().join("go"), "").unwrap();
    for conn in &mut waiting {
        assert_eq!(conn.answer("GET").status, 200);
    }
}

#[test]
fn bounds_have_documented_defaults() {
    let limits = CgiLimits::default();
    assert_eq!((limits.max_scripts, limits.max_header_size), (8, 32 << 10));
    assert_eq!(limits.header_timeout, Duration::from_secs(10));
    assert_eq!(limits.idle_timeout, Duration::from_secs(60));
    assert!(
        limits.idle_timeout <= LONG && limits.exit_timeout < Limits::default().shutdown_timeout
    );
}

#[test]
fn a_directory_for_scripts_is_a_plain_path() {
    let scripts = Scripts::usual();
    for path in ["/", "", "/a/../b", "//"] {
        assert!(!CgiHandler::is_directory(path));
        let error = scripts.handler().cgi_directories([path]).unwrap_err();
        let expected = format!("{path:?} is no directory for scripts: ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    // None at all: everything is a file.
    let wire = TestServer::new(scripts.handler().cgi_directories::<&str>([]).unwrap());
    assert_eq!(wire.get("/cgi-bin/cat").text(), CAT);
}

#[test]
fn exchanges_in_memory_run_scripts_too() {
    let scripts = Scripts::usual();
    let answer = doget::testing::exchange(
        &scripts.handler(),
        b"POST /cgi-bin/cat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    );
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(answer.windows(5).any(|part| part == b"hello"));
}
