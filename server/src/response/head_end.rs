//! The end of a head: the fields that frame the body, what is said of the connection, and the blank line.

use crate::connection::state::ExchangeState;
use crate::http1;
use crate::response::framing::{self, ResponseFraming};
use crate::response::writer::ResponseWriter;

impl ResponseWriter {
    /// Writes the fields that frame the body, and the blank line.
    pub(crate) fn close_head(&mut self, framing: ResponseFraming, exchange: &ExchangeState<'_>) {
        self.framing = framing;
        #[cfg(feature = "tracing")]
        self.tell_answered(exchange);
        exchange.close_if_shutting_down();
        if let ResponseFraming::Length(length) = framing
            && !self.request.bare
            && !framing::is_bodiless_status(self.status.as_u16())
            && !exchange.closes()
            && self.request.confirm.is_none()
            && !self.says_keep
            && framing::end_with_length(&mut self.bytes, length)
        {
            return;
        }
        self.close_unusual_head(framing, exchange);
    }

    /// [`close_head`](Self::close_head), where there is more to say than a length. Out of line, so that the path of
    /// most responses stays short.
    #[inline(never)]
    fn close_unusual_head(&mut self, framing: ResponseFraming, exchange: &ExchangeState<'_>) {
        let ends_it = framing == ResponseFraming::ToEnd && !self.request.framed_below;
        if ends_it && !self.bodiless() {
            exchange.force_close();
        }
        if self.request.bare {
            exchange.force_close();
            return;
        }
        let out = &mut self.bytes;
        framing::write_fields(out, framing, self.status.as_u16(), self.declared.is_some());
        // One field, and the true one: clients are known that believe the first of two.
        if exchange.closes() {
            if !self.says_close {
                out.extend_from_slice(b"Connection: close\r\n");
            }
        } else if self.request.confirm.is_some() || self.says_keep {
            out.extend_from_slice(b"Connection: keep-alive\r\n");
            // RFC 2068 section 19.7.1.1. Others know no time, and this one is longer than they keep a connection.
            if let Some(seconds @ 1..) = self.request.confirm {
                let mut digits = itoa::Buffer::new();
                out.extend_from_slice(b"Keep-Alive: timeout=");
                out.extend_from_slice(digits.format(seconds).as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
        http1::push_line_end(out);
    }
}
