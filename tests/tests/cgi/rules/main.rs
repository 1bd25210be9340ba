//! The rules of http.server's CGI handler, over a socket, and those of RFC 3875 that it does not have. A test is
//! named after the rule it holds.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../../files/site.rs"]
mod files_site;
#[path = "../site.rs"]
mod site;

mod answers;
mod bounds;
mod confinement;
mod environment;
mod paths;
mod proxies;
mod running;
mod users;

use doget_tests::test_server::TestServer;

/// The script's fault is seen: 502 if it came before anything had left, else a cut.
#[track_caller]
fn fails(server: &TestServer, path: &str) {
    let mut conn = server.connect();
    conn.send(format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    ));
    let raw = conn.rest();
    assert!(
        raw.starts_with(b"HTTP/1.1 502 ") || conn.reset,
        "{path}: {}",
        raw.escape_ascii()
    );
}
