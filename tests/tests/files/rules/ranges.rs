//! Ranges.

use crate::site::{AFTER, BEFORE, Site, THEN, get, head};

#[test]
fn rng_one_range() {
    let site = Site::usual();
    let wire = site.serve();
    for (range, content_range, body) in [
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=5-", "bytes 5-9/10", "56789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=0-18446744073709551615", "bytes 0-9/10", "0123456789"),
        ("bytes=0-1,2-3", "bytes 0-3/10", "0123"),
    ] {
        let answer = get(&wire, "/digits", &format!("Range: {range}\r\n"));
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.header("Content-Range"), Some(content_range));
        assert_eq!(answer.text(), body, "{range}");
        assert!(answer.header("ETag").is_some() && answer.header("Last-Modified").is_some());
    }
}

#[test]
fn rng_ignored_or_refused() {
    let site = Site::usual();
    let wire = site.serve();
    for range in [
        "bytes=5-4",
        "bytes=-",
        "bytes=",
        "bytes=--1",
        "lines=0-1",
        "",
    ] {
        let answer = get(&wire, "/digits", &format!("Range: {range}\r\n"));
        assert_eq!(
            (answer.status, answer.text()),
            (200, "0123456789"),
            "{range}"
        );
    }
    for range in ["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"] {
        let answer = get(&wire, "/digits", &format!("Range: {range}\r\n"));
        assert_eq!(answer.status, 416, "{range}");
        assert_eq!(answer.header("Content-Range"), Some("bytes */10"));
    }
    let answer = get(&wire, "/empty", "Range: bytes=0-\r\n");
    assert_eq!((answer.status, answer.text()), (200, ""));
    let answer = head(&wire, "/digits", "Range: bytes=0-0\r\n");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (200, Some("10"))
    );
}

#[test]
fn rng_several_ranges() {
    let site = Site::new();
    let content: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
    site.file("big.bin", &content);
    let wire = site.serve();
    let answer = get(
        &wire,
        "/big.bin",
        "Range: bytes=90000-99999,0-9,20000-60000\r\n",
    );
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("Content-Range"), None);
    let kind = answer.header("Content-Type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let mut expected = Vec::new();
    for (range, line) in [
        (90_000..100_000, ""),
        (0..10, "\r\n"),
        (20_000..60_001, "\r\n"),
    ] {
        expected.extend_from_slice(
            format!(
                "{line}--{boundary}\r\nContent-Type: application/octet-stream\r\n\
                 Content-Range: bytes {}-{}/100000\r\n\r\n",
                range.start,
                range.end - 1
            )
            .as_bytes(),
        );
        expected.extend_from_slice(&content[range]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(answer.body == expected);
    assert_eq!(
        answer.header("Content-Length"),
        Some(&*expected.len().to_string())
    );
}

#[test]
fn a36_the_answer_is_never_much_more_than_the_file() {
    let site = Site::new();
    site.file("file.bin", vec![7; 50_000]);
    let wire = site.serve();
    let many = |count: u64, step: u64| {
        let specs: Vec<_> = (0..count)
            .map(|i| format!("{}-{}", i * step, i * step))
            .collect();
        format!("bytes={}", specs.join(","))
    };
    for range in [
        "bytes=".to_owned() + &"0-,".repeat(500),
        "bytes=".to_owned() + &"0-0,".repeat(500),
        "bytes=".to_owned() + &",".repeat(4000),
        "bytes=0-,-1,5-,-40000".to_owned(),
        many(16, 3000),
        many(17, 2900),
        many(400, 100),
    ] {
        let answer = get(&wire, "/file.bin", &format!("Range: {range}\r\n"));
        assert!(matches!(answer.status, 200 | 206), "{range}");
        assert!(answer.body.len() <= 50_000 + 4096, "{range}");
    }
}

#[test]
fn rng_if_range() {
    let site = Site::usual();
    let wire = site.serve();
    let tag = wire.get("/digits").header("ETag").unwrap().to_owned();
    for (value, status) in [
        (&*tag, 206),
        (THEN, 206),
        (AFTER, 200),
        (BEFORE, 200),
        ("\"x\"", 200),
        (&*format!("W/{tag}"), 200),
    ] {
        let lines = format!("Range: bytes=1-2\r\nIf-Range: {value}\r\n");
        assert_eq!(get(&wire, "/digits", &lines).status, status, "{value}");
    }
    let lines = "Range: bytes=50-\r\nIf-Range: \"x\"\r\n";
    assert_eq!(get(&wire, "/digits", lines).status, 200);
    let lines = format!("Range: bytes=50-\r\nIf-None-Match: {tag}\r\n");
    assert_eq!(get(&wire, "/digits", &lines).status, 304);
    let lines = "Range: bytes=50-\r\nIf-Match: \"x\"\r\n";
    assert_eq!(get(&wire, "/digits", lines).status, 412);
}
