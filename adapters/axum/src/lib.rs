//! A doget handler beside async routes of axum, over HTTP/1.1 and HTTP/2, in clear and by TLS.

use axum::routing::get;
use axum::{Extension, Router};
use doget::{Log, Peer, Request, Response, Result, Sent, handler, tower};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Blocking Rust, as it would stand on doget's own server.
#[derive(Debug)]
pub struct Shop;

#[handler]
impl Shop {
    #[route("/items/{number}")]
    fn do_GET_item(&self, number: u32) -> String {
        format!("item {number}\n")
    }

    #[route("/whoami")]
    fn do_GET_whoami(&self, request: &Request<'_>) -> String {
        let cookie = request.headers().get("Cookie").unwrap_or("none");
        let host = request.authority().unwrap_or("none");
        let address = request.client_address().ip();
        let address = address.map_or("unknown".to_owned(), |ip| ip.to_string());
        format!("{address} asks {host} with {cookie}\n")
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// A line each tenth of a second, until nobody listens.
    #[route("/ticks")]
    fn do_GET_ticks(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let shutdown = request.server().shutdown().clone();
        let mut body = response.send_response(200).end_headers()?;
        while body.is_connected() && !shutdown.wait_begun(Duration::from_millis(100)) {
            body.write_all(b"tick\n")?;
            body.flush()?;
        }
        body.finish()
    }
}

/// The routes: what is async is axum's, and everything else the handler's.
pub fn app(shop: tower::Service) -> Router {
    Router::new()
        .route("/live", get(async || "async beside it\n"))
        .fallback_service(shop)
}

/// The handler as a service that knows its clients.
pub fn shop(log: Log) -> tower::Service {
    tower::service(Shop).log(log).peer(|request| {
        let address = request.extensions.get::<SocketAddr>();
        address.map_or(Peer::UNKNOWN, |address| Peer::from(*address))
    })
}

/// Serves for ever. HTTP/1.1 and HTTP/2 are told apart by the first bytes; `tls`: behind a handshake.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Router,
) -> std::io::Result<()> {
    loop {
        let (stream, address) = listener.accept().await?;
        let service = TowerToHyperService::new(app.clone().layer(Extension(address)));
        let tls = tls.clone();
        tokio::spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            // A client that breaks off is nobody's fault.
            let _ = match tls {
                None => builder.serve_connection(TokioIo::new(stream), service).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => builder.serve_connection(TokioIo::new(stream), service).await,
                    Err(_) => return,
                },
            };
        });
    }
}
