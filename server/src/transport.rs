//! The connection below an exchange, for what its buffers do not hold.

use std::io;

/// Blocking input and output with the connection's deadlines.
///
/// Requests and responses that fit their buffers never call it; a handler that streams does, and blocks in it.
/// An `Err` of kind `TimedOut` means that a deadline of [`Limits`](crate::Limits) has passed.
pub(crate) trait Transport: Send + Sync {
    /// Reads what there is, at most `buffer`; waits if there is nothing. `Ok(0)`: the peer has finished.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes both parts, in order, to their end.
    fn write(&self, first: &[u8], second: &[u8]) -> io::Result<()>;
}
