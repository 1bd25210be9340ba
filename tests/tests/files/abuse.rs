//! Hostile paths, links, names and directories, and files that change while they are sent.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod odd_names;
mod site;

use doget::Limits;
#[cfg(unix)]
use doget::{FileHandler, Symlinks};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use doget_tests::{Client, Server, is_below_wine};
use odd_names::{ODD_NAMES, name_of};
use site::{Site, changed, get, head, links, then};
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

/// What no answer may ever hold.
const CANARY: &str = "canary outside the root";

/// A site with the canary beside it.
fn guarded() -> Site {
    let site = Site::usual();
    fs::write(site.outside().join("canary.txt"), CANARY).unwrap();
    fs::create_dir(site.outside().join("beyond")).unwrap();
    for name in ["index.html", "canary.txt", "a.txt.gz", "404.html"] {
        fs::write(site.outside().join("beyond").join(name), CANARY).unwrap();
    }
    site
}

#[track_caller]
fn assert_clean(answer: &Answer, what: &str) {
    let body = String::from_utf8_lossy(&answer.body);
    assert!(!body.contains(CANARY), "{what} leads out");
}

#[test]
fn a29_traversal_by_encoding() {
    let site = guarded();
    let wire = site.serve();
    for (path, status) in [
        ("/../canary.txt", 404),
        ("/%2e%2e/canary.txt", 404),
        ("/.%2e/canary.txt", 404),
        ("/..%2fcanary.txt", 404),
        ("/%252e%252e/canary.txt", 404),
        ("/dir/..//../canary.txt", 404),
        ("/dir/../../canary.txt", 404),
        ("//canary.txt", 404),
        ("//../canary.txt", 404),
        ("/%00", 404),
        ("/a%00.html", 404),
        ("/%c0%ae%c0%ae/canary.txt", 404),
        ("/..;/canary.txt", 404),
        ("/.%0d%0a./canary.txt", 404),
        ("/..%5ccanary.txt", 404),
        ("/%", 400),
        ("/%2", 400),
        ("/%zz", 400),
    ] {
        let answer = wire.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert_clean(&answer, path);
    }
}

/// What they are on Windows `windows.rs` shows.
#[cfg(unix)]
#[test]
fn a30_windows_names_are_plain_names_here() {
    let site = guarded();
    site.file("c:/a.txt", "colon");
    site.file("CON", "device");
    site.file("trailing.", "dot");
    let wire = site.serve();
    assert_eq!(wire.get("/c:/a.txt").text(), "colon");
    assert_eq!(wire.get("/CON").text(), "device");
    assert_eq!(wire.get("/trailing.").text(), "dot");
    for path in [
        "/c:/windows/win.ini",
        "/a.txt::$DATA",
        "/a.txt.",
        "/..%20/canary.txt",
        "/A~1.TXT",
    ] {
        assert_eq!(wire.get(path).status, 404, "{path}");
    }
}

/// The kinds of link, and whether each stays inside; `None` is one that leads nowhere.
#[cfg(unix)]
fn kinds(site: &Site) -> [(&'static str, String, Option<bool>); 8] {
    let absolute = |path: &Path| path.to_str().unwrap().to_owned();
    site.link("a.txt", "hop-inside");
    site.link("../canary.txt", "hop-outside");
    [
        ("inside", "a.txt".into(), Some(true)),
        (
            "absolute-inside",
            absolute(&site.root().join("a.txt")),
            Some(true),
        ),
        ("second-inside", "hop-inside".into(), Some(true)),
        ("outside", "../canary.txt".into(), Some(false)),
        (
            "absolute-outside",
            absolute(&site.outside().join("canary.txt")),
            Some(false),
        ),
        ("second-outside", "hop-outside".into(), Some(false)),
        ("dangling", "nothing-there".into(), None),
        ("loop", "loop".into(), None),
    ]
}

/// Every way into the directory: the file itself, below a linked directory, an index page, a compressed sibling, the
/// page for what is not found, that of an application, and a listing.
#[cfg(unix)]
#[test]
fn a31_every_kind_of_link_by_every_way_in() {
    for symlinks in [Symlinks::None, Symlinks::Inside, Symlinks::All] {
        let site = guarded();
        let kinds = kinds(&site);
        for (kind, target, _) in &kinds {
            let relative = |up: &str| match target.starts_with('/') {
                true => target.clone(),
                false => format!("{up}{target}"),
            };
            site.link(target, format!("file-{kind}"));
            fs::create_dir(site.root().join(format!("index-{kind}"))).unwrap();
            site.link(relative("../"), format!("index-{kind}/index.html"));
            site.file(format!("side-{kind}.txt"), "the plain text");
            site.link(target, format!("side-{kind}.txt.gz"));
        }
        site.link("dir", "to-dir");
        site.link("../beyond", "to-beyond");
        let handler = || site.handler().symlinks(symlinks);
        let wire = TestServer::new(handler());
        let listing = wire.get("/?format=json");
        for (kind, _, inside) in &kinds {
            let follows = match (symlinks, inside) {
                (_, None) | (Symlinks::None, _) => false,
                (Symlinks::Inside, Some(inside)) => *inside,
                (_, Some(_)) => true,
            };
            let content = match inside {
                Some(true) => "hello\n",
                _ => CANARY,
            };
            let what = format!("{kind} with {symlinks:?}");

            let answer = wire.get(&format!("/file-{kind}"));
            assert_eq!(answer.status == 200, follows, "{what}");
            assert_eq!(answer.text() == content, follows, "{what}");

            let answer = wire.get(&format!("/index-{kind}/"));
            assert_eq!(answer.text() == content, follows, "index: {what}");

            let gzip = "Accept-Encoding: gzip\r\n";
            let path = format!("/side-{kind}.txt");
            let answer = get(&wire, &path, gzip);
            let sent = if follows { content } else { "the plain text" };
            assert_eq!(answer.text(), sent, "sibling: {what}");

            let file = format!("file-{kind}");
            let missing = TestServer::new(handler().not_found(Some(&file))).get("/nothing.x");
            assert_eq!(missing.text() == content, follows, "404: {what}");
            let page = TestServer::new(handler().spa(&file)).get("/nothing");
            assert_eq!(page.text() == content, follows, "application: {what}");

            let name = format!("{{\"name\":\"file-{kind}\",");
            let row = listing.text().lines().find(|line| line.starts_with(&name));
            assert_eq!(row.is_some(), symlinks != Symlinks::None, "listed: {what}");
            let sized = row.is_some_and(|row| !row.contains("\"size\":null"));
            assert_eq!(sized, follows, "size: {what}");
        }
        let below = wire.get("/to-dir/b.txt");
        assert_eq!(below.status == 200, symlinks != Symlinks::None);
        for path in ["/to-beyond", "/to-beyond/", "/to-beyond/canary.txt"] {
            let answer = wire.get(path);
            assert_eq!(answer.status == 404, symlinks != Symlinks::All, "{path}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a31_a_link_that_is_swapped_all_the_time() {
    let site = guarded();
    let wire = site.serve();
    let swap = site.root().join("swap");
    let targets = ["a.txt", "../canary.txt"];
    std::os::unix::fs::symlink(targets[0], &swap).unwrap();
    for round in 0..200 {
        let spare = site.root().join("spare");
        std::os::unix::fs::symlink(targets[round % 2], &spare).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| fs::rename(&spare, &swap).unwrap());
            let answer = wire.get("/swap");
            assert_clean(&answer, "the swapped link");
        });
    }
}

#[cfg(unix)]
#[test]
fn a32_special_files_answer_at_once() {
    let site = guarded();
    for name in ["pipe", "indexed/index.htm", "side.txt.gz"] {
        // Not by a call of rustix, which has none for it on Apple's systems.
        let made = std::process::Command::new("mkfifo")
            .arg(site.root().join(name))
            .status();
        assert!(made.unwrap().success());
    }
    fs::remove_file(site.root().join("indexed/index.html")).unwrap();
    site.file("side.txt", "plain");
    let _socket = std::os::unix::net::UnixListener::bind(site.root().join("socket")).unwrap();
    site.link("/dev/zero", "zero");
    for symlinks in [Symlinks::Inside, Symlinks::All] {
        let wire = TestServer::new(site.handler().symlinks(symlinks));
        for path in ["/pipe", "/socket", "/zero", "/pipe/", "/zero/x"] {
            assert_eq!(wire.get(path).status, 404, "{path}");
        }
        assert!(wire.get("/indexed/").text().contains("Directory listing"));
        let answer = get(&wire, "/side.txt", "Accept-Encoding: gzip\r\n");
        assert_eq!(answer.text(), "plain");
        let page = wire.get("/");
        for name in ["pipe", "socket"] {
            assert!(!links(page.text()).contains(&name), "{name}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a32_a_file_of_no_size_that_has_content() {
    // The kernel's own files say that they are empty.
    if !Path::new("/proc/self/stat").exists() {
        return;
    }
    let wire = TestServer::new(FileHandler::new("/proc/self").unwrap());
    let answer = wire.get("/stat");
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

#[test]
fn a33_a_file_that_is_cut_while_it_is_sent_ends_the_connection() {
    let site = Site::new();
    let size = 64 << 20;
    let path = site.file("big.bin", b"");
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(size)
        .unwrap();
    for range in ["", "Range: bytes=0-40000000,50000000-\r\n"] {
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(size)
            .unwrap();
        let wire = site.serve();
        let mut conn = wire.connect();
        conn.send(format!("GET /big.bin HTTP/1.1\r\nHost: a\r\n{range}\r\n"));
        let head = conn.until(b"\r\n\r\n");
        assert!(head.starts_with(b"HTTP/1.1 20"));
        // More than what the two sockets hold is still to come.
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(65_536)
            .unwrap();
        let rest = conn.rest();
        assert!((rest.len() as u64) < size, "{}", rest.len());
        assert_eq!(wire.get("/big.bin").header("Content-Length"), Some("65536"));
    }
}

#[test]
fn a33_a_file_that_grows_is_sent_as_long_as_it_was() {
    let site = Site::new();
    let path = site.file("big.bin", b"");
    let size = 32 << 20;
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(size).unwrap();
    let wire = site.serve();
    let mut conn = wire.connect();
    conn.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = conn.until(b"\r\n\r\n");
    file.set_len(2 * size).unwrap();
    conn.send("GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let rest = conn.rest();
    assert!(String::from_utf8_lossy(&head).contains(&format!("Content-Length: {size}\r\n")));
    let next = &rest[usize::try_from(size).unwrap()..];
    assert!(
        next.starts_with(b"HTTP/1.1 404 "),
        "{}",
        next.escape_ascii()
    );
}

#[test]
fn a33_a_file_that_is_replaced_or_removed_is_sent_as_it_was() {
    let site = Site::new();
    let content: Vec<u8> = (0..8u32 << 20).map(|i| (i % 251) as u8).collect();
    // Wine replaces no file that is open.
    let ways = [true, false];
    for removed in &ways[..if is_below_wine() { 1 } else { 2 }] {
        let path = site.file("big.bin", &content);
        let other = site.file("other.bin", vec![0; content.len()]);
        let wire = site.serve();
        let mut conn = wire.connect();
        conn.send("GET /big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        conn.until(b"\r\n\r\n");
        if *removed {
            fs::remove_file(&path).unwrap();
        } else {
            fs::rename(&other, &path).unwrap();
        }
        assert!(conn.rest() == content);
        assert_eq!(
            wire.get("/big.bin").status,
            if *removed { 404 } else { 200 }
        );
    }
}

#[test]
fn a33_a_sibling_has_its_own_length() {
    let site = Site::new();
    site.file("a.txt", "a long text, much longer than its sibling");
    site.file("a.txt.gz", "short");
    let wire = site.serve();
    for lines in [
        "Accept-Encoding: gzip\r\n",
        "Accept-Encoding: gzip\r\nRange: bytes=-100\r\n",
    ] {
        let answer = get(&wire, "/a.txt", lines);
        assert_eq!(
            (answer.text(), answer.header("Content-Length")),
            ("short", Some("5"))
        );
    }
}

#[test]
fn a35_every_odd_name_is_listed_followed_and_fetched() {
    // Wine tells no path with more than 260 characters.
    let long = "n".repeat(if is_below_wine() { 150 } else { 255 });
    let names: Vec<&[u8]> = ODD_NAMES.iter().copied().chain([long.as_bytes()]).collect();
    let site = Site::new();
    for name in &names {
        site.file(Path::new("odd").join(name_of(name)), name);
    }
    for name in names.iter().filter(|name| name.len() < 150) {
        let mut below = b"odd/d-".to_vec();
        below.extend_from_slice(name);
        site.file(name_of(&below).join("in"), name);
    }
    let wire = TestServer::new(site.handler().hidden(true));
    let page = wire.get("/odd/");
    let text = page.text();
    assert!(!text.contains("<img") && !text.contains("<script"));
    assert!(!text.contains(site.root().to_str().unwrap()));
    let links = links(text);
    assert_eq!(links.len(), 2 * names.len() - 1);
    let mut fetched = Vec::new();
    for link in &links {
        let path = link;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~/".contains(&byte);
        assert!(path.bytes().all(plain), "{path}");
        let file = if path.ends_with('/') {
            assert_eq!(
                wire.get(&format!("/odd/{}", path.trim_end_matches('/')))
                    .header("Location"),
                Some(&*format!("/odd/{path}"))
            );
            let below = wire.get(&format!("/odd/{path}"));
            assert_eq!(site::links(below.text()), ["in"], "{path}");
            format!("/odd/{path}in")
        } else {
            format!("/odd/{path}")
        };
        let answer = wire.get(&file);
        assert_eq!(answer.status, 200, "{file}");
        fetched.push(answer.body);
    }
    for name in &names {
        assert!(
            fetched.iter().any(|body| body == name),
            "{}",
            name.escape_ascii()
        );
    }

    let json = wire.get("/odd/?format=json");
    assert!(json.text().is_ascii());
    for link in &links {
        assert!(
            json.text().contains(&format!("\"href\":\"{link}\"")),
            "{link}"
        );
    }
    let text = wire.get("/odd/?format=text");
    assert_eq!(text.text().lines().count(), links.len());
}

#[test]
fn a37_a_directory_of_20_000_entries() {
    let site = Site::new();
    for number in 0..20_000 {
        File::create(site.root().join(format!("{number:05}"))).unwrap();
    }
    let wire = site.serve();
    let page = wire.get("/");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("Transfer-Encoding"),
        Some("chunked"),
        "it is streamed"
    );
    let text = page.text();
    assert_eq!(links(text).len(), 10_000);
    assert!(text.contains("first 10,000 entries"));
    assert!(text.ends_with("</html>\n"));
    let json = wire.get("/?format=json");
    assert!(json.text().contains("\"truncated\":true"));
    assert_eq!(json.text().matches("\"href\"").count(), 10_000);
    let text = wire.get("/?format=text");
    assert_eq!(text.text().lines().count(), 10_001);
    let old = wire.one("GET / HTTP/1.0\r\n\r\n");
    assert!(old.to_end && old.body.len() == page.body.len());
    assert_eq!(head(&wire, "/", "").status, 200);
}

#[test]
fn a37_entries_that_come_and_go() {
    let site = Site::usual();
    let wire = site.serve();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let path = site.root().join("dir/flicker");
                let _ = fs::write(&path, "x");
                let _ = fs::remove_file(&path);
            }
        });
        for _ in 0..100 {
            let page = wire.get("/dir/");
            assert_eq!(page.status, 200);
            assert!(links(page.text()).contains(&"b.txt"));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn sorted_by_size_and_date() {
    let site = Site::new();
    for (name, size, age) in [("small", 1, 3), ("large", 1000, 1), ("medium", 10, 2)] {
        let path = site.file(name, vec![0; size]);
        changed(&path, then() - Duration::from_secs(age));
    }
    let wire = site.serve();
    for (query, order) in [
        ("sort=size", ["small", "medium", "large"]),
        ("sort=size&order=desc", ["large", "medium", "small"]),
        ("sort=date", ["small", "medium", "large"]),
        ("sort=date&order=desc", ["large", "medium", "small"]),
        ("order=desc", ["small", "medium", "large"]),
    ] {
        let page = wire.get(&format!("/?{query}"));
        assert_eq!(links(page.text()), order, "{query}");
    }
}

/// Several ranges are a finished response like one: the loop writes them, and no thread waits for the client.
#[test]
fn slow_readers_of_several_ranges_take_no_threads() {
    const LONG: Duration = Duration::from_secs(600);
    let site = Site::usual();
    let content: Vec<u8> = (0..32u32 << 20).map(|i| (i % 251) as u8).collect();
    site.file("large.bin", &content);
    let server = Server::with(
        Limits::new()
            .max_threads(1)
            .send_timeout(LONG)
            .send_rate_grace(LONG),
        site.handler(),
    );
    let half = content.len() / 2;
    let mut slow: Vec<_> = (0..6)
        .map(|_| {
            let mut client = Client::connect_narrow(server.address());
            client.send(format!(
                "GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9,100000-{},{half}-\r\n\r\n",
                half - 100_001
            ));
            assert!(!client.read_some(10).unwrap().is_empty());
            client
        })
        .collect();
    let mut quick = server.connect();
    assert_eq!(quick.get("/a.txt").text(), "hello\n");
    assert!(quick.get("/").text().contains("large.bin"));
    drop(slow.split_off(1));

    // What comes late is whole, and the connection goes on.
    let mut late = Client::connect_narrow(server.address());
    late.send(format!(
        "GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=20-{},{half}-\r\n\r\n",
        half - 100_001
    ));
    assert_eq!(quick.get("/a.txt").text(), "hello\n");
    let answer = late.answer();
    assert_eq!(answer.status, 206);
    let kind = answer.header("Content-Type").unwrap();
    let boundary = kind.rsplit_once('=').unwrap().1;
    let mut expected = Vec::new();
    for (range, line) in [(20..half - 100_000, ""), (half..content.len(), "\r\n")] {
        let (first, last, whole) = (range.start, range.end - 1, content.len());
        expected.extend_from_slice(
            format!(
                "{line}--{boundary}\r\nContent-Type: application/octet-stream\r\n\
                 Content-Range: bytes {first}-{last}/{whole}\r\n\r\n"
            )
            .as_bytes(),
        );
        expected.extend_from_slice(&content[range]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(answer.body == expected);
    assert_eq!(late.get("/a.txt").text(), "hello\n");
}

/// What listings hold in memory while they are sent has a bound: each slow reader holds one.
#[test]
fn a37_listings_that_are_under_way_have_a_bound_in_bytes() {
    let site = Site::new();
    for number in 0..1_000 {
        site.file(format!("large/{number:0>180}"), "");
    }
    site.file("small/a", "");
    let server = TestServer::new(site.handler().listing_memory(0));
    let answer = server.get("/large/");
    assert_eq!(
        (answer.status, answer.header("Retry-After")),
        (503, Some("1"))
    );
    assert_eq!(
        server.get("/small/").status,
        200,
        "one that is small is always sent"
    );
    assert_eq!(server.get(&format!("/large/{:0>180}", 7)).status, 200);
    // Each gives back what it held.
    let server = TestServer::new(site.handler().listing_memory(512 << 10));
    for format in ["html", "json", "text"].repeat(3) {
        assert_eq!(server.get(&format!("/large/?format={format}")).status, 200);
    }
}
