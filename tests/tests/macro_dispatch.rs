//! Dispatch without routes: methods, derived ones, 501, hooks and consts of the same block, bases.
#![allow(clippy::expect_used)]

use doget::{
    Declared, Error, FromRequest, Handler, Html, Request, Response, ResponseHead, Result, Route,
    Sent, Settings, StatusCode, assert_methods, handler, hooks, method, testing,
};
use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};

fn send(handler: &impl Handler, line: &str) -> String {
    let input = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    String::from_utf8(testing::exchange(handler, input.as_bytes())).expect("text")
}

fn status(answer: &str) -> u16 {
    answer
        .get(9..12)
        .and_then(|code| code.parse().ok())
        .unwrap_or_else(|| panic!("no status in {answer:?}"))
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

struct Hello;

#[handler]
impl Hello {
    const SERVER_VERSION: &str = "Hello/1.0";

    /// Says where you are.
    fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut wfile = response
            .send_response(200)
            .send_header("Content-Type", "text/plain")
            .end_headers()?;
        write!(wfile, "you asked for {}", request.target())?;
        wfile.finish()
    }

    fn do_PUT(&self, body: Vec<u8>, request: &Request<'_>) -> (StatusCode, String) {
        (
            StatusCode::CREATED,
            format!("{} at {}", body.len(), request.target()),
        )
    }

    #[method("M-SEARCH")]
    #[blocking]
    fn search(&self) -> Result<&'static str, std::io::Error> {
        Ok("found")
    }

    fn do_DELETE(&self) -> Result<String> {
        Err(Error::new(409))
    }
}

assert_methods!(Hello: GET, HEAD, PUT, "M-SEARCH", OPTIONS, DELETE, !POST, !"X-Y");

fn mount<
    H: doget::Handles<method::GET> + doget::Handles<method::HEAD> + doget::Handles<method::OPTIONS>,
>(
    _: H,
) {
}

#[test]
fn methods_are_called() {
    mount(Hello);
    let answer = send(&Hello, "GET /x?y");
    assert_eq!(status(&answer), 200);
    assert_eq!(body(&answer), "you asked for /x?y");
    assert_eq!(header(&answer, "Server"), Some("Hello/1.0"));
    assert_eq!(body(&send(&Hello, "M-SEARCH /")), "found");
    assert_eq!(status(&send(&Hello, "DELETE /")), 409);

    let answer = testing::exchange(
        &Hello,
        b"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    );
    let answer = String::from_utf8(answer).expect("text");
    assert_eq!((status(&answer), body(&answer)), (201, "3 at /a"));
}

#[test]
fn head_is_derived_and_has_no_body() {
    let (get, head) = (send(&Hello, "GET /"), send(&Hello, "HEAD /"));
    assert_eq!(status(&head), 200);
    assert_eq!(body(&head), "");
    assert_eq!(
        header(&get, "Content-Length"),
        header(&head, "Content-Length")
    );
    assert_eq!(header(&head, "Content-Length"), Some("15"));
}

#[test]
fn options_are_derived() {
    for target in ["/", "*"] {
        let answer = send(&Hello, &format!("OPTIONS {target}"));
        assert_eq!(status(&answer), 200, "{answer}");
        assert_eq!(
            header(&answer, "Allow"),
            Some("GET, HEAD, PUT, M-SEARCH, DELETE, OPTIONS")
        );
        assert_eq!(header(&answer, "Content-Length"), Some("0"));
    }
}

#[test]
fn other_methods_are_unsupported() {
    for command in ["SPAM", "POST", "get"] {
        let answer = send(&Hello, &format!("{command} /"));
        assert!(
            answer.starts_with(&format!(
                "HTTP/1.1 501 Unsupported method ('{command}')\r\n"
            )),
            "{answer}"
        );
    }
}

#[test]
fn the_registry_tells_what_there_is() {
    let told: Vec<_> = Hello::METHODS
        .iter()
        .map(|info| (info.method, info.function, info.doc, info.derived))
        .collect();
    assert_eq!(
        told,
        [
            ("GET", "do_GET", "Says where you are.", false),
            ("HEAD", "do_GET", "Says where you are.", true),
            ("PUT", "do_PUT", "", false),
            ("M-SEARCH", "search", "", false),
            ("DELETE", "do_DELETE", "", false),
            ("OPTIONS", "", "", true),
        ]
    );
    assert!(Hello::METHODS.iter().all(|info| info.route.is_none()));
}

#[test]
fn routes_are_known_beforehand() {
    let route = |command| Handler::route(&Hello, command, "/");
    assert_eq!(route("GET"), Route::new(0));
    assert_eq!((route("PUT").index, route("PUT").collect > 0), (2, true));
    assert_eq!(route("M-SEARCH"), Route::new(3).blocking(true));
    assert_eq!(route("OPTIONS").index, 5);
    assert_eq!(route("SPAM"), Route::UNKNOWN);
}

#[test]
fn methods_can_be_called_by_tests() {
    assert_eq!(Hello.search().ok(), Some("found"));
    assert_eq!(Hello::SERVER_VERSION, "Hello/1.0");
}

struct Exact;

#[handler(exact, methods(GET))]
impl Exact {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

#[test]
fn exact_derives_nothing() {
    assert_eq!(status(&send(&Exact, "GET /")), 200);
    assert_eq!(status(&send(&Exact, "HEAD /")), 501);
    assert_eq!(status(&send(&Exact, "OPTIONS /")), 501);
    assert_eq!(Exact::METHODS.len(), 1);
}

struct Written;

#[handler]
impl Written {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn do_HEAD(&self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(200)
            .send_header("X-Written", "yes")
            .finish()
    }

    fn do_OPTIONS(&self) -> StatusCode {
        StatusCode::NO_CONTENT
    }
}

#[test]
fn what_is_written_is_not_derived() {
    assert_eq!(header(&send(&Written, "HEAD /"), "X-Written"), Some("yes"));
    assert_eq!(status(&send(&Written, "OPTIONS /")), 204);
    assert!(Written::METHODS.iter().all(|info| !info.derived));
}

#[derive(Default)]
struct Hooked {
    lines: Mutex<Vec<String>>,
}

#[handler]
impl Hooked {
    const SYS_VERSION: &'static str = "Test/2";
    const PROTOCOL_VERSION: &str = "HTTP/1.0";
    const ERROR_MESSAGE_FORMAT: &str = "{{{code}}} {message}: {explain}";
    const ERROR_CONTENT_TYPE: &str = "text/x-error";

    fn do_GET(&self, request: &Request<'_>) -> String {
        self.log_message(request, format_args!("from {}", Self::SYS_VERSION));
        "hello".into()
    }

    pub(crate) fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        headers.send_header("X-Hook", "yes")
    }

    fn address_string<'r>(&self, _: &'r Request<'_>) -> Cow<'r, str> {
        "somebody".into()
    }

    fn responses(&self, code: StatusCode) -> Option<(&str, &str)> {
        if code == 501 {
            Some(("No", "Not here"))
        } else {
            hooks::responses(code)
        }
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        let address = Handler::address_string(self, request);
        self.lines
            .lock()
            .expect("unpoisoned")
            .push(format!("{address} {args}"));
    }
}

#[test]
fn hooks_and_consts_stand_in_the_block() {
    let handler = Hooked::default();
    let answer = send(&handler, "GET /");
    assert_eq!(header(&answer, "X-Hook"), Some("yes"));
    assert!(
        header(&answer, "Server").is_some_and(|server| server.ends_with(" Test/2")),
        "{answer}"
    );
    let answer = send(&handler, "SPAM /");
    assert!(answer.starts_with("HTTP/1.0 501"), "{answer}");
    assert_eq!(header(&answer, "Content-Type"), Some("text/x-error"));
    assert_eq!(body(&answer), "{501} Unsupported method ('SPAM'): Not here");
    let lines = handler.lines.lock().expect("unpoisoned");
    assert!(
        lines.iter().any(|line| line == "somebody from Test/2"),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line.starts_with("somebody ")),
        "{lines:?}"
    );
}

#[derive(Default)]
struct Derived {
    base: Hooked,
    hello: Hello,
}

impl Default for Hello {
    fn default() -> Self {
        Self
    }
}

#[handler(base(self.hello: Hello), inherits(GET, HEAD, PUT), methods(GET, POST))]
impl Derived {
    fn do_POST(&self) -> &'static str {
        "own"
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        self.base.log_message(request, args);
    }
}

assert_methods!(Derived: POST, GET, HEAD, PUT, OPTIONS, "M-SEARCH");

#[test]
fn the_rest_goes_to_the_base() {
    mount(Derived::default());
    let derived = Derived::default();
    assert_eq!(body(&send(&derived, "POST /")), "own");
    let answer = send(&derived, "GET /x");
    assert_eq!(body(&answer), "you asked for /x");
    assert_eq!(header(&answer, "Server"), Some("Hello/1.0"));
    assert_eq!(status(&send(&derived, "SPAM /")), 501);
    let answer = send(&derived, "OPTIONS /");
    assert_eq!(
        header(&answer, "Allow"),
        Some("POST, GET, HEAD, PUT, M-SEARCH, DELETE, OPTIONS")
    );
    assert!(
        derived
            .base
            .lines
            .lock()
            .expect("unpoisoned")
            .iter()
            .any(|line| line.contains("code 501"))
    );

    let methods: Vec<_> = Derived::METHODS.iter().map(|info| info.method).collect();
    assert_eq!(
        methods,
        [
            "POST", "GET", "HEAD", "PUT", "M-SEARCH", "DELETE", "OPTIONS"
        ]
    );
    for (position, info) in Derived::METHODS.iter().enumerate() {
        let route = Handler::route(&derived, info.method, "/");
        let index = usize::try_from(route.index).expect("small");
        // A derived HEAD may be counted as its GET.
        assert!(
            index == position || (info.method == "HEAD" && Derived::METHODS[index].method == "GET"),
            "{info:?}"
        );
    }
    assert!(Handler::route(&derived, "M-SEARCH", "/").blocking);
}

struct Logged<B>(B);

#[handler(base(self.0: B), inherits(GET))]
impl<B: Handler> Logged<B> {
    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        Handler::end_headers(&self.0, headers).send_header("X-Logged", "yes")
    }
}

assert_methods!(Logged<Exact>: GET, OPTIONS, !HEAD);

#[test]
fn a_generic_base() {
    fn needs_get<H: doget::Handles<method::GET>>(_: &H) {}
    let handler = Logged(Logged(Exact));
    needs_get(&handler);
    let answer = send(&handler, "GET /");
    assert_eq!(body(&answer), "hello");
    assert_eq!(answer.matches("X-Logged").count(), 2);
    let methods: Vec<_> = <Logged<Logged<Exact>>>::METHODS
        .iter()
        .map(|info| info.method)
        .collect();
    assert_eq!(methods, ["GET", "OPTIONS"]);
    assert_eq!(
        header(&send(&handler, "OPTIONS /"), "Allow"),
        Some("GET, OPTIONS")
    );
}

struct ByHand;

impl Declared for ByHand {
    const SETTINGS: &'static Settings = &Settings::new().methods(Exact::METHODS);
}

impl Handler for ByHand {
    fn settings(&self) -> &'static Settings {
        Self::SETTINGS
    }

    fn dispatch(&self, _: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        response.reply("by hand")
    }
}

#[test]
fn a_base_that_is_written_by_hand() {
    let handler = Logged(ByHand);
    assert_eq!(body(&send(&handler, "GET /")), "by hand");
    assert_eq!(status(&send(&handler, "PUT /")), 501);
    assert_eq!(
        header(&send(&handler, "OPTIONS /"), "Allow"),
        Some("GET, OPTIONS")
    );
}

#[test]
fn pointers_are_handlers() {
    assert_eq!(body(&send(&Arc::new(Exact), "GET /")), "hello");
    assert_eq!(body(&send(&&Exact, "GET /")), "hello");
    assert_eq!(body(&send(&Box::new(Exact), "GET /")), "hello");
    let mixed: Vec<Box<dyn Handler>> = vec![Box::new(Exact), Box::new(Hello)];
    assert_eq!(mixed[1].settings().methods, Hello::METHODS);
}

struct UserAgent<'c>(&'c str);

impl<'c> FromRequest<'c> for UserAgent<'c> {
    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        request
            .headers()
            .get("User-Agent")
            .map(Self)
            .ok_or_else(|| Error::new(400))
    }
}

type Req<'r, 'c> = &'r mut Request<'c>;
type Answer<'c> = Response<'c>;

struct Wide<T>(T);

#[handler]
impl<T: fmt::Display> Wide<T> {
    fn do_GET<'a>(&'a self, agent: UserAgent<'a>, request: &'a mut Request<'_>) -> String {
        format!("{} {} {}", self.0, agent.0, request.target())
    }

    fn do_PUT(
        &self,
        response: Answer<'_>,
        text: Option<String>,
        request: Req<'_, '_>,
    ) -> Result<Sent> {
        response.reply(format!("{text:?} {}", request.method()))
    }

    fn do_POST(&self, _: doget::Pairs<'_>, fields: doget::HeaderFields<'_>) -> String {
        fields.get("Host").unwrap_or_default().into()
    }

    fn do_TRACE(&self) -> ! {
        panic!("never")
    }
}

#[test]
fn parameters_in_any_order_and_by_alias() {
    let handler = Wide(7);
    let answer = testing::exchange(
        &handler,
        b"GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n",
    );
    assert!(answer.ends_with(b"7 me /a"));
    assert_eq!(status(&send(&handler, "GET /a")), 400);
    assert_eq!(body(&send(&handler, "PUT /")), "None PUT");
    assert_eq!(body(&send(&handler, "POST /?a=b")), "a");
}

struct Pages {
    page: String,
    bytes: Vec<u8>,
}

#[handler]
impl Pages {
    fn do_GET(&self) -> Html<&str> {
        Html(&self.page)
    }

    fn do_PUT(&self) -> Html<Cow<'_, str>> {
        Html(Cow::Borrowed(&self.page))
    }

    fn do_POST(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn do_PATCH(&self) -> Option<Html<&String>> {
        Some(Html(&self.page))
    }

    fn do_DELETE(&self) -> Result<&str> {
        Ok(&self.page)
    }
}

#[test]
fn answers_borrow_from_the_handler() {
    let pages = Pages {
        page: "<p>".into(),
        bytes: b"\0".into(),
    };
    let html = Some("text/html; charset=utf-8");
    for (method, kind, text) in [
        ("GET", html, "<p>"),
        ("PUT", html, "<p>"),
        ("POST", Some("application/octet-stream"), "\0"),
        ("PATCH", html, "<p>"),
        ("DELETE", Some("text/plain; charset=utf-8"), "<p>"),
    ] {
        let answer = send(&pages, &format!("{method} /"));
        assert_eq!(header(&answer, "Content-Type"), kind, "{method}");
        assert_eq!(body(&answer), text, "{method}");
    }
}
