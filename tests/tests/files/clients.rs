//! Real clients against the file handler, and the handler beside `python3 -m http.server`.
//!
//! A client that this machine does not have is left out, and the test says so.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod site;

use doget_tests::answer::Answer;
use doget_tests::test_server::{Conn, TestServer, read_all};
use site::{AFTER, BEFORE, Site, THEN, links};
use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        eprintln!("left out: no {program} here");
    }
    found
}

fn curl(arguments: &[&str]) -> Output {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(arguments)
        .output();
    output.unwrap()
}

/// The status and the number of bytes, as curl tells them.
const TOLD: &str = "%{http_code} %{size_download} %{num_connects}\n";

fn content(length: u32) -> Vec<u8> {
    (0..length)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

#[test]
fn curl_downloads_resumes_and_takes_ranges() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    let content = content(5 << 20);
    site.file("big.bin", &content);
    let server = site.serve();
    let url = format!("{}/big.bin", server.url());
    let target = site.outside().join("downloaded");
    let path = target.to_str().unwrap();

    let whole = curl(&["--output", path, "--write-out", "%{http_code}", &url]);
    assert_eq!(whole.stdout, b"200", "{whole:?}");
    assert!(fs::read(&target).unwrap() == content);

    // As after a connection that broke.
    fs::write(&target, &content[..1_234_567]).unwrap();
    let rest = curl(&[
        "--continue-at",
        "-",
        "--output",
        path,
        "--write-out",
        "%{http_code} %{size_download}",
        &url,
    ]);
    assert_eq!(
        String::from_utf8(rest.stdout).unwrap(),
        format!("206 {}", content.len() - 1_234_567)
    );
    assert!(fs::read(&target).unwrap() == content);

    let range = curl(&["--range", "1000-1999", &url]);
    assert!(range.stdout == content[1000..2000]);
    let last = curl(&["--range", "-10", &url]);
    assert!(last.stdout == content[content.len() - 10..]);
    let several = curl(&["--range", "0-9,100000-100009", &url]);
    let text = String::from_utf8_lossy(&several.stdout).into_owned();
    assert!(text.contains("Content-Range: bytes 100000-100009/5242880\r\n"));
    assert!(
        several
            .stdout
            .windows(10)
            .any(|part| part == &content[100_000..100_010])
    );
    let behind = curl(&[
        "--range",
        "9999999-",
        "--write-out",
        TOLD,
        "--output",
        path,
        &url,
    ]);
    assert!(behind.stdout.starts_with(b"416 "));
}

#[test]
fn curl_keeps_its_connection_and_its_copy() {
    if !has("curl") {
        return;
    }
    let site = Site::usual();
    let server = site.serve();
    let url = |path: &str| format!("{}{path}", server.url());
    let several = curl(&[
        "--write-out",
        TOLD,
        "--output",
        "/dev/null",
        &url("/a.txt"),
        "--output",
        "/dev/null",
        &url("/nothing"),
        "--output",
        "/dev/null",
        &url("/dir/"),
    ]);
    let told = String::from_utf8(several.stdout).unwrap();
    let told: Vec<_> = told.lines().collect();
    assert!(told[0].starts_with("200 6 1"), "{told:?}");
    assert!(
        told[1].starts_with("404 ") && told[1].ends_with(" 0"),
        "{told:?}"
    );
    assert!(
        told[2].starts_with("200 ") && told[2].ends_with(" 0"),
        "{told:?}"
    );

    let copy = site.outside().join("copy");
    let tag = site.outside().join("tag");
    let arguments = [
        "--etag-save",
        tag.to_str().unwrap(),
        "--etag-compare",
        tag.to_str().unwrap(),
        "--output",
        copy.to_str().unwrap(),
        "--write-out",
        "%{http_code}",
        &url("/a.txt"),
    ];
    fs::write(&tag, "").unwrap();
    assert_eq!(curl(&arguments).stdout, b"200");
    assert_eq!(curl(&arguments).stdout, b"304");
    assert_eq!(fs::read(&copy).unwrap(), b"hello\n");

    let follows = curl(&[
        "--location",
        "--write-out",
        "%{url_effective}",
        "--output",
        "/dev/null",
        &url("/dir?sort=size"),
    ]);
    assert_eq!(
        String::from_utf8(follows.stdout).unwrap(),
        url("/dir/?sort=size")
    );
    let upload = curl(&[
        "--upload-file",
        copy.to_str().unwrap(),
        "--write-out",
        "%{http_code}",
        "--output",
        "/dev/null",
        &url("/new.txt"),
    ]);
    assert_eq!(upload.stdout, b"405");
    assert!(!site.root().join("new.txt").exists());
}

#[test]
fn curl_unpacks_a_compressed_sibling() {
    if !has("curl") || !has("gzip") {
        return;
    }
    let site = Site::new();
    let text = "the same line again\n".repeat(1000);
    let path = site.file("long.txt", &text);
    let packed = Command::new("gzip")
        .args(["--keep", "--best"])
        .arg(&path)
        .status();
    assert!(packed.unwrap().success());
    let server = site.serve();
    let url = format!("{}/long.txt", server.url());
    let told = curl(&["--compressed", "--write-out", "%{size_download}", &url]);
    let told = String::from_utf8(told.stdout).unwrap();
    let size = told.strip_prefix(&text).unwrap();
    assert!(size.parse::<usize>().unwrap() < text.len() / 10, "{size}");
}

/// `python3 -m http.server` on a free port; ended when dropped.
struct Python {
    child: Child,
    address: SocketAddr,
}

impl Python {
    fn serve(directory: &Path) -> Self {
        let mut child = Command::new("python3")
            .args([
                "-u",
                "-m",
                "http.server",
                "0",
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = doget_tests::python::address(&mut child);
        Self { child, address }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer, or `None` if the connection ends without one.
fn ask(address: SocketAddr, method: &str, path: &str, lines: &str) -> Option<Answer> {
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

#[test]
fn python_gives_the_same_answers() {
    if !has("python3") {
        return;
    }
    let site = Site::usual();
    for name in [
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
    ] {
        site.file(name, "content");
    }
    site.link("a.txt", "link.txt");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    let since = |date: &str| format!("If-Modified-Since: {date}\r\n");
    let mut cases: Vec<(&str, &str, String)> = Vec::new();
    for path in [
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
    ] {
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

#[test]
fn python_lists_the_same_names_in_the_same_order() {
    if !has("python3") {
        return;
    }
    let site = Site::new();
    for name in [
        "b", "A", "c&d", "e f", "g'h", "i:j", "\u{e4}", "<x>", "%41", "#", "?",
    ] {
        site.file(Path::new("listed").join(name), "");
    }
    site.link("A", "listed/link");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    let theirs = ask(python.address, "GET", "/listed/", "").unwrap();
    let theirs: Vec<_> = theirs
        .text()
        .split("<li><a href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let ours = server.get("/listed/");
    assert_eq!(links(ours.text()), theirs);
}

/// Prints the target and the text of each link on the two pages of these URLs, as a program that reads listings sees
/// them.
const LINKS: &str = "
import html.parser, sys, urllib.request

class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.inside = [], False
    def handle_starttag(self, tag, attributes):
        if tag == 'a':
            self.found.append([dict(attributes)['href'], ''])
            self.inside = True
    def handle_endtag(self, tag):
        if tag == 'a':
            self.inside = False
    def handle_data(self, text):
        if self.inside:
            self.found[-1][1] += text

for url in sys.argv[1:]:
    links = Links()
    links.feed(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url).read().decode())
    print(ascii(links.found))
";

#[test]
fn dir_07_a_program_reads_the_listing_as_it_reads_pythons() {
    if !has("python3") {
        return;
    }
    let site = Site::new();
    for name in [
        "b",
        "A",
        "c&d",
        "e f",
        "i:j",
        "\u{e4}",
        "<x>",
        "%41",
        "\u{5d0}\u{5d1}.txt",
    ] {
        site.file(Path::new("listed").join(name), "");
    }
    site.file("listed/sub/deep/x", "");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    for path in ["/listed/", "/listed/sub/", "/listed/sub/deep/", "/"] {
        let output = Command::new("python3")
            .args(["-c", LINKS])
            .arg(format!("http://{}{path}", python.address))
            .arg(format!("{}{path}", server.url()))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lists: Vec<&str> = text.lines().collect();
        let (ours, theirs) = (lists.pop().unwrap(), lists.pop().unwrap());
        let sorted = |list: &str| {
            // Python puts directories among the files.
            let mut links: Vec<_> = list
                .split("], [")
                .map(|link| link.trim_matches(['[', ']']).to_owned())
                .collect();
            links.sort();
            links
        };
        assert_eq!(sorted(ours), sorted(theirs), "{path} {output:?}");
    }
}

/// One page for each directory, whatever else a person can click.
#[test]
fn dir_08_wget_fetches_the_same_files_as_from_python() {
    if !has("wget") || !has("python3") {
        return;
    }
    let site = Site::new();
    for name in [
        "a.txt",
        "b c.txt",
        "sub/d.txt",
        "sub/deep/e.txt",
        "empty/f",
        "i:j",
    ] {
        site.file(Path::new("tree").join(name), name);
    }
    let (python, server) = (Python::serve(&site.root()), site.serve());
    // Python's server closes each connection, and wget finds that out too late now and then.
    let fetched = |origin: &str, into: &str, tries: &str| {
        let into = site.outside().join(into);
        fs::create_dir(&into).unwrap();
        let done = Command::new("wget")
            .args([
                "--no-verbose",
                "--recursive",
                "--level=inf",
                "--no-host-directories",
                "--no-proxy",
            ])
            .args(["--tries", tries, "--timeout=60"])
            .arg(format!("{origin}/tree/"))
            .current_dir(&into)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", done.status);
        let mut found = Vec::new();
        let mut left = vec![into.clone()];
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    left.push(path);
                } else {
                    found.push(path.strip_prefix(&into).unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    };
    let theirs = fetched(&format!("http://{}", python.address), "theirs", "9");
    assert_eq!(theirs.len(), 10, "{theirs:?}");
    assert_eq!(fetched(&server.url(), "ours", "1"), theirs);
}

#[test]
fn a_client_of_http_1_0_that_keeps_its_connection() {
    let site = Site::usual();
    let server: TestServer = site.serve();
    let mut conn = server.connect();
    for _ in 0..3 {
        conn.send("GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        let answer = conn.answer("GET");
        assert_eq!(answer.text(), "hello\n");
        assert_eq!(answer.header("Connection"), Some("keep-alive"));
    }
}
