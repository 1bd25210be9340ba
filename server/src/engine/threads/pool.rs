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
    state: Mutex<PoolState<J>>,
    ended: Condvar,
    cap: usize,
    /// Threads that own loops as long as the server lives: they never come to the queue.
    owners: usize,
    queue: usize,
}

struct PoolState<J> {
    /// Seats of threads that wait, the last one on top.
    idle: Vec<Arc<Parker<J>>>,
    queue: VecDeque<J>,
    threads: usize,
    closed: bool,
}

/// Where a thread waits.
pub(crate) struct Parker<J> {
    job: Mutex<Option<Call<J>>>,
    called: Condvar,
}

enum Call<J> {
    Work(J),
    /// Look for yourself.
    Look,
    Leave,
}

/// A thread that is bound to take one job: dropped without one, it becomes a spare.
pub(crate) struct Reserved<J> {
    parker: Option<Arc<Parker<J>>>,
}

/// How a thread is started with a seat to wait on; `Err` if the system refuses.
pub(crate) type Start<'s, J> = &'s dyn Fn(Arc<Parker<J>>) -> std::io::Result<()>;

/// How much room a pool has, for who hands it no job.
pub(crate) trait Room {
    /// Whether every thread is at work and no other may be started.
    fn is_full(&self) -> bool;

    /// Whether not even the queue takes a job.
    fn is_overrun(&self) -> bool;
}

impl<J> Room for Pool<J> {
    fn is_full(&self) -> bool {
        let state = self.lock();
        state.idle.is_empty() && state.threads >= self.cap
    }

    fn is_overrun(&self) -> bool {
        let state = self.lock();
        state.idle.is_empty() && state.threads >= self.cap && state.queue.len() >= self.queue
    }
}

impl<J> Pool<J> {
    /// At most `cap` threads, `owners` of which are never done, and `queue` jobs that wait for one.
    pub(crate) fn new(cap: usize, owners: usize, queue: usize) -> Self {
        Self {
            state: Mutex::new(PoolState {
                idle: Vec::new(),
                queue: VecDeque::new(),
                threads: 0,
                closed: false,
            }),
            ended: Condvar::new(),
            cap,
            owners,
            queue,
        }
    }

    /// Hands a job to a spare thread, to a new one, or to the queue. `Err`: there is no place for it.
    pub(crate) fn submit(&self, job: J, start: Start<'_, J>) -> Result<(), J> {
        let mut state = self.lock();
        if let Some(parker) = state.idle.pop() {
            drop(state);
            parker.call(Call::Work(job));
            return Ok(());
        }
        if state.threads < self.cap && !state.closed {
            state.threads += 1;
            drop(state);
            let parker = Arc::new(Parker {
                job: Mutex::new(Some(Call::Work(job))),
                called: Condvar::new(),
            });
            if start(Arc::clone(&parker)).is_ok() {
                return Ok(());
            }
            let job = match parker.lock().take() {
                Some(Call::Work(job)) => job,
                _ => return Ok(()),
            };
            state = self.lock();
            state.threads -= 1;
            self.ended.notify_all();
            return self.queue_up(state, job);
        }
        self.queue_up(state, job)
    }

    /// Only where somebody comes for it.
    fn queue_up(&self, mut state: MutexGuard<'_, PoolState<J>>, job: J) -> Result<(), J> {
        if state.closed || state.threads <= self.owners || state.queue.len() >= self.queue {
            return Err(job);
        }
        state.queue.push_back(job);
        Ok(())
    }

    /// Makes sure of a thread before the decision that needs it.
    pub(crate) fn reserve(&self, start: Start<'_, J>) -> Option<Reserved<J>> {
        let mut state = self.lock();
        if let Some(parker) = state.idle.pop() {
            return Some(Reserved {
                parker: Some(parker),
            });
        }
        if state.threads >= self.cap || state.closed {
            return None;
        }
        state.threads += 1;
        drop(state);
        let parker = Arc::new(Parker {
            job: Mutex::new(None),
            called: Condvar::new(),
        });
        if start(Arc::clone(&parker)).is_err() {
            self.leave();
            return None;
        }
        Some(Reserved {
            parker: Some(parker),
        })
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
                let mut state = self.lock();
                if let Some(job) = state.queue.pop_front() {
                    drop(state);
                    run(job);
                    continue;
                }
                if state.closed {
                    return;
                }
                state.idle.push(Arc::clone(parker));
                drop(state);
                if let Some(call) = parker.wait(Some(Instant::now() + STAY)) {
                    parker.call(call);
                    break;
                }
                let mut state = self.lock();
                // Called just now: the seat is no longer in the list.
                let Some(at) = state.idle.iter().position(|idle| Arc::ptr_eq(idle, parker)) else {
                    break;
                };
                if state.idle.len() > 1 || state.closed {
                    state.idle.remove(at);
                    return;
                }
                break;
            }
        }
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
        for parker in idle {
            parker.call(Call::Leave);
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

    fn lock(&self) -> MutexGuard<'_, PoolState<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Parker<J> {
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

impl<J> Reserved<J> {
    pub(crate) fn give(mut self, job: J) {
        if let Some(parker) = self.parker.take() {
            parker.call(Call::Work(job));
        }
    }
}

impl<J> Drop for Reserved<J> {
    fn drop(&mut self) {
        // To the queue first, which may have grown meanwhile, and then among the idle ones.
        if let Some(parker) = self.parker.take() {
            parker.call(Call::Look);
        }
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
mod tests {
    use super::*;
    use std::io;
    use std::sync::mpsc;
    use std::thread::Scope;

    const PATIENCE: Duration = Duration::from_secs(20);

    type Work = Box<dyn FnOnce() + Send>;

    /// Runs `test` with a pool whose threads are real.
    fn with_pool(
        pool: &Pool<Work>,
        test: impl FnOnce(&dyn Fn(Arc<Parker<Work>>) -> io::Result<()>),
    ) {
        std::thread::scope(|scope| {
            test(&|parker| {
                spawn(scope, pool, parker);
                Ok(())
            });
            drop(pool.close());
            assert!(pool.join(PATIENCE), "{} threads left", threads(pool));
        });
    }

    fn spawn<'s>(scope: &'s Scope<'s, '_>, pool: &'s Pool<Work>, parker: Arc<Parker<Work>>) {
        scope.spawn(move || {
            let work = std::panic::AssertUnwindSafe(|| pool.work(&parker, |job| job()));
            let _ = std::panic::catch_unwind(work);
        });
    }

    fn threads<J>(pool: &Pool<J>) -> usize {
        pool.lock().threads
    }

    fn refuse(_: Arc<Parker<Work>>) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// A job that says that it runs, and does so until it is told to end.
    fn held() -> (Work, mpsc::Receiver<()>, mpsc::Sender<()>) {
        let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel::<()>());
        let work = Box::new(move || {
            let _ = begun.send(());
            let _ = ends.recv_timeout(PATIENCE);
        });
        (work, begins, end)
    }

    /// The system starts no thread, and those that there are own loops.
    #[test]
    fn a_job_that_nobody_would_come_for_is_returned() {
        let pool = Pool::new(4, 1, 8);
        with_pool(&pool, |start| {
            let (owner, begins, end) = held();
            assert!(pool.submit(owner, start).is_ok());
            begins.recv_timeout(PATIENCE).unwrap();
            assert!(pool.submit(Box::new(|| ()), &refuse).is_err());
            assert!(pool.reserve(&refuse).is_none());
            assert_eq!(threads(&pool), 1);
            // Another one that is at work does come for it.
            let (worker, begins, done) = held();
            assert!(pool.submit(worker, start).is_ok());
            begins.recv_timeout(PATIENCE).unwrap();
            let (last, ran, _end) = held();
            assert!(pool.submit(last, &refuse).is_ok());
            drop(done);
            ran.recv_timeout(PATIENCE).unwrap();
            drop((end, _end));
        });
    }

    #[test]
    fn a_reservation_that_is_not_used_leaves_its_thread_to_the_queue() {
        let pool = Pool::new(1, 0, 8);
        with_pool(&pool, |start| {
            let reserved = pool.reserve(start).unwrap();
            // The only thread is reserved, so this waits in the queue.
            let (job, begins, _end) = held();
            assert!(pool.submit(job, start).is_ok());
            drop(reserved);
            begins.recv_timeout(PATIENCE).unwrap();
        });
    }

    #[test]
    fn a_reservation_that_is_not_used_leaves_a_thread_that_goes_in_time() {
        let pool = Pool::new(8, 0, 8);
        with_pool(&pool, |start| {
            let reserved: Vec<_> = (0..4).map(|_| pool.reserve(start).unwrap()).collect();
            assert_eq!(threads(&pool), 4);
            drop(reserved);
            let deadline = Instant::now() + PATIENCE;
            while threads(&pool) > 1 {
                assert!(Instant::now() < deadline, "{} threads", threads(&pool));
                std::thread::sleep(Duration::from_millis(10));
            }
        });
    }

    #[test]
    fn a_thread_that_panics_is_counted_out() {
        let pool = Pool::new(1, 0, 8);
        with_pool(&pool, |start| {
            assert!(pool.submit(Box::new(|| panic!("in a job")), start).is_ok());
            let deadline = Instant::now() + PATIENCE;
            while threads(&pool) > 0 {
                assert!(Instant::now() < deadline);
                std::thread::sleep(Duration::from_millis(1));
            }
            let (job, begins, _end) = held();
            assert!(pool.submit(job, start).is_ok());
            begins.recv_timeout(PATIENCE).unwrap();
        });
    }

    #[test]
    fn a_closed_pool_takes_nothing_and_returns_what_waited() {
        let pool = Pool::new(1, 0, 8);
        with_pool(&pool, |start| {
            let (job, begins, end) = held();
            assert!(pool.submit(job, start).is_ok());
            begins.recv_timeout(PATIENCE).unwrap();
            for _ in 0..3 {
                assert!(pool.submit(Box::new(|| ()), start).is_ok());
            }
            assert_eq!(pool.close().len(), 3);
            assert!(pool.submit(Box::new(|| ()), start).is_err());
            assert!(pool.reserve(start).is_none());
            drop(end);
        });
    }
}
