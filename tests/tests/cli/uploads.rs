//! `--upload`.

use super::{Doget, Place, fails};
use doget_tests::{Answer, Client};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

/// Nobody: as root it does not run.
const NOBODY: u32 = 65_534;

fn place() -> Place {
    let place = Place::new();
    for directory in [place.root(), place.root().join("dir")] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o777)).unwrap();
    }
    place
}

fn command(place: &Place, arguments: &[&str]) -> Command {
    let mut command = place.command(&[&["--upload"], arguments].concat());
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn serve(place: &Place, arguments: &[&str]) -> Doget {
    let all = [&["0", "-b", "127.0.0.1", "--allow-host", "test"], arguments].concat();
    Doget::start(command(place, &all))
}

fn run(place: &Place, arguments: &[&str]) -> Output {
    command(place, arguments).output().unwrap()
}

fn put(doget: &Doget, path: &str, fields: &str, body: &str) -> Answer {
    let mut client = Client::connect(doget.address());
    let length = body.len();
    client.send(format!(
        "PUT {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n{fields}\r\n{body}"
    ));
    client.answer()
}

#[test]
fn files_come_into_the_directory_and_change_nothing_there() {
    let place = place();
    let mut doget = serve(&place, &["--limit", "upload.max_file_size=10"]);
    doget.next_line();
    doget.next_line();
    assert_eq!(
        doget.next_line(),
        "Upload: this machine can add files, and cannot change any."
    );
    assert!(doget.get("/").text().contains("multipart/form-data"));
    assert_eq!(put(&doget, "/dir/new.txt", "", "new").status, 201);
    assert_eq!(doget.get("/dir/new.txt").text(), "new");
    let file = fs::metadata(place.root().join("dir/new.txt")).unwrap();
    assert_eq!(file.mode() & 0o133, 0, "{:o}", file.mode());
    assert_eq!(put(&doget, "/a.txt", "", "other").status, 409);
    assert_eq!(doget.get("/a.txt").text(), "hello\n");
    assert_eq!(put(&doget, "/long", "", "12345678901").status, 413);
    assert_eq!(
        put(&doget, "/x", "Origin: https://evil.example\r\n", "x").status,
        403
    );
    // Another name for this machine is one that somebody else gave it.
    let mut client = Client::connect(doget.address());
    client.send("PUT /x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\nx");
    assert_eq!(client.answer().status, 421);
    assert!(!place.root().join("x").exists());
}

#[test]
fn it_does_not_start_where_it_would_be_a_hole() {
    let place = place();
    for options in [
        &["0"][..],
        &["0", "-b", "127.0.0.1", "--behind", "127.0.0.1"],
        &["0", "-b", "127.0.0.1", "--proxy-protocol", "127.0.0.1"],
    ] {
        fails(&run(&place, options), 2, "--auth-file");
    }
    // Who asks through a socket of the file system is somebody else's client: a proxy's.
    let socket = place.root().join("socket").display().to_string();
    fails(&run(&place, &["--unix", &socket]), 2, "--auth-file");
    for option in ["--cgi", "--hidden", "--spa", "--reload", "--drop=/tmp"] {
        fails(&run(&place, &["0", option]), 2, "cannot be used with");
    }
    place.file("log", "");
    let log = place.root().join("log");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o666)).unwrap();
    let inside = ["0", "-b", "127.0.0.1", "--log-file", log.to_str().unwrap()];
    fails(&run(&place, &inside), 1, "lies in it");
    if rustix::process::geteuid().is_root() {
        let output = place.run(&["0", "-b", "127.0.0.1", "--upload"]);
        fails(&output, 1, "does not run as root");
    }
}

/// With passwords others can reach it, and only who knows one sends.
#[test]
fn users_send_and_strangers_do_not() {
    let place = place();
    let mut hash = super::starts(super::program())
        .arg("--hash-password")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut hash.stdin.take().unwrap(), b"tea").unwrap();
    let hash = hash.wait_with_output().unwrap().stdout;
    let users = place.beside("users");
    fs::write(&users, [b"ada:", &hash[..]].concat()).unwrap();
    fs::set_permissions(&users, fs::Permissions::from_mode(0o600)).unwrap();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&users, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let options = [
        "0",
        "--auth-file",
        &users,
        "--auth-over-http",
        "--allow-host",
        "test",
    ];
    let mut doget = Doget::start(command(&place, &options));
    let port = doget
        .line
        .rsplit_once(':')
        .unwrap()
        .1
        .split_once('/')
        .unwrap()
        .0;
    doget.line = format!("://127.0.0.1:{port}/)");
    assert_eq!(put(&doget, "/x", "", "x").status, 401);
    assert!(!place.root().join("x").exists());
    let ada = "Authorization: Basic YWRhOnRlYQ==\r\n";
    assert_eq!(put(&doget, "/x", ada, "x").status, 201);
    let foreign = format!("{ada}Sec-Fetch-Site: cross-site\r\n");
    assert_eq!(put(&doget, "/y", &foreign, "x").status, 403);
}
