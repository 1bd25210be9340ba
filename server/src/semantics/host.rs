//! Hosts as they are compared: without port, without the dot that may end a name.

/// A name or an address as it is compared; an IPv6 address may be without its brackets.
pub(crate) fn plain(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() {
        return format!("[{host}]");
    }
    without_port(host).to_owned()
}

/// The host of `host[:port]`, without the dot that may end a name.
pub(crate) fn without_port(authority: &str) -> &str {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    host.strip_suffix('.').unwrap_or(host)
}
