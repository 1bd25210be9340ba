//! The first lines of a response, and the time in them: written once a second where no hook has a part in them.

use crate::StatusCode;
use crate::response::writer::{ResponseWriter, StandardLines};
use std::time::{Duration, SystemTime};

/// A `Date` that is older than this is taken anew.
const SECOND: Duration = Duration::from_secs(1);

/// The first lines of the last response, up to `Date`: they are the same for a second, unless hooks say otherwise.
#[derive(Debug, Default)]
pub(crate) struct FirstLines {
    bytes: Vec<u8>,
    /// Whole seconds since 1970.
    second: u64,
    status: Option<StatusCode>,
    lines: Option<&'static StandardLines>,
}

impl ResponseWriter {
    /// The time of the responses that follow.
    pub(crate) fn set_now(&mut self, now: SystemTime) {
        if now != self.now {
            self.renew(now);
        }
    }

    #[inline(never)]
    fn renew(&mut self, now: SystemTime) {
        self.now = now;
        let second = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        if second != self.prefix.second {
            self.prefix.second = second;
            self.prefix.status = None;
        }
    }

    /// Whether handlers may take long before they answer, so that the time has to be asked for again then.
    pub(crate) fn takes_long(&mut self, long: bool) {
        self.long = long;
    }

    /// Takes the time anew for the response that begins, if its handler may have taken long.
    pub(crate) fn look_at_clock(&mut self) {
        if self.long {
            self.ask_clock();
        }
    }

    #[cold]
    fn ask_clock(&mut self) {
        let now = SystemTime::now();
        if now.duration_since(self.now).is_ok_and(|age| age >= SECOND) {
            self.set_now(now);
        }
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }

    /// Writes the status line, `Server` and `Date` as the last response had them. False: they were others.
    pub(crate) fn repeat_prefix(
        &mut self,
        status: StatusCode,
        lines: &'static StandardLines,
    ) -> bool {
        let prefix = &self.prefix;
        let known = prefix.lines.is_some_and(|known| std::ptr::eq(known, lines));
        let same = known && prefix.status == Some(status);
        if same {
            self.bytes.extend_from_slice(&prefix.bytes);
        }
        same
    }

    /// Remembers what was written since `start` as the prefix of this status.
    pub(crate) fn keep_prefix(
        &mut self,
        start: usize,
        status: StatusCode,
        lines: &'static StandardLines,
    ) {
        self.prefix.bytes.clear();
        self.prefix
            .bytes
            .extend_from_slice(self.bytes.get(start..).unwrap_or_default());
        self.prefix.status = Some(status);
        self.prefix.lines = Some(lines);
    }
}
