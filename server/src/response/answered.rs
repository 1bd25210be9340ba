//! What a layer around the handler is told of its answer.

use crate::connection::state::ExchangeState;
use crate::response::writer::{ResponseFraming, ResponseWriter};

impl ResponseWriter {
    /// The status, and the size of the body as far as it is known.
    pub(super) fn tell_answered(&self, exchange: &ExchangeState<'_>) {
        exchange.answered.set_status(self.status.as_u16());
        exchange.answered.set_bytes(match self.framing {
            _ if self.bodiless() => 0,
            ResponseFraming::Length(length) => length,
            _ => self.given,
        });
    }
}
