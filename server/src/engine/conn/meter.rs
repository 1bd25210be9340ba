//! What a peer makes of the time in which a handler waits for it.

use crate::engine::clock::TimeSource;
use crate::engine::conn::pace::Pace;
use std::time::{Duration, Instant};

/// What a peer made of the time in which it alone was waited for. Time that the handler takes for itself is not
/// counted: a stream that has little to say is not a client that takes little.
#[derive(Default)]
pub(crate) struct Meter {
    waited: Duration,
    /// Bytes since it was first waited for: what the system took without a wait says nothing of the peer.
    moved: u64,
    /// Since when somebody waits, if anybody does.
    since: Option<Instant>,
    has_waited: bool,
}

impl Meter {
    /// How long may be waited from now on.
    pub(crate) fn wait(&mut self, pace: Pace, now: Instant) -> Duration {
        self.has_waited = true;
        let silent = now.duration_since(*self.since.get_or_insert(now));
        pace.left(self.waited + silent, silent, self.moved)
    }

    pub(crate) fn pause(&mut self, clock: &TimeSource) {
        if let Some(since) = self.since.take() {
            self.waited += clock.now().duration_since(since);
        }
    }

    pub(crate) fn moved(&mut self, size: usize, clock: &TimeSource) {
        self.pause(clock);
        if self.has_waited {
            self.moved += size as u64;
        }
    }
}
