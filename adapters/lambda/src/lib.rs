//! One binary, three lives: a server of its own, a Lambda function in process, and one behind AWS's web adapter.

use doget::{Log, Peer, tower};
use doget_shop::Shop;
use lambda_http::request::RequestContext;
use std::net::{IpAddr, SocketAddr};

/// The handler as Lambda has it: one request at a time, so no thread, and HTTPS in front.
pub fn service() -> tower::Service {
    tower::service(Shop)
        .log(Log::stderr())
        .https(true)
        .peer(|request| {
            client(request).map_or(Peer::UNKNOWN, |client| {
                Peer::from(SocketAddr::from((client, 0)))
            })
        })
        .inline()
}

/// Who asked API Gateway, the function URL or the balancer. A balancer says it in a field alone, whose end it wrote.
fn client(request: &lambda_http::http::request::Parts) -> Option<IpAddr> {
    match request.extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV1(context) => context.identity.source_ip.as_ref()?.parse().ok(),
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_ref()?.parse().ok(),
        RequestContext::Alb(_) => {
            let forwarded = request.headers.get("x-forwarded-for")?.to_str().ok()?;
            forwarded.rsplit(',').next()?.trim().parse().ok()
        }
        _ => None,
    }
}
