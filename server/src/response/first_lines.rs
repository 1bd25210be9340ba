//! The first lines of a response, and the time in them: written once a second where no hook has a part in them.

use crate::StatusCode;
use std::time::{Duration, SystemTime};

/// A `Date` that is older than this is taken anew.
const SECOND: Duration = Duration::from_secs(1);

/// What the first lines of a response consist of beside the status and the time. It is known again by its address: there is one for each type of
/// handler, and if there were more, they would only be written once more.
#[derive(Debug)]
pub struct StandardLines {
    pub(crate) version: &'static str,
    pub(crate) server: &'static str,
}

/// The first lines of the last response, up to `Date`: they are the same for a second, unless hooks say otherwise.
#[derive(Debug)]
pub(crate) struct FirstLines {
    bytes: Vec<u8>,
    /// Whole seconds since 1970.
    second: u64,
    status: Option<StatusCode>,
    lines: Option<&'static StandardLines>,
    /// The time of the response in hand.
    now: SystemTime,
    /// Handlers may take long before they answer.
    long: bool,
}

impl Default for FirstLines {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            second: 0,
            status: None,
            lines: None,
            now: SystemTime::UNIX_EPOCH,
            long: false,
        }
    }
}

impl FirstLines {
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
        if second != self.second {
            self.second = second;
            self.status = None;
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

    /// The lines of the last response, if they are those of this one too.
    pub(crate) fn known(&self, status: StatusCode, lines: &'static StandardLines) -> Option<&[u8]> {
        let same = self.lines.is_some_and(|known| std::ptr::eq(known, lines));
        (same && self.status == Some(status)).then_some(&self.bytes)
    }

    /// Remembers the lines of this status.
    pub(crate) fn keep(&mut self, bytes: &[u8], status: StatusCode, lines: &'static StandardLines) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.status = Some(status);
        self.lines = Some(lines);
    }
}
