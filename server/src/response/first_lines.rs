//! The first lines of a response, and the time in them: written once a second where no hook has a part in them.
//!
//! Status line, `Server` and `Date` are most of a small response's head, and the same bytes for every response of a
//! second: copying them is cheaper than formatting them. One entry is kept and not one for each status: responses of a
//! kind come in rows, and another status costs only what every response would cost without this.

use crate::StatusCode;
use crate::handler::settings::Settings;
use std::time::{Duration, SystemTime};

/// A `Date` that is older than this is taken anew.
const SECOND: Duration = Duration::from_secs(1);

/// The first lines of the last response, up to `Date`: they are the same for a second, unless hooks say otherwise.
#[derive(Debug)]
pub(crate) struct FirstLines {
    now: SystemTime,
    /// Of `now`: whole seconds since 1970.
    second: u64,
    /// Handlers may take long before they answer. The loop asks the clock once for all requests that it serves in a
    /// round; only behind a handler that may take long is that time too old for a `Date`.
    long: bool,
    bytes: Vec<u8>,
    status: Option<StatusCode>,
    /// Whose lines they are. Settings are known again by their address: there is one for each type of handler, and if
    /// there were more, the lines would only be written once more.
    settings: Option<&'static Settings>,
}

impl Default for FirstLines {
    fn default() -> Self {
        Self {
            now: SystemTime::UNIX_EPOCH,
            second: 0,
            long: false,
            bytes: Vec::new(),
            status: None,
            settings: None,
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

    /// Writes the status line, `Server` and `Date` as the last response had them. False: they were others.
    pub(crate) fn repeat(
        &self,
        status: StatusCode,
        settings: &'static Settings,
        out: &mut Vec<u8>,
    ) -> bool {
        let known = self
            .settings
            .is_some_and(|known| std::ptr::eq(known, settings));
        let same = known && self.status == Some(status);
        if same {
            out.extend_from_slice(&self.bytes);
        }
        same
    }

    /// How many bytes of the head are these lines: none if it has others.
    pub(crate) fn length_in(&self, head: &[u8]) -> usize {
        match head.starts_with(&self.bytes) {
            true => self.bytes.len(),
            false => 0,
        }
    }

    /// Remembers these lines for the responses with this status.
    pub(crate) fn keep(&mut self, status: StatusCode, settings: &'static Settings, lines: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(lines);
        self.status = Some(status);
        self.settings = Some(settings);
    }
}
