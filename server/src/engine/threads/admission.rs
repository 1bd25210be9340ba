//! Where a handler runs: here and now, on a thread of its own, or not at all.

use crate::engine::loops::timer_wheel::Tick;
use crate::engine::shared::Shared;
use crate::engine::threads::pool::Room;
use crate::engine::threads::predictor::{Guess, Predictor};
use crate::exchange::Admission;
use crate::handler::Route;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// Where a turn is served.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunsOn {
    /// By the thread that has a loop to see to.
    EventLoop,
    /// By one that has nothing else to do.
    Pool,
}

/// What decides of each request of a turn.
pub(crate) struct AdmissionControl<'g> {
    shared: &'g Shared,
    pool: &'g dyn Room,
    /// Of the loop: see [`EventLoop::key`](crate::engine::loops::event_loop::EventLoop::key).
    key: &'g AtomicU32,
    place: RunsOn,
    /// On a loop, and not for one request alone: what is not known to block runs.
    plain: bool,
    /// In milliseconds since the start.
    now: u32,
    /// Off the loop: the kind of the handler that runs, and when it began.
    running: Option<(u32, Instant)>,
}

impl<'g> AdmissionControl<'g> {
    pub(crate) fn new(
        shared: &'g Shared,
        pool: &'g dyn Room,
        key: &'g AtomicU32,
        place: RunsOn,
        now: Tick,
    ) -> Self {
        Self {
            shared,
            pool,
            key,
            place,
            plain: place == RunsOn::EventLoop && shared.once.is_none(),
            now: now.millis(),
            running: None,
        }
    }

    /// Whether the handler of this request runs here.
    #[inline]
    pub(crate) fn admit(&mut self, route: &Route, command: &str, path: &str) -> Admission {
        let known = route.index != u32::MAX && !route.blocking;
        if known && self.plain && !self.shared.predictor.knows_any() {
            self.key.store(route_key(route, path), Ordering::Relaxed);
            return Admission::Run;
        }
        self.weigh(route, command, path)
    }

    /// [`admit`](Self::admit), where there is more to it.
    #[inline(never)]
    fn weigh(&mut self, route: &Route, command: &str, path: &str) -> Admission {
        let key = if route.index == u32::MAX {
            Predictor::path_key(command, path)
        } else {
            route_key(route, path)
        };
        let admission = self.choose_place(route, key);
        // Only here is it sure to run.
        if let (Admission::Run, Some(taken)) = (&admission, &self.shared.once) {
            if taken.swap(true, Ordering::SeqCst) {
                return Admission::Refuse;
            }
            self.shared.site.shutdown.graceful();
        }
        admission
    }

    fn choose_place(&mut self, route: &Route, key: u32) -> Admission {
        let (predictor, pool) = (&self.shared.predictor, self.pool);
        let guess = || match predictor.knows_any() {
            true => predictor.guess(key, self.now),
            false => Guess::Quick,
        };
        if self.place == RunsOn::Pool {
            // The answers to the requests before it must not wait for it.
            if self.running.is_some() && (route.blocking || guess() == Guess::Slow) {
                return Admission::Offload;
            }
            self.note_end(Some(key));
            return Admission::Run;
        }
        let elsewhere = route.blocking
            || match guess() {
                Guess::Quick => false,
                Guess::Slow => true,
                // Nobody waits for a thread on a mere suspicion.
                Guess::Unsure => !pool.is_full(),
            };
        if elsewhere {
            return if pool.is_overrun() {
                Admission::Refuse
            } else {
                Admission::Offload
            };
        }
        self.key.store(key, Ordering::Relaxed);
        Admission::Run
    }

    /// The turn is over.
    pub(crate) fn close(&mut self) {
        if self.running.is_some() {
            self.note_end(None);
        }
    }

    /// Tells the predictor how long the handler took that ran, and begins to measure the next.
    fn note_end(&mut self, next: Option<u32>) {
        let now = Instant::now();
        if let Some((key, began)) = self.running.take() {
            self.shared.predictor.ran(key, now - began);
        }
        self.running = next.map(|key| (key, now));
    }
}

/// One route may have slow and quick things below it: a directory that is listed is none of its files.
#[inline]
fn route_key(route: &Route, path: &str) -> u32 {
    Predictor::route_key(route.index, path.ends_with('/'))
}
