//! hyper with nothing above it, on tokio's multi-threaded runtime; `TCP_NODELAY` is on.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::time::Duration;

type Answer = Response<Full<Bytes>>;

fn answer(kind: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    let headers = answer.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("hyper"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

async fn handle(request: Request<Incoming>) -> hyper::Result<Answer> {
    let plain = |text: &'static str| answer("text/plain", Bytes::from_static(text.as_bytes()));
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, "/plaintext") => plain("Hello, World!"),
        (&Method::GET, "/json") => {
            let text = Bytes::from_static(br#"{"message":"Hello, World!"}"#);
            answer("application/json", text)
        }
        (&Method::POST, "/echo") => {
            let body = request.into_body().collect().await?.to_bytes();
            answer("application/octet-stream", body)
        }
        (&Method::GET, "/compute") => {
            // For about a tenth of a millisecond: on the thread that has the connection, as short work is done.
            let mix = |hash: u64, number: u64| (hash ^ number).wrapping_mul(0x0100_0000_01b3);
            let text = format!("{:016x}\n", (0..100_000).fold(0, mix));
            answer("text/plain", Bytes::from(text))
        }
        (&Method::GET, "/sleep") => {
            // Blocks, as code that waits for a database or a file would.
            let slept =
                tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(100)));
            slept.await.expect("the sleep does not panic");
            plain("slept")
        }
        _ => {
            let mut missing = plain("not found");
            *missing.status_mut() = StatusCode::NOT_FOUND;
            missing
        }
    })
}

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).expect("usage: peer-hyper PORT");
    let address = format!("127.0.0.1:{port}");
    let listener = tokio::net::TcpListener::bind(address).await.expect("bind");
    let mut http = http1::Builder::new();
    // `pipeline_flush` gathers the answers to pipelined requests: without it hyper writes each by itself.
    http.timer(TokioTimer::new()).pipeline_flush(true);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(stream), service_fn(handle));
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}
