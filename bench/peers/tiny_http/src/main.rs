//! tiny_http: a few threads take requests from the server's queue, as its documentation suggests.

use std::time::Duration;
use tiny_http::{Header, Method, Request, Response, Server};

/// Threads that answer. More than processors, since handlers may block; fewer than the sleepers of the scenario `slow`,
/// as any fixed number is too small for somebody.
const THREADS: usize = 16;

fn content_type(kind: &str) -> Header {
    Header::from_bytes("Content-Type", kind).expect("a valid header")
}

fn answer(mut request: Request) -> std::io::Result<()> {
    let (kind, body) = match (request.method(), request.url()) {
        (Method::Get, "/plaintext") => ("text/plain", b"Hello, World!".to_vec()),
        (Method::Get, "/json") => (
            "application/json",
            br#"{"message":"Hello, World!"}"#.to_vec(),
        ),
        (Method::Get, "/sleep") => {
            std::thread::sleep(Duration::from_millis(100));
            ("text/plain", b"slept".to_vec())
        }
        (Method::Post, "/echo") => {
            let mut body = Vec::with_capacity(request.body_length().unwrap_or(0));
            request.as_reader().read_to_end(&mut body)?;
            ("application/octet-stream", body)
        }
        (Method::Post, "/upload") => {
            let length = std::io::copy(request.as_reader(), &mut std::io::sink())?;
            ("text/plain", length.to_string().into_bytes())
        }
        _ => return request.respond(Response::from_string("not found").with_status_code(404)),
    };
    // Longer bodies would be chunked; all peers send `Content-Length`.
    let response = Response::from_data(body)
        .with_header(content_type(kind))
        .with_chunked_threshold(usize::MAX);
    request.respond(response)
}

fn main() {
    let port = std::env::args().nth(1).expect("usage: peer-tiny_http PORT");
    let server = Server::http(format!("127.0.0.1:{port}")).expect("bind");
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Ok(request) = server.recv() {
                    let _ = answer(request);
                }
            });
        }
    });
}
