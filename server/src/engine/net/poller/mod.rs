//! Readiness, behind one small trait: `epoll` by rustix on Linux, mio elsewhere, in a form of its own on Windows.
//!
//! A connection is registered once, edge-triggered, for both directions, and stays so: neither a request nor a
//! take-over needs a call. An event says that something changed; the truth is what a read or a write then finds. A
//! handler that waits for its socket, and not for the first time, [mutes](Poller::mute) the registration meanwhile.

#[cfg(all(target_os = "linux", not(doget_mio)))]
mod epoll;
#[cfg(all(unix, any(not(target_os = "linux"), doget_mio)))]
mod mio;
#[cfg(windows)]
mod windows;

#[cfg(all(target_os = "linux", not(doget_mio)))]
pub(crate) use epoll::Epoll as SystemPoller;
#[cfg(all(unix, any(not(target_os = "linux"), doget_mio)))]
pub(crate) use mio::MioPoller as SystemPoller;
#[cfg(windows)]
pub(crate) use windows::WindowsPoller as SystemPoller;

use crate::engine::net::listener::Listener;
use crate::engine::net::socket::Socket;
use std::io;
use std::time::Duration;

/// What a registration is known by: a slot with its generation, a listener, or the waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(pub(crate) u64);

/// The lowest slot number that is no connection.
const SPECIAL: u32 = u32::MAX - 1024;

impl Token {
    /// Wakes a waiting loop, and says nothing else.
    pub(crate) const WAKE: Self = Self(u32::MAX as u64);

    pub(crate) fn connection(slot: u32, generation: u32) -> Self {
        Self(u64::from(generation) << 32 | u64::from(slot))
    }

    pub(crate) fn listener(index: usize) -> Self {
        Self(u64::from(SPECIAL) + (index as u64).min(1023))
    }

    /// The slot, if this is a connection's.
    pub(crate) fn slot(self) -> Option<u32> {
        let slot = self.0 as u32;
        (slot < SPECIAL).then_some(slot)
    }

    pub(crate) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) fn as_listener(self) -> Option<usize> {
        let low = self.0 as u32;
        (low >= SPECIAL && low != u32::MAX).then(|| (low - SPECIAL) as usize)
    }
}

/// Something changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) token: Token,
    /// The peer has finished sending, or is gone: a read that falls short does not mean that nothing is left.
    pub(crate) finished: bool,
}

/// What a connection waits for that goes on when its socket says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// Bytes of the peer, or its end.
    Input,
    /// Room to write.
    Room,
    /// Nothing: it goes on when somebody else says so, or at its deadline.
    #[cfg(feature = "live")]
    Nothing,
}

/// A source of readiness events: one for each loop, asked by the thread that owns the loop.
pub(crate) trait Poller: Sized + Send + Sync {
    /// A readiness is reported once, and not again before [`rearm`](Self::rearm).
    const ONCE: bool = false;

    fn new() -> io::Result<Self>;

    /// Waits for events and appends them. An interruption is no error, and neither is a timeout.
    fn wait(&self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()>;

    /// Reports when a connection can be accepted, as long as there is one.
    fn listen(&self, listener: &Listener, token: Token) -> io::Result<()>;

    /// Has to be called after a report of `listen`, so that the next connection is reported too.
    fn relisten(&self, listener: &Listener, token: Token) -> io::Result<()>;

    fn unlisten(&self, listener: &Listener) -> io::Result<()>;

    fn add(&self, socket: &Socket, token: Token) -> io::Result<()>;

    /// Registers anew, which looks at the socket again: whatever is ready now is reported.
    fn modify(&self, socket: &Socket, token: Token) -> io::Result<()>;

    /// Behind a turn that ended with waiting. Of use where readiness is reported [once](Self::ONCE).
    fn rearm(&self, _socket: &Socket, _token: Token, _awaited: Awaited) -> io::Result<()> {
        Ok(())
    }

    /// Reports nothing of this socket until it is registered [anew](Self::modify), if that costs no more than some
    /// reports that nobody needs. False: it goes on reporting.
    fn mute(&self, _socket: &Socket) -> bool {
        false
    }

    /// Before a socket is closed.
    fn remove(&self, socket: &Socket);

    /// Before a socket goes to another poller.
    fn release(&self, socket: &Socket);

    /// Ends a wait.
    fn wake(&self) -> io::Result<()>;
}
