//! actix-web with its own number of workers: one for each processor it may use. `--log FILE`: its `Logger` middleware.
//! `--files ROOT`: actix-files, with listings.

use actix_web::http::header::{CONTENT_TYPE, SERVER};
use actix_web::middleware::{Condition, Logger};
use actix_web::{App, HttpResponse, HttpResponseBuilder, HttpServer, web};
use serde::Serialize;
use std::fs::OpenOptions;
use std::time::Duration;

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
    let (mut port, mut log, mut files) = (None, None, None);
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--log" => log = arguments.next(),
            "--files" => files = arguments.next(),
            _ => port = word.parse().ok(),
        }
    }
    let port: u16 = port.expect("usage: peer-actix-web [--log FILE | --files ROOT] PORT");
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
    HttpServer::new(move || {
        App::new()
            .wrap(Condition::new(logs, Logger::default()))
            .app_data(web::PayloadConfig::new(16 << 20))
            .route("/plaintext", web::get().to(plaintext))
            .route("/json", web::get().to(json))
            .route("/echo", web::post().to(echo))
            .route("/sleep", web::get().to(sleep))
    })
    .backlog(4096)
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
