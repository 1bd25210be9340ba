//! Layers in a tuple, nested, and around handlers that others pass requests on to.

use doget::{
    Declared, Error, Gate, Handler, Layer, Promised, Request, Response, Result, Sent, StatusCode,
    With, assert_methods, delegate, handler, testing,
};
use std::sync::{Arc, Mutex};

/// What was called, in order.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }

    fn layer(&self, name: &'static str) -> Noted {
        Noted {
            name,
            calls: self.clone(),
        }
    }
}

struct Noted {
    name: &'static str,
    calls: Calls,
}

impl Layer for Noted {
    fn promise(&self, _: &Request<'_>, promised: &mut Promised) {
        self.calls.note(format!("{}.promise", self.name));
        promised.header(&format!("X-{}", self.name), "there");
    }

    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        self.calls.note(format!("{}.gate", self.name));
        match request.headers().get("X-Stop-At") {
            Some(name) if name == self.name => Err(Error::forbidden()),
            _ => Ok(Gate::Pass),
        }
    }

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        self.calls.note(format!("{}<", self.name));
        let sent = next(request, response);
        self.calls.note(format!(">{}", self.name));
        sent
    }

    fn sent(&self, _: &Request<'_>, code: StatusCode, size: u64) {
        self.calls
            .note(format!("{}.sent({},{size})", self.name, code.as_u16()));
    }
}

struct Hello(Calls);

#[handler]
impl Hello {
    fn do_GET(&self) -> &'static str {
        self.0.note("GET");
        "hello"
    }
}

#[test]
fn the_first_of_a_tuple_is_the_outermost() {
    let calls = Calls::default();
    let site = doget::with((calls.layer("a"), calls.layer("b")), Hello(calls.clone()));
    assert_eq!(testing::get("/").send(&site).text(), "hello");
    assert_eq!(
        calls.take(),
        "a.promise b.promise a.gate b.gate a< b< GET >b >a a.sent(200,5) b.sent(200,5)"
    );
}

#[test]
fn nested_is_as_in_a_tuple() {
    let calls = Calls::default();
    let inner = doget::with(calls.layer("b"), Hello(calls.clone()));
    let site = doget::with(calls.layer("a"), inner);
    testing::get("/").send(&site);
    assert_eq!(
        calls.take(),
        "a.promise b.promise a.gate b.gate a< b< GET >b >a a.sent(200,5) b.sent(200,5)"
    );
}

#[test]
fn a_gate_that_refuses_keeps_all_that_is_within_out_and_the_promises_of_all_stand() {
    let calls = Calls::default();
    let layers = (calls.layer("a"), calls.layer("b"), calls.layer("c"));
    let site = doget::with(layers, Hello(calls.clone()));
    let answer = testing::get("/").header("X-Stop-At", "b").send(&site);
    assert_eq!(answer.status(), 403);
    for name in ["X-a", "X-b", "X-c"] {
        assert_eq!(answer.header(name), Some("there"), "{name}");
    }
    let called = calls.take();
    let (before, sent) = called.split_at(called.find("a.sent").unwrap());
    assert_eq!(before, "a.promise b.promise c.promise a.gate b.gate ");
    assert_eq!(sent.split(' ').count(), 3);
}

/// Passes requests on and knows nothing of gates.
struct ByPath<A, B>(A, B);

impl<A: Handler, B: Handler> Handler for ByPath<A, B> {
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/b" => self.1.dispatch(request, response),
            _ => self.0.dispatch(request, response),
        }
    }
}

/// Whoever dispatches by hand does not open a gate by that.
#[test]
fn a_gate_is_asked_once_on_whatever_way_the_request_came() {
    let calls = Calls::default();
    let guarded = || doget::with(calls.layer("in"), Hello(calls.clone()));
    let by_path = ByPath(Box::new(guarded()), guarded());
    for path in ["/a", "/b"] {
        let answer = testing::get(path).header("X-Stop-At", "in").send(&by_path);
        assert_eq!(
            (answer.status().as_u16(), answer.header("X-in")),
            (403, Some("there"))
        );
        assert_eq!(calls.take(), "in.promise in.gate", "{path}");
        assert_eq!(testing::get(path).send(&by_path).text(), "hello");
        assert_eq!(calls.take(), "in.promise in.gate in< GET >in", "{path}");
    }
    // The outer gate was asked by the server, and that opens no other.
    let site = doget::with(calls.layer("out"), by_path);
    for path in ["/a", "/b"] {
        let answer = testing::get(path).header("X-Stop-At", "in").send(&site);
        assert_eq!(answer.status(), 403, "{path}");
        assert!(
            calls
                .take()
                .contains("out.gate out< in.promise in.gate >out"),
            "{path}"
        );
    }
}

/// A struct begins where its first field does: the address alone says not whose gate was asked.
#[test]
fn a_handler_at_the_same_address_has_a_gate_of_its_own() {
    struct Outer(With<Stop, Inner>);
    struct Inner;
    struct Open;
    struct Stop;
    impl Layer for Open {}
    impl Layer for Stop {
        fn gate<'l>(&'l self, _: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
            Err(Error::forbidden())
        }
    }
    #[handler]
    impl Inner {
        fn do_GET(&self) -> &'static str {
            "secret"
        }
    }
    impl Handler for Outer {
        fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
            self.0.dispatch(request, response)
        }
    }
    let site = doget::with(Open, Outer(doget::with(Stop, Inner)));
    assert_eq!(testing::get("/").send(&site).status(), 403);
}

/// A wrapper by hand that passes on the gates as well.
struct Loud<H>(H);

impl<H: Handler> Handler for Loud<H> {
    delegate! { |self| self.0 => settings, route, dispatch, allowed, is_gated, promise, gate }
    delegate! { |self| self.0 => version_string, date_time_string, responses, end_headers, send_error }
    delegate! { |self| self.0 => handle_expect_100, address_string, log_date_time_string }
    delegate! { |self| self.0 => is_logged, log_request, log_error, log_message }
}

#[test]
fn a_wrapper_passes_gates_on() {
    let calls = Calls::default();
    let site = Loud(Arc::new(doget::with(
        calls.layer("a"),
        Hello(calls.clone()),
    )));
    testing::get("/").send(&site);
    assert_eq!(calls.take(), "a.promise a.gate a< GET >a a.sent(200,5)");
}

/// Neither hooks nor settings nor the table of methods change.
#[test]
fn a_handler_with_layers_is_still_declared() {
    type Layered = With<(Noted, ()), Hello>;
    assert_methods!(Layered: GET, HEAD, OPTIONS, !POST);
    assert!(std::ptr::eq(Layered::SETTINGS, Hello::SETTINGS));
    assert_eq!(size_of::<With<(), Hello>>(), size_of::<Hello>());
}

struct Unlogged;

impl Layer for Unlogged {
    const GATED: bool = false;

    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        !(request.path() == "/quiet" && code == StatusCode::OK)
    }
}

#[test]
fn a_layer_keeps_requests_out_of_the_log() {
    let server =
        doget_tests::test_server::TestServer::new(doget::with(Unlogged, Hello(Calls::default())));
    server.get("/quiet");
    server.get("/loud");
    let log = server.end();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(log[0].contains("GET /loud"), "{log:?}");
}
