//! A webhook, signed as GitHub signs its own: an HMAC with a shared secret over the bytes of the body, compared in a
//! time that says nothing about it. Nothing of the body is looked at before.
//!
//! ```text
//! cargo run --release --example webhook
//! body='{"action": "opened"}'
//! signature=$(printf %s "$body" | openssl dgst -sha256 -hmac 'not so secret' | sed 's/.* //')
//! curl -H "X-Hub-Signature-256: sha256=$signature" -d "$body" http://127.0.0.1:8000/hook
//! ```

use doget::{Error, HttpServer, Request, Result, StatusCode, handler};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

#[derive(Deserialize)]
struct Event {
    action: String,
}

struct Webhook {
    secret: Vec<u8>,
}

#[handler]
impl Webhook {
    #[route("/hook")]
    fn do_POST_hook(&self, request: &Request<'_>, body: Vec<u8>) -> Result<StatusCode> {
        let signature = request.headers().get("X-Hub-Signature-256");
        if !self.has_signed(&body, signature.unwrap_or_default()) {
            return Err(Error::forbidden().explain("the signature is missing or wrong"));
        }
        let event: Event = serde_json::from_slice(&body)
            .map_err(|error| Error::bad_request().explain(format!("no event: {error}")))?;
        println!("event: {}", event.action);
        Ok(StatusCode::NO_CONTENT)
    }
}

impl Webhook {
    /// Whether the signature was made of this body by somebody who knows the secret.
    fn has_signed(&self, body: &[u8], signature: &str) -> bool {
        let Some(code) = signature.strip_prefix("sha256=").and_then(from_hex) else {
            return false;
        };
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("any length will do");
        hmac.update(body);
        hmac.verify_slice(&code).is_ok()
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let digits: Option<Vec<u32>> = digits.as_bytes().iter().map(digit).collect();
    let pairs = digits?;
    let pairs = pairs.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    pairs.collect()
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let secret = std::env::var("WEBHOOK_SECRET").unwrap_or("not so secret".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Webhook {
        secret: secret.into_bytes(),
    })
}
