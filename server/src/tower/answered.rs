//! What a handler left behind: a response, as far as it has not left already.

use crate::connection::transport::Transport;
use crate::exchange::{Close, Next, PendingLogLine};
use crate::response::tail::Tail;
use crate::response::writer::ResponseWriter;
use crate::tower::known_heads::KnownHeads;
use crate::tower::response_head::{self, Split};
use bytes::Bytes;
use std::io;

/// A response, or the rest of one.
pub(super) struct Answered {
    /// `None`: it left before.
    pub(super) head: Option<http::Response<()>>,
    pub(super) bytes: Bytes,
    pub(super) tail: Option<Tail>,
    /// The line that is logged when the tail is out.
    pub(super) log: Option<Box<PendingLogLine>>,
    /// False: the response breaks off behind its bytes.
    pub(super) whole: bool,
}

/// What was written to a connection and has not left it.
#[derive(Default)]
pub(super) struct Unsent {
    /// The head has left, and what is here is body.
    pub(super) head_has_left: bool,
    pub(super) bytes: Vec<u8>,
    /// An interim response was dropped.
    pub(super) had_interim: bool,
}

impl Unsent {
    /// Takes what the head is still in, if it is whole; interim responses are dropped.
    pub(super) fn take_head(
        &mut self,
        multiplexed: bool,
        known: &mut KnownHeads,
    ) -> io::Result<Option<http::Response<()>>> {
        if self.head_has_left {
            return Ok(None);
        }
        let bytes = std::mem::take(&mut self.bytes);
        let found = find_head(&bytes, multiplexed, &mut self.had_interim, known);
        self.bytes = bytes;
        let (head, end) = found?;
        self.bytes.drain(..end);
        self.head_has_left = head.is_some();
        Ok(head)
    }
}

/// The head of the final response, unless it is not whole yet, and how far it goes with the interim ones before it,
/// which are dropped.
fn find_head(
    bytes: &[u8],
    multiplexed: bool,
    had_interim: &mut bool,
    known: &mut KnownHeads,
) -> io::Result<(Option<http::Response<()>>, usize)> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match response_head::split(rest, multiplexed, known) {
            Split::Partial => return Ok((None, at)),
            Split::Interim(status, end) => {
                // The engine below invites a body by itself.
                *had_interim |= status != 100;
                at += end;
            }
            Split::Final(head, end) => return Ok((Some(head), at + end)),
            Split::Malformed => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Answered {
    /// Of what the handler wrote to its connection, and what stayed in the writer. Says too whether an interim response
    /// was dropped.
    pub(super) fn of(
        mut unsent: Unsent,
        writer: &mut ResponseWriter,
        next: Next,
        multiplexed: bool,
        known: &mut KnownHeads,
    ) -> (Self, bool) {
        let (log, close) = match next {
            Next::Tail(log, close) => (Some(log), close),
            Next::Close(close) => (None, Some(close)),
            Next::Read | Next::Again | Next::Offload => (None, None),
        };
        let whole = close.is_none_or(Close::is_well);
        let head_had_left = unsent.head_has_left;
        let (head, bytes) = if head_had_left {
            unsent.bytes.extend_from_slice(&writer.bytes);
            (None, Bytes::from(unsent.bytes))
        } else if unsent.bytes.is_empty() {
            // All of it is in the writer, as mostly: only the body is copied from there.
            let bytes = writer.bytes.as_slice();
            let found = find_head(bytes, multiplexed, &mut unsent.had_interim, known);
            let (head, end) = found.unwrap_or_default();
            (head, copy_of(bytes.get(end..).unwrap_or_default()))
        } else {
            unsent.bytes.extend_from_slice(&writer.bytes);
            let bytes = Bytes::from(unsent.bytes);
            let found = find_head(&bytes, multiplexed, &mut unsent.had_interim, known);
            let (head, end) = found.unwrap_or_default();
            (head, bytes.slice(end..))
        };
        writer.bytes.clear();
        // Nobody has seen anything of it yet, so it can still be an answer.
        if !head_had_left && (head.is_none() || !whole) {
            return (Self::internal_error(), unsent.had_interim);
        }
        let answered = Self {
            head,
            bytes,
            tail: writer.tail.take(),
            log,
            whole,
        };
        (answered, unsent.had_interim)
    }

    /// What stands in the place of a response that is no response of HTTP, or of which nothing can be sent as it is.
    pub(super) fn internal_error() -> Self {
        let mut head = http::Response::new(());
        *head.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        Self {
            head: Some(head),
            bytes: Bytes::new(),
            tail: None,
            log: None,
            whole: true,
        }
    }
}

/// Without an allocation for none.
fn copy_of(bytes: &[u8]) -> Bytes {
    match bytes {
        [] => Bytes::new(),
        bytes => Bytes::copy_from_slice(bytes),
    }
}

/// Nobody is there: for the log, which asks nothing of a connection.
pub(super) struct NoConnection;

impl Transport for NoConnection {
    fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::NotConnected.into())
    }

    fn write(&self, _: &[u8], _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::NotConnected.into())
    }
}
