//! [`TimeLimit`]: until when a request is to be answered.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time that a layer gives a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeLimit {
    /// From the request's head on.
    pub(crate) time: Duration,
    /// When it is over, by the server's clock.
    pub(crate) deadline: Instant,
}

impl TimeLimit {
    /// `None`: that is further ahead than there are times.
    pub(crate) fn new(now: Instant, time: Duration) -> Option<Self> {
        let deadline = now.checked_add(time)?;
        Some(Self { time, deadline })
    }

    /// The one that is over first.
    pub(crate) fn earlier(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.deadline <= self.deadline => other,
            _ => self,
        }
    }
}

/// A deadline that several threads may look at.
#[derive(Debug, Default)]
pub(crate) struct DeadlineCell(Mutex<Option<Instant>>);

impl DeadlineCell {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    /// As much of a wait as ends with the deadline.
    pub(crate) fn shorten(&self, wait: Duration, now: Instant) -> Duration {
        match self.get() {
            Some(deadline) => wait.min(deadline.saturating_duration_since(now)),
            None => wait,
        }
    }
}
