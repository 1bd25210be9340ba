//! Conditional requests.

use crate::site::{AFTER, BEFORE, Site, THEN, changed, get, then};
use std::time::{Duration, SystemTime};

#[test]
fn cnd_01_files_and_index_pages_but_no_listings() {
    let site = Site::usual();
    let wire = site.serve();
    let since = format!("If-Modified-Since: {AFTER}\r\n");
    assert_eq!(get(&wire, "/a.txt", &since).status, 304);
    assert_eq!(get(&wire, "/indexed/", &since).status, 304);
    assert_eq!(get(&wire, "/dir/", &since).status, 200);
    let both = format!("{since}If-None-Match: \"x\"\r\n");
    assert_eq!(get(&wire, "/a.txt", &both).status, 200);
}

#[test]
fn cnd_02_dates() {
    let site = Site::usual();
    let wire = site.serve();
    for (date, status) in [
        (THEN, 304),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
        ("Sun Nov  6 08:49:37 1994", 304),
        ("Sun, 06 Nov 1994 08:49:37 +0000", 304),
        ("Sun, 06 Nov 1994 08:49:37", 304),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 200),
        ("nonsense", 200),
    ] {
        let answer = get(&wire, "/a.txt", &format!("If-Modified-Since: {date}\r\n"));
        assert_eq!(answer.status, status, "{date}");
    }
}

#[test]
fn cnd_03_not_modified() {
    let site = Site::usual();
    let wire = site.serve();
    let answer = get(&wire, "/a.txt", &format!("If-Modified-Since: {THEN}\r\n"));
    assert_eq!(answer.status, 304);
    assert_eq!(
        answer.names(),
        ["Server", "Date", "ETag", "Cache-Control", "Vary"]
    );
    let answer = get(&wire, "/a.txt", &format!("If-Modified-Since: {BEFORE}\r\n"));
    assert_eq!((answer.status, answer.text()), (200, "hello\n"));
}

#[test]
fn cnd_entity_tags() {
    let site = Site::usual();
    let wire = site.serve();
    let tag = wire.get("/a.txt").header("ETag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "{tag} is strong: the file is old");
    let status = |lines: &str| get(&wire, "/a.txt", lines).status;
    assert_eq!(status(&format!("If-None-Match: {tag}\r\n")), 304);
    assert_eq!(
        status(&format!(
            "If-None-Match: \"x\"\r\nIf-None-Match: W/{tag}\r\n"
        )),
        304
    );
    assert_eq!(status("If-None-Match: \"x\"\r\n"), 200);
    assert_eq!(status(&format!("If-Match: {tag}\r\n")), 200);
    assert_eq!(status("If-Match: \"x\"\r\n"), 412);
    assert_eq!(status("If-Match: *\r\n"), 200);
    assert_eq!(status(&format!("If-Unmodified-Since: {BEFORE}\r\n")), 412);
    assert_eq!(status(&format!("If-Unmodified-Since: {THEN}\r\n")), 200);
    assert_eq!(
        status(&format!("If-Match: \"x\"\r\nIf-None-Match: {tag}\r\n")),
        412
    );

    // The same length and second, but other nanoseconds.
    let path = site.file("a.txt", "HELLO\n");
    changed(&path, then() + Duration::from_nanos(1));
    let answer = get(&wire, "/a.txt", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((answer.status, answer.text()), (200, "HELLO\n"));
}

#[test]
fn cnd_a_file_that_was_changed_just_now_has_a_weak_tag() {
    let site = Site::usual();
    let path = site.file("fresh", "fresh");
    // No matter how long the test takes, this is not two seconds ago.
    changed(&path, SystemTime::now() + Duration::from_secs(3600));
    let wire = site.serve();
    let answer = wire.get("/fresh");
    let tag = answer.header("ETag").unwrap();
    assert!(tag.starts_with("W/\""), "{tag}");
    let status = |lines: &str| get(&wire, "/fresh", lines).status;
    assert_eq!(status(&format!("If-None-Match: {tag}\r\n")), 304);
    assert_eq!(status(&format!("If-Match: {tag}\r\n")), 412);
    assert_eq!(
        status(&format!("Range: bytes=0-0\r\nIf-Range: {tag}\r\n")),
        200
    );
}

#[test]
fn cnd_times_before_1970() {
    let site = Site::usual();
    let path = site.file("old", "old");
    changed(
        &path,
        std::time::UNIX_EPOCH - Duration::from_secs(1_000_000),
    );
    let wire = site.serve();
    let answer = wire.get("/old");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("Last-Modified"),
        Some("Thu, 01 Jan 1970 00:00:00 GMT")
    );
    assert_eq!(wire.get("/").status, 200);
}

/// RFC 9110 section 8.8.2.1: no date later than that of the answer.
#[test]
fn cnd_a_file_of_the_future_is_dated_now_and_gets_a_strong_tag() {
    let site = Site::usual();
    let path = site.root().join("a.txt");
    changed(&path, SystemTime::now() + Duration::from_secs(86_400));
    let wire = site.serve();
    let date = |answer: &doget_tests::answer::Answer, name: &str| {
        let text = answer.header(name).unwrap().to_owned();
        doget::parse_http_date(&text).unwrap()
    };
    let answer = wire.get("/a.txt");
    assert_eq!(date(&answer, "Last-Modified"), date(&answer, "Date"));
    let told = answer.header("Last-Modified").unwrap().to_owned();
    // Not a date of the file, so nothing is to be built on it.
    let range = format!("Range: bytes=0-1\r\nIf-Range: {told}\r\n");
    assert_eq!(get(&wire, "/a.txt", &range).status, 200);
    // Once the file itself has been at rest, whatever its time says.
    let end = SystemTime::now() + Duration::from_secs(60);
    let tag = loop {
        let tag = wire.get("/a.txt").header("ETag").unwrap().to_owned();
        if tag.starts_with('"') {
            break tag;
        }
        assert!(SystemTime::now() < end, "{tag} stays weak");
        std::thread::sleep(Duration::from_millis(50));
    };
    let range = format!("Range: bytes=0-1\r\nIf-Range: {tag}\r\n");
    assert_eq!(get(&wire, "/a.txt", &range).status, 206);
    assert_eq!(
        get(&wire, "/a.txt", &format!("If-None-Match: {tag}\r\n")).status,
        304
    );
}
