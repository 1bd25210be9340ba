//! The program in the documentation of `doget::tower`; a test compares them.

use doget_shop::Shop;

use doget::{Peer, tower};
use lambda_http::request::RequestContext;
use std::net::SocketAddr;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let shop = tower::service(Shop).https(true).inline().peer(|request| {
        let client = match request.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_ref(),
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_ref(),
            _ => None,
        };
        let client = client.and_then(|client| client.parse().ok());
        client.map_or(Peer::UNKNOWN, |client| {
            Peer::from(SocketAddr::new(client, 0))
        })
    });
    lambda_http::run(shop).await
}
