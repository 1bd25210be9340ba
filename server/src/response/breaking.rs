//! Responses that break off: what is dropped, what is counted, and whether their peers see it.

use crate::connection::state::ExchangeState;
use crate::response::Body;
use crate::response::tail::Tail;
use crate::response::writer::{ResponseFraming, ResponseWriter};
use std::io;

impl ResponseWriter {
    /// The server has cut its connections: nothing that is written from now on leaves.
    pub(crate) fn give_up_if_cut(&mut self, exchange: &ExchangeState<'_>) {
        if exchange.is_cut() && self.gone.is_none() {
            self.gone = Some(io::ErrorKind::ConnectionAborted);
            self.sent.forget_waiting();
        }
    }

    /// A write failed in the middle: what would follow is not what follows for the peer.
    #[cold]
    pub(crate) fn drop_rest(&mut self) {
        self.bytes.clear();
        self.tail = None;
        self.sent.forget_waiting();
    }

    /// Bytes that wait here, and those of the tail: none of them has left.
    pub(crate) fn left(&self) -> u64 {
        self.bytes.len() as u64 + self.tail.as_ref().map_or(0, Tail::left)
    }

    /// Whether a peer sees from the framing that the response is not whole, if it breaks off now.
    pub(crate) fn shows_loss(&self) -> bool {
        let is_framed = self.bodiless() || self.framing != ResponseFraming::ToEnd;
        is_framed && !self.request.bare && self.gone.is_none()
    }
}

impl Body<'_> {
    /// Whether the client is there and the server goes on, as far as is known now: for streams that have nothing to
    /// say for a while. False once the client has sent its last byte, as one does that leaves, once its connection
    /// has failed, and once the server cuts its connections; see
    /// [`Shutdown::wait_begun`](crate::Shutdown::wait_begun) for an end in order.
    pub fn is_connected(&self) -> bool {
        self.writer.gone().is_none() && self.exchange.transport.is_connected()
    }
}
