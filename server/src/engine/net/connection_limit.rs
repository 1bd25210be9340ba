//! How many connections there may be, and how many there are.

use crate::Limits;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Descriptors that are left for everything but connections.
const RESERVE: usize = 32;

/// The places for connections: a place is reserved before a connection is accepted, and released when the connection
/// has ended.
pub(crate) struct ConnectionLimit {
    /// Places that are taken: of connections, and of those about to be accepted.
    count: AtomicUsize,
    most: usize,
    /// Held by the loop that makes room for a connection, until it has it: else two would close somebody each for the
    /// same one.
    room: Mutex<()>,
}

impl ConnectionLimit {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            count: AtomicUsize::new(0),
            most: limits
                .max_connections
                .min(descriptors().saturating_sub(RESERVE).max(8))
                .max(1),
            room: Mutex::new(()),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether there is a place for one more connection.
    pub(crate) fn has_place(&self) -> bool {
        self.count() < self.most
    }

    /// Whether there may be too few places for so many loops that accept at once: then they do it one after the
    /// other. Else one could close somebody for a client that another is about to take in.
    pub(crate) fn is_scarce(&self, loops: usize) -> bool {
        self.count() + loops > self.most
    }

    /// Takes a place for a connection that is about to be accepted. False: there is none. Taken before, and not
    /// counted after: else a loop that was slow in between would bring one too many, and somebody would be closed for
    /// it.
    pub(crate) fn reserve(&self) -> bool {
        let taken = self
            .count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count < self.most).then_some(count + 1)
            });
        taken.is_ok()
    }

    /// Gives a place back.
    pub(crate) fn release(&self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    /// See [`room`](Self::room); nothing waits while it is held.
    pub(crate) fn room(&self) -> MutexGuard<'_, ()> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many descriptors the process may have. Linux says so in a file, which spares every build the part of rustix
/// that has the call for it: a second of compiling.
#[cfg(target_os = "linux")]
fn descriptors() -> usize {
    /// What it is if nobody has raised it, taken where `/proc` cannot be read.
    const USUAL: usize = 1024;
    let limits = std::fs::read_to_string("/proc/self/limits");
    limits.map_or(USUAL, |limits| soft_limit(&limits).unwrap_or(USUAL))
}

/// The first number of the line about open files; the second is the hard limit (proc(5)).
#[cfg(target_os = "linux")]
fn soft_limit(limits: &str) -> Option<usize> {
    let mut lines = limits.lines();
    let line = lines.find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_ascii_whitespace().next()? {
        "unlimited" => Some(usize::MAX),
        number => number.parse().ok(),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn descriptors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    usize::MAX
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_descriptors_is_the_soft_one() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             95867                95867                processes \n\
                      Max open files            4096                 524288               files     \n";
        assert_eq!(soft_limit(limits), Some(4096));
        let unlimited = limits.replace("4096 ", "unlimited ");
        assert_eq!(soft_limit(&unlimited), Some(usize::MAX));
        assert_eq!(soft_limit("Max open files"), None);
        assert_eq!(soft_limit("Max processes 1 1"), None);
        assert_eq!(soft_limit(""), None);
    }

    #[test]
    #[cfg(feature = "cgi")]
    fn the_limit_of_descriptors_is_that_of_getrlimit() {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
        assert_eq!(descriptors(), limit);
    }
}
