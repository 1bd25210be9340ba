//! `doget-adapter-load native|inline|pool|blocking ADDRESS`: the same answers by axum itself, by doget's service inline
//! and on its pool, and by axum's handlers with `spawn_blocking`. One thread for the runtime.

use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use doget::{Log, Response, Result, Sent, handler, tower};
use std::io::Write as _;

const PLAIN: &str = "Hello, World!\n";

struct Hello;

#[handler]
impl Hello {
    #[route("/")]
    fn do_GET(&self) -> &'static str {
        PLAIN
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// 64 MiB, for the memory of a stream whose client does not read.
    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        let piece = [b'x'; 8192];
        for _ in 0..8192 {
            body.write_all(&piece)?;
        }
        body.finish()
    }
}

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, address] = args.as_slice() else {
        return Err(std::io::Error::other("doget-adapter-load KIND ADDRESS"));
    };
    let limits = doget::Limits::new().max_collected_body_size(4 << 20);
    let service = tower::service(Hello).log(Log::off()).limits(limits);
    let native = Router::new()
        .route("/", get(async || PLAIN))
        .route("/echo", post(async |body: Bytes| body));
    let app = match kind.as_str() {
        "native" => native,
        "inline" => Router::new().fallback_service(service.inline()),
        "pool" => Router::new().fallback_service(service),
        "blocking" => Router::new()
            .route(
                "/",
                get(async || {
                    tokio::task::spawn_blocking(|| PLAIN)
                        .await
                        .unwrap_or_default()
                }),
            )
            .route(
                "/echo",
                post(async |body: Bytes| {
                    tokio::task::spawn_blocking(|| body)
                        .await
                        .unwrap_or_default()
                }),
            ),
        _ => return Err(std::io::Error::other("native, inline, pool or blocking")),
    };
    let app = app.layer(axum::extract::DefaultBodyLimit::max(4 << 20));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address.as_str()).await?;
        println!("listening {}", listener.local_addr()?);
        axum::serve(listener, app).await
    })
}
