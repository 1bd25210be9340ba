//! Threads: those that own loops, and those that run handlers which block.
//!
//! A thread that has nothing to do waits at its parker for a job to be put there. Parkers are a stack: the last thread
//! to come is the first to get work, so that those below time out and leave.

use crate::engine::threads::parker::{Booked, Call, Parker};
use crate::engine::threads::zone::{Counts, Occupancy};
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A thread that got nothing to do for this long leaves, unless it is the only spare one.
const STAY: Duration = Duration::from_secs(2);

pub(crate) struct Pool<J> {
    state: Mutex<PoolState<J>>,
    ended: Condvar,
    bounds: Bounds,
    /// What the state amounts to, for those that look without the lock.
    occupancy: Arc<Occupancy>,
}

/// How much a pool may have of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Threads that jobs can fill, those that own loops included.
    pub(crate) cap: usize,
    /// Threads that own loops as long as the server lives: they never come to the queue. As many wait for take-overs.
    pub(crate) owners: usize,
    /// Threads beyond `cap`, for take-overs alone.
    pub(crate) reserve: usize,
    /// Jobs that wait for a thread.
    pub(crate) queue: usize,
}

/// What is in use.
pub(crate) struct Figures {
    pub(crate) threads: usize,
    /// Threads of the reserve.
    pub(crate) takeovers: usize,
    pub(crate) reserve: usize,
    pub(crate) waiting: usize,
}

struct PoolState<J> {
    /// Seats of threads that wait for jobs, the last one on top.
    idle: Vec<Arc<Parker<J>>>,
    /// Seats of threads that wait for take-overs: started beforehand, since the system may refuse one when it is
    /// needed.
    spares: Vec<Arc<Parker<J>>>,
    /// Jobs, and when they came, in milliseconds of the caller's clock.
    queue: VecDeque<(u64, J)>,
    /// All there are, the spares included.
    threads: usize,
    /// Of these, spares that are being started: their parker is not in the list yet, and none is taken from the reserve
    /// either.
    coming: usize,
    /// The system started no thread when it was last asked.
    refused: bool,
    closed: bool,
}

/// What a thread does that is done with a job.
enum AfterJob<J> {
    Run(J),
    /// Wait for a take-over, for ever.
    StandBy,
    /// Wait for a job, for a while.
    Rest,
    Leave,
}

/// How a thread is started with a parker to wait at; `Err` if the system refuses.
pub(crate) type Start<'s, J> = &'s dyn Fn(Arc<Parker<J>>) -> std::io::Result<()>;

impl<J> Pool<J> {
    pub(crate) fn new(bounds: Bounds, occupancy: Arc<Occupancy>) -> Self {
        let pool = Self {
            state: Mutex::new(PoolState {
                idle: Vec::new(),
                spares: Vec::new(),
                queue: VecDeque::new(),
                threads: 0,
                coming: 0,
                refused: false,
                closed: false,
            }),
            ended: Condvar::new(),
            bounds,
            occupancy,
        };
        drop(pool.lock());
        pool
    }

    /// Hands a job to a spare thread, to a new one, or to the queue. `Err`: there is no place for it.
    pub(crate) fn submit(&self, job: J, now: u64, start: Start<'_, J>) -> Result<(), J> {
        let mut state = self.lock();
        if let Some(parker) = state.idle.pop() {
            drop(state);
            parker.call(Call::Work(job));
            return Ok(());
        }
        if state.active() < self.bounds.cap && !state.closed {
            state.threads += 1;
            drop(state);
            let parker = Parker::with(Some(Call::Work(job)));
            if self.start(&parker, start) {
                return Ok(());
            }
            let job = match parker.lock().take() {
                Some(Call::Work(job)) => job,
                _ => return Ok(()),
            };
            return self.queue_up(self.lock(), job, now);
        }
        self.queue_up(state, job, now)
    }

    /// Only where somebody comes for it.
    fn queue_up(&self, mut state: Locked<'_, J>, job: J, now: u64) -> Result<(), J> {
        let nobody_comes = state.active() <= self.bounds.owners;
        if state.closed || nobody_comes || state.queue.len() >= self.bounds.queue {
            return Err(job);
        }
        state.queue.push_back((now, job));
        Ok(())
    }

    /// Makes sure of a thread for a take-over, before it is decided.
    ///
    /// It comes from what waits for jobs, from what waits for this, or from the reserve, which no job can use up.
    pub(crate) fn book(&self, start: Start<'_, J>) -> Option<Booked<J>> {
        let mut state = self.lock();
        let waiting = state.idle.pop().or_else(|| state.spares.pop());
        if waiting.is_some() {
            return Some(Booked { parker: waiting });
        }
        if state.closed || state.threads >= self.bounds.cap + self.bounds.reserve {
            return None;
        }
        state.threads += 1;
        drop(state);
        let parker = Parker::with(None);
        self.start(&parker, start).then_some(Booked {
            parker: Some(parker),
        })
    }

    /// Sees to it that there is a thread on stand-by for each loop. False: the system starts none.
    pub(crate) fn tend(&self, start: Start<'_, J>) -> bool {
        loop {
            let mut state = self.lock();
            if state.closed || !state.is_short(&self.bounds) {
                return true;
            }
            // One that waits for a job finds that it is called for something else when its time is over.
            if let Some(parker) = state.idle.pop() {
                state.spares.push(parker);
                continue;
            }
            if state.threads >= self.bounds.cap + self.bounds.reserve {
                return true;
            }
            state.threads += 1;
            state.coming += 1;
            drop(state);
            let parker = Parker::with(None);
            let started = self.start(&parker, start);
            let mut state = self.lock();
            state.coming -= 1;
            if !started {
                return false;
            }
            if state.closed {
                parker.call(Call::Leave);
                return true;
            }
            // It may be called from now on, even before it waits.
            state.spares.push(parker);
        }
    }

    /// Starts a thread that is counted already.
    fn start(&self, parker: &Arc<Parker<J>>, start: Start<'_, J>) -> bool {
        let started = start(Arc::clone(parker)).is_ok();
        let mut state = self.lock();
        state.refused = !started;
        if !started {
            state.threads -= 1;
            self.ended.notify_all();
        }
        started
    }

    pub(crate) fn figures(&self) -> Figures {
        let state = self.lock();
        Figures {
            threads: state.threads,
            takeovers: state.active().saturating_sub(self.bounds.cap),
            reserve: self.bounds.reserve,
            waiting: state.queue.len(),
        }
    }

    /// A job that came to the queue at this time or before, and still waits.
    pub(crate) fn overdue(&self, before: u64) -> Option<J> {
        let mut state = self.lock();
        let &(came, _) = state.queue.front()?;
        if came > before {
            return None;
        }
        state.queue.pop_front().map(|(_, job)| job)
    }

    /// Takes jobs out of the queue for which nobody waits any more.
    #[cfg(feature = "tower")]
    pub(crate) fn take_gone(&self, is_gone: impl Fn(&J) -> bool) -> Vec<J> {
        let mut state = self.lock();
        let (gone, waiting) = std::mem::take(&mut state.queue)
            .into_iter()
            .partition::<VecDeque<_>, _>(|(_, job)| is_gone(job));
        state.queue = waiting;
        gone.into_iter().map(|(_, job)| job).collect()
    }

    /// The life of a pool thread: jobs, one after the other, until none comes for a while.
    pub(crate) fn work(&self, parker: &Arc<Parker<J>>, mut run: impl FnMut(J)) {
        // However it ends: a thread that panicked is one less too.
        let _leaving = Leaving(self);
        loop {
            match parker.wait(None) {
                Some(Call::Work(job)) => run(job),
                Some(Call::Look) => {}
                Some(Call::Leave) | None => return,
            }
            loop {
                match self.after_job(parker) {
                    AfterJob::Run(job) => run(job),
                    AfterJob::StandBy => break,
                    AfterJob::Leave => return,
                    AfterJob::Rest => {
                        if let Some(call) = parker.wait(Some(Instant::now() + STAY)) {
                            parker.call(call);
                            break;
                        }
                        if self.gives_up(parker) {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// What a thread does that has nothing to do.
    fn after_job(&self, parker: &Arc<Parker<J>>) -> AfterJob<J> {
        let mut state = self.lock();
        if state.closed {
            return AfterJob::Leave;
        }
        // A thread of the reserve takes nothing that a client could have sent: else the reserve would be filled by
        // and by.
        let of_reserve = state.active() > self.bounds.cap;
        let short = state.is_short(&self.bounds);
        if short && (of_reserve || state.refused || state.queue.is_empty()) {
            state.spares.push(Arc::clone(parker));
            return AfterJob::StandBy;
        }
        if of_reserve {
            return AfterJob::Leave;
        }
        if let Some((_, job)) = state.queue.pop_front() {
            return AfterJob::Run(job);
        }
        state.idle.push(Arc::clone(parker));
        AfterJob::Rest
    }

    /// Whether a thread leaves that waited for long. It stays as the only one, and if it was called just now: then
    /// its parker is in the list no longer.
    fn gives_up(&self, parker: &Arc<Parker<J>>) -> bool {
        let mut state = self.lock();
        let Some(at) = state.idle.iter().position(|idle| Arc::ptr_eq(idle, parker)) else {
            return false;
        };
        if state.idle.len() > 1 || state.closed {
            state.idle.remove(at);
            return true;
        }
        false
    }

    fn leave(&self) {
        let mut state = self.lock();
        state.threads -= 1;
        self.ended.notify_all();
    }

    /// Sends the spare threads away and starts no others. What is queued is returned.
    pub(crate) fn close(&self) -> Vec<J> {
        let mut state = self.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        let spares = std::mem::take(&mut state.spares);
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        for parker in idle.into_iter().chain(spares) {
            parker.call(Call::Leave);
        }
        queue.into_iter().map(|(_, job)| job).collect()
    }

    /// Waits for the last thread to leave.
    pub(crate) fn join(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.threads > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self
                .ended
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    fn lock(&self) -> Locked<'_, J> {
        Locked {
            pool: self,
            state: self.state.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl<J> PoolState<J> {
    /// Threads that do something, or wait to be given a job.
    fn active(&self) -> usize {
        self.threads.saturating_sub(self.spares.len() + self.coming)
    }

    /// Whether fewer threads than loops are on stand-by. Those that are being started count: else a thread that is
    /// done in the meantime would stand by too, and none of them would ever leave.
    fn is_short(&self, bounds: &Bounds) -> bool {
        self.spares.len() + self.coming < bounds.owners
    }

    fn has_room(&self, bounds: &Bounds) -> bool {
        !self.idle.is_empty() || self.active() < bounds.cap && !self.refused
    }

    fn counts(&self, bounds: &Bounds) -> Counts {
        Counts {
            has_room: self.has_room(bounds),
            loops: bounds.owners,
            reserve: bounds.reserve,
            waiting: self.queue.len(),
            overrun: !self.has_room(bounds) && self.queue.len() >= bounds.queue,
            short: self.is_short(bounds) && !self.closed,
            left: if self.refused {
                self.spares.len()
            } else {
                (bounds.cap + bounds.reserve).saturating_sub(self.active().max(bounds.cap))
            },
        }
    }
}

/// The state, locked. When the lock is given back, what it amounts to is told to those that look without it.
struct Locked<'p, J> {
    pool: &'p Pool<J>,
    state: MutexGuard<'p, PoolState<J>>,
}

impl<J> Deref for Locked<'_, J> {
    type Target = PoolState<J>;

    fn deref(&self) -> &PoolState<J> {
        &self.state
    }
}

impl<J> DerefMut for Locked<'_, J> {
    fn deref_mut(&mut self) -> &mut PoolState<J> {
        &mut self.state
    }
}

impl<J> Drop for Locked<'_, J> {
    fn drop(&mut self) {
        let Self { pool, state } = self;
        debug_assert!(state.threads <= pool.bounds.cap + pool.bounds.reserve);
        pool.occupancy.tell(&state.counts(&pool.bounds));
    }
}

/// Counts a thread out.
struct Leaving<'p, J>(&'p Pool<J>);

impl<J> Drop for Leaving<'_, J> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests;
