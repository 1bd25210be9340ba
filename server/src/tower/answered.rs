//! What a handler left behind: a response, as far as it has not left already.

use crate::connection::transport::Transport;
use crate::exchange::{Close, Next, PendingLogLine};
use crate::response::tail::Tail;
use crate::response::writer::ResponseWriter;
use crate::tower::response_head::{self, Split};
use bytes::{Bytes, BytesMut};
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
    pub(super) bytes: BytesMut,
    /// An interim response was dropped.
    pub(super) had_interim: bool,
}

impl Unsent {
    /// Takes what the head is still in, if it is whole; interim responses are dropped.
    pub(super) fn take_head(
        &mut self,
        multiplexed: bool,
    ) -> io::Result<Option<http::Response<()>>> {
        if self.head_has_left {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.bytes).freeze();
        loop {
            match response_head::split(&bytes, multiplexed) {
                Split::Partial => {
                    self.bytes = BytesMut::from(bytes);
                    return Ok(None);
                }
                Split::Interim(status, end) => {
                    // The engine below invites a body by itself.
                    self.had_interim |= status != 100;
                    bytes = bytes.slice(end..);
                }
                Split::Final(head, end) => {
                    self.head_has_left = true;
                    self.bytes = BytesMut::from(bytes.slice(end..));
                    return Ok(Some(head));
                }
                Split::Malformed => return Err(io::ErrorKind::InvalidData.into()),
            }
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
    ) -> (Self, bool) {
        let (log, close) = match next {
            Next::Tail(log, close) => (Some(log), close),
            Next::Close(close) => (None, Some(close)),
            Next::Read | Next::Again | Next::Offload => (None, None),
        };
        let whole = close.is_none_or(Close::is_well);
        unsent.bytes.extend_from_slice(&writer.bytes);
        writer.bytes.clear();
        let head_had_left = unsent.head_has_left;
        let head = unsent.take_head(multiplexed).unwrap_or_default();
        // Nobody has seen anything of it yet, so it can still be an answer.
        if !head_had_left && (head.is_none() || !whole) {
            return (Self::internal_error(), unsent.had_interim);
        }
        let answered = Self {
            head,
            bytes: unsent.bytes.freeze(),
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
