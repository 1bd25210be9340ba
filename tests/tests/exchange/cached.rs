//! Answers with a version: `Cached` around bodies of every kind.

use doget::{
    Cached, ETag, Html, Redirect, Reply, Response, Result, Sent, Static, handler, testing,
};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
static LARGE: [u8; 40_000] = [b'x'; 40_000];

/// Of its own, with a field that belongs to the content and one about caching.
struct Page(&'static str);

impl Reply for Page {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(200)
            .send_header("Content-Type", "text/x-page")
            .send_header("Content-Language", "en")
            .send_header("Vary", "Accept-Language")
            .finish_with(self.0)
    }
}

struct Streamed;

impl Reply for Streamed {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(b"piece by piece")?;
        body.finish()
    }
}

struct Large;

impl Reply for Large {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response.send_response(200).finish_with(Static(&LARGE))
    }
}

struct Site;

fn then() -> std::time::SystemTime {
    UNIX_EPOCH + Duration::from_millis(784_111_777_900)
}

#[handler]
impl Site {
    #[route("/text")]
    fn do_GET_text(&self) -> Cached<Html<&'static str>> {
        Cached::new(Html("<p>seven"))
    }

    #[route("/text")]
    fn do_POST_text(&self) -> Cached<&'static str> {
        Cached::new("changed").etag(ETag::strong("v7"))
    }

    #[route("/page")]
    fn do_GET_page(&self) -> Cached<Page> {
        Cached::new(Page("page")).max_age(60).last_modified(then())
    }

    #[route("/large")]
    fn do_GET_large(&self) -> Cached<Large> {
        Cached::new(Large).cache_control("")
    }

    #[route("/streamed")]
    fn do_GET_streamed(&self) -> Cached<Streamed> {
        Cached::new(Streamed).etag(ETag::strong("v7"))
    }

    #[route("/untagged")]
    fn do_GET_untagged(&self) -> Cached<Streamed> {
        Cached::new(Streamed)
    }

    #[route("/gone")]
    fn do_GET_gone(&self) -> Cached<Option<&'static str>> {
        Cached::new(None).etag(ETag::strong("v7"))
    }

    #[route("/moved")]
    fn do_GET_moved(&self) -> Cached<Redirect> {
        Cached::new(Redirect::see_other("/page")).etag(ETag::strong("v7"))
    }

    #[route("/outer")]
    fn do_GET_outer(&self) -> impl Reply + use<> {
        Cached::new("outer").with_header("Cache-Control", "no-store")
    }
}

fn ask(server: &TestServer, line: &str, fields: &str) -> Answer {
    server.one(format!(
        "{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{fields}\r\n"
    ))
}

#[test]
fn cached_bodies_have_a_tag_and_answer_304() {
    let server = TestServer::new(Site);
    for path in ["/text", "/large", "/outer"] {
        let first = ask(&server, &format!("GET {path}"), "");
        assert_eq!(first.status, 200, "{path}");
        let tag = first.header("ETag").unwrap().to_owned();
        assert!(tag.starts_with('"'), "{tag}");
        for (fields, status) in [
            (format!("If-None-Match: {tag}\r\n"), 304),
            (format!("If-None-Match: W/{tag}\r\n"), 304),
            ("If-None-Match: \"other\"\r\n".to_owned(), 200),
            ("If-None-Match: *\r\n".to_owned(), 304),
            (format!("If-Match: {tag}\r\n"), 200),
            ("If-Match: \"other\"\r\n".to_owned(), 412),
        ] {
            let answer = ask(&server, &format!("GET {path}"), &fields);
            assert_eq!(answer.status, status, "{path} {fields}");
            assert_eq!(answer.header("ETag"), Some(&*tag), "{path} {fields}");
            assert_eq!(answer.body.is_empty(), status == 304, "{path} {fields}");
        }
        // Nothing of the body is left behind: the next answer of the connection is whole.
        let bytes = format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n\
             GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        );
        let answers = testing::exchange(&Site, bytes.as_bytes());
        let text = String::from_utf8_lossy(&answers);
        assert!(text.starts_with("HTTP/1.1 304 "), "{path}");
        assert_eq!(text.matches("HTTP/1.1 200 ").count(), 1, "{path}");
    }
}

#[test]
fn a_304_says_of_caching_what_the_200_says_and_nothing_of_the_content() {
    let server = TestServer::new(Site);
    let first = ask(&server, "GET /page", "");
    assert_eq!(first.header("Last-Modified"), Some(THEN));
    assert_eq!(first.header("Cache-Control"), Some("max-age=60"));
    let tag = first.header("ETag").unwrap();
    let again = ask(&server, "GET /page", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(again.status, 304);
    assert_eq!(
        again.names(),
        [
            "Server",
            "Date",
            "Vary",
            "ETag",
            "Last-Modified",
            "Cache-Control"
        ]
    );
    for (date, status) in [
        (THEN, 304),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 200),
        ("Sun, 06 Nov 1994 08:49:38 GMT", 304),
    ] {
        let fields = format!("If-Modified-Since: {date}\r\n");
        assert_eq!(ask(&server, "GET /page", &fields).status, status, "{date}");
    }
    let fields = "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n";
    assert_eq!(ask(&server, "GET /page", fields).status, 412);
}

#[test]
fn cached_head_is_as_get() {
    for path in ["/text", "/page", "/large", "/streamed"] {
        let get = testing::get(path).send(&Site);
        let head = testing::head(path).send(&Site);
        assert_eq!(head.header("ETag"), get.header("ETag"), "{path}");
        assert_eq!(
            head.header("Content-Length"),
            get.header("Content-Length"),
            "{path}"
        );
        let tag = get.header("ETag").unwrap();
        let again = testing::head(path).header("If-None-Match", tag).send(&Site);
        assert_eq!(again.status(), 304, "{path}");
    }
}

#[test]
fn what_is_streamed_has_the_tag_that_it_is_given() {
    let answer = testing::get("/streamed").send(&Site);
    assert_eq!(answer.header("ETag"), Some("\"v7\""));
    assert_eq!(answer.text(), "piece by piece");
    let again = testing::get("/streamed")
        .header("If-None-Match", "\"v7\"")
        .send(&Site);
    assert_eq!((again.status().as_u16(), again.text()), (304, ""));
    let answer = testing::get("/untagged")
        .header("If-None-Match", "*")
        .send(&Site);
    assert_eq!(answer.status(), 304);
    let answer = testing::get("/untagged").send(&Site);
    assert_eq!(
        (answer.status().as_u16(), answer.header("ETag")),
        (200, None)
    );
}

#[test]
fn conditions_are_about_successes() {
    let tag = "\"v7\"";
    let gone = testing::get("/gone")
        .header("If-None-Match", tag)
        .send(&Site);
    assert_eq!((gone.status().as_u16(), gone.header("ETag")), (404, None));
    assert_eq!(gone.header("Cache-Control"), None);
    let moved = testing::get("/moved")
        .header("If-None-Match", tag)
        .send(&Site);
    assert_eq!((moved.status().as_u16(), moved.header("ETag")), (303, None));
}

#[test]
fn a_method_that_has_changed_something_is_not_refused_afterwards() {
    for (name, value) in [("If-None-Match", "\"v7\""), ("If-Match", "\"other\"")] {
        let answer = testing::post("/text").header(name, value).send(&Site);
        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(answer.header("ETag"), Some("\"v7\""));
    }
}

#[test]
fn what_is_around_a_cached_answer_decides_how_long_it_is_kept() {
    let answer = testing::get("/outer").send(&Site);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
}

#[test]
fn answers_that_cached_gives_are_declared() {
    for path in ["/text", "/streamed"] {
        let again = testing::get(path).header("If-None-Match", "*").send(&Site);
        assert_eq!(again.undeclared(), None, "{path}");
        let failed = testing::get(path).header("If-Match", "\"x\"").send(&Site);
        assert_eq!((failed.status().as_u16(), failed.undeclared()), (412, None));
    }
    let statuses = <Cached<Html<String>>>::ANSWERS.list();
    let statuses: Vec<u16> = statuses.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 304, 412]);
}
