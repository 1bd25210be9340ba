//! `--reload`: pages hear that a file has changed.

use super::{Doget, Place, fails};
use doget_tests::live::Ws;
use doget_tests::{Answer, Client};
use std::fs;
use std::path::Path;

const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>Home</title></head>\n<p>hello\n";

/// A file that nobody has written just now: its entity tag is strong.
fn settled(path: &Path) {
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(past)
        .unwrap();
}

fn site() -> Place {
    let place = Place::new();
    place.file("index.html", PAGE);
    place.file("app.css", "p { color: red }");
    for name in ["index.html", "app.css", "a.txt"] {
        settled(&place.root().join(name));
    }
    place
}

fn ask(doget: &Doget, request: &str) -> Answer {
    let mut client = Client::connect(doget.address());
    client.send(format!("{request}\r\nHost: test\r\n\r\n"));
    client.answer_to(request.split(' ').next().unwrap())
}

/// What the page loads, and its version.
fn script_of(page: &str) -> (String, String) {
    let (_, rest) = page.split_once("<script async src=\"").expect(page);
    let (address, _) = rest.split_once("\"></script>").unwrap();
    let (path, version) = address.split_once('?').unwrap();
    (path.to_owned(), version.to_owned())
}

#[test]
fn pages_have_the_script_and_are_told_of_changes() {
    let place = site();
    let doget = place.serve(&["--reload"]);
    let page = doget.get("/");
    let (script, version) = script_of(page.text());
    let tag = format!("<script async src=\"/.doget/reload.js?{version}\"></script>");
    assert_eq!(
        page.text(),
        PAGE.replace("<title>", &format!("{tag}<title>"))
    );
    assert_eq!(version.len(), 16, "{version}");
    let answer = doget.get(&format!("{script}?{version}"));
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(answer.text().contains("new WebSocket("));

    let mut socket = Ws::connect(doget.address(), "/.doget/reload");
    assert_eq!(socket.receive_text(), format!("page {version} {version}"));
    place.file("dir/new.txt", "new");
    let told = socket.receive_text();
    let (what, versions) = told.split_once(' ').unwrap();
    let (after, before) = versions.split_once(' ').unwrap();
    assert_eq!((what, before), ("page", &*version));
    assert_ne!(after, version);
    place.file("app.css", "p { color: green }");
    let told = socket.receive_text();
    assert!(
        told.starts_with("styles ") && told.ends_with(after),
        "{told}"
    );
    // Who comes later hears the last one.
    let mut late = Ws::connect(doget.address(), "/.doget/reload");
    assert_eq!(late.receive_text(), told);
    // Neither script nor socket is a request of the user; nor is a socket's end.
    let log = doget.log();
    assert!(
        log.contains("\"GET / HTTP/1.1\" 200") && !log.contains("/.doget"),
        "{log}"
    );
}

#[test]
fn a_page_with_the_script_is_another_representation() {
    let place = site();
    let plain = place.serve(&[]);
    let doget = place.serve(&["--reload"]);
    let page = doget.get("/");
    let (plain_tag, tag) = (plain.get("/"), page.header("ETag").unwrap());
    let plain_tag = plain_tag.header("ETag").unwrap();
    assert!(plain_tag.starts_with('"') && tag.starts_with('"') && plain_tag != tag);
    let length = page.header("Content-Length").unwrap();
    assert_eq!(length, page.text().len().to_string());

    let head = ask(&doget, "HEAD / HTTP/1.1");
    assert_eq!(head.status, 200);
    for name in [
        "Content-Length",
        "ETag",
        "Content-Type",
        "Last-Modified",
        "Cache-Control",
    ] {
        assert_eq!(head.header(name), page.header(name), "{name}");
    }
    let with = |field: &str| ask(&doget, &format!("GET / HTTP/1.1\r\n{field}"));
    assert_eq!(with(&format!("If-None-Match: {tag}")).status, 304);
    assert_eq!(with(&format!("If-None-Match: {plain_tag}")).status, 200);
    // No ranges, neither said nor given.
    assert_eq!(page.header("Accept-Ranges"), None);
    for field in [
        "Range: bytes=0-3".to_owned(),
        format!("Range: bytes=0-3\r\nIf-Range: {tag}"),
    ] {
        let answer = with(&field);
        assert_eq!(
            (answer.status, answer.text()),
            (200, page.text()),
            "{field}"
        );
    }
    // What is no page stays as it is.
    for path in ["/a.txt", "/app.css"] {
        let (one, other) = (plain.get(path), doget.get(path));
        assert_eq!(one.text(), other.text());
        assert_eq!(one.header("ETag"), other.header("ETag"));
        assert_eq!(other.header("Accept-Ranges"), Some("bytes"));
    }
}

#[test]
fn no_compressed_sibling_is_sent_for_a_page() {
    let place = site();
    place.file("index.html.gz", "compressed");
    place.file("app.css.gz", "compressed");
    let doget = place.serve(&["--reload"]);
    let accepting = |path: &str| {
        ask(
            &doget,
            &format!("GET {path} HTTP/1.1\r\nAccept-Encoding: gzip"),
        )
    };
    let page = accepting("/");
    script_of(page.text());
    assert_eq!(
        (page.header("Content-Encoding"), page.header("Vary")),
        (None, None)
    );
    assert_eq!(
        accepting("/app.css").header("Content-Encoding"),
        Some("gzip")
    );
    // A page that is compressed as it is, and one in UTF-16.
    place.file("page.html", "p");
    fs::write(place.root().join("wide.html"), b"\xff\xfe<\0p\0>\0").unwrap();
    assert!(!doget.get("/index.html.gz").text().contains("<script"));
    assert_eq!(doget.get("/wide.html").header("Content-Length"), Some("8"));
}

#[test]
fn all_pages_that_are_files_have_it_below_a_base_too() {
    let place = site();
    place.file("404.html", "<p>nothing here");
    place.file("empty.html", "");
    let doget = place.serve(&[
        "--reload",
        "--base",
        "/docs",
        "-H",
        "Content-Security-Policy: x",
    ]);
    for (path, status) in [
        ("/docs/", 200),
        ("/docs/empty.html", 200),
        ("/docs/nothing", 404),
    ] {
        let answer = doget.get(path);
        assert_eq!(answer.status, status, "{path}");
        let length = answer.text().len().to_string();
        assert_eq!(answer.header("Content-Length"), Some(&*length), "{path}");
        let (script, version) = script_of(answer.text());
        assert_eq!(script, "/docs/.doget/reload.js");
        let mut socket = Ws::connect(doget.address(), "/docs/.doget/reload");
        assert_eq!(socket.receive_text(), format!("page {version} {version}"));
    }
    assert_eq!(
        doget.get("/docs/").header("Content-Security-Policy"),
        Some("x")
    );
}

#[test]
fn it_is_for_this_machine_and_this_site() {
    let place = site();
    // Without an address it listens on this machine's own alone.
    let mut alone = Doget::start(place.command(&["0", "--reload"]));
    assert!(
        alone.line.starts_with("Serving HTTP on 127.0.0.1 "),
        "{}",
        alone.line
    );
    let said = (0..4)
        .map(|_| alone.next_line())
        .find(|line| line.contains("load again"));
    assert!(said.is_some());
    fails(
        &place.run(&["0", "--reload", "-b", "0.0.0.0"]),
        2,
        "--reload=force",
    );
    fails(
        &place.run(&["0", "--reload", "--behind", "127.0.0.1"]),
        2,
        "--reload=force",
    );
    #[cfg(unix)]
    fails(
        &place.run(&["--reload", "--unix", &place.beside("socket")]),
        2,
        "--reload=force",
    );
    fails(
        &place.run(&["0", "--reload", "-p", "HTTP/1.0"]),
        2,
        "HTTP/1.0",
    );
    fails(&place.run(&["0", "--reload", "forse"]), 2, "force");
    let forced = Doget::start(place.command(&["0", "--reload", "force", "-b", "0.0.0.0"]));
    drop(forced);

    let doget = place.serve(&["--reload"]);
    let handshake = "GET /.doget/reload HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let foreign = ask(
        &doget,
        &format!("{handshake}\r\nOrigin: http://evil.example"),
    );
    assert_eq!(foreign.status, 403);
    assert_eq!(ask(&doget, "GET /.doget/reload HTTP/1.1").status, 426);
    assert_eq!(
        ask(&doget, "POST /.doget/reload HTTP/1.1\r\nContent-Length: 0").status,
        405
    );
    // Without the option there is nothing.
    let without = place.serve(&[]);
    assert_eq!(without.get("/.doget/reload.js").status, 404);
    assert_eq!(without.get("/").text(), PAGE);
}

#[test]
fn the_same_files_have_the_same_version_after_a_restart() {
    let place = site();
    let version = || script_of(place.serve(&["--reload"]).get("/").text()).1;
    let before = version();
    assert_eq!(version(), before);
    place.file("index.html", "<p>another");
    assert_ne!(version(), before);
}

#[test]
fn who_has_no_password_hears_of_nothing() {
    let place = site();
    let hash = {
        let mut command = place.command(&["--hash-password"]);
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"secret\n").unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    let users = place.beside("users");
    fs::write(&users, format!("me:{hash}")).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&users, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let doget = place.serve(&["--reload", "--auth-file", &users]);
    for path in ["/", "/.doget/reload.js", "/.doget/reload"] {
        assert_eq!(doget.get(path).status, 401, "{path}");
    }
}
