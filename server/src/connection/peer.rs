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
pub struct Peer(Option<SocketAddr>);

impl Peer {
    /// The client of a Unix domain socket, which has no address.
    pub const UNIX: Self = Self(None);

    /// The IP address; `None` on a Unix domain socket.
    pub fn ip(&self) -> Option<IpAddr> {
        self.0.map(|address| address.ip())
    }

    /// The port; `None` on a Unix domain socket.
    pub fn port(&self) -> Option<u16> {
        self.0.map(|address| address.port())
    }

    /// The address and port; `None` on a Unix domain socket.
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        self.0
    }
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self(Some(address))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unix"),
        }
    }
}
