//! Sockets that the process was started with: systemd's socket activation.
//!
//! The protocol: `LISTEN_PID` is this process, and the descriptors from 3 on, `LISTEN_FDS` of them, are its sockets.

use crate::engine::net::listener::Listener;
use socket2::{Domain, Socket, Type};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

const FIRST: RawFd = 3;

/// The descriptors have one owner: a second call finds none.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes them; none if the process was started without.
pub(crate) fn listeners() -> io::Result<Vec<Listener>> {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse::<u32>().ok())
    };
    if number("LISTEN_PID") != Some(std::process::id()) {
        return Ok(Vec::new());
    }
    let count = number("LISTEN_FDS").unwrap_or(0).min(64);
    if count == 0 || TAKEN.swap(true, Ordering::SeqCst) {
        return Ok(Vec::new());
    }
    (FIRST..FIRST + count as RawFd)
        .map(|fd| take(fd).and_then(listener))
        .collect()
}

#[allow(
    unsafe_code,
    reason = "a number from the environment becomes a descriptor"
)]
fn take(fd: RawFd) -> io::Result<OwnedFd> {
    if !is_open(fd) {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("LISTEN_FDS counts descriptor {fd}, which is not open"),
        ));
    }
    // SAFETY: the descriptor is open, as was just seen. By the protocol, whose variables name this very process, it
    // was passed for this use, so nobody else in the process owns it; `TAKEN` makes sure that it is taken only once.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn is_open(fd: RawFd) -> bool {
    std::fs::symlink_metadata(format!("/dev/fd/{fd}")).is_ok()
}

fn listener(fd: OwnedFd) -> io::Result<Listener> {
    let socket = Socket::from(fd);
    socket.set_cloexec(true)?;
    if socket.r#type()? != Type::STREAM {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "an inherited descriptor is no stream socket",
        ));
    }
    let address = socket.local_addr()?;
    if address.domain() == Domain::UNIX {
        Listener::from_unix(socket.into())
    } else {
        Listener::from_tcp(socket.into())
    }
}
