//! By which name, port and protocol a request reached the server (RFC 3875 sections 4.1.14 to 4.1.16).

use crate::Request;
use crate::http1::Version;
use socket2::SockRef;
use std::net::{IpAddr, SocketAddr};

/// The name and the port for `SERVER_NAME` and `SERVER_PORT`.
pub(super) struct Reached {
    /// As a URL has it: an IPv6 address has its brackets.
    pub(super) name: String,
    pub(super) port: u16,
}

impl Reached {
    /// The name is the one that the client used: a server has many, and only this one leads back to it for sure. A
    /// client that says none gets the address that it connected to.
    pub(super) fn by(request: &Request<'_>) -> Self {
        // A proxy that is believed says where its clients ask; this side's address is one that they do not know.
        let is_forwarded = request
            .forwarded()
            .is_some_and(|forwarded| forwarded.host.is_some() || forwarded.scheme.is_some());
        let own = own_address(request).filter(|_| !is_forwarded);
        let host_asked = request.host();
        let (name, said_port) = host_asked.as_deref().map_or(("", None), split);
        let name = match (name, own) {
            ("", Some(address)) => host(address.ip()),
            ("", None) => match request.server().server_name() {
                // Of a Unix domain socket the name is its path, which is no host.
                name if name.starts_with('/') => "localhost".to_owned(),
                name => name.parse().map_or_else(|_| name.to_owned(), host),
            },
            (name, _) => name.to_owned(),
        };
        let port = own.map(|address| address.port()).or(said_port);
        let usual = if request.scheme() == "https" { 443 } else { 80 };
        Self {
            name,
            port: port.unwrap_or(usual),
        }
    }
}

/// The version that request and response have in common.
pub(super) fn protocol<'r>(request: &Request<'r>, own: &'r str) -> &'r str {
    if request.version() < Version::HTTP_11 {
        request.request_version()
    } else {
        own
    }
}

/// Where the connection ends on this side. `None` for a Unix domain socket, and in tests without a socket.
fn own_address(request: &Request<'_>) -> Option<SocketAddr> {
    let watch = request.exchange.transport.watch(false)?;
    SockRef::from(&watch.socket).local_addr().ok()?.as_socket()
}

/// One spelling for an address, whichever way the server listens.
fn host(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// Host and port of `host[:port]`.
fn split(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, port.parse().ok())
        }
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cgi_12_hosts_and_their_ports() {
        assert_eq!(split("a.example"), ("a.example", None));
        assert_eq!(split("a.example:"), ("a.example", None));
        assert_eq!(split("a.example:80"), ("a.example", Some(80)));
        assert_eq!(split("a.example:65536"), ("a.example", None));
        assert_eq!(split("[::1]"), ("[::1]", None));
        assert_eq!(split("[::1]:80"), ("[::1]", Some(80)));
    }

    #[test]
    fn cgi_12_addresses_as_urls_have_them() {
        for (address, text) in [
            ("127.0.0.1", "127.0.0.1"),
            ("::ffff:127.0.0.1", "127.0.0.1"),
            ("::1", "[::1]"),
        ] {
            assert_eq!(address.parse().map(host), Ok(text.to_owned()));
        }
    }
}
