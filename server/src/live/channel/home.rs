//! How those who publish reach the loops of those who listen, without knowing what a loop is.

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
    /// There is news for all of these.
    Many(Arc<dyn Receivers>),
    /// There is news for the connection with this token.
    Connection(u64),
}

/// The receivers of one topic on one loop.
pub(crate) trait Receivers: Send + Sync {
    /// A walk over them begins: what is published from now on is another one. How many there are.
    fn begin(&self) -> usize;

    /// The receivers before `at`, at most `most`, the last first: what is taken out meanwhile moves the last into its
    /// place, which was seen then. The end of the next slice.
    fn slice(&self, at: usize, most: usize, receiver: &mut dyn FnMut(u64)) -> usize;
}

/// Where word can be left for a connection.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) home: Arc<dyn Home>,
    pub(crate) token: u64,
}

impl Address {
    pub(crate) fn tell(&self) {
        self.home.tell(Word::Connection(self.token));
    }
}

/// Where a live connection lives, as long as it does: its loop counts it.
pub(crate) struct Registration(pub(crate) Address);

impl Registration {
    pub(crate) fn new(home: Arc<dyn Home>, token: u64) -> Self {
        home.joined();
        Self(Address { home, token })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.0.home.left();
    }
}
