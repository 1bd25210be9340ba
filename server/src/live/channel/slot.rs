//! The answer to a request that is parked, from whichever thread.

use crate::live::channel::home::Address;
use crate::{Response, Result, Sent};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Writes the answer, on the connection's own thread.
pub(crate) type Answer = Box<dyn FnOnce(Response<'_>) -> Result<Sent> + Send>;

/// Where the answer is left.
#[derive(Default)]
pub(crate) struct Slot(Mutex<SlotState>);

#[derive(Default)]
struct SlotState {
    answer: Option<Answer>,
    /// It was answered, or nobody waits any more.
    is_over: bool,
    at: Option<Address>,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, SlotState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the answer, and tells the loop. It comes back if nobody waits for it.
    pub(crate) fn give(&self, answer: Answer) -> std::result::Result<(), Answer> {
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_over, true) {
            return Err(answer);
        }
        state.answer = Some(answer);
        if let Some(at) = &state.at {
            at.tell();
        }
        Ok(())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    pub(crate) fn register(&self, address: &Address) {
        self.lock().at = Some(address.clone());
    }

    pub(crate) fn has_answer(&self) -> bool {
        self.lock().answer.is_some()
    }

    pub(crate) fn take(&self) -> Option<Answer> {
        self.lock().answer.take()
    }

    /// Nobody waits any more. What was left is the user's, and is dropped without the lock.
    pub(crate) fn end(&self) -> Option<Answer> {
        let mut state = self.lock();
        state.is_over = true;
        state.at = None;
        state.answer.take()
    }
}
