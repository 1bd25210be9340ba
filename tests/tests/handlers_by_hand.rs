//! Handlers, and handlers around handlers, written without the macro and with the public interface alone: on the wire
//! and in the log they are what `#[handler]` writes.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::{
    Declared, Error, FromRequest, Handler, Log, MethodInfo, MethodSet, Request, Response,
    ResponseHead, Result, Route, Sent, Settings, allow, delegate, handler, hooks, testing,
};
use doget_tests::Server;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};

struct ByMacro;

#[handler]
impl ByMacro {
    const SERVER_VERSION: &str = "Twin/1";
    const SYS_VERSION: &str = "test";
    const ERROR_MESSAGE_FORMAT: &str = "{code} {message}: {explain}\n";
    const ERROR_CONTENT_TYPE: &str = "text/plain";

    /// Greets.
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[route("/notes/{id}")]
    #[blocking]
    fn do_PUT_note(&self, id: u32, text: String) -> String {
        format!("{id}: {text}")
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_message(self, request, format_args!("twin: {args}"));
    }
}

struct ByHand;

/// The number in `/notes/{id}`, as text.
fn note(path: &str) -> Option<&str> {
    let id = path.strip_prefix("/notes/")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

impl Handler for ByHand {
    fn settings(&self) -> &'static Settings {
        const {
            &Settings::new()
                .server_version("Twin/1")
                .sys_version("test")
                .error_message_format("{code} {message}: {explain}\n")
                .error_content_type("text/plain")
                .standard_head(true)
                .methods(
                    const {
                        &[
                            MethodInfo::new("GET", "do_GET").doc("Greets."),
                            MethodInfo::new("HEAD", "do_GET").doc("Greets.").derived(),
                            MethodInfo::new("PUT", "do_PUT_note").route("/notes/{id}"),
                            MethodInfo::new("OPTIONS", "").derived(),
                        ]
                    },
                )
        }
    }

    fn route(&self, command: &str, path: &str) -> Route {
        match command {
            "GET" | "HEAD" => Route::new(0),
            "PUT" if note(path).is_some() => Route::new(2).blocking(true).collect(String::COLLECT),
            "OPTIONS" => Route::new(3),
            _ => Route::UNKNOWN,
        }
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match (request.method(), note(request.path())) {
            ("GET" | "HEAD", _) => response.reply("hello"),
            ("PUT", Some(id)) => {
                let id: u32 = id.parse().map_err(|_| Error::new(404))?;
                let text = String::from_request(request)?;
                response.reply(format!("{id}: {text}"))
            }
            ("OPTIONS", _) => allow::options(self, request, response),
            _ => allow::refuse(self, request),
        }
    }

    fn allowed(&self, path: &str, set: &mut MethodSet) {
        set.insert("GET");
        set.insert("HEAD");
        if note(path).is_some() {
            set.insert("PUT");
            set.set_routed();
        }
        set.derive_options();
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_message(self, request, format_args!("twin: {args}"));
    }
}

/// Signs the responses of another handler, and answers `/sign` itself.
struct SignsByMacro<H>(H);

#[handler(base(self.0: H))]
impl<H: Declared> SignsByMacro<H> {
    #[route("/sign")]
    fn do_GET_sign(&self) -> &'static str {
        "signed"
    }

    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        Handler::end_headers(&self.0, headers).send_header("X-Signed", "yes")
    }
}

struct SignsByHand<H>(H);

impl<H: Handler> Handler for SignsByHand<H> {
    delegate! { |self| self.0 => settings, route, allowed }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        if request.method() == "GET" && request.path() == "/sign" {
            return response.reply("signed");
        }
        self.0.dispatch(request, response)
    }

    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        self.0.end_headers(headers).send_header("X-Signed", "yes")
    }

    delegate! { |self| self.0 => version_string, date_time_string, responses, send_error }
    delegate! { |self| self.0 => handle_expect_100, address_string, log_date_time_string }
    delegate! { |self| self.0 => is_logged, log_request, log_error, log_message, }
}

const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /sign?x HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "PUT /notes/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "PUT /notes/7 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "PUT /notes/seven HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "PUT /notes/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\u{a0}",
    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "DELETE /notes/7 HTTP/1.1\r\nHost: a\r\n\r\n",
    "SPAM /notes/7 HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS /notes/7 HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\r\n",
    "GET / HTTP/1.1\r\n\r\n",
];

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The bytes of the answer and the lines of the log, both without the time.
fn said<H: Handler>(handler: &H, request: &str) -> (String, Vec<String>) {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let outcome = testing::Exchange::new()
        .log(log.clone())
        .run(handler, request.as_bytes());
    assert!(log.flush(std::time::Duration::from_secs(60)));
    let answer = String::from_utf8_lossy(&outcome.bytes).into_owned();
    let answer = answer
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("Date: "))
        .collect();
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let log = log
        .lines()
        .map(|line| {
            line.split_once("] ")
                .map_or(line, |(_, rest)| rest)
                .to_owned()
        })
        .collect();
    (answer, log)
}

#[test]
fn a_handler_by_hand_is_that_of_the_macro() {
    for request in REQUESTS {
        assert_eq!(said(&ByHand, request), said(&ByMacro, request), "{request}");
    }
    assert_eq!(
        ByHand.settings().server_version,
        ByMacro::SETTINGS.server_version
    );
    // What a macro knows of types, a table by hand does not say.
    let known = |methods: &[MethodInfo]| -> Vec<_> {
        let method = |info: &MethodInfo| (info.method, info.route, info.function, info.derived);
        methods.iter().skip(2).map(method).collect()
    };
    assert_eq!(known(ByHand.settings().methods), known(ByMacro::METHODS));
    for (command, path) in [
        ("GET", "/"),
        ("HEAD", "/x"),
        ("PUT", "/notes/7"),
        ("PUT", "/"),
        ("OPTIONS", "*"),
    ] {
        assert_eq!(
            ByHand.route(command, path),
            ByMacro.route(command, path),
            "{command} {path}"
        );
    }
}

#[test]
fn a_wrapper_by_hand_is_a_block_with_a_base() {
    for request in REQUESTS {
        let expected = said(&SignsByMacro(ByMacro), request);
        assert_eq!(said(&SignsByHand(ByMacro), request), expected, "{request}");
        assert_eq!(said(&SignsByHand(ByHand), request), expected, "{request}");
    }
    let (answer, log) = said(
        &SignsByHand(ByHand),
        "GET /sign HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assert!(answer.contains("\r\nServer: Twin/1 test\r\n"), "{answer}");
    assert!(answer.contains("\r\nX-Signed: yes\r\n"), "{answer}");
    assert!(log[0].starts_with("twin: \"GET /sign "), "{log:?}");
}

#[test]
fn handlers_of_any_type_are_served_from_a_box() {
    let handlers: [Box<dyn Handler + Send + Sync>; 3] = [
        Box::new(ByMacro),
        Box::new(ByHand),
        Box::new(SignsByHand(
            Box::new(ByHand) as Box<dyn Handler + Send + Sync>
        )),
    ];
    for (position, handler) in handlers.into_iter().enumerate() {
        let server = Server::new(handler);
        let mut client = server.connect();
        let answer = client.get("/sign");
        assert_eq!(answer.header("Server"), Some("Twin/1 test"));
        assert_eq!(answer.text(), ["hello", "hello", "signed"][position]);
        client.send("POST /notes/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        let answer = client.answer();
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("Allow"), Some("GET, HEAD, PUT, OPTIONS"));
    }
}

/// Stands below a handler whose log is its own.
struct Inner;

impl Handler for Inner {
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let outer = response.handler();
        let sent = response.reply("told")?;
        outer.log_error(request, format_args!("{} knows", outer.version_string()));
        Ok(sent)
    }
}

struct Outer(Inner);

impl Handler for Outer {
    delegate! { |self| self.0 => dispatch }

    fn settings(&self) -> &'static Settings {
        const { &Settings::new().server_version("Outer/1") }
    }

    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_error(self, request, format_args!("outer: {args}"));
    }
}

#[test]
fn a_handler_reports_to_the_hooks_of_the_one_around_it() {
    let (answer, log) = said(&Outer(Inner), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.ends_with("\r\n\r\ntold"), "{answer}");
    assert_eq!(log, ["outer: Outer/1 knows", "\"GET / HTTP/1.1\" 200 4"]);
}
