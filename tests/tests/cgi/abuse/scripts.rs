//! Scripts that do not do what a script has to: no header, no end, floods, no reading.

use crate::site::{Scripts, post};
use crate::{Stage, alone, get, short};
use doget_tests::Process;
use std::thread;
use std::time::Duration;

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
fn a38_the_time_that_a_client_takes_is_not_the_scripts() {
    let _alone = alone();
    let scripts = Scripts::usual();
    // More than the buffers between the two hold.
    const SIZE: usize = 64 << 20;
    scripts.shell(
        "cgi-bin/large",
        &format!("Content-Type: text/plain\nContent-Length: {SIZE}"),
        &format!("exec head -c {SIZE} /dev/zero"),
    );
    const MOST: Duration = Duration::from_secs(2);
    let stage = Stage::new(scripts, |limits| limits.idle_timeout(MOST));
    let mut conn = stage.wire.connect();
    conn.send("GET /cgi-bin/large HTTP/1.1\r\nHost: a\r\n\r\n");
    // As a client that takes a few megabytes at once and then pauses, such as `curl --limit-rate`.
    thread::sleep(MOST + Duration::from_millis(500));
    assert_eq!(conn.answer("GET").body.len(), SIZE);
    drop(conn);
    stage.is_clean();
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
