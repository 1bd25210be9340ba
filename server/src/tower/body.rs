//! The body of a response, as frames.

use crate::Peer;
use crate::exchange::PendingLogLine;
use crate::tower::answered::{Answered, NoConnection};
use crate::tower::bridge::Found;
use crate::tower::file_pieces::FilePieces;
use crate::tower::running::Running;
use crate::tower::shared::Shared;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The body of a response of a [`Service`](super::Service). It waits for what a handler writes, and tells the handler
/// when it is dropped: the client has left then.
pub struct ResponseBody(Inner);

enum Inner {
    Whole(Bytes),
    /// The handler is at work.
    Streamed(Box<Running>, Option<u64>),
    Rest(Box<Rest>),
}

/// Why the body of a response breaks off: its handler failed after the head had left, or a file became shorter. The
/// error log has the reason.
#[derive(Debug)]
#[non_exhaustive]
pub struct BodyError;

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response is not whole: its handler failed after the head had left")
    }
}

impl std::error::Error for BodyError {}

/// What is left of a response when its handler is done.
struct Rest {
    bytes: Bytes,
    tail: Option<FilePieces>,
    log: Option<Box<PendingLogLine>>,
    whole: bool,
    shared: Arc<Shared>,
    peer: Peer,
}

impl ResponseBody {
    pub(super) fn streamed(running: Box<Running>, length: Option<u64>) -> Self {
        Self(Inner::Streamed(running, length))
    }

    /// Of a response whose handler is done.
    pub(super) fn of(answered: Answered, shared: &Arc<Shared>, peer: Peer) -> Self {
        if answered.tail.is_none() && answered.whole {
            return Self(Inner::Whole(answered.bytes));
        }
        Self(Inner::Rest(Box::new(Rest {
            bytes: answered.bytes,
            tail: answered.tail.map(FilePieces::new),
            log: answered.log,
            whole: answered.whole,
            shared: Arc::clone(shared),
            peer,
        })))
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            match &mut self.0 {
                Inner::Whole(bytes) if bytes.is_empty() => return Poll::Ready(None),
                Inner::Whole(bytes) => {
                    return Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes)))));
                }
                Inner::Streamed(running, _) => match running.poll(cx) {
                    Found::Bytes(bytes) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                    Found::Answered(answered) => {
                        let rest = Self::of(answered, running.shared(), running.peer());
                        *self = rest;
                    }
                    Found::Nothing | Found::Head(_) | Found::BodyIsWanted => return Poll::Pending,
                },
                Inner::Rest(rest) => {
                    return rest
                        .poll(cx)
                        .map(|next| next.map(|read| read.map(Frame::data)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Inner::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Streamed(_, Some(length)) => SizeHint::with_exact(*length),
            Inner::Rest(rest) if rest.whole => SizeHint::with_exact(rest.left()),
            Inner::Streamed(..) | Inner::Rest(_) => SizeHint::default(),
        }
    }
}

impl Rest {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.bytes))));
        }
        if let Some(tail) = &mut self.tail {
            match tail.poll(&self.shared, cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(bytes))) => return Poll::Ready(Some(Ok(bytes))),
                Poll::Ready(Some(Err(_))) => self.whole = false,
                Poll::Ready(None) => self.tail = None,
            }
        }
        self.log();
        self.tail = None;
        let broke_off = !std::mem::replace(&mut self.whole, true);
        Poll::Ready(broke_off.then_some(Err(BodyError)))
    }

    fn left(&self) -> u64 {
        self.bytes.len() as u64 + self.tail.as_ref().map_or(0, FilePieces::left)
    }

    /// The request is logged when its response is over, with the bytes that left.
    fn log(&mut self) {
        let left = self.left();
        if let Some(log) = self.log.take() {
            log.log(&self.shared.context(&self.peer, &NoConnection), left);
        }
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.log();
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}
