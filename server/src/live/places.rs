//! How many live connections a server has.

use crate::Error;
use crate::live::record::Record;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The places of a server for live connections.
#[derive(Clone)]
pub(crate) struct LivePlaces(Option<Arc<AtomicUsize>>);

impl Default for LivePlaces {
    fn default() -> Self {
        Self(Some(Arc::default()))
    }
}

/// A place that is taken, until it is dropped, and what the log is told of whoever has it.
pub(crate) struct LivePlace {
    count: Arc<AtomicUsize>,
    pub(crate) record: Record,
}

impl LivePlaces {
    /// For a server whose connections are not its own.
    #[cfg(feature = "tower")]
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Takes a place, of at most so many.
    pub(crate) fn take(&self, most: usize, record: impl FnOnce() -> Record) -> Option<LivePlace> {
        let count = self.0.as_ref()?;
        let taken = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < most).then_some(count + 1)
        });
        taken.is_ok().then(|| LivePlace {
            count: Arc::clone(count),
            record: record(),
        })
    }
}

impl Drop for LivePlace {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for LivePlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// No place, or the server ends: the client may come again.
pub(crate) fn busy() -> Error {
    Error::service_unavailable().header("Retry-After", "5")
}
