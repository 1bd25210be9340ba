//! Responses that handlers would split or misframe: A15, A16.

use doget::{Error, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;
use std::io::Write;

/// Puts the query, decoded, where the path says.
struct Careless;

#[handler]
impl Careless {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let (_, text) = request.query().next().unwrap_or_default();
        match request.path() {
            "/value" => response.send_response(200).send_header("X", &text).finish(),
            "/name" => response.send_response(200).send_header(&text, "v").finish(),
            "/reason" => response.send_response_with(200, &text).finish(),
            "/message" => Err(Error::new(404).message(text.into_owned())),
            "/explain" => Err(Error::new(404).explain(text.into_owned())),
            "/error-header" => Err(Error::new(404).header("X", text.into_owned())),
            "/location" => response.reply(doget::Redirect::see_other(text.into_owned())),
            _ => response.reply("alive"),
        }
    }
}

#[test]
fn a15_nothing_that_comes_from_outside_splits_a_response() {
    let server = TestServer::new(Careless);
    for text in [
        "v%0d%0aSet-Cookie:%20a=1",
        "v%0aSet-Cookie:%20a=1",
        "v%0dSet-Cookie:%20a=1",
        "v%00Set-Cookie:%20a=1",
        "%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0aSet-Cookie:%20a=1",
        "%e2%82%acSet-Cookie:%20a=1",
    ] {
        for place in ["value", "name", "reason", "message", "error-header"] {
            if place == "message" && text.starts_with("%e2") {
                // ERR-09: no status line can carry it, so it is in the page alone, as text.
                let answer = server.get(&format!("/{place}?t={text}"));
                assert_eq!((answer.status, &*answer.reason), (404, "Not Found"));
                assert_eq!(answer.header("Set-Cookie"), None);
                continue;
            }
            let raw = server.raw(format!("GET /{place}?t={text} HTTP/1.1\r\nHost: a\r\n\r\n"));
            assert!(raw.starts_with(b"HTTP/1.1 500 "), "{}", raw.escape_ascii());
            let marker = b"Set-Cookie";
            assert!(!raw.windows(marker.len()).any(|part| part == marker));
        }
        // A Location escapes what an address cannot carry.
        let answer = server.get(&format!("/location?t={text}"));
        assert_eq!((answer.status, answer.text()), (303, ""));
        assert_eq!(answer.header("Set-Cookie"), None);
        // In a page it is text.
        let answer = server.get(&format!("/explain?t={text}"));
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("Set-Cookie"), None);
    }
    for name in ["", "a%20b", "a:b", "a%28"] {
        assert_eq!(server.get(&format!("/name?t={name}")).status, 500);
    }
    assert_eq!(server.get("/").text(), "alive");
}

/// Misframes what the path names; the shapes themselves are held in the tests of exchanges.
struct Misframing;

#[handler]
impl Misframing {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let status: u16 = request.query_string().parse().unwrap_or(200);
        let mut headers = response.send_response(status);
        match request.path() {
            "/long" => headers = headers.send_header("Content-Length", 3),
            "/short" => headers = headers.send_header("Content-Length", 300),
            "/both" => {
                headers = headers
                    .send_header("Content-Length", 8)
                    .send_header("Transfer-Encoding", "chunked");
            }
            _ => {}
        }
        let mut wfile = headers.end_headers()?;
        wfile.write_all(b"the body")?;
        wfile.finish()
    }
}

#[test]
fn a16_handlers_cannot_misframe_a_response() {
    let server = TestServer::new(Misframing);
    for method in ["GET", "HEAD"] {
        for path in ["/", "/long", "/short", "/both"] {
            for status in [200, 204, 205, 304, 404] {
                let request = format!("{method} {path}?{status} HTTP/1.1\r\nHost: a\r\n\r\n");
                let answers = server.ask(request.repeat(2), &[method; 2]);
                let refused = path == "/both"
                    || path == "/short" && method == "GET" && matches!(status, 200 | 404);
                for answer in answers {
                    let expected = if refused { 500 } else { status };
                    assert_eq!(answer.status, expected, "{request}");
                    if method == "HEAD" || matches!(status, 204 | 205 | 304) && !refused {
                        assert!(answer.body.is_empty());
                    }
                }
            }
        }
    }
}
