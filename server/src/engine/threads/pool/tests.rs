use super::*;
use crate::engine::threads::zone::Zone;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread::Scope;

const PATIENCE: Duration = Duration::from_secs(20);

type Work = Box<dyn FnOnce() + Send>;

/// Runs `test` with a pool whose threads are real.
fn with_pool(pool: &Pool<Work>, test: impl FnOnce(&dyn Fn(Arc<Parker<Work>>) -> io::Result<()>)) {
    std::thread::scope(|scope| {
        let start = |parker| {
            spawn(scope, pool, parker);
            Ok(())
        };
        // A test that fails must not leave threads behind that wait.
        let tested = catch_unwind(AssertUnwindSafe(|| test(&start)));
        drop(pool.close());
        if let Err(failure) = tested {
            resume_unwind(failure);
        }
        assert!(pool.join(PATIENCE), "{} threads left", threads(pool));
    });
}

fn spawn<'s>(scope: &'s Scope<'s, '_>, pool: &'s Pool<Work>, parker: Arc<Parker<Work>>) {
    scope.spawn(move || {
        let work = AssertUnwindSafe(|| pool.work(&parker, |job| job()));
        let _ = catch_unwind(work);
    });
}

fn pool<J>(cap: usize, owners: usize, reserve: usize) -> Pool<J> {
    let bounds = Bounds {
        cap,
        owners,
        reserve,
        queue: 8,
    };
    Pool::new(bounds, Arc::default())
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
    let pool = pool(4, 1, 1);
    with_pool(&pool, |start| {
        let (owner, begins, end) = held();
        assert!(pool.submit(owner, 0, start).is_ok());
        begins.recv_timeout(PATIENCE).unwrap();
        assert!(pool.tend(start));
        assert!(pool.submit(Box::new(|| ()), 0, &refuse).is_err());
        // The one on stand-by is for take-overs.
        assert_eq!(threads(&pool), 2);
        assert_eq!(pool.occupancy.zone(), Zone::Full);
        // Another one that is at work does come for it.
        let (worker, begins, done) = held();
        assert!(pool.submit(worker, 0, start).is_ok());
        begins.recv_timeout(PATIENCE).unwrap();
        let (last, ran, _end) = held();
        assert!(pool.submit(last, 0, &refuse).is_ok());
        drop(done);
        ran.recv_timeout(PATIENCE).unwrap();
        drop((end, _end));
    });
}

#[test]
fn a_reservation_that_is_not_used_leaves_its_thread_to_the_queue() {
    let pool = pool(1, 0, 0);
    with_pool(&pool, |start| {
        let reserved = pool.book(start).unwrap();
        // The only thread is reserved, so this waits in the queue.
        let (job, begins, _end) = held();
        assert!(pool.submit(job, 0, start).is_ok());
        drop(reserved);
        begins.recv_timeout(PATIENCE).unwrap();
    });
}

#[test]
fn a_reservation_that_is_not_used_leaves_a_thread_that_goes_in_time() {
    let pool = pool(8, 0, 0);
    with_pool(&pool, |start| {
        let reserved: Vec<_> = (0..4).map(|_| pool.book(start).unwrap()).collect();
        assert_eq!(threads(&pool), 4);
        drop(reserved);
        let deadline = Instant::now() + PATIENCE;
        while threads(&pool) > 1 {
            assert!(Instant::now() < deadline, "{} threads", threads(&pool));
            std::thread::sleep(Duration::from_millis(10));
        }
    });
}

/// A job ends while the thread for stand-by is being started.
#[test]
fn no_more_threads_than_loops_are_on_stand_by() {
    let pool = pool(4, 1, 4);
    with_pool(&pool, |start| {
        let (job, begins, end) = held();
        assert!(pool.submit(job, 0, start).is_ok());
        begins.recv_timeout(PATIENCE).unwrap();
        let end = Mutex::new(Some(end));
        let slow_start = |parker| {
            end.lock().unwrap().take();
            let deadline = Instant::now() + PATIENCE;
            let waiting = || {
                let state = pool.lock();
                state.idle.len() + state.spares.len()
            };
            while waiting() == 0 {
                assert!(Instant::now() < deadline);
                std::thread::sleep(Duration::from_millis(1));
            }
            start(parker)
        };
        assert!(pool.tend(&slow_start));
        assert_eq!(pool.lock().spares.len(), 1);
    });
}

/// Clients keep every thread busy that jobs may fill: those for take-overs are there, and take no job.
#[test]
fn the_reserve_is_for_take_overs_alone() {
    let pool = pool(3, 2, 6);
    let mut zones = Vec::new();
    with_pool(&pool, |start| {
        let mut ends = Vec::new();
        let mut fill = |booked: Option<Booked<Work>>| {
            let (job, begins, end) = held();
            match booked {
                Some(booked) => booked.give(job),
                None => assert!(pool.submit(job, 0, start).is_ok()),
            }
            begins.recv_timeout(PATIENCE).unwrap();
            ends.push(end);
        };
        for _ in 0..3 {
            fill(None);
        }
        assert!(pool.tend(start));
        let (queued, ran, _end) = held();
        assert!(pool.submit(queued, 7, start).is_ok());
        assert!(pool.overdue(6).is_none());
        zones.push(pool.occupancy.zone());
        for _ in 0..6 {
            fill(Some(pool.book(start).unwrap()));
            pool.tend(start);
            zones.push(pool.occupancy.zone());
            assert!(threads(&pool) <= 3 + 6);
        }
        assert!(pool.book(start).is_none());
        assert_eq!(threads(&pool), 3 + 6);
        // What is done in the reserve takes nothing from the queue.
        let third = ends.pop();
        drop(third);
        let deadline = Instant::now() + PATIENCE;
        while pool.occupancy.zone() != Zone::Last || pool.lock().spares.is_empty() {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(ran.try_recv().is_err());
        assert!(pool.overdue(7).is_some());
        assert!(!pool.occupancy.needs_care() || pool.lock().spares.len() < 2);
        drop(ends);
    });
    use Zone::{Full, Last, Scarce};
    assert_eq!(zones, [Full, Full, Full, Scarce, Scarce, Last, Last]);
}

#[test]
fn a_thread_that_panics_is_counted_out() {
    let pool = pool(1, 0, 0);
    with_pool(&pool, |start| {
        assert!(
            pool.submit(Box::new(|| panic!("in a job")), 0, start)
                .is_ok()
        );
        let deadline = Instant::now() + PATIENCE;
        while threads(&pool) > 0 {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(1));
        }
        let (job, begins, _end) = held();
        assert!(pool.submit(job, 0, start).is_ok());
        begins.recv_timeout(PATIENCE).unwrap();
    });
}

#[test]
fn a_closed_pool_takes_nothing_and_returns_what_waited() {
    let pool = pool(1, 0, 0);
    with_pool(&pool, |start| {
        let (job, begins, end) = held();
        assert!(pool.submit(job, 0, start).is_ok());
        begins.recv_timeout(PATIENCE).unwrap();
        for _ in 0..3 {
            assert!(pool.submit(Box::new(|| ()), 0, start).is_ok());
        }
        assert_eq!(pool.close().len(), 3);
        assert!(pool.submit(Box::new(|| ()), 0, start).is_err());
        assert!(pool.book(start).is_none());
        drop(end);
    });
}
