//! `host [":" port]`, as in Host and in the authority of a request target.

use std::net::Ipv6Addr;

/// Whether `text` is a host and an optional port (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
///
/// Narrower than the RFC in two spots: a comma is refused, which joined duplicates would show as one, and so is
/// IPvFuture, which no client sends. A zone identifier is taken as RFC 6874 writes it, `[fe80::1%25eth0]`: Node sends
/// it so.
pub(crate) fn is_valid(text: &[u8]) -> bool {
    port(text).is_some()
}

/// As [`is_valid`], with the port that CONNECT demands (RFC 9112 section 3.2.3).
pub(super) fn is_valid_with_port(text: &[u8]) -> bool {
    port(text).is_some_and(|port| !port.is_empty())
}

/// The port of a valid authority, empty if it has none; `None` if it is not valid.
fn port(text: &[u8]) -> Option<&[u8]> {
    let host = host_len(text)?;
    match text.get(host..)? {
        _ if host == 0 => None,
        [] => Some(&[]),
        [b':', port @ ..] => is_port(port).then_some(port),
        _ => None,
    }
}

/// How long the host is that `text` begins with.
fn host_len(text: &[u8]) -> Option<usize> {
    if let [b'[', rest @ ..] = text {
        let len = rest.iter().position(|&b| b == b']')?;
        let address = std::str::from_utf8(rest.get(..len)?).ok()?;
        let (address, zone) = address.split_once("%25").unwrap_or((address, "lo"));
        address.parse::<Ipv6Addr>().ok()?;
        let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if zone.is_empty() || !zone.bytes().all(is_unreserved) {
            return None;
        }
        return Some(len + 2);
    }
    let len = text
        .iter()
        .position(|&b| !is_reg_name(b))
        .unwrap_or(text.len());
    let host = text.get(..len)?;
    (!host.contains(&b'%') || escapes_are_whole(host)).then_some(len)
}

/// `unreserved / sub-delims / "%"` less the comma.
fn is_reg_name(b: u8) -> bool {
    const ALLOWED: [bool; 256] = {
        let mut table = [false; 256];
        let mut b = 0u8;
        while b < 128 {
            table[b as usize] = b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'-' | b'.'
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
                        | b'='
                        | b'%'
                );
            b += 1;
        }
        table
    };
    ALLOWED.get(usize::from(b)).copied().unwrap_or(false)
}

fn escapes_are_whole(host: &[u8]) -> bool {
    host.split(|&b| b == b'%')
        .skip(1)
        .all(|tail| matches!(tail, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

/// `*DIGIT`, and a port number if there are digits.
pub(super) fn is_port(digits: &[u8]) -> bool {
    digits.len() <= 5
        && digits.iter().all(u8::is_ascii_digit)
        && digits
            .iter()
            .fold(0, |port, b| port * 10 + u32::from(b - b'0'))
            <= 65_535
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
            "[::1%25lo]",
            "[fe80::1%25eth0]:80",
            "[::ffff:1.2.3.4]:1",
            "x_y",
            "%41",
            "a:65535",
            "xn--bcher-kva.example.",
        ] {
            assert!(is_valid(good.as_bytes()), "{good}");
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
            "[fe80::1%25]",
            "[fe80::1%eth0]",
            "[fe80::1%25e%20]",
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
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
        assert!(is_valid_with_port(b"a:443") && is_valid_with_port(b"[::1]:443"));
        assert!(!is_valid_with_port(b"a") && !is_valid_with_port(b"a:"));
    }
}
