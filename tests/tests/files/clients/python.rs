//! The handler beside `python3 -m http.server`: the same answers, and other ones for a reason.

use crate::site::{AFTER, BEFORE, Site, THEN};
use crate::{Python, has};
use doget_tests::answer::Answer;
use doget_tests::test_server::{Conn, read_all};
use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;

/// The answer, or `None` if the connection ends without one.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, lines: &str) -> Option<Answer> {
    let mut conn = Conn::to(address);
    conn.send(format!(
        "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{lines}\r\n"
    ));
    let raw = conn.rest();
    (!raw.is_empty()).then(|| read_all(&raw, &[method]).remove(0))
}

/// What of an answer has to be the same on both sides.
fn summary(answer: Option<Answer>) -> String {
    let Some(answer) = answer else {
        return "nothing".to_owned();
    };
    let header = |name| answer.header(name).unwrap_or("-").to_owned();
    let kind = header("Content-Type");
    let essence = kind.split(';').next().unwrap();
    match answer.status {
        // The page is compared elsewhere; its text is the same for all handlers.
        400.. => format!("{} {}", answer.status, answer.reason),
        // What a client knows already need not be told again.
        300..400 => format!("{} {} {:?}", answer.status, header("Location"), answer.body),
        _ => format!(
            "{} {essence} {} {} {}",
            answer.status,
            header("Content-Length"),
            header("Last-Modified"),
            answer.body.escape_ascii()
        ),
    }
}

/// Files beside those of every site.
const NAMES: [&str; 11] = [
    "page.html",
    "style.css",
    "data.json",
    "image.png",
    "noext",
    "a.tar.gz",
    "B.TXT",
    "b c.txt",
    "\u{e4}.txt",
    "q?x",
    "50%",
];

/// What is asked for.
const PATHS: [&str; 35] = [
    "/a.txt",
    "//a.txt",
    "/dir//b.txt",
    "/%61.txt",
    "/a.txt?x",
    "/a.txt?x#y",
    "/link.txt",
    "/page.html",
    "/style.css",
    "/data.json",
    "/image.png",
    "/noext",
    "/a.tar.gz",
    "/B.TXT",
    "/b%20c.txt",
    "/%C3%A4.txt",
    "/q%3Fx",
    "/50%25",
    "/empty",
    "/digits",
    "/dir",
    "/dir?x",
    "/dir?a=b&c",
    "/dir?",
    "/dir/sub",
    "//dir",
    "/indexed",
    "/indexed/",
    "/both/",
    "/odd/",
    "/nothing",
    "/nothing/",
    "/dir/nothing",
    "/a.txt/",
    "/a.txt/b",
];

#[test]
fn python_gives_the_same_answers() {
    if !has("python3") {
        return;
    }
    let site = Site::usual();
    for name in NAMES {
        site.file(name, "content");
    }
    site.link("a.txt", "link.txt");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    let since = |date: &str| format!("If-Modified-Since: {date}\r\n");
    let mut cases: Vec<(&str, &str, String)> = Vec::new();
    for path in PATHS {
        for method in ["GET", "HEAD"] {
            cases.push((method, path, String::new()));
        }
    }
    for path in ["/a.txt", "/indexed/", "/dir", "/nothing"] {
        for date in [
            THEN,
            BEFORE,
            AFTER,
            "nonsense",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 09:49:37 +0100",
            "Sun, 06 Nov 1994 08:49:37",
        ] {
            cases.push(("GET", path, since(date)));
        }
        cases.push(("GET", path, since(AFTER) + "If-None-Match: \"x\"\r\n"));
    }
    for method in ["SPAM", "get"] {
        cases.push((method, "/a.txt", "Content-Length: 0\r\n".to_owned()));
    }
    for (method, path, lines) in cases {
        assert_eq!(
            summary(ask(server.address(), method, path, &lines)),
            summary(ask(python.address, method, path, &lines)),
            "{method} {path} {lines}"
        );
    }
}

/// Where we do not do as `http.server` does, and why.
const DIFFERENCES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "GET /../a.txt",
        "",
        "200",
        "404",
        "dots are refused in every spelling, so that no guard before the handler is by-passed",
    ),
    ("GET /dir/../a.txt", "", "200", "404", "the same"),
    (
        "GET /dir%2f",
        "",
        "301",
        "404",
        "an escaped slash is part of a name, and no name has one",
    ),
    ("GET /.secret", "", "200", "404", "dot files are hidden"),
    (
        "GET /out",
        "",
        "200",
        "404",
        "links do not lead out of the directory",
    ),
    (
        "GET /bad%ff.txt",
        "",
        "404",
        "200",
        "a file is found by the bytes of its name",
    ),
    (
        "GET /%00",
        "",
        "nothing",
        "404",
        "a NUL ends a name, and is no reason to drop the connection",
    ),
    (
        "GET /a.txt%zz",
        "",
        "404",
        "400",
        "a bad percent-encoding is the client's fault",
    ),
    (
        "GET /a.txt",
        "Range: bytes=0-1\r\n",
        "200",
        "206",
        "ranges are there to resume a download",
    ),
    (
        "GET /a.txt",
        "Range: bytes=99-\r\n",
        "200",
        "416",
        "the same",
    ),
    (
        "GET /a.txt",
        "If-None-Match: *\r\n",
        "200",
        "304",
        "entity tags are compared",
    ),
    (
        "GET /a.txt",
        "If-Match: \"x\"\r\n",
        "200",
        "412",
        "the same",
    ),
    (
        "GET /a.txt",
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
        "200",
        "412",
        "all preconditions of RFC 9110 are evaluated",
    ),
    (
        "PUT /a.txt",
        "Content-Length: 0\r\n",
        "501",
        "405",
        "the method is known, and no file takes it (RFC 9110 section 15.5.6)",
    ),
    (
        "DELETE /nothing",
        "",
        "501",
        "405",
        "the same, whether there is such a file or not",
    ),
    ("POST /", "Content-Length: 0\r\n", "501", "405", "the same"),
    (
        "OPTIONS /a.txt",
        "",
        "501",
        "200",
        "it can be asked which methods are taken",
    ),
];

#[test]
fn python_gives_other_answers_for_a_reason() {
    if !has("python3") {
        return;
    }
    let site = Site::usual();
    fs::write(site.outside().join("outside.txt"), "outside").unwrap();
    site.link("../outside.txt", "out");
    site.file(OsStr::from_bytes(b"bad\xff.txt"), "raw");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    let status = |address, request: &str, lines| {
        let (method, path) = request.split_once(' ').unwrap();
        match ask(address, method, path, lines) {
            Some(answer) => answer.status.to_string(),
            None => "nothing".to_owned(),
        }
    };
    for (request, lines, theirs, ours, why) in DIFFERENCES {
        assert_eq!(
            status(python.address, request, lines),
            *theirs,
            "python: {request} {lines}"
        );
        assert_eq!(
            status(server.address(), request, lines),
            *ours,
            "{request} {lines}: {why}"
        );
    }

    // Text says that it is UTF-8, and an archive what it is.
    let kind = |address, path| {
        let answer = ask(address, "GET", path, "").unwrap();
        answer.header("Content-Type").unwrap().to_owned()
    };
    site.file("a.tgz", "");
    for (path, theirs, ours) in [
        ("/a.txt", "text/plain", "text/plain; charset=utf-8"),
        ("/a.tgz", "application/x-tar", "application/gzip"),
    ] {
        assert_eq!(kind(python.address, path), theirs);
        assert_eq!(kind(server.address(), path), ours);
    }
}
