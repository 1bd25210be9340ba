//! What a script could leave behind or take along: processes, descriptors, fields of the request.

use crate::leaving::runs;
use crate::site::Scripts;
use crate::{Stage, alone, get, processes, zombies};
use doget::Limits;
use doget_tests::test_server::{Conn, TestServer};
use doget_tests::{eventually, eventually_is};
use std::fs;
use std::time::Duration;

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
