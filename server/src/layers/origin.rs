//! Origins as browsers name them, for all that decides by them.

use crate::Request;
use crate::semantics::host::ipv6;
use std::net::Ipv4Addr;

/// `scheme://host[:port]` as a browser sends it (the URL standard, section 3.5, and RFC 6454 section 6.2): in lower
/// case, without the scheme's own port, addresses in their usual form. `None` for what no browser sends; `null` is
/// every page that hides where it comes from, so it is none.
pub(crate) fn normal(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let is_scheme = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    if scheme.is_empty() || !scheme.bytes().all(is_scheme) {
        return None;
    }
    // What stands behind the last bracket or colon: an IPv6 address has colons of its own.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host = match host.strip_prefix('[') {
        Some(rest) => ipv6(rest.strip_suffix(']')?.parse().ok()?),
        None => is_host(host).then(|| host.to_owned())?,
    };
    let port = match port {
        Some(digits) if digits.starts_with('+') => return None,
        Some(digits) if !digits.is_empty() => Some(digits.parse::<u16>().ok()?),
        _ => None,
    };
    let own = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    Some(match port.filter(|port| Some(*port) != own) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// A name, or an IPv4 address of four decimal numbers: a browser writes every host whose last part is a number like
/// that.
fn is_host(host: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&+;=".contains(&b);
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next();
    let is_number = |label: &str| match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => label.bytes().all(|b| b.is_ascii_digit()),
    };
    !host.is_empty()
        && host.bytes().all(is_name)
        && (!last.is_some_and(is_number) || host.parse::<Ipv4Addr>().is_ok())
}

/// The host and port of a normal origin.
pub(crate) fn authority(origin: &str) -> &str {
    origin
        .split_once("://")
        .map_or("", |(_, authority)| authority)
}

/// Whether a request asks what it may ask (the Fetch standard, section 3.2.2).
pub(crate) fn is_preflight(request: &Request<'_>) -> bool {
    let fields = request.headers();
    fields.get("Origin").is_some() && fields.get("Access-Control-Request-Method").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_as_browsers_send_them() {
        for (text, expected) in [
            ("HTTPS://Example.org:443", Some("https://example.org")),
            ("http://a:8080", Some("http://a:8080")),
            ("http://[::0001]:80", Some("http://[::1]")),
            ("null", None),
            ("https://example.org/", None),
            ("https://*.example.org", None),
        ] {
            assert_eq!(normal(text).as_deref(), expected, "{text}");
        }
        assert_eq!(authority("http://[::1]:8000"), "[::1]:8000");
    }
}
