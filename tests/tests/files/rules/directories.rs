//! Directories: redirects, index pages, listings.

use crate::site::{Site, THEN, get, links};
use doget_tests::test_server::TestServer;
use std::fs;

#[test]
fn dir_01_a_directory_without_its_slash_is_redirected() {
    let site = Site::usual();
    let server = site.serve();
    let answer = server.get("/dir");
    assert_eq!(answer.status, 301);
    assert_eq!(
        answer.names(),
        ["Server", "Date", "Location", "Content-Length"]
    );
    assert_eq!(answer.header("Content-Length"), Some("0"));
    assert_eq!(answer.header("Location"), Some("/dir/"));
}

#[test]
fn dir_02_and_a34_where_a_redirect_leads() {
    let site = Site::usual();
    fs::create_dir_all(site.root().join("evil.example/dir")).unwrap();
    #[cfg(unix)]
    for name in ["\\evil", "\r\nX:1", "a b", "%41"] {
        fs::create_dir_all(site.root().join(name)).unwrap();
    }
    let server = site.serve();
    for (path, location) in [
        ("/dir?a=b&c", "/dir/?a=b&c"),
        ("/dir?", "/dir/"),
        ("/dir?x=//y", "/dir/?x=//y"),
        ("/dir//sub", "/dir/sub/"),
        ("//dir", "/dir/"),
        ("//evil.example/dir", "/evil.example/dir/"),
        ("///evil.example", "/evil.example/"),
        #[cfg(unix)]
        ("/\\evil", "/%5Cevil/"),
        #[cfg(unix)]
        ("/%5cevil", "/%5Cevil/"),
        #[cfg(unix)]
        ("/%0d%0aX:1", "/%0D%0AX%3A1/"),
        #[cfg(unix)]
        ("/a%20b", "/a%20b/"),
        #[cfg(unix)]
        ("/%2541", "/%2541/"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 301, "{path}");
        let sent = answer.header("Location").unwrap();
        assert_eq!(sent, location, "{path}");
        assert!(sent.starts_with('/') && !sent.starts_with("//") && !sent.starts_with("/\\"));
    }
    assert_eq!(server.get("//evil.example/..%2fdir").status, 404);
    assert_eq!(
        server
            .one("GET http://a/dir?q HTTP/1.1\r\nHost: a\r\n\r\n")
            .header("Location"),
        Some("/dir/?q")
    );
}

#[test]
fn dir_03_index_pages() {
    let site = Site::usual();
    let server = site.serve();
    let answer = server.get("/indexed/");
    assert_eq!(answer.text(), "<p>index");
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(answer.header("Last-Modified"), Some(THEN));
    assert_eq!(server.get("/both/").text(), "<p>first");
    assert_eq!(server.get("/odd/").text(), "<p>a file");
    assert_eq!(server.get("/indexed/?x").text(), "<p>index");

    let server = TestServer::new(site.handler().index(["other.txt"]));
    assert_eq!(server.get("/indexed/").text(), "other");
    assert!(server.get("/both/").text().contains("Directory listing"));
}

#[test]
fn dir_04_no_listing() {
    let site = Site::usual();
    let server = TestServer::new(site.handler().listing(false));
    let answer = server.get("/dir/");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (404, "No permission to list directory")
    );
    assert_eq!(server.get("/indexed/").status, 200);
}

#[test]
fn dir_05_and_06_and_07_the_order_and_the_links() {
    let site = Site::new();
    for name in ["b", "A", "c&d", "e f", "g'h", "i:j"] {
        site.file(name, "");
    }
    fs::create_dir(site.root().join("z")).unwrap();
    let server = site.serve();
    let page = server.get("/");
    assert_eq!(
        links(page.text()),
        ["z/", "A", "b", "c%26d", "e%20f", "g%27h", "i%3Aj"]
    );
    assert!(
        page.text()
            .contains("<bdi><a href=\"c%26d\">c&amp;d</a></bdi>")
    );
    let page = server.get("/?sort=name&order=desc");
    assert_eq!(links(page.text())[..2], ["z/", "i%3Aj"]);
}

#[test]
fn dir_08_and_10_the_listing() {
    let site = Site::usual();
    let server = site.serve();
    let answer = server.get("/dir/?x=%3Cscript%3E");
    assert_eq!(
        answer.names(),
        [
            "Server",
            "Date",
            "Content-Type",
            "Cache-Control",
            "Vary",
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "Referrer-Policy",
            "Content-Length"
        ]
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(
        answer.header("Content-Security-Policy"),
        Some("default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    );
    let page = answer.text();
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("<title>Directory listing for /dir/</title>"));
    assert!(page.contains("prefers-color-scheme:dark"));
    // Without it a phone lays the page out as wide as a desk's screen.
    assert!(
        page.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
    );
    assert!(page.contains("1994-11-06 08:49"));
    assert!(!page.contains("<script") && !page.contains("http:"));
    assert!(page.ends_with("</html>\n"));
}

#[test]
fn dir_listing_as_json_and_text() {
    let site = Site::usual();
    let server = site.serve();
    let json = get(&server, "/dir/", "Accept: application/json\r\n");
    assert_eq!(json.header("Content-Type"), Some("application/json"));
    assert!(json.text().starts_with("{\"path\":\"/dir/\",\"truncated\":false,\"entries\":[\n{\"name\":\"sub\",\"href\":\"sub/\",\"type\":\"directory\",\"link\":false,\"size\":null,\"modified\":\""));
    assert!(json.text().ends_with("{\"name\":\"b.txt\",\"href\":\"b.txt\",\"type\":\"file\",\"link\":false,\"size\":1,\"modified\":\"1994-11-06T08:49:37Z\"}]}\n"));
    assert_eq!(server.get("/dir/?format=json").body, json.body);
    let text = server.get("/dir/?format=text");
    assert_eq!(
        text.header("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(text.text(), "sub/\nb.txt\n");
}
