//! What a head says of sessions: a cookie if one was changed, and that the answer is for one client alone.

use crate::connection::session_slots::SessionSlots;
use crate::connection::state::ExchangeState;
use crate::http1;
use crate::response::field_lines::{is_named, lines};
use crate::response::writer::ResponseWriter;

impl ResponseWriter {
    /// Adds to the open head what it has to say of sessions, once for each head.
    #[inline]
    pub(crate) fn put_sessions(&mut self, exchange: &ExchangeState<'_>) {
        if let Some(sessions) = exchange.used_sessions() {
            self.put_used_sessions(sessions);
        }
    }

    #[cold]
    fn put_used_sessions(&mut self, sessions: &SessionSlots) {
        if !std::mem::replace(&mut self.has_sessions, true) && !self.request.bare {
            put(sessions, self.mark, &mut self.bytes);
        }
    }
}

/// Adds the lines to the head, which begins at `start`.
///
/// An answer for which a session was looked at may be another one for another client. So it is not to be stored, unless
/// the handler has said that the client alone may (`private`) and no cookie is set: a stored cookie would come again.
fn put(slots: &SessionSlots, start: usize, bytes: &mut Vec<u8>) {
    let cookies = slots.write();
    let head = bytes.get(start..).unwrap_or_default();
    let is_private = says(head, "Cache-Control", "private") && cookies.is_empty();
    let is_stored = !is_private && !says(head, "Cache-Control", "no-store");
    let varies = says(head, "Vary", "Cookie") || says(head, "Vary", "*");
    for cookie in cookies {
        // A cookie was checked when it was made.
        let _ = http1::field(bytes, "Set-Cookie", &cookie);
    }
    if is_stored {
        bytes.extend_from_slice(b"Cache-Control: no-store\r\n");
    }
    if !varies {
        bytes.extend_from_slice(b"Vary: Cookie\r\n");
    }
}

/// Whether a list of this name has this word.
fn says(head: &[u8], name: &str, word: &str) -> bool {
    lines(head)
        .filter(|line| is_named(line, name.as_bytes()))
        .filter_map(|line| line.get(name.len() + 1..))
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}
