//! The threads of a service: as many as there are handlers that run, up to the limit; idle ones leave.

use crate::Limits;
use crate::engine::threads::parker::Parker;
use crate::engine::threads::pool::{Bounds, Pool};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often it is looked whether a job waits for too long, while any waits.
const LOOK: Duration = Duration::from_millis(100);

/// What threads do.
pub(super) trait Job: Send {
    fn run(self: Box<Self>);

    /// Nobody waits for what comes of it.
    fn is_gone(&self) -> bool;

    /// There is no thread for it, and was none for as long as it may wait.
    fn refuse(self: Box<Self>);
}

type Jobs = Pool<Box<dyn Job>>;

/// See the module.
pub(super) struct Workers {
    pool: Arc<Jobs>,
    began: Instant,
    queue_timeout: Duration,
    stack_size: usize,
    /// A thread looks after the queue.
    watched: Arc<AtomicBool>,
}

impl Workers {
    pub(super) fn new(limits: &Limits) -> Self {
        let bounds = Bounds {
            cap: limits.max_threads.max(1),
            owners: 0,
            reserve: 0,
            queue: limits.max_queued_requests,
        };
        Self {
            pool: Arc::new(Pool::new(bounds, Arc::default())),
            began: Instant::now(),
            queue_timeout: limits.queue_timeout,
            stack_size: limits.thread_stack_size,
            watched: Arc::default(),
        }
    }

    /// `Err`: there is no thread for it, and no place in the queue.
    pub(super) fn submit(&self, job: Box<dyn Job>) -> Result<(), Box<dyn Job>> {
        let now = millis(self.began.elapsed());
        let start = |parker| self.start(parker);
        if let Err(job) = self.pool.submit(job, now, &start) {
            // Clients that leave at once cost nothing, and could fill the queue.
            if self.pool.take_gone(|job| job.is_gone()).is_empty() {
                return Err(job);
            }
            self.pool.submit(job, now, &start)?;
        }
        if self.pool.figures().waiting > 0 {
            self.watch();
        }
        Ok(())
    }

    fn start(&self, parker: Arc<Parker<Box<dyn Job>>>) -> std::io::Result<()> {
        let pool = Arc::clone(&self.pool);
        self.thread()
            .spawn(move || pool.work(&parker, |job| job.run()))
            .map(drop)
    }

    fn thread(&self) -> std::thread::Builder {
        std::thread::Builder::new()
            .name("doget-tower".to_owned())
            .stack_size(self.stack_size)
    }

    /// Sees to it that jobs do not wait for ever: all threads may be held by handlers that do not end.
    fn watch(&self) {
        if self.watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let (pool, watched) = (Arc::clone(&self.pool), Arc::clone(&self.watched));
        let (began, patience) = (self.began, self.queue_timeout);
        let started = self.thread().spawn(move || {
            loop {
                std::thread::sleep(LOOK.min(patience.max(Duration::from_millis(1))));
                let Some(before) = began.elapsed().checked_sub(patience) else {
                    continue;
                };
                while let Some(job) = pool.overdue(millis(before)) {
                    job.refuse();
                }
                if pool.figures().waiting > 0 {
                    continue;
                }
                watched.store(false, Ordering::SeqCst);
                // Whoever came just before that has left it to this thread.
                if pool.figures().waiting == 0 || watched.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
        if started.is_err() {
            self.watched.store(false, Ordering::SeqCst);
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for job in self.pool.close() {
            job.refuse();
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
