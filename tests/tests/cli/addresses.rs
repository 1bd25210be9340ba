//! Where it serves, and what it says of that.

use super::{Doget, Place};
use doget_tests::Client;
#[cfg(unix)]
use doget_tests::eventually;
use std::fs;
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::Path;

#[test]
fn cli_12_it_serves_where_it_is_on_all_addresses_and_says_so() {
    let place = Place::new();
    let mut doget = Doget::start(place.command(&["0"]));
    let address = doget.address();
    let (ip, port) = (address.ip(), address.port());
    assert!(ip.is_unspecified());
    let url = match ip {
        std::net::IpAddr::V4(_) => format!("http://0.0.0.0:{port}/"),
        std::net::IpAddr::V6(_) => format!("http://[::]:{port}/"),
    };
    assert_eq!(
        doget.line,
        format!("Serving HTTP on {ip} port {port} ({url}) ...")
    );
    // What Windows makes of it is a path of another kind.
    let directory = match cfg!(windows) {
        true => place.root(),
        false => fs::canonicalize(place.root()).unwrap(),
    };
    assert_eq!(
        doget.next_line(),
        format!("Directory: {}", directory.display())
    );
    assert!(doget.next_line().starts_with("Open: http://"));
    // IPv4 clients reach it too, and the log shows them by their own address.
    let mut client = Client::connect(SocketAddr::from(([127, 0, 0, 1], port)));
    assert_eq!(client.get("/a.txt").text(), "hello\n");
    let answer = client.get("/");
    assert!(answer.text().contains("Directory listing for /"));
    assert_eq!(answer.header("Cache-Control"), Some("no-cache"));
    assert_eq!(client.get("/.secret").status, 404);
    let log = doget.log();
    assert!(log.starts_with("127.0.0.1 - - ["), "{log}");
    assert!(log.contains("] \"GET /a.txt HTTP/1.1\" 200 6\n"), "{log}");
    assert!(
        log.contains("] code 404, message File not found\n"),
        "{log}"
    );
}

#[test]
fn cli_03_several_addresses_share_a_free_port() {
    let place = Place::new();
    let mut doget = place.serve(&["-b", "127.0.0.2"]);
    let second = doget.next_line();
    let port = doget.address().port();
    assert_eq!(
        second,
        format!("Serving HTTP on 127.0.0.2 port {port} (http://127.0.0.2:{port}/) ...")
    );
    let mut client = Client::connect(SocketAddr::from(([127, 0, 0, 2], port)));
    assert_eq!(client.get("/a.txt").status, 200);
}

#[test]
fn cli_05_another_directory() {
    let place = Place::new();
    for option in ["-d", "--directory"] {
        assert_eq!(place.serve(&[option, "dir"]).get("/b.foo").text(), "b");
    }
}

#[test]
fn cli_06_the_version_of_responses() {
    let place = Place::new();
    for (version, closes) in [("HTTP/1.0", true), ("HTTP/1.1", false)] {
        let doget = place.serve(&["-p", version]);
        let mut client = Client::connect(doget.address());
        let answer = client.get("/a.txt");
        assert_eq!(answer.closes(), closes, "{version}");
        assert_eq!(answer.version, version);
        drop(client);
    }
}

#[cfg(unix)]
#[test]
fn a_unix_socket_alone_and_with_a_port() {
    let place = Place::new();
    let socket = place.beside("socket");
    let mut doget = Doget::start(place.command(&["--unix", &socket]));
    assert_eq!(doget.line, format!("Serving HTTP on unix:{socket} ..."));
    assert!(doget.next_line().starts_with("Directory: "));
    assert_eq!(
        Client::connect_unix(Path::new(&socket))
            .get("/a.txt")
            .status,
        200
    );
    doget.log();
    let doget = place.serve(&["--unix", &socket]);
    assert_eq!(
        Client::connect_unix(Path::new(&socket))
            .get("/a.txt")
            .status,
        200
    );
    assert_eq!(doget.get("/a.txt").status, 200);
}

/// By a script in place of `xdg-open`; Windows and macOS open pages by themselves.
#[cfg(unix)]
#[test]
fn open_shows_the_page_and_a_missing_browser_stops_nothing() {
    use std::os::unix::fs::PermissionsExt;
    if cfg!(target_os = "macos") {
        return;
    }
    let place = Place::new();
    let (script, shown) = (place.beside("xdg-open"), place.beside("shown"));
    fs::write(
        &script,
        format!("#!/bin/sh\necho \"$1\" >'{shown}.new' && mv '{shown}.new' '{shown}'\n"),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.0.display());
    let mut command = place.command(&["0", "-b", "127.0.0.1", "--open"]);
    command.env("PATH", path);
    let doget = Doget::start(command);
    eventually("a page", || Path::new(&shown).exists());
    let url = fs::read_to_string(&shown).unwrap();
    assert_eq!(url, format!("http://{}/\n", doget.address()));
    let all_hosts = ["0", "-b", "127.0.0.1", "--open", "--allow-host", "*"];
    let mut command = place.command(&all_hosts);
    command.env("PATH", "/nowhere");
    let doget = Doget::start(command);
    assert_eq!(doget.get("/a.txt").status, 200);
}
