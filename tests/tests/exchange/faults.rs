//! What goes wrong: in handlers, in hooks, and on the way to the client.

use doget::{Error, Request, Response, ResponseHead, Result, Sent, handler};
use doget_tests::answer::{self, Flaw};
use doget_tests::test_server::TestServer;
use std::io::Write;

/// Does wrong what the path says.
struct Faulty;

#[handler]
impl Faulty {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/fine" => response.reply("fine"),
            path @ ("/long" | "/short" | "/short-sent" | "/other-length" | "/two-lengths"
            | "/no-length" | "/coding") => framed(path, response),
            path @ ("/interim-as-final" | "/final-as-interim" | "/switching" | "/interim-split"
            | "/interim-length" | "/interim-coding" | "/name" | "/no-name" | "/nul"
            | "/lf") => headed(path, response),
            "/error-message" => Err(Error::new(404).message("a\r\nX-Injected: 1")),
            "/error-header" => Err(Error::new(404).header("X", "a\r\nX-Injected: 1")),
            "/before" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(&[b'x'; 10_000])?;
                Err(Error::new(409).message("Changed its mind"))
            }
            "/after" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(b"begun")?;
                wfile.flush()?;
                Err(Error::new(409).message("Changed its mind"))
            }
            "/dropped" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(&[b'x'; 200_000])?;
                drop(wfile);
                Err(Error::new(500))
            }
            "/panic" => panic!("on purpose"),
            "/panic-before" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(b"begun")?;
                panic!("on purpose")
            }
            "/panic-after" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(b"begun")?;
                wfile.flush()?;
                panic!("on purpose")
            }
            "/source" => Err(Error::internal("a secret cause")),
            "/io" => Err(std::io::Error::other("a secret of the system").into()),
            "/ignored" => {
                // A body that nobody takes, by a handler that does not care.
                let mut wfile = response.send_response(200).end_headers()?;
                let piece = [b'x'; 64 << 10];
                for _ in 0..2_000 {
                    let _ = wfile.write_all(&piece);
                }
                wfile.finish()
            }
            "/stream" => {
                let mut wfile = response.send_response(200).end_headers()?;
                for _ in 0..100 {
                    wfile.write_all(&[b'x'; 10_000])?;
                }
                wfile.finish()
            }
            _ => Err(Error::new(404)),
        }
    }
}

/// What a handler gets wrong about the length of its body.
fn framed(path: &str, response: Response<'_>) -> Result<Sent> {
    match path {
        "/long" => {
            let mut wfile = response
                .send_response(200)
                .send_header("Content-Length", 4)
                .end_headers()?;
            wfile.write_all(b"more than that")?;
            wfile.finish()
        }
        "/short" => {
            let mut wfile = response
                .send_response(200)
                .send_header("Content-Length", 10)
                .end_headers()?;
            wfile.write_all(b"less")?;
            wfile.finish()
        }
        "/short-sent" => {
            let mut wfile = response
                .send_response(200)
                .send_header("Content-Length", 10)
                .end_headers()?;
            wfile.write_all(b"less")?;
            wfile.flush()?;
            wfile.finish()
        }
        "/other-length" => response
            .send_response(200)
            .send_header("Content-Length", 10)
            .finish_with(&b"less"[..]),
        "/two-lengths" => response
            .send_response(200)
            .send_header("Content-Length", 4)
            .send_header("Content-Length", 4)
            .finish_with(&b"four"[..]),
        "/no-length" => response
            .send_response(200)
            .send_header("Content-Length", "four")
            .finish_with(&b"four"[..]),
        "/coding" => response
            .send_response(200)
            .send_header("Transfer-Encoding", "chunked")
            .finish_with(&b"four"[..]),
        _ => unreachable!("{path}"),
    }
}

/// What a handler gets wrong in a head, interim or final.
fn headed(path: &str, response: Response<'_>) -> Result<Sent> {
    match path {
        "/interim-as-final" => response.send_response(103).finish(),
        "/final-as-interim" => response.send_interim(200, [])?.reply("x"),
        "/switching" => response.send_interim(101, [])?.reply("x"),
        "/interim-split" => response
            .send_interim(103, [("Link", "a\r\nX-Injected: 1")])?
            .reply("x"),
        "/interim-length" => response
            .send_interim(103, [("content-length", "1")])?
            .reply("x"),
        "/interim-coding" => response
            .send_interim(103, [("Transfer-Encoding", "chunked")])?
            .reply("x"),
        "/name" => response.send_response(200).send_header("a b", 1).finish(),
        "/no-name" => response.send_response(200).send_header("", 1).finish(),
        "/nul" => response.send_response(200).send_header("X", "\0").finish(),
        "/lf" => response
            .send_response(200)
            .send_header("X", "v\nX-Injected: 1")
            .finish(),
        _ => unreachable!("{path}"),
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// The lines that a request leaves, beside its own.
fn said(wire: TestServer) -> Vec<String> {
    let lines = wire.end();
    let words = lines.iter().filter_map(|line| line.split_once("[date] "));
    words.map(|(_, words)| words.to_owned()).collect()
}

/// A 500 on a connection that goes on, and the cause in the log.
fn is_500(path: &str, cause: &str) {
    let wire = TestServer::new(Faulty);
    let raw = wire.raw(get(path) + &get("/fine"));
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(
        !text.contains("Injected") && !text.contains("secret"),
        "{text}"
    );
    let answers = doget_tests::test_server::read_all(&raw, &["GET"; 2]);
    assert_eq!(answers[0].status, 500, "{text}");
    let goes_on = answers.get(1).map(|answer| answer.text().to_owned());
    assert_eq!(goes_on.as_deref(), (!answers[0].closes()).then_some("fine"));
    assert_eq!(wire.get("/fine").text(), "fine");
    let lines = said(wire);
    assert!(lines.iter().any(|line| line.contains(cause)), "{lines:?}");
    let pages = lines.iter().filter(|line| line.ends_with(" 500 "));
    assert!(pages.count() <= 1);
}

/// A response that ends before it should, and the connection with it.
fn is_cut(path: &str, cause: &str) {
    let wire = TestServer::new(Faulty);
    let mut conn = wire.connect();
    conn.send(get(path) + &get("/fine"));
    let raw = conn.rest();
    assert!(
        raw.starts_with(b"HTTP/1.1 200 OK\r\n"),
        "{}",
        raw.escape_ascii()
    );
    let flaw = answer::read(&raw, "GET", true).unwrap_err();
    assert_eq!(flaw, Flaw::Incomplete, "{}", raw.escape_ascii());
    assert_eq!(wire.get("/fine").text(), "fine");
    let lines = said(wire);
    assert!(lines.iter().any(|line| line.contains(cause)), "{lines:?}");
}

#[test]
fn a_body_longer_than_its_length_is_cut_to_it() {
    let wire = TestServer::new(Faulty);
    let answers = wire.ask(get("/long") + &get("/fine"), &["GET"; 2]);
    assert_eq!(answers[0].text(), "more");
    assert_eq!(answers[1].text(), "fine");
    assert_eq!(
        said(wire),
        [
            "the body is longer than its Content-Length: the rest was dropped",
            "\"GET /long HTTP/1.1\" 200 4",
            "\"GET /fine HTTP/1.1\" 200 4",
        ]
    );
}

#[test]
fn a_body_shorter_than_its_length_is_a_500_or_cut() {
    let cause = "the body ended after 4 bytes, but its Content-Length is 10";
    is_500("/short", cause);
    is_cut("/short-sent", cause);
    is_500(
        "/other-length",
        "the body has 4 bytes, but the Content-Length header says 10",
    );
}

#[test]
fn framing_fields_of_the_handler_are_checked() {
    is_500("/two-lengths", "Content-Length was already sent");
    is_500("/no-length", "Content-Length has to be a number of bytes");
    is_500("/coding", "Transfer-Encoding is the server's own");
}

#[test]
fn interim_and_final_responses_are_not_mixed_up() {
    is_500("/interim-as-final", "103 is an interim status");
    is_500("/final-as-interim", "200 is not an interim status");
    is_500("/switching", "101 is not an interim status");
    for path in ["/interim-length", "/interim-coding"] {
        is_500(path, "an interim response has no body");
    }
}

#[test]
fn nothing_of_a_faulty_header_reaches_the_wire() {
    for path in ["/lf", "/interim-split"] {
        is_500(path, "a line break would split the response");
    }
    is_500("/name", "a name is one or more letters");
    is_500("/no-name", "a name is one or more letters");
    is_500("/nul", "control characters other than a tab");
}

#[test]
fn nothing_of_a_faulty_error_reaches_the_wire() {
    for path in ["/error-message", "/error-header"] {
        is_500(path, "a line break would split the response");
    }
}

#[test]
fn an_error_before_anything_has_left_is_a_page() {
    let wire = TestServer::new(Faulty);
    let answers = wire.ask(get("/before") + &get("/fine"), &["GET"; 2]);
    assert_eq!(
        (answers[0].status, answers[0].reason.as_str()),
        (409, "Changed its mind")
    );
    assert!(!answers[0].text().contains("xxx"));
}

#[test]
fn an_error_after_something_has_left_cuts() {
    is_cut(
        "/after",
        "after the response had begun: 409 Changed its mind",
    );
    is_cut("/dropped", "after the response had begun: 500");
}

#[test]
fn a_panic_before_anything_has_left_is_a_500() {
    is_500("/panic", "the handler panicked: on purpose");
    is_500("/panic-before", "the handler panicked: on purpose");
}

#[test]
fn a_panic_after_something_has_left_cuts() {
    is_cut("/panic-after", "the handler panicked: on purpose");
}

#[test]
fn many_panics_leave_the_server_as_it_was() {
    let wire = TestServer::new(Faulty);
    for _ in 0..100 {
        assert_eq!(wire.get("/panic").status, 500);
    }
    assert_eq!(wire.get("/fine").text(), "fine");
}

#[test]
fn a_cause_is_logged_and_not_sent() {
    is_500("/source", "caused by: a secret cause");
    is_500("/io", "caused by: a secret of the system");
}

#[test]
fn a_client_that_goes_away_spoils_no_other_response() {
    let wire = TestServer::with(Faulty, |server| server.loops(1));
    for _ in 0..5 {
        let mut conn = wire.connect();
        conn.send(get("/ignored"));
        conn.until(b"xxx");
        drop(conn);
        // On the same loop, so with the same memory.
        assert_eq!(wire.get("/stream").body.len(), 1_000_000);
    }
    let lines = said(wire);
    let gone = lines
        .iter()
        .filter(|line| line.starts_with("the client went away: "));
    assert_eq!(gone.count(), 5, "{lines:?}");
}

#[test]
fn a_response_of_which_a_write_failed_does_not_go_on() {
    let limits = doget::Limits::new().send_timeout(std::time::Duration::from_millis(100));
    let wire = TestServer::limited(Faulty, limits);
    let mut conn = wire.connect();
    conn.send(get("/ignored"));
    // The handler has given up when its line is in the log; only then the client reads.
    doget_tests::eventually("the end of the response", || {
        wire.log()
            .iter()
            .any(|line| line.contains("\"GET /ignored HTTP/1.1\" 200"))
    });
    let raw = conn.rest();
    assert!(!raw.ends_with(b"0\r\n\r\n"));
    assert_eq!(wire.get("/stream").body.len(), 1_000_000);
}

/// Its error pages fail.
struct NoPage;

#[handler]
impl NoPage {
    fn do_GET(&self, request: &Request<'_>) -> Result<&'static str> {
        match request.path() {
            "/fine" => Ok("fine"),
            path => Err(Error::new(404).message(path.to_owned())),
        }
    }

    fn send_error(&self, _: &Request<'_>, response: Response<'_>, error: Error) -> Result<Sent> {
        match error.message_text() {
            Some("/panic") => panic!("on purpose"),
            Some("/half") => {
                let mut wfile = response.send_response(404).end_headers()?;
                wfile.write_all(b"half a page")?;
                Err(error)
            }
            _ => Err(error),
        }
    }
}

#[test]
fn an_error_page_that_fails_is_a_plain_500() {
    for path in ["/panic", "/half", "/none"] {
        let wire = TestServer::new(NoPage);
        let answer = wire.get(path);
        assert_eq!(answer.status, 500);
        assert!(answer.body.is_empty() && answer.closes());
        let lines = said(wire);
        // What is wrong with the request, and then what is wrong with its page.
        assert_eq!(lines[0], format!("code 404, message {path}"));
        assert!(
            lines[1].starts_with("no error page could be sent: "),
            "{lines:?}"
        );
    }
}

/// The same, of HTTP/1.0.
struct OldNoPage;

#[handler]
impl OldNoPage {
    const PROTOCOL_VERSION: &str = "HTTP/1.0";

    fn do_GET(&self) -> Result<&'static str> {
        Err(Error::new(404))
    }

    fn send_error(&self, _: &Request<'_>, _: Response<'_>, error: Error) -> Result<Sent> {
        Err(error)
    }
}

#[test]
fn the_plain_500_has_the_version_of_the_handler() {
    let answer = TestServer::new(OldNoPage).get("/");
    assert_eq!((answer.status, answer.version.as_str()), (500, "HTTP/1.0"));
}

/// Its logging panics, and its headers are refused.
struct BadHooks;

#[handler]
impl BadHooks {
    fn do_GET(&self) -> &'static str {
        "fine"
    }

    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        headers.send_header("X-Bad", "\n")
    }

    fn log_request(&self, _: &Request<'_>, _: doget::StatusCode, _: u64) {
        panic!("on purpose")
    }
}

#[test]
fn hooks_that_fail_do_not_end_the_server() {
    let wire = TestServer::new(BadHooks);
    for _ in 0..3 {
        let answer = wire.get("/");
        assert_eq!(answer.status, 500);
        assert!(answer.closes());
    }
}
