//! Listening sockets: bound here, or inherited.

use crate::connection::peer::Peer;
use crate::engine::net::socket::Socket;
use socket2::{Domain, Protocol, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
#[cfg(unix)]
use std::path::{Path, PathBuf};

/// Bytes that the system takes for a connection beyond what it can send: enough to keep a fast one busy until its
/// loop comes back. What waits for a slow client is then short, so that room is reported while the client reads, and
/// not when a third of 4 MB has gone.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 512 << 10;

#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(
        UnixListener,
        #[expect(dead_code, reason = "the file goes when this is dropped")] Option<BoundPath>,
    ),
}

/// A socket's file that goes with its listener.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct BoundPath(PathBuf);

#[cfg(unix)]
impl Drop for BoundPath {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Binds an address. An IPv6 socket takes IPv4 too where the system lets it.
    pub(crate) fn tcp(address: SocketAddr, backlog: u32) -> io::Result<Self> {
        let socket = socket2::Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        // On Windows the option would let two servers share a port.
        #[cfg(not(windows))]
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            let _ = socket.set_only_v6(false);
        }
        socket.bind(&address.into())?;
        socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        Self::from_tcp(socket.into())
    }

    /// Takes a listener that somebody else has bound.
    pub(crate) fn from_tcp(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        // Linux hands this on to what is accepted; elsewhere `accept` does it.
        let _ = socket2::SockRef::from(&listener).set_tcp_nodelay(true);
        // Only of use: without it the queue is longer.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = socket2::SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT);
        Ok(Self::Tcp(listener))
    }

    /// Binds a path. A socket that nobody listens on any more is replaced; any other file is left alone.
    #[cfg(unix)]
    pub(crate) fn unix(path: &Path, backlog: u32) -> io::Result<Self> {
        use std::os::unix::fs::FileTypeExt;
        let stale = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
            && UnixStream::connect(path)
                .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if stale {
            std::fs::remove_file(path)?;
        }
        let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&socket2::SockAddr::unix(path)?)?;
        let bound = BoundPath(path.to_owned());
        socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        socket.set_nonblocking(true)?;
        Ok(Self::Unix(socket.into(), Some(bound)))
    }

    /// Takes a Unix listener that somebody else has bound; its file stays.
    #[cfg(unix)]
    pub(crate) fn from_unix(listener: UnixListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self::Unix(listener, None))
    }

    /// The same socket once more; a Unix socket's file stays with the first.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(listener) => Self::Tcp(listener.try_clone()?),
            #[cfg(unix)]
            Self::Unix(listener, _) => Self::Unix(listener.try_clone()?, None),
        })
    }

    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Self::Unix(..) => None,
        }
    }

    /// Accepts a connection, ready for a loop. `WouldBlock`: there is none.
    #[cfg(any(
        target_os = "linux",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    pub(crate) fn accept(&self) -> io::Result<(Socket, Peer)> {
        use rustix::net::{SocketFlags, acceptfrom_with};
        let (fd, address) = acceptfrom_with(self, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        match self {
            Self::Tcp(_) => {
                // Taken here and not asked for later: a peer that has gone already has no address any more.
                let address = address.and_then(|address| SocketAddr::try_from(address).ok());
                let peer = address.map_or(Peer::UNIX, Peer::from);
                let stream = std::net::TcpStream::from(fd);
                #[cfg(not(target_os = "linux"))]
                let _ = stream.set_nodelay(true);
                Ok((Socket::Tcp(stream), peer))
            }
            Self::Unix(..) => Ok((Socket::Unix(UnixStream::from(fd)), Peer::UNIX)),
        }
    }

    /// The same where no one call does it all.
    #[cfg(not(any(
        target_os = "linux",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd"
    )))]
    pub(crate) fn accept(&self) -> io::Result<(Socket, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                let _ = stream.set_nodelay(true);
                Ok((Socket::Tcp(stream), address.into()))
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok((Socket::Unix(stream), Peer::UNIX))
            }
        }
    }

    /// Lends the socket to mio.
    #[cfg(all(any(not(target_os = "linux"), doget_mio), unix))]
    pub(crate) fn with_source<T>(&self, with: impl FnOnce(&mut mio::unix::SourceFd<'_>) -> T) -> T {
        use std::os::fd::AsRawFd;
        with(&mut mio::unix::SourceFd(&self.as_fd().as_raw_fd()))
    }
}

impl Listener {
    /// Whether a client waits to be accepted; where the system does not say, it may be.
    pub(crate) fn has_waiting(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        #[cfg(windows)]
        let Self::Tcp(socket) = self;
        #[cfg(not(windows))]
        let socket = self;
        poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&now)) != Ok(0)
    }
}

#[cfg(unix)]
impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(listener, _) => listener.as_fd(),
        }
    }
}
