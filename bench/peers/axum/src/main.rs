//! axum on tokio's multi-threaded runtime, as its own guide sets it up; `TCP_NODELAY` is on. `--files ROOT`:
//! tower-http's `ServeDir`. `--routes COUNT`: so many routes with placeholders.

#[path = "../../order.rs"]
mod order;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, SERVER};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use futures_util::StreamExt;
use order::{Order, Receipt};
use serde::Serialize;
use std::time::Duration;
use tower_http::services::ServeDir;

const NAME: &str = "axum";

/// Routes with two placeholders each, of which the last one is asked for.
fn routes(count: usize) -> Router {
    let routes = (0..count).map(|number| format!("/api/r{number:04}/{{id}}/parts/{{part}}"));
    routes.fold(Router::new(), |app, path| app.route(&path, get(part)))
}

async fn part(Path((id, part)): Path<(u64, u64)>) -> impl IntoResponse {
    ([(SERVER, NAME)], format!("part {part} of {id}\n"))
}

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

async fn order(Json(order): Json<Order>) -> impl IntoResponse {
    let receipt = Receipt {
        count: order.items.iter().map(|item| item.count).sum(),
        cents: order.items.iter().map(|item| item.count * item.cents).sum(),
        order,
    };
    ([(SERVER, NAME)], Json(receipt))
}

/// Passes the body over, whatever its size.
async fn upload(body: Body) -> Result<impl IntoResponse, StatusCode> {
    let (mut pieces, mut length) = (body.into_data_stream(), 0);
    while let Some(piece) = pieces.next().await {
        length += piece.map_err(|_| StatusCode::BAD_REQUEST)?.len();
    }
    Ok(([(SERVER, NAME)], length.to_string()))
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
        [flag, count, port] if flag == "--routes" => {
            let count = count.parse().expect("a number of routes");
            (routes(count).route("/plaintext", get(plaintext)), port)
        }
        [port] => {
            let app = Router::new()
                .route("/plaintext", get(plaintext))
                .route("/json", get(json).post(order))
                .route("/upload", post(upload))
                .route("/echo", post(echo))
                .route("/sleep", get(sleep))
                .layer(DefaultBodyLimit::max(16 << 20));
            (app, port)
        }
        _ => panic!("usage: peer-axum [--files ROOT | --routes COUNT] PORT"),
    };
    let address = format!("127.0.0.1:{port}");
    let listener = tokio::net::TcpListener::bind(address).await.expect("bind");
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await.expect("serve");
}
