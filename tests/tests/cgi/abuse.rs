//! Hostile scripts and clients that leave (abuse case A38). After each, nothing is left: no process, no descriptor,
//! no thread.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../files/site.rs"]
mod files_site;
mod site;

use doget::{CgiLimits, Limits};
use doget_tests::test_server::{Conn, TestServer};
use doget_tests::{Process, eventually, eventually_is};
use site::{Scripts, bounded, post};
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

#[test]
fn a38_scripts_that_give_no_header() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/nothing", "#!/bin/sh\n:\n");
    scripts.add("cgi-bin/empty", "#!/bin/sh\necho\necho body\n");
    scripts.add("cgi-bin/words", "#!/bin/sh\necho hello world\necho\n");
    scripts.add("cgi-bin/half", "#!/bin/sh\necho Content-Type: text/plain\n");
    scripts.add(
        "cgi-bin/location",
        "#!/bin/sh\nprintf 'Location: \\r\\n\\r\\n'\n",
    );
    scripts.add(
        "cgi-bin/coding",
        "#!/bin/sh\nprintf 'Transfer-Encoding: chunked\\n\\n0\\r\\n\\r\\n'\n",
    );
    scripts.add(
        "cgi-bin/length",
        "#!/bin/sh\nprintf 'Content-Length: 1, 2\\n\\nab'\n",
    );
    scripts.add(
        "cgi-bin/status",
        "#!/bin/sh\nprintf 'Status: 101 Switch\\n\\n'\n",
    );
    scripts.add("cgi-bin/nul", "#!/bin/sh\nprintf 'X: a\\000b\\n\\n'\n");
    scripts.add(
        "cgi-bin/cr",
        "#!/bin/sh\nprintf 'X: a\\rSet-Cookie: b\\n\\n'\n",
    );
    scripts.add("cgi-bin/closed", "#!/bin/sh\nexec >&-\n");
    scripts.add(
        "cgi-bin/long",
        "#!/bin/sh\nprintf 'X: '; head -c 40000 /dev/zero | tr '\\0' x; echo; echo\n",
    );
    scripts.add("cgi-bin/flood", "#!/bin/sh\nexec yes 'X: y'\n");
    let stage = Stage::new(scripts, |limits| limits);
    for name in [
        "nothing", "empty", "words", "half", "location", "coding", "length", "status", "nul", "cr",
        "closed", "long", "flood",
    ] {
        let answer = get(&stage.wire, &format!("/cgi-bin/{name}"));
        assert_eq!(
            (answer.status, &*answer.reason),
            (502, "Bad Gateway"),
            "{name}"
        );
        assert!(!answer.text().contains("script"), "the cause is not shown");
        stage.is_clean();
    }
}

#[test]
fn a38_a_script_that_does_nothing_is_504_and_stopped() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/sleep", "#!/bin/sh\nsleep 1000\n");
    scripts.add(
        "cgi-bin/half",
        "#!/bin/sh\nprintf 'Content-Type: te'\nsleep 1000\n",
    );
    scripts.add(
        "cgi-bin/deaf",
        "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1000; done\n",
    );
    scripts.add(
        "cgi-bin/children",
        "#!/bin/sh\nsleep 1000 & sleep 1000 & wait\n",
    );
    scripts.add("cgi-bin/nph-sleep", "#!/bin/sh\nsleep 1000\n");
    scripts.add(
        "cgi-bin/trickle",
        "#!/bin/sh\nwhile :; do echo X: y; sleep 0.02; done\n",
    );
    let stage = Stage::new(scripts, short);
    for name in ["sleep", "half", "deaf", "children", "nph-sleep", "trickle"] {
        assert_eq!(
            get(&stage.wire, &format!("/cgi-bin/{name}")).status,
            504,
            "{name}"
        );
        stage.is_clean();
    }
}

#[test]
fn a38_a_script_that_stops_writing_ends_in_a_cut() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/stops",
        "Content-Type: text/plain",
        "echo begun; sleep 1000",
    );
    scripts.shell(
        "cgi-bin/errors",
        "Content-Type: text/plain",
        "echo begun; yes >&2",
    );
    scripts.shell(
        "cgi-bin/less",
        "Content-Type: text/plain\nContent-Length: 100",
        "echo begun; sleep 1000",
    );
    let stage = Stage::new(scripts, |limits| {
        limits
            .idle_timeout(Duration::from_secs(1))
            .exit_timeout(Duration::from_millis(200))
    });
    for name in ["stops", "errors", "less"] {
        let mut conn = stage.wire.connect();
        conn.send(format!("GET /cgi-bin/{name} HTTP/1.1\r\nHost: a\r\n\r\n"));
        conn.until(b"begun");
        let rest = conn.rest();
        assert!(
            !rest.ends_with(b"\r\n0\r\n\r\n"),
            "{name}: {}",
            rest.escape_ascii()
        );
        drop(conn);
        stage.is_clean();
    }
}

#[test]
fn a38_a_script_that_floods_is_as_slow_as_its_client_and_ends_with_it() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/flood",
        "Content-Type: text/plain",
        "exec cat /dev/zero",
    );
    scripts.shell(
        "cgi-bin/more",
        "Content-Type: text/plain\nContent-Length: 5",
        "printf 12345; exec cat /dev/zero",
    );
    let stage = Stage::new(scripts, |limits| {
        limits
            .half_close_timeout(Duration::from_millis(100))
            .exit_timeout(Duration::from_millis(200))
    });
    let before = Process::own().memory();
    let mut conn = stage.wire.connect();
    conn.send("GET /cgi-bin/flood HTTP/1.1\r\nHost: a\r\n\r\n");
    for _ in 0..10 {
        conn.until(&[0; 10_000]);
    }
    drop(conn);
    stage.is_clean();
    // HEAD: all of the body is unwanted.
    let mut conn = stage.wire.connect();
    conn.send("HEAD /cgi-bin/flood HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("HEAD").status, 200);
    conn.send("GET /cgi-bin/more HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "12345");
    conn.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "hello\n");
    drop(conn);
    stage.is_clean();
    let grown = Process::own().memory().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown}");
}

#[test]
fn a38_what_a_script_leaves_running_is_ended_with_it() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/child",
        "Content-Type: text/plain",
        "sleep 1000 & echo done",
    );
    scripts.shell(
        "cgi-bin/quiet",
        "Content-Type: text/plain",
        "sleep 1000 <&- >&- 2>&- & echo done",
    );
    scripts.shell(
        "cgi-bin/deaf",
        "Content-Type: text/plain",
        "(trap '' TERM HUP; while :; do sleep 1000; done) & echo done",
    );
    scripts.shell(
        "cgi-bin/lingers",
        "Content-Type: text/plain",
        "echo done; exec >&-; sleep 1000",
    );
    let stage = Stage::new(scripts, |limits| {
        limits.exit_timeout(Duration::from_millis(200))
    });
    for name in ["child", "quiet", "deaf", "lingers"] {
        assert_eq!(
            get(&stage.wire, &format!("/cgi-bin/{name}")).text(),
            "done\n",
            "{name}"
        );
        stage.is_clean();
    }
}

#[test]
fn a38_a_script_that_does_not_read() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/answers", "Content-Type: text/plain", "echo answer");
    scripts.shell(
        "cgi-bin/closes",
        "Content-Type: text/plain",
        "exec <&-; echo answer",
    );
    scripts.shell(
        "cgi-bin/writes-first",
        "Content-Type: text/plain",
        "head -c 300000 /dev/zero; wc -c",
    );
    scripts.add("cgi-bin/never", "#!/bin/sh\nsleep 1000\n");
    let stage = Stage::new(scripts, |limits| limits);
    let body = "x".repeat(2_000_000);
    for name in ["answers", "closes"] {
        let mut conn = stage.wire.connect();
        conn.send(format!(
            "POST /cgi-bin/{name} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ));
        // The server may close before it has all of it.
        conn.send(&body);
        assert_eq!(conn.answer("POST").text(), "answer\n", "{name}");
        drop(conn);
        stage.is_clean();
    }
    let answer = post(&stage.wire, "/cgi-bin/writes-first", &body);
    assert!(answer.body.ends_with(b"\x002000000\n"));
    drop(stage);
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/never", "#!/bin/sh\nsleep 1000\n");
    let stage = Stage::new(scripts, short);
    let mut conn = stage.wire.connect();
    conn.send(format!(
        "POST /cgi-bin/never HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(conn.answer("POST").status, 504);
    drop(conn);
    stage.is_clean();
}

/// Waits until a script says that it runs.
#[track_caller]
fn runs(stage: &Stage, name: &str) {
    eventually("the script runs", || !stage.scripts.note(name).is_empty());
}

#[test]
fn a38_a_client_that_leaves_ends_its_script() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.add(
        "cgi-bin/silent",
        "#!/bin/sh\necho x >$NOTES/silent\nsleep 1000\n",
    );
    scripts.add(
        "cgi-bin/polite",
        "#!/bin/sh\ntrap 'echo x >$NOTES/ended; exit' TERM\necho x >$NOTES/polite\nwhile :; do sleep 0.01; done\n",
    );
    scripts.add(
        "cgi-bin/deaf",
        "#!/bin/sh\ntrap '' TERM\necho x >$NOTES/deaf\nwhile :; do sleep 1000; done\n",
    );
    scripts.shell(
        "cgi-bin/begun",
        "Content-Type: a/b",
        "echo x | tee $NOTES/begun; sleep 1000",
    );
    scripts.add(
        "cgi-bin/reads",
        "#!/bin/sh\necho x >$NOTES/reads\nexec cat\n",
    );
    let stage = Stage::new(scripts, |limits| {
        limits
            .half_close_timeout(Duration::from_millis(50))
            .exit_timeout(Duration::from_millis(300))
    });
    for name in ["silent", "polite", "deaf", "begun", "reads"] {
        let mut conn = stage.wire.connect();
        let length = if name == "reads" {
            "Content-Length: 100000\r\n"
        } else {
            ""
        };
        let method = if name == "reads" { "POST" } else { "GET" };
        conn.send(format!(
            "{method} /cgi-bin/{name} HTTP/1.1\r\nHost: a\r\n{length}\r\n"
        ));
        runs(&stage, name);
        drop(conn);
        stage.is_clean();
    }
    // It was asked first.
    assert_eq!(stage.scripts.note("ended"), "x\n");
}

#[test]
fn a38_a_client_that_only_ends_what_it_sends_gets_its_answer() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/wait",
        "Content-Type: a/b",
        "while [ ! -e $NOTES/go ]; do sleep 0.01; done; echo done",
    );
    let stage = Stage::new(scripts, |limits| limits);
    let mut conn = stage.wire.connect();
    conn.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: a\r\n\r\n");
    conn.finish();
    fs::write(stage.scripts.notes().join("go"), "").unwrap();
    assert_eq!(conn.answer("GET").text(), "done\n");
    drop(conn);
    stage.is_clean();
}

/// A script that thinks is waited for, with the default limits too.
#[test]
fn a38_a_half_close_is_no_leaving() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.add(
        "cgi-bin/thinks",
        "#!/bin/sh\nsleep 3\nprintf 'Content-Type: a/b\\n\\n'\nsleep 3\necho thought\n",
    );
    let wire = TestServer::new(scripts.handler().limits(CgiLimits::new()));
    let mut conn = wire.connect();
    conn.send("GET /cgi-bin/thinks HTTP/1.1\r\nHost: a\r\n\r\n");
    conn.finish();
    let answer = conn.answer("GET");
    assert_eq!((answer.status, answer.text()), (200, "thought\n"));
}

/// As process 1 a server is given the children of processes that end. (So is a subreaper, which this test can be.)
#[test]
fn a38_what_a_server_adopts_is_reaped() {
    let _alone = alone();
    let own = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(own)).unwrap();
    let scripts = Scripts::usual();
    let nested = "(sh -c 'sleep 1000 & echo x; wait' & wait) & sleep 1000 &";
    scripts.shell(
        "cgi-bin/leaves",
        "Content-Type: a/b",
        &format!("{nested} echo begun"),
    );
    scripts.shell(
        "cgi-bin/stays",
        "Content-Type: a/b",
        &format!("{nested} echo x >$NOTES/stays; wait"),
    );
    let stage = Stage::new(scripts, |limits| {
        limits
            .half_close_timeout(Duration::from_millis(50))
            .exit_timeout(Duration::from_millis(300))
    });
    assert!(get(&stage.wire, "/cgi-bin/leaves").text().contains("begun"));
    stage.is_clean();
    let mut conn = stage.wire.connect();
    conn.send("GET /cgi-bin/stays HTTP/1.1\r\nHost: a\r\n\r\n");
    runs(&stage, "stays");
    drop(conn);
    stage.is_clean();
    rustix::process::set_child_subreaper(None).unwrap();
}

#[test]
fn a38_the_end_of_the_server_is_the_end_of_its_scripts() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.add(
        "cgi-bin/deaf",
        "#!/bin/sh\ntrap '' TERM\necho x >$NOTES/deaf\nwhile :; do sleep 1000; done\n",
    );
    scripts.shell(
        "cgi-bin/ends",
        "Content-Type: a/b",
        "echo x >$NOTES/ends; while [ ! -e $NOTES/go ]; do sleep 0.01; done; echo done",
    );
    let handler = scripts.handler();
    let wire = TestServer::with(handler, |server| {
        server.limits(Limits::new().shutdown_timeout(Duration::from_millis(500)))
    });
    let ask = |name: &str| {
        let mut conn: Conn = wire.connect();
        conn.send(format!("GET /cgi-bin/{name} HTTP/1.1\r\nHost: a\r\n\r\n"));
        eventually("the script runs", || !scripts.note(name).is_empty());
        conn
    };
    let (mut ends, deaf) = (ask("ends"), ask("deaf"));
    let go = scripts.notes().join("go");
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                fs::write(&go, "").unwrap();
                assert_eq!(ends.answer("GET").text(), "done\n");
            })
            .join()
            .unwrap();
        wire.end();
    });
    eventually_is("processes", Vec::<String>::new(), || processes(&scripts));
    eventually_is("zombies", Vec::<String>::new(), zombies);
    drop(deaf);
}

#[test]
fn a38_no_descriptor_passes_into_a_script() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/descriptors",
        "Content-Type: text/plain",
        "exec ls /proc/self/fd",
    );
    let stage = Stage::new(scripts, |limits| limits);
    // What this process was started with, and was not opened to be kept, is not the server's.
    let inherited: Vec<String> = fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| {
            let info = fs::read_to_string(format!("/proc/self/fdinfo/{name}")).unwrap_or_default();
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
            let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
            // O_CLOEXEC
            flags.is_some_and(|flags| flags & 0o2_000_000 == 0)
        })
        .collect();
    // While another script runs, and files and connections are open.
    let others: Vec<_> = (0..5).map(|_| stage.wire.connect()).collect();
    let answer = get(&stage.wire, "/cgi-bin/descriptors");
    let found: Vec<&str> = answer
        .text()
        .lines()
        .filter(|name| !inherited.iter().any(|own| own == name))
        .filter(|name| !matches!(*name, "0" | "1" | "2"))
        .collect();
    // The one by which `ls` reads.
    assert!(found.len() <= 1, "{found:?}");
    drop(others);
    stage.is_clean();
}

#[test]
fn a38_fields_that_must_not_pass() {
    let _alone = alone();
    let stage = Stage::new(Scripts::usual(), |limits| limits);
    let answer = stage.wire.one(
        "GET /cgi-bin/env HTTP/1.1\r\nHost: a\r\nProxy: http://evil\r\npROXY: http://evil\r\n\
         Content_Length: 5\r\nContent-Length: 0\r\nX_Y: z\r\nX.Y: z\r\nAuthorization: Basic YTpi\r\n\
         Proxy-Authorization: Basic YTpi\r\nConnection: close\r\n\r\n",
    );
    let text = answer.text();
    for name in [
        "HTTP_PROXY",
        "evil",
        "CONTENT_LENGTH=5",
        "HTTP_CONTENT",
        "HTTP_X",
        "YTpi",
        "REMOTE_USER",
        "AUTH_TYPE",
        "HTTP_CONNECTION",
    ] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    for path in [
        "/X:/cgi-bin/env",
        "/cgi-bin%2fenv",
        "/cgi-bin/../../bin/sh",
        "/cgi-bin/env%0a",
    ] {
        let status = stage.wire.get(path).status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    stage.is_clean();
}

#[test]
fn a38_a_flood_of_standard_error_is_bounded() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/loud",
        "Content-Type: text/plain",
        "head -c 3000000 /dev/zero >&2; yes line | head -n 100000 >&2; echo done",
    );
    let stage = Stage::new(scripts, |limits| limits.max_stderr_lines(10));
    assert_eq!(get(&stage.wire, "/cgi-bin/loud").text(), "done\n");
    stage.is_clean();
    let log = stage.wire.log();
    let said: Vec<_> = log
        .iter()
        .filter(|line| line.contains("/cgi-bin/loud: "))
        .collect();
    assert_eq!(said.len(), 11, "{said:?}");
    assert!(said[10].ends_with("more lines dropped"), "{}", said[10]);
    assert!(said.iter().all(|line| line.len() < 8 << 10));
}

#[test]
fn a38_slow_bodies_do_not_hold_scripts_for_ever() {
    let _alone = alone();
    let scripts = Scripts::usual();
    let limits = Limits::new()
        .body_buffer_size(0)
        .body_timeout(Duration::from_millis(200));
    let wire = TestServer::limited(scripts.handler(), limits);
    for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let mut conn = wire.connect();
        conn.send(format!(
            "POST /cgi-bin/cat HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n5\r\n"
        ));
        let rest = conn.rest();
        // The script had begun to answer, or it had not.
        assert!(
            rest.starts_with(b"HTTP/1.1 408 ") || !rest.ends_with(b"\r\n0\r\n\r\n"),
            "{framing}: {}",
            rest.escape_ascii()
        );
    }
    eventually_is("processes", Vec::<String>::new(), || processes(&scripts));
}

#[test]
fn a38_many_at_once_leave_nothing() {
    let _alone = alone();
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/quick", "Content-Type: text/plain", "echo quick");
    let stage = Stage::new(scripts, |limits| limits.max_scripts(16));
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let wire = &stage.wire;
            scope.spawn(move || {
                let mut conn = wire.connect();
                for turn in 0..20 {
                    if (worker + turn) % 5 == 0 {
                        // One that leaves at once.
                        wire.connect()
                            .send("GET /cgi-bin/quick HTTP/1.1\r\nHost: a\r\n\r\n");
                    }
                    conn.send("GET /cgi-bin/quick HTTP/1.1\r\nHost: a\r\n\r\n");
                    let answer = conn.answer("GET");
                    assert!(matches!(answer.status, 200 | 503), "{answer:?}");
                }
            });
        }
    });
    stage.is_clean();
    // Threads leave a while after their work. One that waits for requests stays, and one for each loop that may take it
    // over: these may not have been there yet when the others were counted.
    let loops = std::thread::available_parallelism().map_or(1, usize::from);
    eventually_is("threads", true, || {
        server_threads() <= stage.threads + loops + 1
    });
}
