//! Threads: those that own loops, and those that run handlers which block.
//!
//! A thread that has nothing to do sits on its seat and waits for a job to be put there. Seats are a stack: the last to sit
//! down is the first to get work, so that those below time out and leave.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A thread that got nothing to do for this long leaves, unless it is the only spare one.
const STAY: Duration = Duration::from_secs(2);

pub(crate) struct Pool<J> {
    state: Mutex<State<J>>,
    ended: Condvar,
    cap: usize,
    queue: usize,
}

struct State<J> {
    /// Seats of threads that wait, the last one on top.
    idle: Vec<Arc<Seat<J>>>,
    queue: VecDeque<J>,
    threads: usize,
    closed: bool,
}

/// Where a thread waits.
pub(crate) struct Seat<J> {
    job: Mutex<Option<Call<J>>>,
    called: Condvar,
}

enum Call<J> {
    Work(J),
    Leave,
}

/// A thread that is bound to take one job: dropped without one, it becomes a spare.
pub(crate) struct Reserved<'p, J> {
    pool: &'p Pool<J>,
    seat: Option<Arc<Seat<J>>>,
}

/// How a thread is started with a seat to wait on; `Err` if the system refuses.
pub(crate) type Start<'s, J> = &'s dyn Fn(Arc<Seat<J>>) -> std::io::Result<()>;

impl<J> Pool<J> {
    /// At most `cap` threads, and `queue` jobs that wait for one.
    pub(crate) fn new(cap: usize, queue: usize) -> Self {
        Self {
            state: Mutex::new(State {
                idle: Vec::new(),
                queue: VecDeque::new(),
                threads: 0,
                closed: false,
            }),
            ended: Condvar::new(),
            cap,
            queue,
        }
    }

    /// Whether every thread is at work and no other may be started.
    pub(crate) fn is_full(&self) -> bool {
        let state = self.lock();
        state.idle.is_empty() && state.threads >= self.cap
    }

    /// Whether not even the queue takes a job.
    pub(crate) fn is_overrun(&self) -> bool {
        let state = self.lock();
        state.idle.is_empty() && state.threads >= self.cap && state.queue.len() >= self.queue
    }

    /// Hands a job to a spare thread, to a new one, or to the queue. `Err`: there is no place for it.
    pub(crate) fn submit(&self, job: J, start: Start<'_, J>) -> Result<(), J> {
        let mut state = self.lock();
        if let Some(seat) = state.idle.pop() {
            drop(state);
            seat.call(Call::Work(job));
            return Ok(());
        }
        if state.threads < self.cap && !state.closed {
            state.threads += 1;
            drop(state);
            let seat = Arc::new(Seat {
                job: Mutex::new(Some(Call::Work(job))),
                called: Condvar::new(),
            });
            if start(Arc::clone(&seat)).is_ok() {
                return Ok(());
            }
            let job = match seat.lock().take() {
                Some(Call::Work(job)) => job,
                _ => return Ok(()),
            };
            state = self.lock();
            state.threads -= 1;
            if state.threads == 0 || state.queue.len() >= self.queue {
                return Err(job);
            }
            state.queue.push_back(job);
            return Ok(());
        }
        if state.queue.len() < self.queue {
            state.queue.push_back(job);
            return Ok(());
        }
        Err(job)
    }

    /// Makes sure of a thread before the decision that needs it.
    pub(crate) fn reserve(&self, start: Start<'_, J>) -> Option<Reserved<'_, J>> {
        let mut state = self.lock();
        if let Some(seat) = state.idle.pop() {
            return Some(Reserved {
                pool: self,
                seat: Some(seat),
            });
        }
        if state.threads >= self.cap || state.closed {
            return None;
        }
        state.threads += 1;
        drop(state);
        let seat = Arc::new(Seat {
            job: Mutex::new(None),
            called: Condvar::new(),
        });
        if start(Arc::clone(&seat)).is_err() {
            self.lock().threads -= 1;
            return None;
        }
        Some(Reserved {
            pool: self,
            seat: Some(seat),
        })
    }

    /// The life of a pool thread: jobs, one after the other, until none comes for a while.
    pub(crate) fn work(&self, seat: &Arc<Seat<J>>, mut run: impl FnMut(J)) {
        loop {
            match seat.wait(None) {
                Some(Call::Work(job)) => run(job),
                Some(Call::Leave) | None => break,
            }
            loop {
                let mut state = self.lock();
                if let Some(job) = state.queue.pop_front() {
                    drop(state);
                    run(job);
                    continue;
                }
                if state.closed {
                    drop(state);
                    return self.leave();
                }
                state.idle.push(Arc::clone(seat));
                drop(state);
                if let Some(call) = seat.wait(Some(Instant::now() + STAY)) {
                    seat.call(call);
                    break;
                }
                let mut state = self.lock();
                // Called just now: the seat is no longer in the list.
                let Some(at) = state.idle.iter().position(|idle| Arc::ptr_eq(idle, seat)) else {
                    break;
                };
                if state.idle.len() > 1 || state.closed {
                    state.idle.remove(at);
                    drop(state);
                    return self.leave();
                }
                break;
            }
        }
        self.leave();
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
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        for seat in idle {
            seat.call(Call::Leave);
        }
        queue.into()
    }

    /// Waits for the last thread to leave.
    pub(crate) fn join(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
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

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Seat<J> {
    fn lock(&self) -> MutexGuard<'_, Option<Call<J>>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, call: Call<J>) {
        *self.lock() = Some(call);
        self.called.notify_one();
    }

    fn wait(&self, deadline: Option<Instant>) -> Option<Call<J>> {
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

impl<J> Reserved<'_, J> {
    pub(crate) fn give(mut self, job: J) {
        if let Some(seat) = self.seat.take() {
            seat.call(Call::Work(job));
        }
    }
}

impl<J> Drop for Reserved<'_, J> {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take() {
            let mut state = self.pool.lock();
            if state.closed {
                drop(state);
                seat.call(Call::Leave);
            } else {
                state.idle.push(seat);
            }
        }
    }
}
