//! Which methods a file handler takes, alone and below other handlers.

use super::Upload;
use crate::site::Site;
use doget::{AllowHosts, FileHandler, Handler, assert_methods, handler};
use doget_tests::test_server::TestServer;
use std::sync::Arc;

assert_methods!(FileHandler: GET, HEAD, OPTIONS, !POST, !PUT, !DELETE);

/// Another method is refused with the methods that are taken, and with the usual page; the connection is kept.
#[track_caller]
fn is_refused(server: &TestServer, line: &str, lines: &str, allow: &str) {
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: 5\r\n\r\nbytes");
    let raw = server.raw(head.clone() + &head + "GET / HTTP/1.0\r\n\r\n");
    let text = String::from_utf8_lossy(&raw);
    let answers: Vec<_> = text.split("HTTP/1.1 ").collect();
    assert_eq!(answers.len(), 4, "{line}: {text}");
    for answer in &answers[1..3] {
        assert!(
            answer.starts_with("405 Method Not Allowed\r\nServer: "),
            "{line}: {answer}"
        );
        assert_eq!(answer.matches("\r\nAllow: ").count(), 1, "{answer}");
        assert!(
            answer.contains(&format!(
                "\r\nAllow: {allow}\r\nContent-Type: text/html;charset=utf-8\r\nContent-Length: "
            )),
            "{line}: {answer}"
        );
        assert!(
            answer.contains("<p>Error code: 405</p>\n        <p>Message: Method Not Allowed.</p>"),
            "{line}: {answer}"
        );
    }
}

#[test]
fn fil_01_get_and_head_only() {
    let site = Site::usual();
    let server = site.serve();
    // The registry of RFC 9110 section 16.1.1, as far as it has no method that is answered.
    let registered = "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE LABEL LINK LOCK MERGE MKACTIVITY \
                      MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PATCH POST PROPFIND PROPPATCH PUT \
                      QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE \
                      UPDATEREDIRECTREF VERSION-CONTROL";
    for method in registered.split_whitespace() {
        let line = format!("{method} /a.txt");
        is_refused(&server, &line, "", "GET, HEAD, OPTIONS");
    }
    let answer = server.one("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
    assert_eq!(
        (answer.status, answer.header("Allow")),
        (405, Some("GET, HEAD, OPTIONS"))
    );
    for method in ["SPAM", "get", "Put", "PRI", "PURGE"] {
        let answer = server.one(format!(
            "{method} /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        ));
        assert_eq!(answer.status, 501, "{method}");
        assert_eq!(answer.reason, format!("Unsupported method ('{method}')"));
        assert_eq!(answer.header("Allow"), None);
    }
    let answer = server.one("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        (answer.status, answer.header("Allow")),
        (200, Some("GET, HEAD, OPTIONS"))
    );
}

#[test]
fn fil_01_what_lies_at_a_path_is_not_asked() {
    let site = Site::usual();
    let server = site.serve();
    for path in [
        "/",
        "/dir",
        "/dir/",
        "/indexed/",
        "/nothing",
        "/nothing/",
        "/a.txt/",
        "/.secret",
        "/../a.txt",
        "/%zz",
        "/a.txt?x",
    ] {
        is_refused(&server, &format!("POST {path}"), "", "GET, HEAD, OPTIONS");
    }
}

#[test]
fn fil_01_a_body_that_waits_to_be_invited_is_not() {
    let site = Site::usual();
    let server = site.serve();
    let raw = server.raw(
        "PUT /new.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    let text = String::from_utf8_lossy(&raw);
    assert!(text.starts_with("HTTP/1.1 405 "), "{text}");
    assert!(text.contains("\r\nConnection: close\r\n"), "{text}");
    assert!(!site.root().join("new.txt").exists());
}

/// Files, and a method for every path.
struct Taking<F>(F);

#[handler(base(self.0: F))]
impl<F: Handler> Taking<F> {
    fn do_POST(&self) -> &'static str {
        "taken"
    }
}

#[test]
fn fil_01_wherever_the_handler_stands() {
    let site = Site::usual();
    let usual = "GET, HEAD, OPTIONS";
    for handler in [
        site.handler().spa("a.txt"),
        site.handler().listing(false).not_found(Some("a.txt")),
        site.handler().cors("*").unwrap(),
    ] {
        is_refused(
            &TestServer::new(handler),
            "POST /some/page",
            "Origin: https://one.example\r\n",
            usual,
        );
    }
    is_refused(
        &TestServer::new(Arc::new(site.handler())),
        "POST /a.txt",
        "",
        usual,
    );
    let server = TestServer::new(doget::with(AllowHosts::new(["a"]), site.handler()));
    is_refused(&server, "POST /a.txt", "", usual);
    let foreign = server.one("POST /a.txt HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(foreign.status, 421);

    let server = TestServer::new(Upload {
        files: site.handler(),
    });
    is_refused(&server, "POST /a.txt", "", usual);
    is_refused(&server, "PUT /upload", "", "POST, GET, HEAD, OPTIONS");
    let answer = server.one("SPAM /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.status, 501);

    let server = TestServer::new(Taking(Box::new(doget::with(
        AllowHosts::new(["a"]),
        site.handler(),
    ))));
    is_refused(&server, "PUT /a.txt", "", "POST, GET, HEAD, OPTIONS");
    let answer = server.one("POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(answer.text(), "taken");
}
