//! The log, pages in place of a file, and handlers that stand on it.

use super::Lenient;
use crate::site::{AFTER, Site, get, head};
use doget_tests::test_server::TestServer;
use std::fs;

#[test]
fn the_log_can_say_why_something_was_not_found() {
    let site = Site::usual();
    #[cfg(unix)]
    site.link("../secret", "out");
    fs::write(site.outside().join("secret"), "").unwrap();
    for (path, why) in [
        ("/.secret", "hidden"),
        #[cfg(unix)]
        ("/out", "a symbolic link that is not followed"),
        ("/a.txt/", "ends as that of a directory"),
    ] {
        for on in [false, true] {
            let server = TestServer::new(site.handler().log_reasons(on));
            assert_eq!(server.get(path).status, 404);
            let log = server.end();
            assert_eq!(
                log.iter().any(|line| line.contains(why)),
                on,
                "{path}: {log:?}"
            );
        }
    }
    let server = TestServer::new(site.handler().log_reasons(true));
    assert_eq!(server.get("/nothing").status, 404);
    assert!(!server.end().iter().any(|line| line.contains("caused by")));
    site.file("404.html", "<p>lost");
    let server = TestServer::new(site.handler().log_reasons(true));
    assert_eq!(server.get("/.secret").text(), "<p>lost");
    assert!(server.end().iter().any(|line| line.contains("hidden")));
}

#[test]
fn the_page_for_what_is_not_found() {
    let site = Site::usual();
    let server = TestServer::new(site.handler().not_found(None));
    site.file("404.html", "<p>lost");
    assert!(server.get("/nothing").text().contains("File not found"));

    let server = site.serve();
    let answer = server.get("/nothing");
    assert_eq!(
        (answer.status, answer.reason.as_str(), answer.text()),
        (404, "File not found", "<p>lost")
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    let since = format!("If-Modified-Since: {AFTER}\r\nRange: bytes=0-0\r\n");
    assert_eq!(get(&server, "/nothing", &since).status, 404);
    assert_eq!(server.get("/404.html").status, 200);
    let answer = head(&server, "/nothing", "");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (404, Some("7"))
    );
}

#[test]
fn an_application_that_routes_in_the_browser() {
    let site = Site::usual();
    site.file("index.html", "<p>app");
    let server = TestServer::new(site.handler().spa("index.html"));
    for (path, lines) in [
        ("/users/7", ""),
        ("/users/7/", ""),
        ("/users/john.doe", "Accept: text/html,*/*;q=0.8\r\n"),
    ] {
        let answer = get(&server, path, lines);
        assert_eq!((answer.status, answer.text()), (200, "<p>app"), "{path}");
    }
    for (path, lines) in [
        ("/missing.js", "Accept: */*\r\n"),
        ("/missing.png", "Accept: image/avif,image/*\r\n"),
        ("/../x", ""),
    ] {
        assert_eq!(get(&server, path, lines).status, 404, "{path}");
    }
    assert_eq!(server.get("/a.txt").text(), "hello\n");
}

#[test]
fn a_handler_can_stand_on_it() {
    let site = Site::usual();
    let server = TestServer::new(Lenient {
        files: site.handler(),
    });
    assert_eq!(server.get("/health").text(), "well");
    assert_eq!(server.get("/a.txt").text(), "hello\n");
    assert_eq!(server.get("/nothing").status, 404);
    assert_eq!(
        head(&server, "/a.txt", "").header("Content-Length"),
        Some("6")
    );
}

#[test]
fn many_requests_on_one_connection() {
    let site = Site::usual();
    let content = vec![b'x'; 200_000];
    site.file("big.bin", &content);
    let server = site.serve();
    let paths = ["/a.txt", "/big.bin", "/dir", "/dir/", "/nothing", "/digits"];
    let bytes: String = paths
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))
        .collect();
    let answers = server.ask(bytes, &["GET"; 6]);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 301, 200, 404, 200]);
    assert!(answers[1].body == content);
    assert_eq!(answers[5].text(), "0123456789");
}

#[test]
fn the_log_is_http_servers() {
    let site = Site::usual();
    let server = site.serve();
    server.get("/a.txt");
    server.get("/nothing");
    let lines = server.end();
    assert_eq!(
        lines,
        [
            "127.0.0.1 - - [date] \"GET /a.txt HTTP/1.1\" 200 6",
            "127.0.0.1 - - [date] code 404, message File not found",
            &lines[2],
        ]
    );
    assert!(lines[2].starts_with("127.0.0.1 - - [date] \"GET /nothing HTTP/1.1\" 404 "));
}
