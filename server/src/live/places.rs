//! How many live connections a server has.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The places of a server for live connections.
#[derive(Clone, Default)]
pub(crate) struct LivePlaces(Arc<AtomicUsize>);

/// A place that is taken, until it is dropped.
pub(crate) struct LivePlace(LivePlaces);

impl LivePlaces {
    /// Takes a place, of at most so many.
    pub(crate) fn take(&self, most: usize) -> Option<LivePlace> {
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count < most).then_some(count + 1)
            });
        taken.is_ok().then(|| LivePlace(self.clone()))
    }
}

impl Drop for LivePlace {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for LivePlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
