//! Where a handler runs: here and now, on a thread of its own, or not at all.

use crate::engine::shared::Shared;
use crate::engine::threads::predictor::{Guess, Kind, Predictor};
use crate::engine::threads::zone::Zone;
use crate::exchange::RunDecision;
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
pub(crate) struct Placement<'g> {
    shared: &'g Shared,
    /// Of the loop: see [`EventLoop::key`](crate::engine::loops::event_loop::EventLoop::key).
    key: &'g AtomicU32,
    place: RunsOn,
    /// On a loop, and not for one request alone: what is not known to block runs.
    plain: bool,
    /// The next request waited for a thread, and none came.
    overdue: bool,
    /// The kind of the handler that runs, and when it began: off the loop, and where it is tried on one.
    running: Option<(u32, Instant)>,
}

impl<'g> Placement<'g> {
    /// `overdue`: the first request has waited for a thread as long as any may.
    pub(crate) fn new(
        shared: &'g Shared,
        key: &'g AtomicU32,
        place: RunsOn,
        overdue: bool,
    ) -> Self {
        Self {
            shared,
            key,
            place,
            plain: place == RunsOn::EventLoop && shared.once.is_none() && !overdue,
            overdue,
            running: None,
        }
    }

    /// Whether code of the user's may run here of which nothing is known: not on a loop that no thread could take over.
    pub(crate) fn may_run_anything(&self) -> bool {
        self.place == RunsOn::Pool || self.shared.occupancy.zone() != Zone::Last
    }

    /// Whether the handler of this request runs here.
    #[inline]
    pub(crate) fn decide(&mut self, route: &Route, command: &str, path: &str) -> RunDecision {
        let known = route.index != u32::MAX && !route.blocking;
        // As long as nothing ever got stuck, which for most servers is always, a request costs no look at any table.
        if known && self.plain && !self.shared.predictor.knows_any() {
            self.key.store(route_key(route, path), Ordering::Relaxed);
            return RunDecision::Run;
        }
        self.weigh(route, command, path)
    }

    /// Whether the gates of the handler may be asked here. They are the user's code like a handler, and one kind: what
    /// gets stuck in them is asked on a thread then. In the last zone no loop runs them.
    pub(crate) fn decide_gate(&mut self) -> RunDecision {
        if self.overdue {
            return RunDecision::Refuse;
        }
        if self.place == RunsOn::Pool {
            return RunDecision::Run;
        }
        let key = Predictor::gate_key();
        let (predictor, occupancy) = (&self.shared.predictor, &self.shared.occupancy);
        let is_slow = || predictor.knows_any() && predictor.guess(key) == Guess::Slow;
        if occupancy.zone() == Zone::Last || is_slow() {
            return match occupancy.is_overrun() {
                true => RunDecision::Refuse,
                false => RunDecision::Offload,
            };
        }
        self.close();
        self.key.store(key, Ordering::Relaxed);
        RunDecision::Run
    }

    /// [`decide`](Self::decide), where there is more to it. Out of line, so that the path of most requests stays short.
    #[inline(never)]
    fn weigh(&mut self, route: &Route, command: &str, path: &str) -> RunDecision {
        let is_route = route.index != u32::MAX;
        let key = if is_route {
            route_key(route, path)
        } else {
            Predictor::path_key(command, path)
        };
        let decision = self.choose_place(route, Kind { key, is_route });
        // Only here is it sure to run.
        if let (RunDecision::Run, Some(taken)) = (&decision, &self.shared.once) {
            if taken.swap(true, Ordering::SeqCst) {
                return RunDecision::Refuse;
            }
            self.shared.site.shutdown.graceful();
        }
        decision
    }

    /// What the callbacks of a connection are known by that the last request has made live.
    #[cfg(feature = "live")]
    pub(crate) fn message_key(&self) -> u32 {
        let key = match self.running {
            Some((key, _)) => key,
            None => self.key.load(Ordering::Relaxed),
        };
        // Other work than the request's, under the same route; never 0.
        (key ^ 0x5555_5554) | 1
    }

    /// Whether a callback of a live connection runs here.
    #[cfg(feature = "live")]
    pub(crate) fn decide_message(&mut self, key: u32) -> RunDecision {
        if self.plain && !self.shared.predictor.knows_any() {
            self.key.store(key, Ordering::Relaxed);
            return RunDecision::Run;
        }
        let kind = Kind {
            key,
            is_route: true,
        };
        self.choose_place(&Route::new(0), kind)
    }

    fn choose_place(&mut self, route: &Route, kind: Kind) -> RunDecision {
        let (predictor, occupancy) = (&self.shared.predictor, &self.shared.occupancy);
        if std::mem::take(&mut self.overdue) {
            return self.refuse();
        }
        if self.place == RunsOn::EventLoop {
            self.close();
        }
        let knows_any = predictor.knows_any();
        let guess = || match knows_any {
            true => predictor.guess(kind.key),
            false => Guess::Quick,
        };
        if self.place == RunsOn::Pool {
            // Pipelined requests are answered in one write: the answers before this one must not wait for it.
            if self.running.is_some() && (route.blocking || guess() == Guess::Slow) {
                return RunDecision::Offload;
            }
            self.note_end(Some(kind.key));
            return RunDecision::Run;
        }
        let runs_here = !route.blocking
            && match (guess(), occupancy.zone()) {
                (_, Zone::Last) => false,
                // A quick kind that was held up by something else once would else be kept waiting as long as clients
                // like.
                (Guess::Slow, Zone::Full)
                    if predictor.is_due_for_trial(kind.key, self.shared.now_millis()) =>
                {
                    self.running = Some((kind.key, Instant::now()));
                    true
                }
                (Guess::Slow, _) => false,
                (guess, Zone::Room) => guess == Guess::Quick,
                // `Unsure` is a suspicion only: the request is not made to wait for a thread as long as the reserve has
                // one for the case that it is right.
                (_, Zone::Full) => true,
                (_, Zone::Scarce) => predictor.is_trusted(kind),
            };
        if !runs_here {
            return if occupancy.is_overrun() {
                self.refuse()
            } else {
                RunDecision::Offload
            };
        }
        if knows_any {
            predictor.runs_on_loop(kind);
        }
        self.key.store(kind.key, Ordering::Relaxed);
        RunDecision::Run
    }

    /// There is no thread for it, and will not be soon.
    fn refuse(&self) -> RunDecision {
        self.shared.occupancy.count_refusal();
        RunDecision::Refuse
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
            match self.place {
                RunsOn::Pool => self.shared.predictor.ran(key, now - began),
                RunsOn::EventLoop => self.shared.predictor.was_tried(key, now - began),
            }
        }
        self.running = next.map(|key| (key, now));
    }
}

/// One route may lead to slow and to quick work: a directory that is listed takes longer than one of its files. A slash
/// at the end tells the two apart, without a key for each path.
#[inline]
fn route_key(route: &Route, path: &str) -> u32 {
    Predictor::route_key(route.index, path.ends_with('/'))
}
