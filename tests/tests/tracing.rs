//! Spans around handlers, as a subscriber sees them. A program of its own, since a process has one subscriber.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::{
    Deadline, Error, Gate, Layer, Promised, Request, RequestId, Response, Result, Sent, Trace,
    handler,
};
use doget_tests::test_server::TestServer;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

type Fields = BTreeMap<String, String>;

/// What was told, in order: a span when it is closed, an event at once, each as a line.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The spans that are open.
static OPEN: Mutex<BTreeMap<u64, Fields>> = Mutex::new(BTreeMap::new());

struct Listener(AtomicU64);

struct Collect<'f>(&'f mut Fields);

impl Visit for Collect<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

std::thread_local! {
    static ENTERED: std::cell::RefCell<Vec<u64>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Without what differs from run to run.
fn line(kind: &str, mut fields: Fields) -> String {
    if let Some(duration) = fields.remove("duration") {
        assert!(duration.parse::<u64>().is_ok(), "{duration}");
        fields.insert("duration".to_owned(), "us".to_owned());
    }
    if let Some(id) = fields.get_mut("request_id") {
        assert_eq!(id.len(), 32, "{id}");
        *id = "id".to_owned();
    }
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{kind} {}", fields.join(" "))
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("doget") || metadata.target() == "tracing"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.0.fetch_add(1, Ordering::Relaxed);
        let mut fields = Fields::new();
        span.record(&mut Collect(&mut fields));
        assert_eq!(span.metadata().name(), "request");
        OPEN.lock().unwrap().insert(id, fields);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        if let Some(fields) = OPEN.lock().unwrap().get_mut(&span.into_u64()) {
            values.record(&mut Collect(fields));
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Collect(&mut fields));
        let within = ENTERED.with_borrow(|all| if all.is_empty() { "outside" } else { "within" });
        let level = event.metadata().level();
        TOLD.lock()
            .unwrap()
            .push(line(&format!("{level} {within}"), fields));
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|all| all.push(span.into_u64()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(|all| all.pop());
    }

    fn try_close(&self, span: Id) -> bool {
        let fields = OPEN.lock().unwrap().remove(&span.into_u64());
        TOLD.lock()
            .unwrap()
            .push(line("span", fields.unwrap_or_default()));
        true
    }
}

struct Shop;

#[handler]
impl Shop {
    #[route("/items/{id}")]
    fn do_GET_item(&self, id: u32) -> Option<String> {
        tracing::info!(id, "looked up");
        (id < 100).then(|| format!("item {id}"))
    }

    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(201).end_headers()?;
        body.write_all(b"one")?;
        body.flush()?;
        body.write_all(b"three")?;
        body.finish()
    }

    #[route("/fails")]
    fn do_GET_fails(&self) -> Result<&'static str> {
        let cause = std::io::Error::other("the disk is full");
        Err(Error::service_unavailable().caused_by(cause))
    }

    #[route("/panics")]
    fn do_GET_panics(&self) -> &'static str {
        panic!("on purpose")
    }
}

/// Refuses what names it.
struct Refuse;

impl Layer for Refuse {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        match request.query_string() {
            "refuse" => Err(Error::forbidden()),
            _ => Ok(Gate::Pass),
        }
    }
}

/// Requests, and what is told of each.
fn cases() -> Vec<(&'static str, Vec<String>)> {
    let item = "method=GET request_id=id route=/items/{id}";
    vec![
        (
            "GET /items/7",
            vec![
                "INFO within id=7 message=looked up".to_owned(),
                format!("span bytes=6 duration=us {item} status=200"),
                format!("INFO outside bytes=6 message=answered {item} status=200"),
            ],
        ),
        (
            "HEAD /items/7",
            vec![
                "INFO within id=7 message=looked up".to_owned(),
                format!("span bytes=0 duration=us {item} status=200"),
                format!("INFO outside bytes=0 message=answered {item} status=200"),
            ],
        ),
        (
            "GET /items/200",
            vec![
                "INFO within id=200 message=looked up".to_owned(),
                "DEBUG within causes= message=404 Not Found status=404".to_owned(),
                format!("span duration=us {item} status=404"),
                format!("INFO outside bytes=SIZE message=answered {item} status=404"),
            ],
        ),
        (
            "GET /stream",
            vec![
                "span bytes=8 duration=us method=GET request_id=id route=/stream status=201".to_owned(),
                "INFO outside bytes=8 message=answered method=GET request_id=id route=/stream status=201".to_owned(),
            ],
        ),
        (
            "GET /fails",
            vec![
                "ERROR within causes=the disk is full message=503 Service Unavailable status=503".to_owned(),
                "span duration=us method=GET request_id=id route=/fails status=503".to_owned(),
                "INFO outside bytes=SIZE message=answered method=GET request_id=id route=/fails status=503".to_owned(),
            ],
        ),
        (
            "GET /panics",
            vec![
                "ERROR within message=the handler panicked".to_owned(),
                "span duration=us method=GET request_id=id route=/panics status=500".to_owned(),
                "INFO outside bytes=SIZE message=answered method=GET request_id=id route=/panics status=500".to_owned(),
            ],
        ),
        // Nothing of what clients make up becomes a name, and what a gate refuses has no span.
        (
            "GET /secret/path?token=x",
            vec![
                "DEBUG within causes= message=404 Not Found status=404".to_owned(),
                "span duration=us method=other request_id=id route= status=404".to_owned(),
                "INFO outside bytes=SIZE message=answered method=other request_id=id route= status=404".to_owned(),
            ],
        ),
        (
            "GET /items/7?refuse",
            vec![format!("INFO outside bytes=SIZE message=answered {item} status=403")],
        ),
    ]
}

#[test]
fn a_subscriber_sees_spans_errors_and_answers() {
    tracing::subscriber::set_global_default(Listener(AtomicU64::new(1))).unwrap();
    let around = (
        RequestId::new(),
        Trace::of::<Shop>(),
        Refuse,
        Deadline::after(std::time::Duration::MAX),
    );
    let server = TestServer::new(doget::with(around, Shop));
    for (request, expected) in cases() {
        let method = request.split(' ').next().unwrap();
        let mut conn = server.connect();
        conn.send(format!(
            "{request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ));
        let answer = conn.answer(method);
        // The answer may be here before its event.
        let told = || {
            let mut told = TOLD.lock().unwrap();
            let is_whole = told
                .last()
                .is_some_and(|line| line.contains("message=answered"));
            is_whole.then(|| std::mem::take(&mut *told))
        };
        let mut lines = told();
        doget_tests::eventually("the event comes", || {
            lines = lines.take().or_else(told);
            lines.is_some()
        });
        let size = answer.text().len().to_string();
        let expected: Vec<String> = expected
            .iter()
            .map(|line| line.replace("SIZE", &size))
            .collect();
        assert_eq!(lines.unwrap(), expected, "{request}");
    }
    assert!(OPEN.lock().unwrap().is_empty());
}
