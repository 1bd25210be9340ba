//! Layers and guards around what is mounted, and within it.

use doget::{
    Basic, Cors, Error, Gate, Layer, ListedOrigins, Promised, Request, Result, Scheme, Verify,
    handler, testing,
};
use doget_tests::test_server::TestServer;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Key(&'static str);

struct Member;

/// Counts how often its gate is asked.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Layer for Counted {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match request.path() {
            "/closed" => Err(Error::new(429)),
            _ => Ok(Gate::Pass),
        }
    }
}

struct Part {
    cors: Cors<ListedOrigins>,
    counted: Counted,
}

#[handler(layers(self.cors, self.counted))]
impl Part {
    fn do_GET(&self) -> &'static str {
        "part"
    }

    fn do_POST(&self, body: Vec<u8>) -> String {
        body.len().to_string()
    }
}

struct Deeper {
    part: Part,
}

#[handler(mount("/part" = self.part: Part))]
impl Deeper {}

fn part() -> Part {
    Part {
        cors: Cors::origins(["https://app.example"]).unwrap(),
        counted: Counted::default(),
    }
}

struct Guarded {
    key: Key,
    deeper: Deeper,
}

impl Verify<Member> for Guarded {
    const SCHEME: Scheme = Scheme::Basic("test");

    fn verify(&self, request: &Request<'_>) -> Result<Option<Member>> {
        let is_right = Basic::of(request).is_some_and(|basic| basic.password() == self.key.0);
        Ok(is_right.then_some(Member))
    }
}

#[handler(guard(Member), mount("/deeper" = self.deeper: Deeper))]
impl Guarded {
    #[open]
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }
}

fn guarded() -> Guarded {
    Guarded {
        key: Key("secret"),
        deeper: Deeper { part: part() },
    }
}

#[test]
fn a_guard_of_the_block_closes_what_is_mounted() {
    let site = guarded();
    assert_eq!(testing::get("/").send(&site).text(), "home");
    for path in [
        "/deeper/part/x",
        "/deeper/part",
        "/deeper/nothing",
        "/%64eeper/part/x",
    ] {
        for method in ["GET", "POST", "OPTIONS", "PUT"] {
            let answer = testing::request(method, path).send(&site);
            assert_eq!(answer.status(), 401, "{method} {path}");
        }
    }
    let known = testing::get("/deeper/part/x").header("Authorization", "Basic YTpzZWNyZXQ=");
    assert_eq!(known.send(&site).text(), "part");
}

#[test]
fn strangers_are_refused_before_their_body_is_read() {
    let server = TestServer::new(guarded());
    let mut conn = server.connect();
    conn.send("POST /deeper/part/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
    let raw = conn.rest();
    assert!(raw.starts_with(b"HTTP/1.1 401 "), "{}", raw.escape_ascii());
}

#[test]
fn gates_of_a_mounted_handler_stand_before_the_body_and_are_asked_once() {
    let site = Arc::new(Deeper { part: part() });
    let server = TestServer::new(site.clone());
    let asked = || site.part.counted.0.load(Ordering::Relaxed);
    let mut conn = server.connect();
    conn.send("POST /part/closed HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
    let raw = conn.rest();
    assert!(raw.starts_with(b"HTTP/1.1 429 "), "{}", raw.escape_ascii());
    assert_eq!(asked(), 1);
    let answer = server.one("POST /part/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    assert_eq!(answer.text(), "3");
    assert_eq!(asked(), 2);
}

#[test]
fn what_a_mounted_handler_promises_is_on_its_error_pages() {
    let server = TestServer::new(Deeper { part: part() });
    let ask = |method: &str, path: &str, more: &str| {
        server.one(format!(
            "{method} {path} HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n{more}\r\n"
        ))
    };
    let allowed = Some("https://app.example");
    for (method, path, more, status) in [
        ("GET", "/part/x", "", 200),
        ("GET", "/part/closed", "", 429),
        ("PUT", "/part/x", "Content-Length: 0\r\n", 501),
        ("POST", "/part/x", "Content-Length: 99999999999\r\n", 413),
    ] {
        let answer = ask(method, path, more);
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(
            answer.header("Access-Control-Allow-Origin"),
            allowed,
            "{method} {path}"
        );
    }
    // And on nothing beside it.
    let beside = ask("GET", "/x", "");
    assert_eq!(
        (beside.status, beside.header("Access-Control-Allow-Origin")),
        (404, None)
    );
    let preflight = ask(
        "OPTIONS",
        "/part/x",
        "Access-Control-Request-Method: POST\r\n",
    );
    assert_eq!(preflight.header("Access-Control-Allow-Origin"), allowed);
    assert!(preflight.status < 300);
}
