//! How those who publish reach the loops of those who listen, without knowing what a loop is.

use crate::live::channel::ring::Lane;
use std::sync::Arc;

/// A loop, as whoever publishes sees it. Its methods call no code of users and wait for nobody.
pub(crate) trait Home: Send + Sync {
    /// Leaves word, and wakes the loop if it sleeps.
    fn tell(&self, word: Word);

    /// A connection of this loop has become live, or is live no more.
    fn joined(&self);
    fn left(&self);
}

/// What a loop is told.
pub(crate) enum Word {
    /// There is news for all receivers of this lane.
    Lane(Arc<Lane>),
    /// There is news for the connection with this token.
    Connection(u64),
}

/// Where a live connection lives.
pub(crate) struct Registration {
    pub(crate) home: Arc<dyn Home>,
    pub(crate) token: u64,
}

impl Registration {
    pub(crate) fn new(home: Arc<dyn Home>, token: u64) -> Self {
        home.joined();
        Self { home, token }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.home.left();
    }
}
