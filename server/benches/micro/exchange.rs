//! Whole exchanges in memory: request bytes in, response bytes out, everything but the sockets. Several requests are on
//! one connection, so that what a connection costs is shared, as it is with keep-alive.
#![allow(
    non_snake_case,
    reason = "handlers have methods named after HTTP's methods"
)]

use crate::harness::Case;
use crate::head;
use doget::testing::Exchange;
use doget::{
    Cors, Health, Limit, Log, Metrics, Request, Response, Result, SecurityHeaders, Sent, handler,
};
use std::hint::black_box;
use std::io::{Read, Write};

struct Plain;

#[handler]
impl Plain {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(200)
            .send_header("Content-Type", "text/plain")
            .finish_with(b"Hello, World!")
    }

    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    fn do_PUT(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut body = [0; 2048];
        let count = request.body().read(&mut body)?;
        let mut wfile = response.send_response(200).end_headers()?;
        wfile.write_all(body.get(..count).unwrap_or_default())?;
        wfile.finish()
    }
}

struct Routed;

#[handler]
impl Routed {
    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u64) -> String {
        format!("user {id}")
    }

    #[route("/plaintext")]
    fn do_GET_plaintext(&self) -> &'static str {
        "Hello, World!"
    }
}

/// `Plain` within the layers that a deployed service has.
fn deployed() -> &'static (impl doget::Handler + 'static) {
    let layers = (
        Health::new("/livez", "/readyz"),
        Metrics::of::<Plain>(),
        Cors::any(),
        SecurityHeaders::strict(),
        Limit::per_second(1_000_000),
    );
    Box::leak(Box::new(doget::with(layers, Plain)))
}

/// Requests on a connection.
const REQUESTS: usize = 32;

pub(crate) fn cases(cases: &mut Vec<Case>) {
    let (small, large) = (head::SMALL.to_owned(), head::LARGE.to_owned());
    let body = "x".repeat(1024);
    let fields = "Host: localhost\r\nContent-Length: 1024\r\n\r\n";
    let post = format!("POST /echo HTTP/1.1\r\n{fields}{body}");
    let put = format!("PUT /echo HTTP/1.1\r\n{fields}{body}");
    let chunks = format!("400\r\n{body}\r\n0\r\n\r\n");
    let chunked = format!(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
    );
    let user = "GET /users/1234 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let missing = "GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let logged = || Exchange::new().log(Log::writer(Box::new(std::io::sink())));
    cases.extend([
        case("GET, 2 lines", &Plain, Exchange::new(), &small, "200"),
        case("GET, 8 lines", &Plain, Exchange::new(), &large, "200"),
        case("GET, 2 lines, logged", &Plain, logged(), &small, "200"),
        case(
            "GET within five layers",
            deployed(),
            Exchange::new(),
            &small,
            "200",
        ),
        case("GET of a route", &Routed, Exchange::new(), &small, "200"),
        case(
            "GET of a route with a number",
            &Routed,
            Exchange::new(),
            &user,
            "200",
        ),
        case("GET that is 404", &Routed, Exchange::new(), &missing, "404"),
        case(
            "POST of 1 KiB, collected",
            &Plain,
            Exchange::new(),
            &post,
            "200",
        ),
        case(
            "POST of 1 KiB, one chunk",
            &Plain,
            Exchange::new(),
            &chunked,
            "200",
        ),
        case(
            "PUT of 1 KiB, body to wfile",
            &Plain,
            Exchange::new(),
            &put,
            "200",
        ),
    ]);
}

fn case<H: doget::Handler + 'static>(
    name: &str,
    handler: &'static H,
    exchange: Exchange,
    request: &str,
    status: &'static str,
) -> Case {
    let input = request.repeat(REQUESTS).into_bytes();
    // The whole input is one piece; by itself the exchange would clear a larger buffer each time.
    let exchange = exchange.pieces(input.len());
    Case::new(format!("exchange, {name}"), move || {
        let outcome = exchange.run(handler, black_box(&input));
        assert_eq!(outcome.requests as usize, REQUESTS);
        assert_eq!(outcome.bytes.get(9..12), Some(status.as_bytes()));
        outcome.bytes.len()
    })
    .of(REQUESTS as u64)
}
