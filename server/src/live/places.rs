//! How many live connections a server has.

use crate::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The places of a server for live connections.
#[derive(Clone)]
pub(crate) struct LivePlaces {
    /// `None`: there are none.
    connections: Option<Arc<AtomicUsize>>,
    threads: Arc<AtomicUsize>,
}

impl Default for LivePlaces {
    fn default() -> Self {
        Self {
            connections: Some(Arc::default()),
            threads: Arc::default(),
        }
    }
}

/// A place that is taken, until it is dropped.
pub(crate) struct LivePlace(Arc<AtomicUsize>);

/// A thread that a socket has for itself, until it is dropped.
pub(crate) struct LiveThread(Arc<AtomicUsize>);

impl LivePlaces {
    /// Counts a thread for one socket, of at most so many.
    pub(crate) fn take_thread(&self, most: usize) -> Option<LiveThread> {
        take(&self.threads, most).then(|| LiveThread(Arc::clone(&self.threads)))
    }

    /// For a server whose connections are not its own.
    #[cfg(feature = "tower")]
    pub(crate) fn none() -> Self {
        Self {
            connections: None,
            threads: Arc::default(),
        }
    }

    /// Whether the server's connections are another engine's.
    pub(crate) fn are_none(&self) -> bool {
        self.connections.is_none()
    }

    /// Takes a place, of at most so many.
    pub(crate) fn take(&self, most: usize) -> Option<LivePlace> {
        let count = self.connections.as_ref()?;
        take(count, most).then(|| LivePlace(Arc::clone(count)))
    }
}

/// One more, of at most so many.
fn take(count: &AtomicUsize, most: usize) -> bool {
    let more = |count: usize| (count < most).then_some(count + 1);
    let taken = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    taken.is_ok()
}

impl Drop for LiveThread {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for LivePlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for LivePlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connections.fmt(f)
    }
}

/// No place, or the server ends: the client may come again.
pub(crate) fn busy() -> Error {
    Error::service_unavailable().header("Retry-After", "5")
}
