//! The log.

use super::{Doget, Place};
use doget_tests::{Client, eventually};
#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::net::{SocketAddr, TcpListener};
#[cfg(unix)]
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

#[test]
fn verbose_says_why_something_is_not_found() {
    let place = Place::new();
    let doget = place.serve(&["-v"]);
    assert_eq!(doget.get("/.secret").status, 404);
    let log = doget.log();
    assert!(log.contains("caused by: it is hidden"), "{log}");
    let doget = place.serve(&[]);
    assert_eq!(doget.get("/.secret").status, 404);
    let log = doget.log();
    assert!(!log.contains("caused by"), "{log}");
    // With a page of the site for it, and in the format of the rest.
    place.file("404.html", "<p>gone");
    let doget = place.serve(&["-v", "--log-format", "json"]);
    assert_eq!(doget.get("/.secret").text(), "<p>gone");
    let log = doget.log();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(
        lines[0].contains(",\"message\":\"not found: it is hidden"),
        "{log}"
    );
    assert!(lines[1].contains(",\"status\":404,"), "{log}");
}

#[test]
fn log_formats() {
    let place = Place::new();
    let logged = |arguments: &[&str]| {
        let doget = place.serve(arguments);
        let mut client = Client::connect(doget.address());
        client.send(
            "GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: http://x/\"\r\nUser-Agent: me\\\r\n\r\n",
        );
        assert_eq!(client.answer().status, 200);
        assert_eq!(client.get("/%0a\u{9b}").status, 400);
        drop(client);
        doget.log()
    };
    let log = logged(&["--log-format", "combined"]);
    let first = log.lines().next().unwrap();
    assert!(
        first.ends_with("\"GET /a.txt HTTP/1.1\" 200 6 \"http://x/\\x22\" \"me\\\\\""),
        "{log}"
    );
    let log = logged(&["--log-format", "json"]);
    let lines: Vec<_> = log.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("{\"time\":\"2") && line.ends_with('}'))
    );
    let expected = "Z\",\"remote\":\"127.0.0.1\",\"method\":\"GET\",\"target\":\"/a.txt\",\
                    \"version\":\"HTTP/1.1\",\"status\":200,\"bytes\":6,\"referer\":\"http://x/\\\"\",\"user_agent\":\"me\\\\\"}";
    assert!(lines[0].ends_with(expected), "{log}");
    assert!(
        lines[1].contains(",\"message\":\"code 400, message "),
        "{log}"
    );
    assert!(lines[2].contains("\"status\":400"), "{log}");
    assert_eq!(logged(&["--log-format", "off"]), "");
}

/// The zone is that of the C library, as `date` shows it. Windows has neither.
#[cfg(unix)]
#[test]
fn log_08_the_date_is_local() {
    let place = Place::new();
    for zone in [
        None,
        Some(""),
        Some("Europe/Berlin"),
        Some(":America/St_Johns"),
        Some(":/usr/share/zoneinfo/Asia/Kolkata"),
        Some("CET-1CEST,M3.5.0,M10.5.0/3"),
        Some("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
        Some("No/Such_Zone"),
        Some("/dev/null"),
    ] {
        let in_zone = |mut command: Command| {
            match zone {
                Some(zone) => command.env("TZ", zone),
                None => command.env_remove("TZ"),
            };
            command
        };
        let logged = || {
            let options = ["0", "-b", "127.0.0.1", "--log-format", "combined"];
            let doget = Doget::start(in_zone(place.command(&options)));
            doget.get("/");
            let log = doget.log();
            let date = log.split(['[', ']']).nth(1);
            date.expect(&log).to_owned()
        };
        let shown = || {
            let mut date = in_zone(Command::new("date"));
            date.env("LC_ALL", "C").arg("+%d/%b/%Y:%H:%M:%S %z");
            let date = String::from_utf8(date.output().unwrap().stdout).unwrap();
            date.trim_end().to_owned()
        };
        let mut both = (logged(), shown());
        for _ in 0..4 {
            // The second may have changed between the two.
            if both.0 != both.1 {
                both = (logged(), shown());
            }
        }
        assert_eq!(both.0, both.1, "TZ={zone:?}");
    }
}

#[test]
fn log_09_an_ipv4_client_has_its_own_address_in_every_format() {
    let place = Place::new();
    for (format, expected) in [
        ("common", "127.0.0.1 - - ["),
        ("combined", "127.0.0.1 - - ["),
        ("json", "\"remote\":\"127.0.0.1\","),
    ] {
        // On all addresses: `::` where the system has IPv6.
        let doget = Doget::start(place.command(&["0", "--log-format", format]));
        let port = doget.address().port();
        let mut client = Client::connect(SocketAddr::from(([127, 0, 0, 1], port)));
        assert_eq!(client.get("/a.txt").status, 200);
        assert_eq!(client.get("/nothing").status, 404);
        let log = doget.log();
        assert_eq!(log.lines().count(), 3, "{log}");
        assert!(log.lines().all(|line| line.contains(expected)), "{log}");
        assert!(!log.contains("ffff"), "{log}");
    }
}

#[test]
fn a39_the_log_has_no_control_characters_of_a_client() {
    let place = Place::new();
    for format in ["common", "combined", "json"] {
        let doget = place.serve(&["--log-format", format]);
        let mut client = Client::connect(doget.address());
        client.send(b"GET /\x1b[31m\x07\"\\\xff HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer().status, 400);
        let log = doget.log();
        assert!(!log.trim_end().is_empty());
        assert!(log.chars().all(|c| c == '\n' || !c.is_control()), "{log:?}");
    }
}

#[test]
fn a_log_file_takes_the_log_and_quiet_says_nothing() {
    let place = Place::new();
    let file = place.beside("log");
    fs::write(&file, "before\n").unwrap();
    // A port that is free now; whoever takes it before the command does makes it end.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let port = address.port().to_string();
    let doget = Doget::start_quietly(place.command(&[
        "-q",
        "--log-file",
        &file,
        "-b",
        "127.0.0.1",
        "--allow-host",
        "test",
        &port,
    ]));
    eventually("a server", || Client::try_connect(address).is_ok());
    let answer = Client::connect(address).get("/a.txt");
    assert_eq!(answer.text(), "hello\n");
    doget.interrupt();
    assert_eq!(doget.ended(), (Some(0), String::new(), String::new()));
    let log = fs::read_to_string(&file).unwrap();
    assert!(log.starts_with("before\n127.0.0.1 - - ["), "{log}");
    assert!(log.ends_with("\"GET /a.txt HTTP/1.1\" 200 6\n"), "{log}");
}

/// The socket alone: there is no port.
#[cfg(unix)]
#[test]
fn a_unix_socket_has_its_name_in_the_log_and_goes_with_the_command() {
    let place = Place::new();
    let socket = place.beside("socket");
    let doget = Doget::start(place.command(&["--unix", &socket]));
    let answer = Client::connect_unix(Path::new(&socket)).get("/a.txt");
    assert_eq!(answer.text(), "hello\n");
    let log = doget.log();
    assert!(log.starts_with("unix - - ["), "{log}");
    assert!(!Path::new(&socket).exists());
}

/// Case A39: what cannot be said or logged stops nothing.
#[cfg(target_os = "linux")]
#[test]
fn a39_a_full_disk_and_a_closed_pipe_stop_nothing() {
    let place = Place::new();
    let socket = place.beside("socket");
    for closed in [false, true] {
        let mut command = place.command(&["--unix", &socket]);
        if !closed {
            let full = || fs::File::options().write(true).open("/dev/full").unwrap();
            command.stdout(full()).stderr(full());
        }
        let mut child = command.spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        eventually("a socket", || {
            std::os::unix::net::UnixStream::connect(&socket).is_ok()
        });
        let mut client = Client::connect_unix(Path::new(&socket));
        for _ in 0..1000 {
            assert_eq!(client.get("/a.txt").status, 200);
        }
        drop(client);
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "closed: {closed}");
    }
}
