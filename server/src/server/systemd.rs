//! Words to systemd: that the server serves, and that it ends (sd_notify(3)).

use crate::connection::server_info::Shutdown;
use std::ffi::OsString;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicBool, Ordering};

/// Who started the program and wants to hear of it.
#[derive(Debug)]
pub(super) struct Manager {
    socket: UnixDatagram,
    has_stopped: AtomicBool,
}

impl Manager {
    /// The socket that the environment names. None: nobody wants to hear anything.
    pub(super) fn of_environment() -> io::Result<Option<Self>> {
        match std::env::var_os("NOTIFY_SOCKET") {
            Some(name) if !name.is_empty() => Self::at(name).map(Some),
            _ => Ok(None),
        }
    }

    fn at(name: OsString) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        // It is spoken to under a lock, and when the program ends: it may not hold up either.
        socket.set_nonblocking(true)?;
        connect(&socket, name)?;
        Ok(Self {
            socket,
            has_stopped: AtomicBool::new(false),
        })
    }

    /// Says that the server serves.
    pub(super) fn ready(&self) -> io::Result<()> {
        self.socket.send(b"READY=1").map(drop)
    }

    /// Says, at the first stage of the shutdown, that the server ends.
    pub(super) fn follow(self, shutdown: &Shutdown) {
        shutdown.on_change(Box::new(move || {
            if !self.has_stopped.swap(true, Ordering::Relaxed) {
                // Nobody is left to hear that it failed.
                let _ = self.socket.send(b"STOPPING=1");
            }
        }));
    }
}

/// A name that begins with `@` is one of the abstract namespace.
#[cfg(target_os = "linux")]
fn connect(socket: &UnixDatagram, name: OsString) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::SocketAddr;
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => socket.connect_addr(&SocketAddr::from_abstract_name(name)?),
        None => socket.connect(name),
    }
}

#[cfg(not(target_os = "linux"))]
fn connect(socket: &UnixDatagram, name: OsString) -> io::Result<()> {
    socket.connect(name)
}
