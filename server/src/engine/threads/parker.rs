//! Where a thread waits that has nothing to do, and how it is called.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where a thread waits.
pub(crate) struct Parker<J> {
    job: Mutex<Option<Call<J>>>,
    called: Condvar,
}

pub(super) enum Call<J> {
    Work(J),
    /// Look for yourself.
    Look,
    Leave,
}

/// A thread that is bound to take one job: dropped without one, it looks for something else to do.
pub(crate) struct Booked<J> {
    pub(super) parker: Option<Arc<Parker<J>>>,
}

impl<J> Parker<J> {
    pub(super) fn with(call: Option<Call<J>>) -> Arc<Self> {
        Arc::new(Self {
            job: Mutex::new(call),
            called: Condvar::new(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Call<J>>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn call(&self, call: Call<J>) {
        *self.lock() = Some(call);
        self.called.notify_one();
    }

    pub(super) fn wait(&self, deadline: Option<Instant>) -> Option<Call<J>> {
        let mut job = self.lock();
        loop {
            if let Some(call) = job.take() {
                return Some(call);
            }
            job = match deadline {
                None => self
                    .called
                    .wait(job)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    self.called
                        .wait_timeout(job, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }
}

impl<J> Booked<J> {
    pub(crate) fn give(mut self, job: J) {
        if let Some(parker) = self.parker.take() {
            parker.call(Call::Work(job));
        }
    }
}

impl<J> Drop for Booked<J> {
    fn drop(&mut self) {
        // To the queue first, which may have grown meanwhile, and then among the idle ones.
        if let Some(parker) = self.parker.take() {
            parker.call(Call::Look);
        }
    }
}
