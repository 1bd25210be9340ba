//! A clock that goes quickly, for deadlines that nobody wants to wait for.

use crate::PATIENCE;
use doget::testing::Clock;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A clock that is moved on all the time, until it is dropped: 250 times as fast as the system's. So nobody has
/// to know when the server has begun to wait for what the test waits for.
#[derive(Debug)]
pub struct FastClock {
    clock: Clock,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Milliseconds of it in one of the system's.
const SPEED: u32 = 250;

/// What [`FastClock::took`] takes for late: as long as any test waits for anything.
const LATE: Duration = PATIENCE.saturating_mul(SPEED);

impl FastClock {
    /// Starts it.
    #[allow(clippy::new_without_default, reason = "it starts a thread")]
    pub fn new() -> Self {
        let (clock, over) = (Clock::new(), Arc::new(AtomicBool::new(false)));
        let (moved, ends) = (clock.clone(), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            while !ends.load(Ordering::SeqCst) {
                moved.advance(Duration::from_millis(u64::from(SPEED)));
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self {
            clock,
            over,
            thread: Some(thread),
        }
    }

    /// Waits until so much time has passed by it.
    pub fn sleep(&self, time: Duration) {
        let since = self.now();
        while self.now().duration_since(since) < time {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// By it, this much time has passed, and not far more.
    ///
    /// # Panics
    ///
    /// Something ended too early or too late.
    #[track_caller]
    pub fn took(&self, since: Instant, at_least: Duration) {
        let time = self.now().duration_since(since);
        assert!(time >= at_least, "only {time:?}");
        assert!(time < at_least + LATE, "{time:?}");
    }
}

impl Deref for FastClock {
    type Target = Clock;

    fn deref(&self) -> &Clock {
        &self.clock
    }
}

impl Drop for FastClock {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
