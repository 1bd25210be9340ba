//! An answer that has a version: it meets the conditions of its request when its head is ended (RFC 9110 section 13).

use crate::connection::state::ExchangeState;
use crate::http1;
use crate::response::field_lines::{is_named, lines};
use crate::response::writer::ResponseWriter;
use crate::semantics::conditional::{Preconditions, Validators};
use crate::{HttpDate, Result};
use std::sync::atomic::Ordering;

/// What a 304 says of the 200 in whose place it stands (RFC 9110 section 15.4.5), and cookies, which are for the client
/// and not about the content.
const KEPT: [&str; 8] = [
    "Cache-Control",
    "Content-Location",
    "ETag",
    "Expires",
    "Last-Modified",
    "Link",
    "Set-Cookie",
    "Vary",
];

impl ResponseWriter {
    /// Adds the validators of the version that was given, and looks at the conditions of the request. `begin` begins
    /// the head of a 304.
    ///
    /// # Errors
    ///
    /// 412 for a condition that fails.
    #[cold]
    #[inline(never)]
    pub(super) fn settle_version(
        &mut self,
        exchange: &ExchangeState<'_>,
        begin: impl FnOnce(&mut Self),
    ) -> Result<()> {
        let Some(version) = self.pending.take_version() else {
            return Ok(());
        };
        // A condition is about what would be a success, and only while the status can still be another.
        let is_open = self.status.as_u16() == 200 && !exchange.committed.load(Ordering::Relaxed);
        if self.request().bare || self.fault.is_some() || !self.status.is_success() {
            return Ok(());
        }
        self.add_validators(&version);
        let Some((head, bytes)) = exchange.asked.filter(|_| is_open) else {
            return Ok(());
        };
        let conditions = Preconditions::of(head.method(), head.fields(bytes));
        // What another method was to change is changed by now.
        if conditions.reads && conditions.is_not_modified(&version)? {
            self.declared = None;
            let full = self.bytes.split_off(self.mark);
            begin(self);
            for line in lines(&full) {
                if KEPT.iter().any(|name| is_named(line, name.as_bytes())) {
                    self.bytes.extend_from_slice(line);
                }
            }
        }
        Ok(())
    }

    /// Those that the head does not have already.
    fn add_validators(&mut self, version: &Validators) {
        let now = self.first_lines.now();
        let tag = version.tag().map(|tag| tag.as_str().to_owned());
        let date = version.told_date(now).map(HttpDate::new);
        let date = date.map(|date| date.as_str().to_owned());
        for (name, value) in [("ETag", tag), ("Last-Modified", date)] {
            let head = self.bytes.get(self.mark..).unwrap_or_default();
            let has = lines(head).any(|line| is_named(line, name.as_bytes()));
            if let (Some(value), false) = (value, has) {
                let written = http1::field(&mut self.bytes, name, &value);
                self.record(written);
            }
        }
    }
}
