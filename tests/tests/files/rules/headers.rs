//! Media types, compressed siblings, and headers that are set.

use super::all;
use crate::site::{Site, changed, get, then};
use doget_tests::test_server::TestServer;
use std::time::Duration;

#[test]
fn mim_types_over_the_wire() {
    let site = Site::new();
    for name in [
        "a.mjs", "B.TXT", "noext", "a.tar.gz", "a.svgz", "a.foo", "a.html", "a.css",
    ] {
        site.file(name, "x");
    }
    let server = TestServer::new(
        site.handler()
            .content_type(".foo", "text/x-foo")
            .unwrap()
            .content_type("html", "text/html")
            .unwrap()
            .default_content_type("text/x-own")
            .unwrap(),
    );
    for (path, kind) in [
        ("/a.mjs", "text/javascript; charset=utf-8"),
        ("/B.TXT", "text/plain; charset=utf-8"),
        ("/a.css", "text/css; charset=utf-8"),
        ("/a.tar.gz", "application/gzip"),
        // Who spells a type out gets that one.
        ("/noext", "text/x-own"),
        ("/a.foo", "text/x-foo"),
        ("/a.html", "text/html"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.header("Content-Type"), Some(kind), "{path}");
        assert_eq!(answer.header("Content-Encoding"), None, "{path}");
    }
    let answer = server.get("/a.svgz");
    assert_eq!(answer.header("Content-Type"), Some("image/svg+xml"));
    assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
}

#[test]
fn enc_compressed_siblings() {
    let site = Site::new();
    site.file("app.js", "the plain text of the script");
    site.file("app.js.br", "brotli");
    site.file("app.js.gz", "gzipped bytes");
    site.file("index.html", "<p>plain");
    site.file("index.html.zst", "zstd");
    site.file("photo.png", "png");
    site.file("photo.png.gz", "no");
    let server = site.serve();
    let ask =
        |path: &str, accept: &str| get(&server, path, &format!("Accept-Encoding: {accept}\r\n"));

    for (accept, coding, body) in [
        ("gzip, br", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzipped bytes"),
        ("zstd, gzip;q=0.5", Some("gzip"), "gzipped bytes"),
        ("br;q=0, *", Some("gzip"), "gzipped bytes"),
        ("identity", None, "the plain text of the script"),
        ("", None, "the plain text of the script"),
    ] {
        let answer = ask("/app.js", accept);
        assert_eq!(answer.header("Content-Encoding"), coding, "{accept}");
        assert_eq!(answer.text(), body, "{accept}");
        assert_eq!(
            answer.header("Content-Length"),
            Some(&*body.len().to_string())
        );
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/javascript; charset=utf-8")
        );
        assert_eq!(answer.header("Vary"), Some("Accept-Encoding"));
    }
    let tags: Vec<_> = ["identity", "br", "gzip"]
        .map(|accept| ask("/app.js", accept).header("ETag").unwrap().to_owned())
        .into();
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
    let lines = format!("Accept-Encoding: gzip\r\nIf-None-Match: {}\r\n", tags[1]);
    assert_eq!(get(&server, "/app.js", &lines).status, 200);
    let lines = format!("Accept-Encoding: br\r\nIf-None-Match: {}\r\n", tags[1]);
    assert_eq!(get(&server, "/app.js", &lines).status, 304);

    let answer = get(
        &server,
        "/app.js",
        "Accept-Encoding: br\r\nRange: bytes=1-3\r\n",
    );
    assert_eq!(
        (answer.text(), answer.header("Content-Range")),
        ("rot", Some("bytes 1-3/6"))
    );
    assert_eq!(ask("/", "zstd").text(), "zstd");
    assert_eq!(ask("/photo.png", "gzip").text(), "png");
    assert_eq!(ask("/photo.png", "gzip").header("Vary"), None);

    let server = TestServer::new(site.handler().precompressed(false));
    let answer = get(&server, "/app.js", "Accept-Encoding: br\r\n");
    assert_eq!(
        (answer.header("Content-Encoding"), answer.header("Vary")),
        (None, None)
    );
}

#[test]
fn enc_a_sibling_that_is_older_is_not_sent() {
    let site = Site::new();
    let plain = site.file("a.txt", "new text");
    let sibling = site.file("a.txt.gz", "old text");
    changed(&plain, then() + Duration::from_secs(1));
    let server = site.serve();
    let answer = get(&server, "/a.txt", "Accept-Encoding: gzip\r\n");
    assert_eq!(answer.text(), "new text");
    changed(&sibling, then() + Duration::from_secs(1));
    let answer = get(&server, "/a.txt", "Accept-Encoding: gzip\r\n");
    assert_eq!(answer.text(), "old text");
}

/// What tools keep of a file's time: pigz and brotli whole seconds, Node milliseconds, Python's `os.utime` what a float
/// holds.
#[test]
fn enc_a_sibling_that_its_tool_made_older_by_a_fraction_is_sent() {
    let site = Site::new();
    let plain = site.file("a.txt", "plain text");
    let sibling = site.file("a.txt.gz", "sibling");
    let server = site.serve();
    let second = then() - Duration::from_millis(500);
    for (of_plain, of_sibling, sent) in [
        (999_999_999, 0, "sibling"),
        (123_456_789, 123_456_700, "sibling"),
        (123_456_789, 123_000_000, "sibling"),
        (123_456_789, 122_999_906, "sibling"),
        // Written in the same second, but before the plain file was.
        (800_000_000, 300_000_000, "plain text"),
        (800_000_000, 798_000_000, "plain text"),
    ] {
        changed(&plain, second + Duration::from_nanos(of_plain));
        changed(&sibling, second + Duration::from_nanos(of_sibling));
        let answer = get(&server, "/a.txt", "Accept-Encoding: gzip\r\n");
        assert_eq!(answer.text(), sent, "{of_plain} {of_sibling}");
    }
    // A whole second earlier is another second.
    changed(&plain, second);
    changed(&sibling, second - Duration::from_secs(1));
    let answer = get(&server, "/a.txt", "Accept-Encoding: gzip\r\n");
    assert_eq!(answer.text(), "plain text");
}

#[test]
fn enc_the_log_says_why_a_sibling_is_not_used() {
    let site = Site::new();
    site.file("a.txt", "plain text");
    let sibling = site.file("a.txt.gz", "old");
    site.file("b.txt", "plain text");
    std::fs::create_dir(site.root().join("b.txt.gz")).unwrap();
    site.file("c.txt", "plain text");
    site.file("c.txt.gz", "new");
    changed(&sibling, then() - Duration::from_secs(60));
    let server = TestServer::new(site.handler().log_reasons(true));
    for path in ["/a.txt", "/b.txt", "/c.txt"] {
        assert_eq!(
            get(&server, path, "Accept-Encoding: gzip, br\r\n").status,
            200
        );
        assert_eq!(server.get(path).text(), "plain text");
    }
    let log = server.end().join("\n");
    assert_eq!(log.matches("is not used").count(), 2, "{log}");
    assert!(
        log.contains("/a.txt.gz is not used: it is older than the plain file"),
        "{log}"
    );
    assert!(log.contains("/b.txt.gz is not used: "), "{log}");
}

#[test]
fn xhd_01_extra_headers() {
    let site = Site::usual();
    let server = TestServer::new(
        site.handler()
            .header("X-One", "1")
            .unwrap()
            .header("X-Two", "2")
            .unwrap()
            .header("X-One", "3")
            .unwrap(),
    );
    let extra = |path: &str, lines: &str| {
        let answer = get(&server, path, lines);
        let found: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("X-One") || name.starts_with("X-Two"))
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        found.join(" ")
    };
    for (path, lines) in [
        ("/a.txt", ""),
        ("/dir/", ""),
        ("/a.txt", "Range: bytes=0-0\r\n"),
    ] {
        assert_eq!(extra(path, lines), "X-One:1 X-Two:2 X-One:3", "{path}");
    }
    for (path, lines) in [
        ("/dir", ""),
        ("/nothing", ""),
        ("/a.txt", "If-None-Match: *\r\n"),
    ] {
        assert_eq!(extra(path, lines), "", "{path}");
    }
}

#[test]
fn cache_control_by_patterns() {
    let site = Site::usual();
    let handler = site.handler().cache("*.txt", "max-age=60").unwrap();
    let handler = handler.cache("/dir/*", "no-store").unwrap();
    let server = TestServer::new(handler.cache("digits", "").unwrap());
    for (path, value) in [
        ("/a.txt", Some("max-age=60")),
        ("/dir/b.txt", Some("max-age=60")),
        ("/dir/sub/c.html", Some("no-store")),
        ("/digits", None),
        ("/empty", Some("no-cache")),
        ("/dir/", Some("no-cache")),
    ] {
        assert_eq!(server.get(path).header("Cache-Control"), value, "{path}");
    }
    let tag = server.get("/a.txt").header("ETag").unwrap().to_owned();
    let same = get(&server, "/a.txt", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(
        (same.status, same.header("Cache-Control")),
        (304, Some("max-age=60"))
    );

    let handler = site.handler().cache_control("max-age=60").unwrap();
    assert_eq!(
        TestServer::new(handler)
            .get("/a.txt")
            .header("Cache-Control"),
        Some("max-age=60")
    );
    let handler = site.handler().cache_control("").unwrap();
    assert_eq!(
        TestServer::new(handler)
            .get("/a.txt")
            .header("Cache-Control"),
        None
    );
}

#[test]
fn a_header_takes_the_place_of_the_handlers_own() {
    let site = Site::usual();
    let mut handler = site.handler().cors("*").unwrap();
    for (name, value) in [
        ("cache-control", "private"),
        ("Access-Control-Allow-Origin", "https://example.org"),
        ("Content-Security-Policy", "sandbox"),
        ("Vary", "Cookie"),
    ] {
        handler = handler.header(name, value).unwrap();
    }
    let server = TestServer::new(handler);
    for path in ["/a.txt", "/dir/"] {
        let answer = server.get(path);
        assert_eq!(all(&answer, "Cache-Control"), ["private"], "{path}");
        assert_eq!(
            all(&answer, "Access-Control-Allow-Origin"),
            ["https://example.org"]
        );
        assert_eq!(all(&answer, "Content-Security-Policy"), ["sandbox"]);
        assert_eq!(all(&answer, "Vary").last(), Some(&"Cookie"));
        assert_eq!(all(&answer, "Vary").len(), 2);
    }
    // A 304 has to say what the 200 did.
    let tag = server.get("/a.txt").header("ETag").unwrap().to_owned();
    let same = get(&server, "/a.txt", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(same.status, 304);
    assert_eq!(all(&same, "Cache-Control"), ["private"]);
}

#[test]
fn what_cannot_be_set_says_what_to_do() {
    let site = Site::usual();
    let handler = || site.handler();
    for (error, says) in [
        (handler().header("X", "a\r\nY: b").err(), "one line"),
        (handler().header("X Y", "a").err(), "letters, digits"),
        (
            handler().header("content-length", "1").err(),
            "leave it out",
        ),
        (
            handler().header("Content-Type", "a/b").err(),
            "media type of an extension",
        ),
        (handler().cache_control("a\nb").err(), "one line"),
        (handler().cache("*.js", "\u{2603}").err(), "U+00FF"),
        (handler().content_type("x", "a\0").err(), "Content-Type"),
        (handler().default_content_type("\r").err(), "Content-Type"),
        (handler().cors("example.org").err(), "https://example.org"),
        (handler().cors("null").err(), "no origin"),
        (
            handler()
                .cors("*")
                .and_then(|files| files.header("Access-Control-Allow-Credentials", "true"))
                .err(),
            "name the origins",
        ),
        (
            handler()
                .header("access-control-allow-credentials", "true")
                .and_then(|files| files.cors("*"))
                .err(),
            "name the origins",
        ),
        (handler().spa("no.html").check().err(), "no.html is no file"),
        (handler().spa("dir").check().err(), "dir is no file"),
        (
            handler().not_found(Some("no.html")).check().err(),
            "no.html is no file",
        ),
    ] {
        let text = error.unwrap().to_string();
        assert!(text.contains(says), "{text}");
        assert!(!text.contains('\n') && !text.contains('\r'), "{text}");
    }
    assert!(handler().check().is_ok());
    assert!(
        handler()
            .spa("/a.txt")
            .not_found(Some("digits"))
            .check()
            .is_ok()
    );
}
