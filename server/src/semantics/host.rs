//! Hosts as they are compared: without port, without the dot that may end a name.

use std::net::Ipv6Addr;

/// A name or an address as it is compared; an IPv6 address may be without its brackets, and is in the form in which
/// browsers send it.
pub(crate) fn plain(host: &str) -> String {
    if let Ok(address) = host.parse::<Ipv6Addr>() {
        return ipv6(address);
    }
    let host = without_port(host);
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match inner.and_then(|inner| inner.parse::<Ipv6Addr>().ok()) {
        Some(address) => ipv6(address),
        None => host.to_owned(),
    }
}

/// The host of `host[:port]`, without the dot that may end a name.
pub(crate) fn without_port(authority: &str) -> &str {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    host.strip_suffix('.').unwrap_or(host)
}

/// An address in brackets as browsers send it: in the form of the URL standard, which has no dots for an IPv4 address
/// within.
pub(crate) fn ipv6(address: Ipv6Addr) -> String {
    match address.to_ipv4_mapped().map(|inner| inner.octets()) {
        Some([a, b, c, d]) => {
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            format!("[::ffff:{high:x}:{low:x}]")
        }
        None => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_written_down_is_compared_in_the_form_of_browsers() {
        for (written, compared) in [
            ("a.example.:80", "a.example"),
            ("0:0:0:0:0:0:0:1", "[::1]"),
            ("[2001:DB8::0001]:8000", "[2001:db8::1]"),
            ("::ffff:192.0.2.1", "[::ffff:c000:201]"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("*.example", "*.example"),
            ("[x]", "[x]"),
        ] {
            assert_eq!(plain(written), compared);
        }
    }
}
