//! Responses that are given up: too late, or for want of any other.

use crate::StatusCode;
use crate::connection::state::ExchangeState;
use crate::error::deadline_exceeded::DeadlineExceeded;
use crate::response::writer::ResponseWriter;
use std::io;
use std::sync::atomic::Ordering;

impl ResponseWriter {
    /// The time of the request is over. Where nothing of the response has left, an error page can still take its place.
    #[cold]
    pub(super) fn too_late(&mut self, exchange: &ExchangeState<'_>) -> io::Result<()> {
        if exchange.committed.load(Ordering::Relaxed) && self.gone.is_none() {
            self.gone = Some(io::ErrorKind::TimedOut);
            self.sent.failed(u64::MAX);
            self.sent.settle();
            self.bytes.clear();
        }
        Err(DeadlineExceeded.into())
    }

    /// Fails where an answer is gathered whole, and this piece makes it too long.
    pub(super) fn make_room(
        &mut self,
        piece: usize,
        exchange: &ExchangeState<'_>,
    ) -> io::Result<()> {
        let size = self.given.saturating_add(piece as u64);
        // What is beyond a length that was declared is dropped anyway.
        let size = self.declared.map_or(size, |declared| size.min(declared));
        let room = exchange.transport.make_room(size);
        if let Err(error) = &room {
            self.gone.get_or_insert(error.kind());
            // Also for a handler that takes no notice.
            self.refuse(error.to_string());
        }
        room
    }

    /// Takes back what was written to the transport. False: some of it may have left.
    #[cold]
    pub(crate) fn take_back_written(&mut self, exchange: &ExchangeState<'_>) -> bool {
        if !exchange.transport.take_back() {
            return false;
        }
        self.bytes.clear();
        self.mark = 0;
        self.gone = None;
        exchange.committed.store(false, Ordering::Relaxed);
        true
    }

    /// The last resort: a 500 that no hook has a part in.
    pub(crate) fn plain_error(&mut self, version: &str, _exchange: &ExchangeState<'_>) {
        self.status = StatusCode::INTERNAL_SERVER_ERROR;
        if !self.request.bare {
            self.bytes.extend_from_slice(version.as_bytes());
            self.bytes
                .extend_from_slice(b" 500 Internal Server Error\r\n");
            self.pending.put_standing(&mut self.bytes);
            #[cfg(feature = "session")]
            self.put_sessions(_exchange);
            self.bytes
                .extend_from_slice(b"Content-Length: 0\r\nConnection: close\r\n\r\n");
        }
        self.finished();
    }
}
