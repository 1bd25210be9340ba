//! axum on tokio's multi-threaded runtime, as its own guide sets it up; `TCP_NODELAY` is on. `--files ROOT`: tower-http's
//! `ServeDir`.

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CONTENT_TYPE, SERVER};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::Serialize;
use std::time::Duration;
use tower_http::services::ServeDir;

const NAME: &str = "axum";

#[derive(Serialize)]
struct Greeting {
    message: &'static str,
}

async fn plaintext() -> impl IntoResponse {
    (
        [(SERVER, NAME), (CONTENT_TYPE, "text/plain")],
        "Hello, World!",
    )
}

async fn json() -> impl IntoResponse {
    let greeting = Greeting {
        message: "Hello, World!",
    };
    ([(SERVER, NAME)], Json(greeting))
}

async fn echo(body: Bytes) -> impl IntoResponse {
    (
        [(SERVER, NAME), (CONTENT_TYPE, "application/octet-stream")],
        body,
    )
}

async fn sleep() -> impl IntoResponse {
    // Blocks, as code that waits for a database or a file would.
    let slept = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(100)));
    slept.await.expect("the sleep does not panic");
    ([(SERVER, NAME), (CONTENT_TYPE, "text/plain")], "slept")
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (app, port) = match &*words {
        [flag, root, port] if flag == "--files" => {
            (Router::new().fallback_service(ServeDir::new(root)), port)
        }
        [port] => {
            let app = Router::new()
                .route("/plaintext", get(plaintext))
                .route("/json", get(json))
                .route("/echo", post(echo))
                .route("/sleep", get(sleep))
                .layer(DefaultBodyLimit::max(16 << 20));
            (app, port)
        }
        _ => panic!("usage: peer-axum [--files ROOT] PORT"),
    };
    let address = format!("127.0.0.1:{port}");
    let listener = tokio::net::TcpListener::bind(address).await.expect("bind");
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await.expect("serve");
}
