//! Names that mean something else on Windows than they say: none of them leads out of the directory, to a device, to a
//! stream beside a file, or to a hidden file. They run on Windows, and under wine (`.ci/systems`).
#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "site.rs"]
#[allow(dead_code, reason = "the other tests of files use the rest")]
mod site;

use doget::HttpServer;
use doget_tests::Client;
use doget_tests::test_server::TestServer;
use site::Site;
use std::fs::{self, OpenOptions};
use std::net::SocketAddr;
use std::os::windows::fs::OpenOptionsExt as _;

/// What nobody may see.
const SECRET: &str = "not for anybody";

fn server() -> (Site, TestServer) {
    let site = Site::usual();
    fs::write(site.outside().join("outside.txt"), SECRET).unwrap();
    site.file(".secret", SECRET);
    fs::create_dir(site.root().join(".git")).unwrap();
    site.file(".git/config", SECRET);
    site.file("plain.txt", "plain");
    fs::create_dir(site.root().join("folder")).unwrap();
    site.file("folder/in.txt", "in");
    let server = TestServer::new(site.handler());
    (site, server)
}

const ELSEWHERE: &[&str] = &[
    // Drives, and paths that begin anew.
    "/C:",
    "/c:/",
    "/C:/windows/win.ini",
    "/c:%5cwindows%5cwin.ini",
    "/Z:/etc/passwd",
    "/C:plain.txt",
    "/%5c%5c?%5cC:%5c",
    "/%5c%5c.%5cPhysicalDrive0",
    "/%5c%5clocalhost%5cc$%5c",
    "//localhost/c$/",
    // Backslashes.
    "/..%5coutside.txt",
    "/folder%5cin.txt",
    "/folder/..%5c..%5coutside.txt",
    "/%5c",
    "/..%5c",
    // Dots and blanks at the end, which the system takes away.
    "/plain.txt.",
    "/plain.txt%20",
    "/plain.txt..",
    "/folder./in.txt",
    "/folder%20/in.txt",
    "/..%20/outside.txt",
    "/.../outside.txt",
    "/..../outside.txt",
    "/.secret.",
    "/.secret%20",
    "/.git./config",
    // Streams beside a file.
    "/plain.txt::$DATA",
    "/plain.txt:stream",
    "/folder::$INDEX_ALLOCATION/in.txt",
    "/.secret::$DATA",
    "/::$DATA",
    "/plain.txt:%24DATA",
    // Devices, whatever stands behind their names.
    "/CON",
    "/con",
    "/NUL",
    "/nul.txt",
    "/NUL.",
    "/nul%20",
    "/AUX",
    "/PRN",
    "/COM1",
    "/com1.txt",
    "/LPT9",
    "/COM%C2%B2",
    "/CONIN$",
    "/CONOUT$",
    "/folder/NUL",
    "/folder/con.html",
    // Short names.
    "/SECRET~1",
    "/GIT~1/config",
    "/PLAIN~1.TXT",
    "/SECR~P54",
    "/GIT~~IBP/config",
    // What no name has.
    "/plain.txt%00",
    "/plain%3f.txt",
    "/plain*",
    "/%22plain.txt%22",
    "/%3cplain.txt",
    "/plain.txt%7c",
    "/plain%09",
    // Dots and slashes by other letters.
    "/%c0%ae%c0%ae/outside.txt",
    "/%ef%bc%8e%ef%bc%8e/outside.txt",
    "/..%c0%afoutside.txt",
    "/%e2%88%95",
];

#[test]
fn names_that_lead_elsewhere_are_not_found() {
    let (_site, server) = server();
    for path in ELSEWHERE {
        let answer = server.get(path);
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.text().contains(SECRET), "{path}");
    }
}

#[test]
fn the_case_of_a_name_does_not_matter_and_hides_nothing() {
    let (_site, server) = server();
    for path in ["/plain.txt", "/PLAIN.TXT", "/Plain.Txt", "/Folder/IN.txt"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/plain; charset=utf-8"),
            "{path}"
        );
    }
    for path in ["/.SECRET", "/.Git/config", "/.GIT/CONFIG"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

/// Whatever second name the system gives to a hidden file, by which `dir /x` would show it.
#[test]
fn a_hidden_file_is_hidden_by_all_its_names() {
    let (site, server) = server();
    for entry in fs::read_dir(site.root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let status = server.get(&format!("/{name}")).status;
        // But for the one that RFC 8615 has for everybody.
        let hidden = name.starts_with('.') && name != ".well-known";
        assert_eq!(status == 404, hidden, "{name}: {status}");
    }
}

/// A link of a listing leads to its file: names that no request may have are not in it, nor in an archive.
#[test]
fn what_no_request_names_is_not_listed() {
    let site = Site::new();
    for name in ["PHOTO~1.JPG", "\u{7f}", "folder/LETTER~2", "plain.txt"] {
        site.file(name, "x");
    }
    let handler = site.handler().archives(doget::ArchiveLimits::new());
    let server = TestServer::new(handler);
    assert_eq!(server.get("/PHOTO~1.JPG").status, 404);
    assert_eq!(server.get("/?format=text").text(), "folder/\nplain.txt\n");
    let archive = server.get("/?archive=tar").body;
    let has = |name: &[u8]| archive.windows(name.len()).any(|part| part == name);
    assert!(has(b"files/plain.txt") && !has(b"PHOTO") && !has(b"LETTER"));
}

#[test]
fn a_rule_of_caching_is_for_the_file_and_not_for_the_case_of_its_name() {
    let (site, _) = server();
    let handler = site.handler().cache("*.txt", "max-age=60").unwrap();
    let server = TestServer::new(handler);
    for path in ["/plain.txt", "/PLAIN.TXT"] {
        let answer = server.get(path);
        assert_eq!(answer.header("Cache-Control"), Some("max-age=60"), "{path}");
    }
}

/// As long as another program has it for itself, it is as one that may not be read elsewhere: not found, and no listing
/// in its place.
#[test]
fn a_file_that_is_shared_with_nobody_may_not_be_read() {
    let (site, server) = server();
    site.file("folder/index.html", "index");
    let mut alone = OpenOptions::new();
    alone.read(true).write(true).share_mode(0);
    let held =
        ["plain.txt", "folder/index.html"].map(|path| alone.open(site.root().join(path)).unwrap());
    let are = |status| {
        for path in ["/plain.txt", "/folder/"] {
            assert_eq!(server.get(path).status, status, "{path}");
        }
    };
    are(404);
    drop(held);
    are(200);
}

/// Whoever asks by IPv4 is answered too, and a second server does not get the port.
#[test]
fn one_listener_for_both_families() {
    let server = HttpServer::bind("[::]:0").unwrap();
    let port = server.local_addrs().next().unwrap().port();
    // By a narrower address it could: SECURITY.md says so.
    assert!(HttpServer::bind(format!("[::]:{port}")).is_err());
    let site = Site::usual();
    let running = server.spawn(site.handler()).unwrap();
    for host in ["127.0.0.1", "::1"] {
        let address = SocketAddr::new(host.parse().unwrap(), port);
        let mut client = Client::connect(address);
        client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer().status, 200, "{host}");
    }
    running.shutdown().now();
}
