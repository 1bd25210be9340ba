//! The server behind proxies and balancers: who is believed, and what the client is then.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod idle;
mod leaving;
#[cfg(target_os = "linux")]
mod live;
mod proxy_protocol;
#[cfg(target_os = "linux")]
mod real;
#[cfg(target_os = "linux")]
mod rolling;
mod trust;

use doget::{Networks, Request, handler};

/// Says who asks, and for what.
struct Who;

#[handler]
impl Who {
    fn do_GET(&self, request: &Request<'_>) -> String {
        let client = request.client().map(|client| client.to_string());
        let host = request.host().unwrap_or_default();
        let client = client.as_deref().unwrap_or("-");
        format!("{client} {}://{host}", request.scheme())
    }
}

fn networks(words: &[&str]) -> Networks {
    Networks::new(words).unwrap()
}
