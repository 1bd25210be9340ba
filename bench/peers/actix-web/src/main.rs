//! actix-web with its own number of workers: one for each processor it may use. `--log FILE`: its `Logger` middleware.
//! `--files ROOT`: actix-files, with listings. `--routes COUNT`: so many routes with placeholders.
//! `--tls CERTIFICATE KEY`: rustls, with the cryptography that it has by default.

#[path = "../../order.rs"]
mod order;
mod tls;

use actix_web::http::header::{CONTENT_TYPE, SERVER};
use actix_web::middleware::{Condition, Logger};
use actix_web::{App, HttpResponse, HttpResponseBuilder, HttpServer, Result, web};
use futures_util::StreamExt;
use order::{Order, Receipt};
use serde::Serialize;
use std::fs::OpenOptions;
use std::time::Duration;

const USAGE: &str = "usage: peer-actix-web \
    [--log FILE | --files ROOT | --routes COUNT | --tls CERTIFICATE KEY] PORT";

static BYTES: [u8; 100 << 10] = [b'x'; 100 << 10];

#[derive(Serialize)]
struct Greeting {
    message: &'static str,
}

fn ok() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((SERVER, "actix-web"));
    answer
}

async fn plaintext() -> HttpResponse {
    ok().insert_header((CONTENT_TYPE, "text/plain"))
        .body("Hello, World!")
}

async fn json() -> HttpResponse {
    ok().json(Greeting {
        message: "Hello, World!",
    })
}

async fn echo(body: web::Bytes) -> HttpResponse {
    ok().insert_header((CONTENT_TYPE, "application/octet-stream"))
        .body(body)
}

async fn bytes(length: usize) -> HttpResponse {
    ok().insert_header((CONTENT_TYPE, "application/octet-stream"))
        .body(web::Bytes::from_static(&BYTES[..length]))
}

async fn receipt(web::Json(order): web::Json<Order>) -> HttpResponse {
    let receipt = Receipt {
        count: order.items.iter().map(|item| item.count).sum(),
        cents: order.items.iter().map(|item| item.count * item.cents).sum(),
        order,
    };
    ok().json(receipt)
}

/// Passes the body over, whatever its size.
async fn upload(mut body: web::Payload) -> Result<HttpResponse> {
    let mut length = 0;
    while let Some(piece) = body.next().await {
        length += piece?.len();
    }
    Ok(ok().body(length.to_string()))
}

async fn part(path: web::Path<(u64, u64)>) -> HttpResponse {
    let (id, part) = path.into_inner();
    ok().insert_header((CONTENT_TYPE, "text/plain"))
        .body(format!("part {part} of {id}\n"))
}

/// Routes with two placeholders each, of which the last one is asked for.
fn routes(config: &mut web::ServiceConfig, count: usize) {
    for number in 0..count {
        let path = format!("/api/r{number:04}/{{id}}/parts/{{part}}");
        config.route(&path, web::get().to(part));
    }
}

async fn sleep() -> HttpResponse {
    // Blocks, as code that waits for a database or a file would.
    let slept = web::block(|| std::thread::sleep(Duration::from_millis(100)));
    slept.await.expect("the sleep does not panic");
    ok().insert_header((CONTENT_TYPE, "text/plain"))
        .body("slept")
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut port, mut log, mut files, mut count, mut secure) = (None, None, None, 0, None);
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--log" => log = arguments.next(),
            "--files" => files = arguments.next(),
            "--routes" => count = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(0),
            "--tls" => secure = arguments.next().zip(arguments.next()),
            _ => port = word.parse().ok(),
        }
    }
    let port: u16 = port.expect(USAGE);
    if let Some(path) = &log {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        env_logger::Builder::new()
            .parse_filters("info")
            .target(env_logger::Target::Pipe(Box::new(file)))
            .init();
    }
    if let Some(root) = files {
        return HttpServer::new(move || {
            App::new().service(actix_files::Files::new("/", &root).show_files_listing())
        })
        .backlog(4096)
        .bind(("127.0.0.1", port))?
        .run()
        .await;
    }
    let logs = log.is_some();
    let server = HttpServer::new(move || {
        App::new()
            .wrap(Condition::new(logs, Logger::default()))
            .app_data(web::PayloadConfig::new(16 << 20))
            .route("/plaintext", web::get().to(plaintext))
            .route("/json", web::get().to(json))
            .route("/json", web::post().to(receipt))
            .route("/upload", web::post().to(upload))
            .route("/1k", web::get().to(|| bytes(1 << 10)))
            .route("/100k", web::get().to(|| bytes(100 << 10)))
            .route("/echo", web::post().to(echo))
            .route("/sleep", web::get().to(sleep))
            .configure(|config| routes(config, count))
    })
    .backlog(4096);
    let address = ("127.0.0.1", port);
    let server = match secure {
        Some((certificate, key)) => {
            server.bind_rustls_0_23(address, tls::config(&certificate, &key))?
        }
        None => server.bind(address)?,
    };
    server.run().await
}
