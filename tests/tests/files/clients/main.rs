//! Real clients against the file handler, and the handler beside `python3 -m http.server`.
//!
//! A client that this machine does not have is left out, and the test says so.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod curl;
mod listings;
mod python;
#[path = "../site.rs"]
mod site;

use doget_tests::test_server::TestServer;
use site::Site;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        eprintln!("left out: no {program} here");
    }
    found
}

/// `python3 -m http.server` on a free port; ended when dropped.
struct Python {
    child: Child,
    address: SocketAddr,
}

impl Python {
    fn serve(directory: &Path) -> Self {
        let mut child = Command::new("python3")
            .args([
                "-u",
                "-m",
                "http.server",
                "0",
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = doget_tests::python::address(&mut child);
        Self { child, address }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_client_of_http_1_0_that_keeps_its_connection() {
    let site = Site::usual();
    let server: TestServer = site.serve();
    let mut conn = server.connect();
    for _ in 0..3 {
        conn.send("GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        let answer = conn.answer("GET");
        assert_eq!(answer.text(), "hello\n");
        assert_eq!(answer.header("Connection"), Some("keep-alive"));
    }
}
