//! Fields of a head that decide more than their own line: `Connection`, `Content-Length`, `Transfer-Encoding`.

use crate::connection::state::ExchangeState;
use crate::response::writer::ResponseWriter;

impl ResponseWriter {
    /// See [`notice`](Self::notice).
    #[inline(never)]
    pub(super) fn inspect_header(&mut self, name: &str, mark: usize, exchange: &ExchangeState<'_>) {
        match name.len() {
            10 if name.eq_ignore_ascii_case("connection") => {
                let value = self.value(name, mark);
                if value.eq_ignore_ascii_case(b"close") {
                    self.says_close = true;
                    exchange.set_close(true);
                } else if value.eq_ignore_ascii_case(b"keep-alive") {
                    // Written with the framing, if it is true then; and what was said before is not taken back.
                    self.says_keep = true;
                    self.bytes.truncate(mark);
                    if !self.says_close {
                        exchange.set_close(false);
                    }
                }
            }
            14 if name.eq_ignore_ascii_case("content-length") => {
                let length = std::str::from_utf8(self.value(name, mark))
                    .ok()
                    .and_then(|text| text.parse::<u64>().ok());
                if length.is_none() {
                    self.refuse("Content-Length has to be a number of bytes");
                } else if self.declared.is_some() {
                    self.refuse("Content-Length was already sent for this response");
                }
                self.declared = length;
                // Where and whether it is written is decided with the framing.
                self.bytes.truncate(mark);
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                self.refuse("Transfer-Encoding is the server's own: leave it out, a body of unknown length is chunked");
            }
            _ => {}
        }
    }

    fn value(&self, name: &str, mark: usize) -> &[u8] {
        let line = self.bytes.get(mark + name.len() + 1..).unwrap_or_default();
        line.trim_ascii()
    }
}
