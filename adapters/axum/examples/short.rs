//! The program in the documentation of `doget::tower`; a test compares them.

use doget_shop::Shop;

use axum::extract::ConnectInfo;
use axum::{Router, routing::get};
use doget::{Peer, tower};
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    // `https(true)` where the connections are encrypted.
    let shop = tower::service(Shop).https(false).peer(|request| {
        let address = request.extensions.get::<ConnectInfo<SocketAddr>>();
        address.map_or(Peer::UNKNOWN, |address| Peer::from(address.0))
    });
    let shutdown = shop.shutdown_handle();
    let app = Router::new()
        .route("/live", get(async || "async beside it"))
        .fallback_service(shop)
        .into_make_service_with_connect_info::<SocketAddr>();
    let told_to_end = async move {
        let _ = tokio::signal::ctrl_c().await;
        shutdown.graceful(); // Streams of handlers hear of it.
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(told_to_end)
        .await
}
