//! The connection below an exchange, for what its buffers do not hold.

use std::io;
use std::time::Instant;

/// Blocking input and output with the connection's deadlines.
///
/// Requests and responses that fit their buffers never call it; a handler that streams does, and blocks in it.
/// An `Err` of kind `TimedOut` means that a deadline of [`Limits`](crate::Limits) has passed.
pub(crate) trait Transport: Send + Sync {
    /// Reads what there is, at most `buffer`; waits if there is nothing. `Ok(0)`: the peer has finished.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Waits until the peer has sent something or its end, at most for this long, and not beyond the server's end.
    #[cfg(feature = "live")]
    fn wait_input(&self, _within: std::time::Duration) -> io::Result<Awaited> {
        Ok(Awaited::Input)
    }

    /// Writes both parts, in order, to their end.
    fn write(&self, first: &[u8], second: &[u8]) -> io::Result<()>;

    /// Where an answer is gathered whole before any of it leaves: whether a body of so many bytes has room.
    fn make_room(&self, _body: u64) -> io::Result<()> {
        Ok(())
    }

    /// Takes back all that was written. False: some of it may have left.
    fn take_back(&self) -> bool {
        false
    }

    /// Whether the peer is there and the server goes on, as far as is known.
    fn is_connected(&self) -> bool {
        true
    }

    /// The time, by the clock that its deadlines are kept by.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Waits no longer than this, whatever the limits say: the deadline of the request in hand, or none.
    fn bound(&self, _deadline: Option<Instant>) {}

    /// How many bytes of the write that failed have not left.
    fn unwritten(&self) -> u64 {
        0
    }

    /// For a handler that waits for other things too: what to wait for beside them. `None` where nobody ever has to
    /// wait. `awaits`: what the peer sends is waited for, and its time runs.
    #[cfg(all(unix, feature = "cgi"))]
    fn watch(&self, _awaits: bool) -> Option<Watch<'_>> {
        None
    }
}

/// See [`Transport::wait_input`].
#[cfg(feature = "live")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    Input,
    Nothing,
    ServersEnd,
}

/// See [`Transport::watch`].
#[cfg(all(unix, feature = "cgi"))]
#[derive(Clone, Copy)]
pub(crate) struct Watch<'t> {
    /// The peer's bytes, and its end.
    pub(crate) socket: std::os::fd::BorrowedFd<'t>,
    /// Bytes of the peer are decrypted already, and the socket has nothing to tell of them.
    pub(crate) at_hand: bool,
    /// Ready to be read when the server cuts its connections.
    pub(crate) cut: std::os::fd::BorrowedFd<'t>,
    /// How long from now on the peer may be silent while it sends a body.
    pub(crate) budget: std::time::Duration,
}
