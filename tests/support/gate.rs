//! A gate that handlers stop at, so that tests need no sleeps to know where a handler is.

use crate::PATIENCE;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

/// Closed until [`open`](Self::open); clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    open: bool,
    /// That many may still pass while it is closed.
    passes: usize,
    waiting: usize,
    arrived: usize,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until the gate is open; a handler calls this to block. It gives up after some minutes, so that a test
    /// that failed ends.
    pub fn wait(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting += 1;
        state.arrived += 1;
        changed.notify_all();
        let deadline = Instant::now() + 6 * PATIENCE;
        while !state.open && state.passes == 0 && Instant::now() < deadline {
            state = changed
                .wait_timeout(state, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.passes = state.passes.saturating_sub(1);
        state.waiting -= 1;
        changed.notify_all();
    }

    /// Lets everybody through, from now on.
    pub fn open(&self) {
        self.with(|state| state.open = true);
    }

    /// Lets that many through.
    pub fn pass(&self, count: usize) {
        self.with(|state| state.passes += count);
    }

    /// How many wait now.
    pub fn waiting(&self) -> usize {
        self.with(|state| state.waiting)
    }

    /// How many have ever come.
    pub fn arrived(&self) -> usize {
        self.with(|state| state.arrived)
    }

    /// Waits until exactly this many wait at the gate.
    ///
    /// # Panics
    ///
    /// They do not come.
    #[track_caller]
    pub fn has(&self, waiting: usize) {
        crate::eventually_is("handlers at the gate", waiting, || self.waiting());
    }

    fn with<T>(&self, then: impl FnOnce(&mut State) -> T) -> T {
        let (state, changed) = &*self.0;
        let result = then(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
        result
    }
}

/// A test that fails must not leave handlers behind that wait.
impl Drop for Gate {
    fn drop(&mut self) {
        // Two: this one, and the handler's.
        if std::thread::panicking() && Arc::strong_count(&self.0) > 1 {
            self.open();
        }
    }
}
