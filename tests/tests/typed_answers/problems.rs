//! `#[handler(problem)]`: every error as `application/problem+json` of RFC 9457.

use doget::testing::Answer;
use doget::{Error, Fault, Form, Limits, Place, Request, Result, handler, testing};

struct Api;

#[handler(problem)]
impl Api {
    #[route("/notes")]
    fn do_GET_notes(&self) -> Result<String> {
        Err(Error::bad_request()
            .fault(Place::Query, "limit", "a number from 1 to 100")
            .fault(Place::Body, "/items/3/price", "a number"))
    }

    #[route("/notes")]
    fn do_POST_notes(&self, form: Form) -> String {
        form.get("text").unwrap_or_default().to_owned()
    }

    #[route("/lock")]
    fn do_GET_lock(&self) -> Result<String> {
        Err(Error::conflict()
            .message("It is \"locked\"")
            .explain("wait <a moment>")
            .header("Retry-After", "5")
            .caused_by("the other one"))
    }

    #[route("/sold")]
    fn do_GET_sold(&self) -> Result<String> {
        Err(Error::conflict()
            .problem_type("https://example.org/sold")
            .message("Sold out"))
    }

    #[route("/panic")]
    fn do_GET_panic(&self) -> String {
        panic!("a secret");
    }

    #[route("/same")]
    fn do_GET_same(&self) -> Result<String> {
        Err(Error::new(304))
    }
}

fn is_problem(answer: &Answer, body: &str) {
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/problem+json"),
        "{answer:?}"
    );
    assert_eq!(answer.header("Vary"), Some("Accept"));
    assert_eq!(answer.text().trim_end(), body);
}

#[test]
fn the_errors_of_the_block_and_those_of_the_server() {
    is_problem(
        &testing::get("/notes?limit=secret").send(&Api),
        concat!(
            r#"{"type":"about:blank","title":"Bad Request","status":400,"#,
            r#""detail":"2 values are not as they have to be","#,
            r#""errors":[{"in":"query","name":"limit","detail":"a number from 1 to 100"},"#,
            r#"{"in":"body","pointer":"/items/3/price","detail":"a number"}]}"#
        ),
    );
    is_problem(
        &testing::get("/none").send(&Api),
        r#"{"type":"about:blank","title":"Not Found","status":404}"#,
    );
    let not_allowed = testing::delete("/notes").send(&Api);
    assert_eq!(
        not_allowed.header("Allow"),
        Some("GET, HEAD, POST, OPTIONS")
    );
    assert_eq!(not_allowed.status(), 405);
    assert!(
        not_allowed
            .text()
            .starts_with(r#"{"type":"about:blank","title":"Method Not Allowed","status":405"#)
    );
    let unknown = testing::request("BREW", "/notes").send(&Api);
    assert!(unknown.text().contains(r#""status":501"#), "{unknown:?}");
    is_problem(
        &testing::post("/notes").body("x").send(&Api),
        concat!(
            r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"#,
            r#""detail":"the body has to be application/x-www-form-urlencoded"}"#
        ),
    );
    is_problem(
        &testing::get("/panic").send(&Api),
        r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#,
    );
}

/// Sent before a handler is asked, or in its place.
#[test]
fn requests_that_no_method_sees() {
    let run = |bytes: &str| {
        let limits = Limits::new().max_collected_body_size(10);
        let outcome = testing::Exchange::new()
            .limits(limits)
            .run(&Api, bytes.as_bytes());
        String::from_utf8(outcome.bytes).unwrap()
    };
    let large = run(
        "POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 20\r\n\r\ntext=12345678901234567890",
    );
    let field = "x".repeat(40_000);
    for (answer, status) in [
        (large, 413),
        (
            run(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {field}\r\n\r\n")),
            431,
        ),
        (run("GET / HTTP/1.1\r\n\r\n"), 400),
        (run("GET\r\n\r\nHost: a\r\n\r\n"), 400),
    ] {
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(
            answer.contains("\r\nContent-Type: application/problem+json\r\n"),
            "{answer}"
        );
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(body.contains(&format!("\"status\":{status}")), "{answer}");
        assert!(body.starts_with('{') && body.ends_with("}\n"), "{answer}");
    }
}

#[test]
fn the_words_of_an_error_are_its_detail() {
    let lock = testing::get("/lock").send(&Api);
    assert_eq!(lock.header("Retry-After"), Some("5"));
    is_problem(
        &lock,
        concat!(
            r#"{"type":"about:blank","title":"Conflict","status":409,"#,
            r#""detail":"It is \"locked\": wait \u003ca moment\u003e"}"#
        ),
    );
    is_problem(
        &testing::get("/sold").send(&Api),
        r#"{"type":"https://example.org/sold","title":"Sold out","status":409}"#,
    );
}

#[test]
fn a_client_that_likes_html_better_gets_the_page() {
    let html = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, is_page) in [
        (html, true),
        ("text/html", true),
        ("text/*;q=0.5", true),
        ("*/*", false),
        ("application/json", false),
        ("application/json, text/html;q=0.9", false),
        ("application/problem+json, text/html;q=0.9", false),
        ("image/png", false),
        ("text/html;q=0", false),
    ] {
        let answer = testing::get("/none").header("Accept", accept).send(&Api);
        let kind = answer.header("Content-Type").unwrap();
        assert_eq!(
            kind == "text/html;charset=utf-8",
            is_page,
            "{accept}: {kind}"
        );
        assert_eq!(
            kind == "application/problem+json",
            !is_page,
            "{accept}: {kind}"
        );
        assert_eq!(answer.header("Vary"), Some("Accept"));
    }
}

#[test]
fn head_and_304_have_no_body() {
    let get = testing::get("/none").send(&Api);
    let head = testing::head("/none").send(&Api);
    assert_eq!(head.header("Content-Length"), get.header("Content-Length"));
    assert!(head.text().is_empty());
    let same = testing::get("/same").send(&Api);
    assert_eq!(
        (same.status().as_u16(), same.header("Content-Type")),
        (304, None)
    );
}

struct Own;

#[handler(problem)]
impl Own {
    fn do_GET(&self) -> Result<String> {
        Err(Error::not_found())
    }

    // On no system: it must not count as one of the block's own.
    #[cfg(any())]
    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        doget::hooks::send_error(self, request, response, error)
    }
}

struct Around {
    api: Api,
    own: Own,
}

#[handler(base(self.own: Own), problem)]
impl Around {
    #[route("/api")]
    fn do_GET_api(&self, request: &Request<'_>) -> Result<String> {
        let _ = (&self.api, request);
        Err(Error::gone())
    }
}

/// A fault with a type of its own.
#[derive(Fault)]
enum Sold {
    #[status(409, "{count} were sold", type = "https://example.org/sold-out")]
    Out { count: u32 },
    /// It is gone.
    #[status(410, type = "/problems/gone")]
    Gone,
}

struct Typed;

#[handler(problem)]
impl Typed {
    #[route("/{count}")]
    fn do_GET(&self, count: u32) -> Result<String, Sold> {
        Err(match count {
            0 => Sold::Gone,
            _ => Sold::Out { count },
        })
    }
}

#[test]
fn a_fault_has_a_type_for_programs() {
    is_problem(
        &testing::get("/7").send(&Typed),
        r#"{"type":"https://example.org/sold-out","title":"Conflict","status":409,"detail":"7 were sold"}"#,
    );
    is_problem(
        &testing::get("/0").send(&Typed),
        r#"{"type":"/problems/gone","title":"Gone","status":410,"detail":"It is gone"}"#,
    );
}

#[test]
fn a_hook_of_the_blocks_own_and_a_base() {
    let around = Around { api: Api, own: Own };
    for (answer, status) in [
        (testing::get("/").send(&Own), 404),
        (testing::get("/").send(&around), 404),
        (testing::get("/api").send(&around), 410),
    ] {
        assert_eq!(
            answer.header("Content-Type"),
            Some("application/problem+json")
        );
        assert_eq!(answer.status(), status);
    }
}
