//! The program in the documentation of `doget::tower`; a test compares them.

use doget_shop::Shop;

use axum::extract::ConnectInfo;
use axum::{Router, routing::get};
use doget::{Peer, tower};
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let shop = tower::service(Shop).peer(|request| {
        let address = request.extensions.get::<ConnectInfo<SocketAddr>>();
        address.map_or(Peer::UNKNOWN, |address| Peer::from(address.0))
    });
    let app = Router::new()
        .route("/live", get(async || "async beside it"))
        .fallback_service(shop);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
}
