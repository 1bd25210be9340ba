//! Chromium loads a page from the file handler: modules, wasm, pictures, JSON, and media in which it jumps.
//!
//! Where there is no Chromium the test says that it did not run; with `CI=true` that is a failure. `$CHROMIUM` names
//! another browser.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod site;

use doget::{FileHandler, HttpServer, Request, StatusCode, handler, hooks};
use doget_tests::browser::Browser;
use doget_tests::test_server::TestServer;
use site::Site;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Generous: what happens decides, not how fast.
const PATIENCE: Duration = Duration::from_secs(120);

/// The files, and a place where the page reports what it could load.
struct Page {
    files: FileHandler,
    report: Mutex<Sender<String>>,
    /// The path, the status and the range of each request.
    requests: Mutex<Sender<(String, u16, String)>>,
}

#[handler(base(self.files: FileHandler))]
impl Page {
    #[route("/report")]
    fn do_POST_report(&self, lines: String) -> StatusCode {
        self.report.lock().unwrap().send(lines).unwrap();
        StatusCode::NO_CONTENT
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let range = request.headers().get("Range").unwrap_or_default();
        let seen = (request.target().to_owned(), code.as_u16(), range.to_owned());
        let _ = self.requests.lock().unwrap().send(seen);
        hooks::log_request(self, request, code, size);
    }
}

/// 380 seconds of CD sound, 64 MiB of zeros that take no room on the disk.
fn long_sound(path: &Path) {
    const LENGTH: u32 = 64 << 20;
    let mut file = File::create(path).unwrap();
    let mut head = Vec::new();
    head.extend(b"RIFF");
    head.extend((36 + LENGTH).to_le_bytes());
    head.extend(b"WAVEfmt ");
    head.extend(16_u32.to_le_bytes());
    head.extend(1_u16.to_le_bytes());
    head.extend(2_u16.to_le_bytes());
    head.extend(44_100_u32.to_le_bytes());
    head.extend(176_400_u32.to_le_bytes());
    head.extend(4_u16.to_le_bytes());
    head.extend(16_u16.to_le_bytes());
    head.extend(b"data");
    head.extend(LENGTH.to_le_bytes());
    file.write_all(&head).unwrap();
    file.set_len(head.len() as u64 + u64::from(LENGTH)).unwrap();
}

/// Where a range begins.
fn start(range: &str) -> u64 {
    let first = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split('-').next());
    first.and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// What the page says of each thing that it loads.
const REPORT: [&str; 15] = [
    "module: module",
    "dynamic module: module",
    "wasm: 42",
    "style: rgb(1, 2, 3)",
    "json: 42",
    "range: 206 answer",
    "open to all: 206 bytes 2-7/15 answer",
    "open to this page: 206 bytes 2-7/15 answer",
    "open to another page: refused",
    "listing: 6 rows, fits: true, flex",
    "png: 16x12",
    "webp: 16x12",
    "svg: 16x12",
    "video: 20 20 17 true",
    "audio: 380 380 300 true",
];

#[test]
fn chromium_loads_modules_wasm_pictures_and_media_that_seek() {
    let site = Site::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/browser_site");
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), site.root().join(entry.file_name())).unwrap();
    }
    long_sound(&site.root().join("long.wav"));
    let (long, words) = ("x".repeat(250), "long and longer ".repeat(15));
    for name in [&*long, &*words, "<b>\"'&.txt", "two\nlines", "\u{5ea}.jpg"] {
        site.file(Path::new("names").join(name), "");
    }

    let (report, reported) = channel();
    let (requests, requested): (_, Receiver<(String, u16, String)>) = channel();
    let server = HttpServer::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", server.local_addr().unwrap());
    // The same files from other origins.
    let open_to = |origin: &str| TestServer::new(site.handler().cors(origin).unwrap());
    let (all, this, another) = (
        open_to("*"),
        open_to(&origin),
        open_to("http://localhost:1"),
    );
    let url = format!(
        "{origin}/?all={}&this={}&another={}",
        all.url(),
        this.url(),
        another.url()
    );
    let running = server
        .spawn(Page {
            files: site.handler(),
            report: Mutex::new(report),
            requests: Mutex::new(requests),
        })
        .unwrap();

    let profile = site.outside().join("profile");
    let Some(browser) = Browser::open(&url, &profile) else {
        let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!demanded, "there is no Chromium, and CI demands it");
        eprintln!("left out: no Chromium here (Debian: apt-get install chromium)");
        return;
    };
    let reported = reported.recv_timeout(PATIENCE);
    drop(browser);
    drop(running);
    let seen: Vec<_> = requested.try_iter().collect();
    let report =
        reported.unwrap_or_else(|_| panic!("the page did not report; it asked for {seen:?}"));

    assert_eq!(report.lines().collect::<Vec<_>>(), REPORT, "{seen:?}");
    let ranges = |path: &str| -> Vec<u64> {
        let parts = seen.iter().filter(|(p, code, _)| p == path && *code == 206);
        parts.map(|(_, _, range)| start(range)).collect()
    };
    assert!(!ranges("/video.webm").is_empty(), "{seen:?}");
    for (wire, preflight) in [(all, 204), (this, 204), (another, 200)] {
        let log = wire.end();
        let asked = format!("\"OPTIONS /data.json HTTP/1.1\" {preflight} 0");
        assert!(log.iter().any(|line| line.contains(&asked)), "{log:?}");
    }
    // 300 seconds are 52,920,000 bytes in: it was jumped over most of the file.
    assert!(
        ranges("/long.wav").iter().any(|&start| start > 40_000_000),
        "{seen:?}"
    );
}
