//! `host [":" port]`, as in Host and in the authority of a request target.

use std::net::Ipv6Addr;

/// Whether `text` is a host and an optional port (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
///
/// Narrower than the RFC in two spots: a comma is refused, which joined duplicates would show
/// (abuse case A09), and so are IPvFuture and zone identifiers, which no client sends.
pub(super) fn is_valid(text: &str) -> bool {
    split(text).is_some_and(|(host, port)| !host.is_empty() && port.is_none_or(is_port))
}

/// As [`is_valid`], with the port that CONNECT demands (RFC 9112 section 3.2.3).
pub(super) fn is_valid_with_port(text: &str) -> bool {
    is_valid(text) && split(text).is_some_and(|(_, port)| port.is_some_and(|p| !p.is_empty()))
}

fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(literal) = text.strip_prefix('[') {
        let (address, rest) = literal.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((address, Some(port))),
            None => rest.is_empty().then_some((address, None)),
        };
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    is_reg_name(host.as_bytes()).then_some((host, port))
}

/// `*( unreserved / pct-encoded / sub-delims )` less the comma.
fn is_reg_name(host: &[u8]) -> bool {
    let mut rest = host;
    loop {
        match rest {
            [] => return true,
            [b'%', a, b, tail @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                rest = tail;
            }
            [
                b'0'..=b'9'
                | b'A'..=b'Z'
                | b'a'..=b'z'
                | b'-'
                | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b';'
                | b'=',
                tail @ ..,
            ] => rest = tail,
            _ => return false,
        }
    }
}

/// `*DIGIT`, and a port number if there are digits.
fn is_port(port: &str) -> bool {
    port.is_empty()
        || (port.len() <= 5
            && port.bytes().all(|b| b.is_ascii_digit())
            && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in [
            "a",
            "a.example",
            "a:80",
            "a:",
            "127.0.0.1:8000",
            "[::1]",
            "[::1]:8000",
            "[::ffff:1.2.3.4]:1",
            "x_y",
            "%41",
            "a:65535",
            "xn--bcher-kva.example.",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a b",
            "a/../b",
            "a,b",
            "a@b",
            "user:pw@a",
            "a:b",
            "a:80:80",
            "a:65536",
            "a:+1",
            "a:000080",
            "[::1",
            "::1",
            "[::1]x",
            "[]",
            "[v1.a]",
            "[fe80::1%25eth0]",
            "%4",
            "%zz",
            "a\\b",
            "a?b",
            "a#b",
            "\u{e9}",
            "a\u{1}",
            "a\"",
            "<a>",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
        assert!(is_valid_with_port("a:443") && is_valid_with_port("[::1]:443"));
        assert!(!is_valid_with_port("a") && !is_valid_with_port("a:"));
    }
}
