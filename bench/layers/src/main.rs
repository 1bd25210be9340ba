//! What layers cost, without a socket: `bench-layers WHAT COUNT` answers COUNT requests and prints the nanoseconds of
//! processor time that one took. `bench/layers/run` does the sums.
//!
//! Of doget whole exchanges in memory are run, from bytes to bytes; of axum a request of the `http` crate is made and
//! given to the router, and its response is read to its end. The same request without layers is taken off on both
//! sides, so what is around the layers is in neither figure. Several requests come on one connection: in the server a
//! thread keeps its buffers, while here each connection begins with none, and their growth is no cost of layers.
//!
//! tower-http has no limit per client and counts only how many requests are in flight, so axum's figure has two layers
//! less in it than doget's: `Limit`, and most of `Metrics`. `Health` is a route there.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request};
use axum::routing::get;
use doget::{Compress, Cors, Health, Limit, Metrics, SecurityHeaders, handler, testing};
use http_body_util::BodyExt;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::metrics::InFlightRequestsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_service::Service;

const ORIGIN: &str = "https://shop.example";
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    object-src 'none'";

/// 16 KiB of JSON, as a list of things is.
static JSON: LazyLock<String> = LazyLock::new(|| {
    let mut json = "[".to_owned();
    let mut number = 0_u32;
    while json.len() < (16 << 10) - 80 {
        let price = number.wrapping_mul(2_654_435_761) % 10_000;
        json += &format!(
            r#"{{"id":{number},"name":"tea no. {number}","cents":{price},"tags":["tea","green"]}},"#
        );
        number += 1;
    }
    json += r#"{"id":0}]"#;
    json
});

struct Site;

#[handler]
impl Site {
    #[route("/")]
    fn do_GET_hello(&self) -> &'static str {
        "Hello, World!"
    }

    #[route("/json")]
    fn do_GET_json(&self) -> impl doget::Reply + use<> {
        doget::Reply::with_header(JSON.as_str(), "Content-Type", "application/json")
    }
}

/// Requests on a connection.
const REQUESTS: u32 = 20;

fn doget(site: &impl doget::Handler, path: &str, count: u32) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nOrigin: {ORIGIN}\r\nAccept-Encoding: gzip\r\n\r\n"
    );
    let input = request.repeat(REQUESTS as usize).into_bytes();
    let exchange = testing::Exchange::new().pieces(input.len());
    for _ in 0..count / REQUESTS {
        let outcome = exchange.run(site, black_box(&input));
        assert_eq!(outcome.requests, REQUESTS);
        assert!(outcome.bytes.starts_with(b"HTTP/1.1 200 "));
    }
}

fn router() -> Router {
    async fn hello() -> &'static str {
        "Hello, World!"
    }
    async fn json() -> ([(&'static str, &'static str); 1], &'static str) {
        ([("content-type", "application/json")], JSON.as_str())
    }
    async fn live() -> &'static str {
        "ok"
    }
    let router = Router::new()
        .route("/", get(hello))
        .route("/json", get(json));
    router
        .route("/livez", get(live))
        .route("/readyz", get(live))
}

/// The output of a future that never waits.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a body in memory never waits"),
    }
}

fn axum(mut router: Router, path: &str, count: u32) {
    for _ in 0..count {
        let request = Request::get(black_box(path))
            .header("host", "a")
            .header("origin", ORIGIN)
            .header("accept-encoding", "gzip")
            .body(Body::empty())
            .unwrap();
        let response = ready(router.call(request)).unwrap();
        assert_eq!(response.status(), 200);
        let body = ready(response.into_body().collect()).unwrap();
        black_box(body.to_bytes());
    }
}

/// The same fields as `SecurityHeaders::strict`, where the answer has none of its own.
fn secured(mut router: Router) -> Router {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", POLICY),
    ] {
        let (name, value) = (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    router
}

fn run(what: &str, count: u32) {
    match what {
        "doget-none" => doget(&Site, "/", count),
        "doget-layers" => {
            let layers = (
                Health::new("/livez", "/readyz"),
                Metrics::of::<Site>(),
                Cors::origins([ORIGIN]).unwrap(),
                SecurityHeaders::strict(),
                Limit::per_second(1_000_000),
            );
            doget(&doget::with(layers, Site), "/", count);
        }
        "doget-gzip-none" => doget(&Site, "/json", count),
        "doget-gzip" => doget(&doget::with(Compress::gzip(), Site), "/json", count),
        "axum-none" => axum(router(), "/", count),
        "axum-layers" => {
            let origin = AllowOrigin::list([HeaderValue::from_static(ORIGIN)]);
            let (in_flight, _counter) = InFlightRequestsLayer::pair();
            let router = secured(router()).layer(CorsLayer::new().allow_origin(origin));
            axum(router.layer(in_flight), "/", count);
        }
        "axum-gzip-none" => axum(router(), "/json", count),
        "axum-gzip" => axum(router().layer(CompressionLayer::new()), "/json", count),
        _ => panic!("there is no {what}"),
    }
}

/// Nanoseconds that this thread had a processor. By a file, since valgrind has no vDSO to ask.
fn processor_time() -> u64 {
    let times = std::fs::read_to_string("/proc/self/schedstat").expect("the times of this thread");
    times
        .split(' ')
        .next()
        .and_then(|time| time.parse().ok())
        .expect("a number")
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().expect("what to run");
    let count: u32 = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1000);
    assert!(
        count >= REQUESTS && count % REQUESTS == 0,
        "{count} is no multiple of {REQUESTS}"
    );
    // What is made at the first request is in no figure.
    run(&what, REQUESTS);
    let before = processor_time();
    run(&what, count);
    println!("{}", (processor_time() - before) / u64::from(count));
}
