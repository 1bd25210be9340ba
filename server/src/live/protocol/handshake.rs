//! The opening handshake (RFC 6455 section 4.2), as far as it is about header fields.

use crate::http1::{HeaderFields, is_tchar};
use crate::live::protocol::sha1::sha1;
#[cfg(feature = "live-deflate")]
use crate::live::protocol::{deflate::PerMessageDeflate, extensions};
use crate::semantics::base64;

/// What makes a request no handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not ask for a WebSocket, or for a version that is not spoken: 426.
    UpgradeRequired,
    /// A field is missing, wrong or there twice: 400.
    Bad(&'static str),
}

/// A handshake that is in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// The value of `Sec-WebSocket-Accept`.
    pub(crate) accept: String,
    /// The subprotocols that the client offers, the dearest first.
    pub(crate) protocols: Vec<String>,
    /// How the client would have its messages compressed.
    #[cfg(feature = "live-deflate")]
    pub(crate) deflate: Option<PerMessageDeflate>,
}

/// More subprotocols than any client offers; what is beyond is a client that wants to be a burden.
const PROTOCOLS: usize = 64;

/// Whether the request asks for a WebSocket at all.
pub(crate) fn asks(fields: &HeaderFields<'_>) -> bool {
    has_token(fields, "Upgrade", "websocket")
}

/// Reads the fields of a handshake.
pub(crate) fn read(fields: &HeaderFields<'_>) -> Result<Handshake, Refusal> {
    if !asks(fields) || !has_token(fields, "Connection", "upgrade") {
        return Err(Refusal::UpgradeRequired);
    }
    match single(fields, "Sec-WebSocket-Version") {
        Ok(Some("13")) => {}
        Ok(_) => return Err(Refusal::UpgradeRequired),
        Err(()) => return Err(Refusal::Bad("Sec-WebSocket-Version stands twice")),
    }
    let key = match single(fields, "Sec-WebSocket-Key") {
        Ok(Some(key)) if is_key(key) => key,
        _ => {
            return Err(Refusal::Bad(
                "Sec-WebSocket-Key has to be 16 bytes in base64, once",
            ));
        }
    };
    Ok(Handshake {
        accept: accept(key),
        protocols: protocols(fields)?,
        #[cfg(feature = "live-deflate")]
        deflate: extensions::negotiate(fields),
    })
}

/// The value of a field that may stand once.
fn single<'h>(fields: &HeaderFields<'h>, name: &str) -> Result<Option<&'h str>, ()> {
    let mut values = fields.get_all_bytes(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(());
    }
    match first.map(std::str::from_utf8) {
        Some(Ok(value)) => Ok(Some(value.trim())),
        Some(Err(_)) => Err(()),
        None => Ok(None),
    }
}

fn has_token(fields: &HeaderFields<'_>, name: &str, token: &str) -> bool {
    let mut values = fields.get_all(name).flat_map(|value| value.split(','));
    values.any(|value| value.trim().eq_ignore_ascii_case(token))
}

/// Base64 of 16 bytes (section 4.1).
fn is_key(key: &str) -> bool {
    base64::decode(key).is_some_and(|key| key.len() == 16)
}

fn protocols(fields: &HeaderFields<'_>) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for value in fields.get_all("Sec-WebSocket-Protocol") {
        for name in value.split(',').map(str::trim) {
            let is_token = !name.is_empty() && name.bytes().all(is_tchar);
            if !is_token || found.iter().any(|known| known == name) || found.len() == PROTOCOLS {
                return Err(Refusal::Bad(
                    "Sec-WebSocket-Protocol has to be a list of different tokens",
                ));
            }
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

/// The answer to a key (section 4.2.2).
pub(crate) fn accept(key: &str) -> String {
    let digest = sha1(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes());
    base64::encode(&digest)
}

/// Whether a page of this origin may connect to a server that is asked for as `authority`: it is the server's own.
///
/// The scheme is not compared: behind a proxy that ends TLS the page is https and the request is not.
pub(crate) fn is_own_origin(origin: &str, authority: &str) -> bool {
    let (scheme, place) = match origin.split_once("://") {
        Some((scheme, place)) => (scheme, place),
        None => return false,
    };
    let default = match scheme {
        _ if scheme.eq_ignore_ascii_case("http") => "80",
        _ if scheme.eq_ignore_ascii_case("https") => "443",
        _ => return false,
    };
    let (host, port) = split_port(place);
    let (own_host, own_port) = split_port(authority);
    host.eq_ignore_ascii_case(own_host) && port.unwrap_or(default) == own_port.unwrap_or(default)
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            (host, Some(port))
        }
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_the_key_of_the_rfc() {
        assert_eq!(
            accept("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn h5_keys_that_are_none() {
        assert!(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
        for key in [
            "",
            "==",
            "dGhlIHNhbXBsZSBub25jZQ=",
            "dGhlIHNhbXBsZSBub25j",
            "dGhlIHNhbXBsZSBub25jZR==",
            "dGhlIHNhbXBsZSBub25j!Q==",
            "dGhlIHNhbXBsZSBub25jZQdGhl==",
        ] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn h8_the_own_origin() {
        for (origin, authority) in [
            ("http://a.example", "a.example"),
            ("http://a.example", "a.example:80"),
            ("https://A.example", "a.example"),
            ("https://a.example:8443", "a.example:8443"),
            ("http://[::1]:8000", "[::1]:8000"),
            ("http://[::1]", "[::1]"),
        ] {
            assert!(is_own_origin(origin, authority), "{origin} {authority}");
        }
        for (origin, authority) in [
            ("null", "a.example"),
            ("http://b.example", "a.example"),
            ("http://a.example:8001", "a.example:8000"),
            ("http://a.example", "a.example:8000"),
            ("https://a.example", "a.example:80"),
            ("file://", ""),
            ("http://a.example.b", "a.example"),
        ] {
            assert!(!is_own_origin(origin, authority), "{origin} {authority}");
        }
    }
}
