//! HTTPS: what holds without TLS holds with it, and what TLS adds is bounded too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod certificates;
mod configurations;
mod endings;
mod exchanges;
mod floods;
mod handshakes;

use doget::{Limits, Request, Response, Tls};
use doget_tests::tls;
use doget_tests::{Client, Server, answers};
use rustls::ClientConfig;
use rustls::version::{TLS12, TLS13};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_doget-test-server");

const SHORT: Duration = Duration::from_millis(300);

/// For deadlines that must not be the one that passes.
const LONG: Duration = Duration::from_secs(600);

/// Only the deadlines that a test names are short.
fn patient() -> Limits {
    Limits::new()
        .handshake_timeout(LONG)
        .head_timeout(LONG)
        .idle_timeout(LONG)
        .body_timeout(LONG)
        .body_rate_grace(LONG)
        .send_timeout(LONG)
        .send_rate_grace(LONG)
        .linger_timeout(LONG)
}

fn both() -> Arc<ClientConfig> {
    Arc::new(tls::client(&[&TLS13, &TLS12]))
}

fn configs() -> [Arc<ClientConfig>; 2] {
    [&TLS13, &TLS12].map(|version| Arc::new(tls::client(&[version])))
}

#[track_caller]
fn secure(server: &Server) -> Client {
    server.connect().secure(&both())
}

fn served<F>(limits: Limits, answer: F) -> Server
where
    F: Fn(&mut Request<'_>, Response<'_>) -> doget::Result<doget::Sent> + Send + Sync + 'static,
{
    Server::built(
        |server| server.limits(limits).tls(tls::server()),
        answers(answer),
    )
}

fn hello(limits: Limits) -> Server {
    served(limits, |_, response| response.reply("hello"))
}

fn content(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// A directory that goes with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("doget-tls-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn get(tls: Tls) -> String {
    let server = Server::built(
        |server| server.tls(tls),
        answers(|request, response| {
            let text = format!("{} {}", request.scheme(), request.target());
            response.reply(text)
        }),
    );
    secure(&server).get("/path").text().to_owned()
}
