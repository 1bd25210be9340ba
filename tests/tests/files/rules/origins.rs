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
