//! [`Handle`]: a socket, for whoever is not in one of its callbacks.

use crate::live::channel::frame::{Content, Frame};
use crate::live::channel::home::Address;
use crate::live::outgoing::Outgoing;
use crate::live::protocol::close::Close;
use crate::live::protocol::decoder::Kind;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A socket as other threads see it: what is sent waits for the loop of the socket, which writes it.
///
/// ```
/// use doget::live::{Live, WebSocket};
/// use std::time::Duration;
///
/// fn countdown(socket: WebSocket) -> Live {
///     let handle = socket.handle();
///     std::thread::spawn(move || {
///         for number in (0..10).rev() {
///             if handle.send(number.to_string()).is_err() {
///                 break; // the socket is gone, or does not take anything
///             }
///             std::thread::sleep(Duration::from_secs(1));
///         }
///     });
///     socket.only()
/// }
/// ```
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Remote>);

/// Why nothing could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// [`LiveLimits::max_queue_size`](crate::LiveLimits) bytes wait for the socket already.
    Full,
    /// The socket has ended, or was told to.
    Gone,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the socket takes too little: its queue is full",
            Self::Gone => "the socket has ended",
        })
    }
}

impl std::error::Error for SendError {}

pub(crate) struct Remote {
    state: Mutex<RemoteState>,
    limit: usize,
}

#[derive(Default)]
struct RemoteState {
    queue: VecDeque<Arc<Frame>>,
    size: usize,
    close: Option<Close>,
    gone: bool,
    /// The loop has word already.
    told: bool,
    at: Option<Address>,
}

impl Handle {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Remote {
            state: Mutex::default(),
            limit,
        }))
    }

    /// Sends a message, without waiting. Messages of one handle arrive in order.
    ///
    /// # Errors
    ///
    /// Too much waits for the socket already, or it has ended.
    pub fn send<'m>(&self, message: impl Into<Outgoing<'m>>) -> Result<(), SendError> {
        let Outgoing { kind, bytes } = message.into();
        let content = match kind {
            Kind::Binary => Content::Binary(bytes.into_owned()),
            Kind::Text => match String::from_utf8(bytes.into_owned()) {
                Ok(text) => Content::Text(text),
                Err(error) => Content::Binary(error.into_bytes()),
            },
        };
        let frame = Arc::new(Frame::new(content, None));
        let mut state = self.0.lock();
        if state.gone || state.close.is_some() {
            return Err(SendError::Gone);
        }
        // One message of any size may wait.
        if !state.queue.is_empty() && state.size + frame.queued() > self.0.limit {
            return Err(SendError::Full);
        }
        state.size += frame.queued();
        state.queue.push_back(frame);
        state.tell();
        Ok(())
    }

    /// Ends the socket behind what was sent before.
    pub fn close(&self, close: impl Into<Close>) {
        let mut state = self.0.lock();
        if !state.gone && state.close.is_none() {
            state.close = Some(close.into());
            state.tell();
        }
    }

    /// Whether the socket has ended.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.lock().gone
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("is_gone", &self.is_gone())
            .finish_non_exhaustive()
    }
}

impl RemoteState {
    /// No code of users, and no second lock but that of the loop's list of words.
    fn tell(&mut self) {
        if let Some(at) = &self.at
            && !std::mem::replace(&mut self.told, true)
        {
            at.tell();
        }
    }
}

impl Remote {
    fn lock(&self) -> MutexGuard<'_, RemoteState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn register(&self, address: &Address) {
        self.lock().at = Some(address.clone());
    }

    pub(crate) fn has_news(&self) -> bool {
        let state = self.lock();
        !state.queue.is_empty() || state.close.is_some()
    }

    /// Hands out what waits, some `room` bytes and one message at least; it stays until [`advance`](Self::advance). Who
    /// sends waits meanwhile: `frame` only takes note.
    pub(crate) fn peek(&self, room: usize, mut frame: impl FnMut(&Arc<Frame>)) {
        let mut state = self.lock();
        state.told = false;
        let mut size = 0;
        for known in &state.queue {
            frame(known);
            size += known.length();
            if size >= room {
                break;
            }
        }
    }

    /// The first of what waits has left.
    pub(crate) fn advance(&self) {
        let mut state = self.lock();
        if let Some(frame) = state.queue.pop_front() {
            state.size -= frame.queued();
        }
    }

    /// The end that was asked for, once all before it has left.
    pub(crate) fn close(&self) -> Option<Close> {
        let mut state = self.lock();
        if state.queue.is_empty() {
            state.close.take()
        } else {
            None
        }
    }

    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.gone = true;
        state.queue.clear();
        state.at = None;
    }
}
