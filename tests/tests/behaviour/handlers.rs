//! The handlers that the rules are tried on.

use doget::Parsing;
use doget::{Error, Request, Response, Result, Sent, handler};
use std::io::Write;

/// What a request looks like to its handler, one thing a line.
pub(crate) fn describe(request: &Request<'_>) -> String {
    let mut text = format!(
        "command {}\npath {}\nversion {}\nline {}\n",
        request.method(),
        request.target(),
        request.request_version(),
        request.requestline()
    );
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}={}\n", value.escape_ascii()));
    }
    text
}

/// The strict profile.
pub(crate) struct Strict;

#[handler]
impl Strict {
    fn do_GET(&self, request: &Request<'_>) -> String {
        describe(request)
    }

    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

/// `http.server`'s leniency.
pub(crate) struct Lenient;

#[handler]
impl Lenient {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self, request: &Request<'_>) -> String {
        describe(request)
    }

    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

/// Responses of HTTP/1.0.
pub(crate) struct Old;

#[handler]
impl Old {
    const PROTOCOL_VERSION: &str = "HTTP/1.0";

    fn do_GET(&self, request: &Request<'_>) -> String {
        describe(request)
    }

    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

/// Responses by the path: what a rule of responses needs.
pub(crate) struct Steps;

#[handler]
impl Steps {
    fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/plain" => response
                .send_response(200)
                .send_header("Content-Type", "text/plain")
                .finish_with(&b"plain"[..]),
            "/missing" => response.send_error(404, "File not found", None),
            "/unknown" => response.send_error(299, None, None),
            "/markup" => response.send_error(400, "<b>&\"'", "<i>&\"'"),
            "/latin" => response.send_error(404, "caf\u{e9}", "\u{20ac} is not latin"),
            "/with-header" => Err(Error::new(401).header("WWW-Authenticate", "Basic realm=\"a\"")),
            "/204" => response.send_error(204, None, None),
            "/205" => response.send_error(205, None, None),
            "/304" => response.send_error(304, None, None),
            "/only" => response.send_response_only(200).finish_with(&b"only"[..]),
            "/only-299" => response.send_response_only(299).finish(),
            "/reason" => response.send_response_with(200, "As You Like It").finish(),
            "/999" => response.send_response(999).finish(),
            "/1000" => response.send_response(1000).finish(),
            "/repeat" => response
                .send_response(200)
                .send_header("x-Spelled", "1")
                .send_header("X-sPELLED", 2)
                .send_header("x-Spelled", "caf\u{e9}")
                .finish(),
            "/wide" => response
                .send_response(200)
                .send_header("X-Wide", "\u{20ac}")
                .finish(),
            "/split" => response
                .send_response(200)
                .send_header("X-Split", "a\r\nX-Injected: 1")
                .finish(),
            "/split-reason" => response
                .send_response_with(200, "OK\r\nX-Injected: 1")
                .finish(),
            "/flushed" => {
                let mut wfile = response
                    .send_response(200)
                    .send_header("X-First", 1)
                    .flush_headers()?
                    .send_header("X-Second", 2)
                    .end_headers()?;
                wfile.write_all(b"flushed")?;
                wfile.finish()
            }
            "/close" => response
                .send_response(200)
                .send_header("cOnnection", "Close")
                .finish_with(&b"close"[..]),
            "/keep" => response
                .send_response(200)
                .send_header("connection", "keep-alive")
                .finish_with(&b"keep"[..]),
            "/set-close" => {
                request.set_close_connection(true);
                response.send_response(200).finish()
            }
            "/stream" => {
                let mut wfile = response.send_response(200).end_headers()?;
                for _ in 0..20_000 {
                    wfile.write_all(b"0123456789")?;
                }
                wfile.finish()
            }
            "/panic" => panic!("a panic on purpose"),
            _ => response.reply(describe(request)),
        }
    }

    fn do_SPAM(&self) -> &'static str {
        "spam"
    }
}
