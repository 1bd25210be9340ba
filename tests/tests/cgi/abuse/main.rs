//! Hostile scripts and clients that leave (abuse case A38). After each, nothing is left: no process, no descriptor,
//! no thread.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../../files/site.rs"]
mod files_site;
mod leaving;
mod remains;
mod scripts;
#[path = "../site.rs"]
mod site;

use doget::CgiLimits;
use doget_tests::test_server::TestServer;
use doget_tests::{Process, eventually, eventually_is};
use site::{Scripts, bounded};
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Descriptors are the whole process's: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Processes that run something below this site, by what they were started with. Scripts of this test name their site.
fn processes(scripts: &Scripts) -> Vec<String> {
    let mark = scripts.site.outside().to_str().unwrap().to_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let path = entry.path();
        let number: Option<u32> = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(number) = number.filter(|number| *number != std::process::id()) else {
            continue;
        };
        let said = fs::read(path.join("cmdline")).unwrap_or_default();
        let variables = fs::read(path.join("environ")).unwrap_or_default();
        let all = String::from_utf8_lossy(&[said, variables].concat()).into_owned();
        if all.contains(&mark) {
            found.push(format!("{number}: {}", all.replace('\0', " ")));
        }
    }
    found
}

/// Children that have ended and were not reaped.
fn zombies() -> Vec<String> {
    let own = format!("PPid:\t{}\n", std::process::id());
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let texts = entries.filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok());
    texts
        .filter(|text| text.contains(&own) && text.contains("State:\tZ"))
        .collect()
}

/// Time enough for a slow machine, and short enough to be waited for.
fn short(limits: CgiLimits) -> CgiLimits {
    limits
        .header_timeout(Duration::from_millis(300))
        .idle_timeout(Duration::from_millis(300))
        .exit_timeout(Duration::from_millis(200))
        .half_close_timeout(Duration::from_millis(100))
}

/// A server for scripts, which has to be as empty behind a test as before it.
struct Stage {
    scripts: Scripts,
    wire: TestServer,
    descriptors: usize,
    threads: usize,
}

/// Threads of servers, by their name.
fn server_threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "doget").count()
}

impl Stage {
    fn new(scripts: Scripts, bounds: impl FnOnce(CgiLimits) -> CgiLimits) -> Self {
        let wire = TestServer::new(bounded(&scripts, bounds));
        // What the server keeps from the first request on.
        assert_eq!(wire.get("/a.txt").status, 200);
        eventually("its connection is gone", || sockets(&wire) == 0);
        Self {
            descriptors: Process::own().descriptors(),
            threads: server_threads(),
            scripts,
            wire,
        }
    }

    /// Nothing is left of what ran, and the server is well.
    #[track_caller]
    fn is_clean(&self) {
        eventually_is("processes", Vec::<String>::new(), || {
            processes(&self.scripts)
        });
        eventually_is("zombies", Vec::<String>::new(), zombies);
        assert_eq!(self.wire.get("/a.txt").text(), "hello\n");
        eventually_is("descriptors", self.descriptors, || {
            Process::own().descriptors()
        });
    }
}

/// Established connections to this server, as the system counts them.
fn sockets(wire: &TestServer) -> usize {
    let port = format!("0100007F:{:04X}", wire.address().port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    table
        .lines()
        .filter(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            // 01 is ESTABLISHED, 08 is CLOSE_WAIT.
            words.get(1) == Some(&&*port) && matches!(words.get(3), Some(&"01" | &"08"))
        })
        .count()
}

/// The answer to a GET, on a connection that stays open.
#[track_caller]
fn get(wire: &TestServer, path: &str) -> doget_tests::answer::Answer {
    let mut conn = wire.connect();
    conn.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    conn.answer("GET")
}
