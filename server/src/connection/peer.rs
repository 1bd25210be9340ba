//! Who is at the other end of a connection.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The client of a connection, as the system names it. Names are never looked up.
///
/// ```
/// use doget::Peer;
///
/// let peer = Peer::from(std::net::SocketAddr::from(([127, 0, 0, 1], 50_000)));
/// assert_eq!(peer.ip(), Some([127, 0, 0, 1].into()));
/// assert_eq!(peer.to_string(), "127.0.0.1:50000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(Address);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Address {
    Socket(SocketAddr),
    Unix,
    Unknown,
}

impl Peer {
    /// The client of a Unix domain socket, which has no address.
    pub const UNIX: Self = Self(Address::Unix);
    /// A client of which nothing is known: below another engine that does not say who it is.
    pub const UNKNOWN: Self = Self(Address::Unknown);

    /// The IP address; `None` on a Unix domain socket, and where it is not known.
    pub fn ip(&self) -> Option<IpAddr> {
        self.socket_addr().map(|address| address.ip())
    }

    /// The port; `None` on a Unix domain socket, and where it is not known.
    pub fn port(&self) -> Option<u16> {
        self.socket_addr().map(|address| address.port())
    }

    /// The address and port; `None` on a Unix domain socket, and where they are not known.
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        match self.0 {
            Address::Socket(address) => Some(address),
            Address::Unix | Address::Unknown => None,
        }
    }
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self(Address::Socket(address))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Address::Socket(address) => address.fmt(f),
            Address::Unix => f.write_str("unix"),
            Address::Unknown => f.write_str("unknown"),
        }
    }
}
