//! What a deadline ends, and what it does not. The clock is moved by the tests and by their handlers; nothing waits.

use doget::testing::Clock;
use doget::{
    Deadline, DeadlineExceeded, Error, Gate, Handler, Layer, Limits, Promised, Request, Response,
    Result, Sent, handler,
};
use doget_tests::Client;
use doget_tests::test_server::TestServer;
use std::error::Error as _;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

struct Site {
    brief: Deadline,
    clock: Clock,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn note(&self, words: impl Into<String>) {
        self.seen.lock().unwrap().push(words.into());
    }
}

/// What the cause of an error that a read or write failed with is, and its status.
fn told(error: std::io::Error) -> String {
    let kind = error.kind();
    let error = Error::from(error);
    let is_typed = error
        .source()
        .is_some_and(|cause| cause.is::<DeadlineExceeded>());
    format!("{kind:?} {is_typed} {}", error.status().as_u16())
}

#[handler]
impl Site {
    #[layer(self.brief)]
    #[route("/quick")]
    fn do_GET_quick(&self, request: &Request<'_>) -> String {
        let left = request.time_left().unwrap();
        format!("{}", left <= HOUR && left > HOUR / 2)
    }

    #[layer(self.brief)]
    #[route("/late")]
    fn do_GET_late(&self, request: &Request<'_>) -> String {
        self.clock.advance(2 * HOUR);
        self.note(format!("{:?}", request.time_left()));
        "done".to_owned()
    }

    #[layer(self.brief)]
    #[route("/fails")]
    fn do_GET_fails(&self) -> Result<&'static str> {
        self.clock.advance(2 * HOUR);
        Err(Error::new(409))
    }

    #[layer(self.brief)]
    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(b"begun")?;
        body.flush()?;
        self.clock.advance(2 * HOUR);
        body.write_all(b"more")?;
        if let Err(error) = body.flush() {
            self.note(told(error));
        }
        body.finish()
    }

    #[layer(self.brief)]
    #[route("/flushes")]
    fn do_GET_flushes(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        self.clock.advance(2 * HOUR);
        body.write_all(b"begun")?;
        if let Err(error) = body.flush() {
            self.note(told(error));
        }
        body.finish()
    }

    #[layer(self.brief)]
    #[route("/collected")]
    fn do_POST_collected(&self, body: Vec<u8>) -> Vec<u8> {
        self.note("called");
        body
    }

    #[layer(self.brief)]
    #[route("/read")]
    fn do_POST_read(&self, request: &mut Request<'_>) -> Result<String> {
        let mut body = String::new();
        if let Err(error) = request.body().read_to_string(&mut body) {
            self.note(format!(
                "{body} {}",
                told(std::io::Error::new(error.kind(), Error::from(error)))
            ));
            return Err(DeadlineExceeded.into());
        }
        Ok(body)
    }

    #[route("/free")]
    fn do_GET_free(&self, request: &Request<'_>) -> String {
        self.clock.advance(2 * HOUR);
        format!("{:?} {:?}", request.deadline(), request.time_left())
    }
}

struct Test {
    server: TestServer,
    clock: Clock,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Test {
    fn new<H: Handler + Send + Sync + 'static>(wrap: impl FnOnce(Site) -> H) -> Self {
        let (clock, seen) = (Clock::new(), Arc::default());
        let site = Site {
            brief: Deadline::after(HOUR),
            clock: clock.clone(),
            seen: Arc::clone(&seen),
        };
        // So long that no other deadline can be meant.
        let limits = Limits::new()
            .body_buffer_size(0)
            .head_timeout(1000 * HOUR)
            .body_timeout(1000 * HOUR)
            .body_rate_grace(1000 * HOUR)
            .idle_timeout(1000 * HOUR)
            .max_connection_age(1000 * HOUR);
        let server = TestServer::with(wrap(site), |server| server.limits(limits).clock(&clock));
        Self {
            server,
            clock,
            seen,
        }
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

#[test]
fn an_answer_that_is_ready_too_late_is_503_and_the_next_request_has_its_own_time() {
    let test = Test::new(|site| site);
    let mut conn = test.server.connect();
    for _ in 0..2 {
        conn.send(get("/late"));
        let answer = conn.answer("GET");
        assert_eq!((answer.status, answer.closes()), (503, false));
        assert!(
            answer.text().contains("was not ready at its deadline"),
            "{}",
            answer.text()
        );
        conn.send(get("/quick"));
        assert_eq!(conn.answer("GET").text(), "true");
        conn.send(get("/free"));
        assert_eq!(conn.answer("GET").text(), "None None");
    }
    assert_eq!(test.seen(), ["Some(0ns)", "Some(0ns)"]);
    // Pipelined: what is late does not take the answers before it with it.
    conn.send(get("/quick") + &get("/late") + &get("/quick"));
    let statuses = [(); 3].map(|()| conn.answer("GET").status);
    assert_eq!(statuses, [200, 503, 200]);
}

#[test]
fn an_error_of_the_handler_stands() {
    let test = Test::new(|site| site);
    let mut conn = test.server.connect();
    conn.send(get("/fails"));
    assert_eq!(conn.answer("GET").status, 409);
}

#[test]
fn an_answer_that_has_begun_is_cut() {
    let test = Test::new(|site| site);
    let raw = String::from_utf8(test.server.raw(get("/stream"))).unwrap();
    assert!(
        raw.starts_with("HTTP/1.1 200 ") && raw.contains("begun"),
        "{raw}"
    );
    assert!(
        !raw.contains("more") && !raw.ends_with("0\r\n\r\n"),
        "{raw}"
    );
    assert_eq!(test.seen(), ["TimedOut true 503"]);
    let log = test.server.end().concat();
    assert!(log.contains("/stream HTTP/1.1\" 200 5"), "{log}");
}

#[test]
fn what_is_flushed_too_late_for_the_first_time_is_503() {
    let test = Test::new(|site| site);
    let mut conn = test.server.connect();
    conn.send(get("/flushes"));
    let answer = conn.answer("GET");
    assert_eq!(answer.status, 503);
    assert_eq!(test.seen(), ["TimedOut true 503"]);
}

/// Both ways in which a body is waited for: by the loop, and by the handler.
#[test]
fn a_body_that_is_not_whole_at_the_deadline_is_408() {
    let test = Test::new(|site| site);
    for path in ["/collected", "/read"] {
        for framing in [
            "Content-Length: 9\r\n\r\nhalf",
            "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        ] {
            let mut client = Client::connect(test.server.address());
            client.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\n{framing}"));
            while client.is_quiet() {
                test.clock.advance(MINUTE);
                // So that the clock does not run away before the server has seen the head.
                std::thread::sleep(Duration::from_millis(1));
            }
            let answer = client.answer_to("POST");
            let expected = if path == "/read" { 503 } else { 408 };
            assert_eq!(
                (answer.status, answer.closes()),
                (expected, true),
                "{path} {framing}"
            );
            let seen = test.seen();
            match path {
                "/read" => assert_eq!(seen, ["half TimedOut true 408"], "{framing}"),
                _ => assert!(seen.is_empty(), "{seen:?}"),
            }
        }
        let mut conn = test.server.connect();
        conn.send(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
        ));
        assert_eq!(conn.answer("POST").text(), "body");
        test.seen();
    }
}

/// A gate that takes its time: as a queue for threads would.
struct Slow(Clock);

impl Layer for Slow {
    fn gate<'l>(&'l self, _: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        self.0.advance(2 * HOUR);
        Ok(Gate::Pass)
    }
}

#[test]
fn a_handler_that_cannot_begin_in_time_is_not_called() {
    let test = Test::new(|site| {
        let slow = Slow(site.clock.clone());
        doget::with((Deadline::after(HOUR), slow), site)
    });
    let mut conn = test.server.connect();
    conn.send("POST /collected HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!(conn.answer("POST").status, 503);
    assert!(test.seen().is_empty());
}

#[test]
fn the_earliest_of_several_deadlines_counts() {
    let ask = |outer: Duration, inner: Duration| {
        let test =
            Test::new(|site| doget::with((Deadline::after(outer), Deadline::after(inner)), site));
        let mut conn = test.server.connect();
        conn.send(get("/late"));
        conn.answer("GET").status
    };
    let statuses = [(9, 9), (1, 9), (9, 1)].map(|(outer, inner)| ask(outer * HOUR, inner * HOUR));
    assert_eq!(statuses, [503; 3], "the method's own is one hour");
    let test = Test::new(|site| doget::with(Deadline::after(HOUR), site));
    let mut conn = test.server.connect();
    conn.send(get("/free"));
    assert_eq!(conn.answer("GET").status, 503, "around all of it");
}

/// Whoever passes requests on may know nothing of gates.
struct Mount<H>(H);

impl<H: Handler> Handler for Mount<H> {
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.0.dispatch(request, response)
    }
}

#[test]
fn a_handler_that_is_dispatched_to_by_hand_has_its_deadline() {
    let test = Test::new(Mount);
    let mut conn = test.server.connect();
    for (path, status) in [
        ("/quick", 200),
        ("/late", 503),
        ("/quick", 200),
        ("/free", 200),
    ] {
        conn.send(get(path));
        assert_eq!(conn.answer("GET").status, status, "{path}");
    }
    let test = Test::new(|site| Mount(doget::with(Deadline::after(HOUR), site)));
    let mut conn = test.server.connect();
    conn.send(get("/free"));
    assert_eq!(conn.answer("GET").status, 503);
}
