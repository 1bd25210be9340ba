//! A socket in its callbacks: [`Socket`] is what a program writes, [`SocketPeer`] what its methods are given.

use crate::live::channel::handle::Handle;
use crate::live::channel::topic::{AsMessage, Topic};
use crate::live::message::Message;
use crate::live::outgoing::Outgoing;
use crate::live::protocol::close::{Close, Closed};
use crate::live::protocol::decoder::Kind;
use crate::live::protocol::deflate::{Codec, PerMessageDeflate, write_message};
use crate::live::protocol::frame::{Opcode, write_header};
use crate::live::stage::Sources;
use std::fmt;

/// What happens on a WebSocket, as methods of the value that is its state: see
/// [`WebSocket::with`](crate::live::WebSocket::with).
///
/// The methods of one socket never run at the same time, so the state needs no lock. They may block; the socket's own
/// messages wait meanwhile, and nobody else's do. [`on_open`](Self::on_open) comes before all others, and
/// [`on_close`](Self::on_close) exactly once behind them, also if one of them panics: the socket is closed with 1011
/// then.
pub trait Socket: Send {
    /// The handshake is done.
    ///
    /// # Errors
    ///
    /// Ends the socket with this Close.
    fn on_open(&mut self, peer: &mut SocketPeer<'_>) -> Result<(), Close> {
        let _ = peer;
        Ok(())
    }

    /// A message has come.
    ///
    /// # Errors
    ///
    /// Ends the socket with this Close. What was sent before leaves first.
    fn on_message(&mut self, peer: &mut SocketPeer<'_>, message: Message<'_>) -> Result<(), Close>;

    /// The socket took too little of a topic with [`Lag::Skip`](crate::live::Lag::Skip), and has missed so many
    /// messages.
    fn on_lag(&mut self, missed: u64) {
        let _ = missed;
    }

    /// The server ends: the last chance to send something. A Close with 1001 follows.
    fn on_shutdown(&mut self, peer: &mut SocketPeer<'_>) {
        let _ = peer;
    }

    /// The socket has ended.
    fn on_close(&mut self, closed: &Closed) {
        let _ = closed;
    }
}

/// A WebSocket in one of its callbacks.
pub struct SocketPeer<'s> {
    pub(super) out: &'s mut Vec<u8>,
    pub(super) sources: &'s mut Sources,
    pub(super) queue_size: usize,
    pub(super) deflate: Option<PerMessageDeflate>,
    pub(super) codec: &'s mut Codec,
    /// The message in hand, if it is so large that it is sent back without a copy.
    pub(super) lent: Option<&'s [u8]>,
    /// It is to follow `out`.
    pub(super) returns: bool,
}

impl SocketPeer<'_> {
    /// Sends a message. It leaves when the callback is done, with all others of this turn in one write; nothing waits
    /// for the client here.
    pub fn send<'m>(&mut self, message: impl Into<Outgoing<'m>>) {
        let Outgoing { kind, bytes } = message.into();
        let opcode = match kind {
            Kind::Text => Opcode::Text,
            Kind::Binary => Opcode::Binary,
        };
        self.settle();
        let is_lent = |lent: &[u8]| std::ptr::eq(lent, &*bytes);
        if self.deflate.is_none() && self.lent.is_some_and(is_lent) {
            write_header(self.out, opcode, false, bytes.len());
            self.returns = true;
            return;
        }
        write_message(self.out, opcode, &bytes, self.deflate, self.codec);
    }

    /// Something else will follow the message that is sent back, so it is copied.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.returns) {
            self.out.extend_from_slice(self.lent.unwrap_or_default());
        }
    }

    /// From here on the socket gets what is published to this topic: it joins a room. To follow twice is to follow
    /// once.
    pub fn follow<T: AsMessage>(&mut self, topic: &Topic<T>) {
        self.sources.follow(&topic.ring);
    }

    /// The socket leaves a room. What was published before may still arrive.
    pub fn leave<T: AsMessage>(&mut self, topic: &Topic<T>) {
        self.sources.leave(&topic.ring);
    }

    /// The socket for other threads.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.sources.handle(self.queue_size)
    }
}

impl fmt::Debug for SocketPeer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketPeer").finish_non_exhaustive()
    }
}

/// What the closure of [`WebSocket::each`](crate::live::WebSocket::each) may return: nothing, or `Result<(), Close>`.
#[diagnostic::on_unimplemented(
    message = "the closure of a socket cannot return `{Self}`",
    label = "neither `()` nor `Result<(), Close>`",
    note = "end the closure with `;` if its value is of no use, or return `Err(Close)` to end the socket"
)]
pub trait Outcome {
    /// The same as a result.
    ///
    /// # Errors
    ///
    /// The Close that ends the socket.
    fn into_result(self) -> Result<(), Close>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), Close> {
        Ok(())
    }
}

impl Outcome for Result<(), Close> {
    fn into_result(self) -> Result<(), Close> {
        self
    }
}

/// A closure as a socket.
pub(super) struct Each<F>(pub(super) F);

impl<F, R> Socket for Each<F>
where
    F: FnMut(&mut SocketPeer<'_>, Message<'_>) -> R + Send,
    R: Outcome,
{
    fn on_message(&mut self, peer: &mut SocketPeer<'_>, message: Message<'_>) -> Result<(), Close> {
        self.0(peer, message).into_result()
    }
}

/// A socket that listens to nobody: what comes is thrown away.
pub(super) struct Deaf;

impl Socket for Deaf {
    fn on_message(&mut self, _: &mut SocketPeer<'_>, _: Message<'_>) -> Result<(), Close> {
        Ok(())
    }
}
