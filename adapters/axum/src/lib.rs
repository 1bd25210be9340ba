//! A doget handler beside async routes of axum, over HTTP/1.1 and HTTP/2, in clear and by TLS.

use axum::routing::get;
use axum::{Extension, Router};
use doget::{Log, Peer, tower};
use doget_shop::Shop;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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
                None => {
                    builder
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                }
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => {
                        builder
                            .serve_connection(TokioIo::new(stream), service)
                            .await
                    }
                    Err(_) => return,
                },
            };
        });
    }
}
