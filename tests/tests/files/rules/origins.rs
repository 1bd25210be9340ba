//! Pages of other origins, and their preflights.

use super::{Upload, all};
use crate::site::{Site, get};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;

#[test]
fn pages_of_all_origins_may_read() {
    let site = Site::usual();
    let server = TestServer::new(site.handler().cors("*").unwrap());
    for path in ["/a.txt", "/dir", "/dir/", "/nothing", "/a%"] {
        for lines in ["", "Origin: https://example.org\r\n"] {
            let answer = get(&server, path, lines);
            assert_eq!(all(&answer, "Access-Control-Allow-Origin"), ["*"], "{path}");
            let exposed = answer.header("Access-Control-Expose-Headers").unwrap();
            assert!(exposed.contains("Content-Range") && exposed.contains("ETag"));
            assert_eq!(answer.header("Access-Control-Allow-Credentials"), None);
            assert!(!all(&answer, "Vary").contains(&"Origin"));
        }
    }
}

#[test]
fn pages_of_listed_origins_may_read() {
    let site = Site::usual();
    let handler = site.handler().cors("https://one.example").unwrap();
    let server = TestServer::new(handler.cors("http://localhost:3000").unwrap());
    for path in ["/a.txt", "/dir/", "/nothing"] {
        for (origin, granted) in [
            ("https://one.example", true),
            ("http://localhost:3000", true),
            ("http://localhost", false),
            ("https://two.example", false),
            ("null", false),
        ] {
            let answer = get(&server, path, &format!("Origin: {origin}\r\n"));
            let expected = granted.then_some(origin);
            assert_eq!(
                answer.header("Access-Control-Allow-Origin"),
                expected,
                "{path} {origin}"
            );
            assert!(all(&answer, "Vary").contains(&"Origin"));
        }
        let answer = server.get(path);
        assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
        assert!(all(&answer, "Vary").contains(&"Origin"));
    }
}

/// A browser never sends a default port, a capital letter, or an address in another form than the usual one.
#[test]
fn an_origin_matches_however_it_was_written() {
    let site = Site::usual();
    for (said, sent) in [
        ("https://h:443", "https://h"),
        ("http://h:80", "http://h"),
        ("http://h:443", "http://h:443"),
        ("https://h:08443", "https://h:8443"),
        ("https://h:", "https://h"),
        ("HTTPS://H.Example:443", "https://h.example"),
        ("http://[0:0:0:0:0:0:0:1]:80", "http://[::1]"),
        ("http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]"),
        ("http://[2001:DB8::0:1]:8000", "http://[2001:db8::1]:8000"),
        ("chrome-extension://abc", "chrome-extension://abc"),
    ] {
        let server = TestServer::new(site.handler().cors(said).unwrap());
        let answer = get(&server, "/a.txt", &format!("Origin: {sent}\r\n"));
        assert_eq!(
            answer.header("Access-Control-Allow-Origin"),
            Some(sent),
            "{said}"
        );
    }
    for said in [
        "https://h:65536",
        "https://h:x",
        "https://h:+443",
        "https://h:4:4",
        "https://[::1",
        "https://[::g]",
        "https://::1",
        "https://1.2.3",
        "https://127.1:80",
        "https://0x7f.1",
        "https://a%41",
        "http://",
        "http://:80",
    ] {
        assert!(site.handler().cors(said).is_err(), "{said}");
    }
}

/// The browser's question before a request that is not simple, such as one with a range.
const PREFLIGHT: &str = "Origin: https://one.example\r\nAccess-Control-Request-Method: GET\r\n\
                         Access-Control-Request-Headers: range\r\n";

fn options(server: &TestServer, path: &str, lines: &str) -> Answer {
    server.one(format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n"))
}

#[test]
fn a_preflight_is_answered_to_those_who_may_read() {
    let site = Site::usual();
    for (origin, told) in [("*", "*"), ("https://one.example", "https://one.example")] {
        let server = TestServer::new(site.handler().cors(origin).unwrap());
        for path in ["/a.txt", "/nothing", "/dir/"] {
            let answer = options(&server, path, PREFLIGHT);
            assert_eq!(answer.status, 204);
            assert_eq!(answer.header("Access-Control-Allow-Origin"), Some(told));
            assert_eq!(
                answer.header("Access-Control-Allow-Methods"),
                Some("GET, HEAD")
            );
            let headers = answer.header("Access-Control-Allow-Headers").unwrap();
            assert!(headers.contains("If-Range") && headers.contains(", Range"));
            assert_eq!(answer.header("Access-Control-Max-Age"), Some("3600"));
            assert_eq!(answer.header("Access-Control-Allow-Credentials"), None);
            assert_eq!(answer.header("Vary"), (origin != "*").then_some("Origin"));
        }
        // No preflight, or nobody who may read.
        let answer = options(&server, "/a.txt", "");
        assert_eq!(
            (answer.status, answer.header("Allow")),
            (200, Some("GET, HEAD, OPTIONS"))
        );
    }
    for handler in [
        site.handler(),
        site.handler().cors("https://two.example").unwrap(),
    ] {
        let answer = options(&TestServer::new(handler), "/a.txt", PREFLIGHT);
        assert_eq!(answer.status, 200);
        let names = answer.names();
        assert!(!names.iter().any(|name| name.starts_with("Access-Control")));
    }
}

#[test]
fn a_handler_that_stands_on_it_says_what_it_allows_itself() {
    let site = Site::usual();
    let server = TestServer::new(Upload {
        files: site.handler().cors("*").unwrap(),
    });
    let answer = options(&server, "/upload", "");
    assert_eq!(
        (answer.status, answer.header("Allow")),
        (200, Some("POST, GET, HEAD, OPTIONS"))
    );
    assert_eq!(options(&server, "/a.txt", PREFLIGHT).status, 204);
    assert_eq!(
        options(&server, "/a.txt", "").header("Allow"),
        Some("GET, HEAD, OPTIONS")
    );
}
