//! The command behind a proxy, in a container, below systemd.

use super::{Doget, Place, fails};
use doget_tests::Client;
#[cfg(unix)]
use doget_tests::{PATIENCE, eventually};
#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use std::net::TcpListener;
#[cfg(unix)]
use std::os::fd::OwnedFd;
#[cfg(unix)]
use std::os::unix::net::UnixDatagram;
#[cfg(unix)]
use std::process::Stdio;
#[cfg(unix)]
use std::time::Duration;

fn ask(doget: &Doget, fields: &str) -> (u16, bool) {
    let mut client = Client::connect(doget.address());
    client.send(format!("GET /a.txt HTTP/1.1\r\nHost: test\r\n{fields}\r\n"));
    let answer = client.answer();
    (answer.status, answer.closes())
}

#[test]
fn proxies_are_believed_where_that_was_said() {
    let place = Place::new();
    let forwarded = "X-Forwarded-For: 192.0.2.1\r\n";
    for (options, client) in [
        (&[][..], "127.0.0.1 "),
        (&["--behind", "10.0.0.0/8"], "127.0.0.1 "),
        (&["--behind", "10.0.0.0/8, 127.0.0.1"], "192.0.2.1 "),
    ] {
        let doget = place.serve(options);
        assert_eq!(ask(&doget, forwarded).0, 200);
        let log = doget.log();
        assert!(log.starts_with(client), "{options:?}: {log}");
    }
    for option in ["--behind", "--proxy-protocol"] {
        let output = place.run(&["--print-limits", option, "unix"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("\nidle_timeout=620s\n"), "{text}");
        let output = place.run(&["--print-limits", option, "unix", "--idle-timeout", "9"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("\nidle_timeout=9s\n"), "{text}");
        fails(&place.run(&[option, "0.0.0.0/0"]), 2, "all addresses");
    }
}

#[test]
fn the_proxy_protocol_is_expected_where_that_was_said() {
    let place = Place::new();
    let doget = place.serve(&["--proxy-protocol", "127.0.0.0/8"]);
    let mut client = Client::connect(doget.address());
    client.send("PROXY TCP4 192.0.2.9 192.0.2.1 4711 80\r\n");
    assert_eq!(client.get("/a.txt").status, 200);
    let log = doget.log();
    assert!(log.starts_with("192.0.2.9 "), "{log}");
}

#[cfg(unix)]
#[test]
fn sigterm_lets_it_leave_before_it_drains() {
    let place = Place::new();
    let mut doget = place.serve(&["--drain-delay", "1000"]);
    assert_eq!(ask(&doget, ""), (200, false));
    doget.signal(Signal::TERM);
    eventually("leaving", || ask(&doget, "") == (200, true));
    assert!(doget.child.try_wait().unwrap().is_none());
    // The second signal ends it at once.
    doget.signal(Signal::TERM);
    assert_eq!(doget.ended().0, Some(0));
    // Ctrl-C does not wait, and a short delay passes.
    let doget = place.serve(&["--drain-delay", "1000"]);
    doget.signal(Signal::INT);
    assert_eq!(doget.ended().0, Some(0));
    let doget = place.serve(&["--drain-delay", "0.05"]);
    doget.signal(Signal::TERM);
    assert_eq!(doget.ended().0, Some(0));
    fails(&place.run(&["--drain-delay", "x"]), 2, "--drain-delay");
}

#[test]
fn options_stand_in_the_environment_too_and_the_command_line_comes_first() {
    let place = Place::new();
    let shown = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = place.command(&[&["--print-limits"], arguments].concat());
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let text = |variables: &[(&str, &str)], arguments: &[&str]| {
        String::from_utf8(shown(variables, arguments).stdout).unwrap()
    };
    let nine = [
        ("DOGET_MAX_THREADS", "9"),
        ("DOGET_LIMIT", "queue_timeout=3\nbacklog=7\n"),
    ];
    let limits = text(&nine, &[]);
    for line in ["max_threads=9", "queue_timeout=3s", "backlog=7"] {
        assert!(
            limits.lines().any(|shown| shown == line),
            "{line}: {limits}"
        );
    }
    assert!(text(&nine, &["--max-threads", "8"]).contains("\nmax_threads=8\n"));
    assert!(text(&[("DOGET_MAX_THREADS", "")], &[]).contains("\nmax_threads=512\n"));
    for (name, value, says) in [
        (
            "DOGET_MAX_THREAD",
            "9",
            "no option for the variable DOGET_MAX_THREAD",
        ),
        ("DOGET_VERSION", "1", ""),
        ("DOGET_HIDDEN", "perhaps", "DOGET_HIDDEN: write 1 or 0"),
        ("DOGET_MIME", "x", "EXT=TYPE"),
        ("DOGET_MAX_THREADS", "0", "--max-threads"),
    ] {
        let output = shown(&[(name, value)], &[]);
        if says.is_empty() {
            assert!(output.status.success(), "{name}");
        } else {
            fails(&output, 2, says);
        }
    }
    // Flags, headers of several lines, and the port.
    let mut command = place.command(&[]);
    command.envs([
        ("DOGET_PORT", "0"),
        ("DOGET_BIND", "127.0.0.1"),
        ("DOGET_ALLOW_HOST", "test"),
        ("DOGET_HIDDEN", "1"),
        ("DOGET_NO_LISTING", "off"),
        ("DOGET_HEADER", "X-A: 1\nX-B: 2, 3"),
    ]);
    let doget = Doget::start(command);
    let answer = doget.get("/.secret");
    assert_eq!(
        (answer.header("X-A"), answer.header("X-B")),
        (Some("1"), Some("2, 3"))
    );
    assert_eq!(doget.get("/dir/").status, 200);
}

#[cfg(unix)]
#[test]
fn systemd_hears_when_it_serves_and_when_it_ends() {
    let place = Place::new();
    let path = place.beside("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let said = || {
        let mut bytes = [0; 100];
        let size = manager.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..size].to_vec()).unwrap()
    };
    let mut command = place.command(&["0", "-b", "127.0.0.1", "--drain-delay", "1000"]);
    command.env("NOTIFY_SOCKET", &path);
    let doget = Doget::start(command);
    assert_eq!(said(), "READY=1");
    Client::connect(doget.address()).get("/");
    doget.signal(Signal::TERM);
    assert_eq!(said(), "STOPPING=1");
    doget.signal(Signal::TERM);
    assert_eq!(doget.ended().0, Some(0));
    manager
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    assert!(manager.recv(&mut [0; 100]).is_err());
    let mut command = place.command(&["0", "-b", "127.0.0.1"]);
    command.env("NOTIFY_SOCKET", place.beside("nobody"));
    fails(&command.output().unwrap(), 1, "NOTIFY_SOCKET");
}

/// As systemd does it: descriptor 3 is a socket that listens.
#[cfg(unix)]
#[test]
fn sockets_that_it_is_started_with_are_the_ones_it_serves_on() {
    let place = Place::new();
    let started = |listener: &TcpListener, arguments: &[&str]| {
        let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\"";
        let command = place.command(arguments);
        let mut shell = super::starts("sh");
        shell
            .args(["-c", script])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(place.root())
            .stdin(OwnedFd::from(listener.try_clone().unwrap()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        shell
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let doget = Doget::start(started(&listener, &["--allow-host", "test"]));
    assert_eq!(doget.address(), listener.local_addr().unwrap());
    assert_eq!(doget.get("/a.txt").text(), "hello\n");
    // The socket outlives the command: who connects meanwhile is served by the next one.
    assert!(doget.log().contains("GET /a.txt"));
    let mut early = Client::connect(listener.local_addr().unwrap());
    early.send("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
    let _next = Doget::start(started(&listener, &["--allow-host", "test"]));
    assert_eq!(early.answer().text(), "hello\n");
    let mut both = started(&listener, &["0"]);
    fails(&both.output().unwrap(), 2, "LISTEN_FDS");
}
