//! Clients that leave, half or wholly, and clients that are slow.

use crate::site::Scripts;
use crate::{Stage, alone, processes, server_threads};
use doget::{CgiLimits, Limits};
use doget_tests::test_server::TestServer;
use doget_tests::{eventually, eventually_is};
use std::fs;
use std::time::Duration;

/// Waits until a script says that it runs.
#[track_caller]
pub(crate) fn runs(stage: &Stage, name: &str) {
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
