//! Sites by the host that the client asks for.

use doget::{
    ByHost, Cached, Error, Networks, Request, Response, ResponseHead, Result, Sent, Trust, handler,
    testing,
};
use doget_tests::test_server::TestServer;
use std::sync::{Arc, Mutex};

/// A site with hooks of its own.
struct Named {
    name: &'static str,
    log: Arc<Mutex<Vec<String>>>,
}

#[handler]
impl Named {
    const SERVER_VERSION: &str = "Named/1";

    #[route("/")]
    fn do_GET_home(&self, request: &Request<'_>) -> String {
        format!("{} at {}", self.name, request.host().unwrap_or_default())
    }

    #[route("/wrong")]
    fn do_GET_wrong(&self) -> Result<&'static str> {
        Err(Error::new(418))
    }

    #[route("/upload")]
    fn do_POST_upload(&self, body: Vec<u8>) -> String {
        body.len().to_string()
    }

    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        headers.send_header("X-Site", self.name)
    }

    fn send_error(&self, _: &Request<'_>, response: Response<'_>, error: Error) -> Result<Sent> {
        let text = format!("{} has no {}", self.name, error.status().as_u16());
        response.send_response(error.status()).finish_with(text)
    }

    fn log_request(&self, request: &Request<'_>, code: doget::StatusCode, _: u64) {
        let line = format!("{} {} {}", self.name, request.path(), code.as_u16());
        self.log.lock().unwrap().push(line);
    }
}

fn sites(log: &Arc<Mutex<Vec<String>>>) -> ByHost {
    let site = |name| Named {
        name,
        log: Arc::clone(log),
    };
    ByHost::new()
        .hosts(
            ["a.example", "www.A.example.", "127.0.0.1", "::1"],
            site("a"),
        )
        .host("*.b.example", site("b"))
        .host("own.b.example", site("own"))
}

fn ask(handler: &ByHost, line: &str, host: &str) -> testing::Answer {
    testing::get(line).header("Host", host).send(handler)
}

#[test]
fn names_go_before_patterns_of_one_label() {
    let sites = sites(&Arc::default());
    for (host, name) in [
        ("a.example", "a"),
        ("A.EXAMPLE", "a"),
        ("a.example.", "a"),
        ("a.example:8000", "a"),
        ("a.example.:8000", "a"),
        ("www.a.example", "a"),
        ("127.0.0.1:80", "a"),
        ("[::1]", "a"),
        ("[::1]:8000", "a"),
        ("x.b.example", "b"),
        ("X.b.Example:1", "b"),
        ("own.b.example", "own"),
    ] {
        let text = ask(&sites, "/", host).text().to_string();
        assert_eq!(
            text,
            format!("{name} at {}", host.to_ascii_lowercase()),
            "{host}"
        );
    }
}

#[test]
fn a_host_that_nobody_answers_for_is_421() {
    let log = Arc::default();
    let without = sites(&log);
    let with = sites(&log).otherwise(Named {
        name: "otherwise",
        log: Arc::clone(&log),
    });
    for host in [
        "b.example",
        "x.y.b.example",
        ".b.example",
        "xb.example",
        "a.example.evil.example",
        "evil-a.example",
        "[::2]",
        "127.0.0.11",
        "",
    ] {
        assert_eq!(ask(&without, "/", host).status(), 421, "{host}");
        let text = ask(&with, "/", host).text().to_string();
        assert!(text.starts_with("otherwise"), "{host}: {text}");
    }
    let old = b"GET / HTTP/1.0\r\n\r\n";
    assert!(testing::exchange(&without, old).starts_with(b"HTTP/1.1 421 "));
    assert!(testing::exchange(&with, old).starts_with(b"HTTP/1.1 200 "));
}

#[test]
fn an_absolute_target_names_the_host() {
    let sites = sites(&Arc::default());
    let bytes = b"GET http://x.b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n";
    assert!(testing::exchange(&sites, bytes).ends_with(b"b at x.b.example"));
}

#[test]
fn the_host_of_a_proxy_counts_if_it_is_trusted() {
    let bytes = b"GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Host: x.b.example\r\n\r\n";
    let exchange = testing::Exchange::new();
    let sites = sites(&Arc::default());
    assert!(
        exchange
            .run(&sites, bytes)
            .bytes
            .ends_with(b"a at a.example")
    );
    let trust = Trust::x_forwarded(Networks::new(["127.0.0.1"]).unwrap()).host();
    let exchange = exchange.trust(trust);
    assert!(
        exchange
            .run(&sites, bytes)
            .bytes
            .ends_with(b"b at x.b.example")
    );
}

#[test]
fn each_site_has_its_own_hooks() {
    let log = Arc::default();
    let server = TestServer::new(sites(&log));
    let ask =
        |line: &str, host: &str| server.one(format!("GET {line} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    for (path, host, text) in [
        ("/wrong", "a.example", "a has no 418"),
        ("/nothing", "x.b.example", "b has no 404"),
    ] {
        let answer = ask(path, host);
        assert_eq!(answer.text(), text);
        assert_eq!(answer.header("X-Site"), text.split(' ').next());
        assert!(answer.header("Server").unwrap().starts_with("Named/1"));
    }
    let upload =
        server.one("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc");
    assert_eq!(upload.text(), "3");
    let unknown = ask("/", "c.example");
    assert_eq!((unknown.status, unknown.header("X-Site")), (421, None));
    let log = log.lock().unwrap().clone();
    assert_eq!(log, ["a /wrong 418", "b /nothing 404", "a /upload 200"]);
}

/// One path of two sites.
struct Kept(&'static str);

#[handler]
impl Kept {
    #[route("/page")]
    fn do_GET_page(&self) -> Cached<&'static str> {
        Cached::new(self.0).max_age(60)
    }
}

/// No answer is kept for another host (pingora's cache knew only the path, CVE-2026-2836): nor is a tag that one site
/// gave anything to the other, whatever form the target has.
#[test]
fn sites_share_no_answer() {
    let sites = ByHost::new()
        .host("a.example", Kept("of a"))
        .host("b.example", Kept("of b"));
    let server = TestServer::new(sites);
    let ask = |target: &str, host: &str, fields: &str| {
        server.one(format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"
        ))
    };
    let tag = |host: &str| {
        let answer = ask("/page", host, "");
        format!("If-None-Match: {}\r\n", answer.header("ETag").unwrap())
    };
    for _ in 0..3 {
        for (host, other, text) in [
            ("a.example", "b.example", "of a"),
            ("b.example", "a.example", "of b"),
        ] {
            assert_eq!(ask("/page", host, "").text(), text);
            let target = format!("http://{host}/page");
            assert_eq!(ask(&target, other, "").text(), text);
            let answer = ask("/page", host, &tag(other));
            assert_eq!((answer.status, answer.text()), (200, text));
            assert_eq!(ask(&target, other, &tag(host)).status, 304);
        }
    }
}
