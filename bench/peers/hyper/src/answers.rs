//! What is answered.

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER};
use hyper::{Method, Request, Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

static BYTES: [u8; 100 << 10] = [b'x'; 100 << 10];

type Answer = Response<Either<Full<Bytes>, Endless>>;

/// A body that has more as long as somebody reads.
pub struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = Bytes::from_static(&BYTES[..16 << 10]);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

fn answer(kind: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Either::Left(Full::new(body)));
    let headers = answer.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("hyper"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn bytes(body: &'static [u8]) -> Answer {
    answer("application/octet-stream", Bytes::from_static(body))
}

fn plain(text: &'static str) -> Answer {
    answer("text/plain", Bytes::from_static(text.as_bytes()))
}

/// Blocks, as code that waits for a database or a file would.
async fn block(time: Duration) -> Answer {
    let slept = tokio::task::spawn_blocking(move || std::thread::sleep(time));
    slept.await.expect("the sleep does not panic");
    plain("slept")
}

pub async fn handle(request: Request<Incoming>) -> hyper::Result<Answer> {
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
        (&Method::POST, "/upload") => {
            let (mut body, mut length) = (request.into_body(), 0);
            while let Some(frame) = body.frame().await {
                length += frame?.data_ref().map_or(0, Bytes::len);
            }
            answer("text/plain", Bytes::from(length.to_string()))
        }
        (&Method::GET, "/1k") => bytes(&BYTES[..1 << 10]),
        (&Method::GET, "/100k") => bytes(&BYTES),
        (&Method::GET, "/stream") => {
            let mut stream = bytes(b"");
            *stream.body_mut() = Either::Right(Endless);
            stream
        }
        (&Method::GET, "/compute") => {
            // For about a tenth of a millisecond: on the thread that has the connection, as short work is done.
            let mix = |hash: u64, number: u64| (hash ^ number).wrapping_mul(0x0100_0000_01b3);
            let text = format!("{:016x}\n", (0..100_000).fold(0, mix));
            answer("text/plain", Bytes::from(text))
        }
        (&Method::GET, "/sleep") => block(Duration::from_millis(100)).await,
        (&Method::GET, "/block") => block(Duration::from_secs(5)).await,
        _ => {
            let mut missing = plain("not found");
            *missing.status_mut() = StatusCode::NOT_FOUND;
            missing
        }
    })
}
