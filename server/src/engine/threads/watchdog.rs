//! Watches for loops whose thread is stuck in a handler, and gives them to another thread.
//!
//! It looks every 2 ms while there is work, and sleeps without a timeout when there is none: an idle server makes no
//! context switch. A loop is stuck if its turn is the same at two looks and its thread is not merely waiting for the
//! processor. Where the system does not say that of a thread, the turn has to be the same for 20 ms.

use crate::engine::loops::owner;
use crate::engine::threads::system_thread::may_compute;
use crate::engine::threads::zone::Zone;
use crate::engine::{Engine, Job};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// What waits behind a handler that blocks waits for two looks, so for 4 ms at most. Shorter ticks would wake a
/// processor more often for as long as there is any work.
const TICK: Duration = Duration::from_millis(2);

/// The ticks after a take-over are shorter: blockers come in crowds.
const HOT_TICK: Duration = Duration::from_micros(250);
const HOT_TICKS: u32 = 40;

/// A thread that may be computing is left alone for this long: its turn may be over soon, and a take-over would use up
/// a thread of the reserve. It is a time and no number of ticks, since some systems' ticks are 15 ms.
const PATIENCE: Duration = Duration::from_millis(20);

/// Ticks without work before the watchdog sleeps. Not at once: with a request every few milliseconds, each would pay
/// for waking it.
const QUIET: u32 = 10;

pub(crate) struct Watchdog {
    asleep: AtomicBool,
    thread: OnceLock<Thread>,
    over: AtomicBool,
    ended: (Mutex<bool>, Condvar),
    loops: usize,
}

impl Watchdog {
    pub(crate) fn new(loops: usize) -> Self {
        Self {
            asleep: AtomicBool::new(false),
            thread: OnceLock::new(),
            over: AtomicBool::new(false),
            ended: (Mutex::new(false), Condvar::new()),
            loops,
        }
    }

    /// Wakes it if it sleeps. An owner calls this after it has said that it is busy; both sides are sequentially
    /// consistent, so that one of them sees the other.
    pub(crate) fn rouse(&self) {
        if self.asleep.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    pub(crate) fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn join(&self) {
        let mut ended = self.ended.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended && self.thread.get().is_some() {
            ended = self
                .ended
                .1
                .wait(ended)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

pub(crate) fn start(engine: &Arc<Engine>) -> io::Result<()> {
    let watched = Arc::clone(engine);
    let thread = std::thread::Builder::new()
        .name("doget-watchdog".to_owned())
        .stack_size(64 << 10)
        .spawn(move || {
            watch(&watched);
            *watched
                .watchdog
                .ended
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = true;
            watched.watchdog.ended.1.notify_all();
        })?;
    let _ = engine.watchdog.thread.set(thread.thread().clone());
    Ok(())
}

/// What it saw of a loop.
#[derive(Clone, Copy, Default)]
struct LastLook {
    seq: u64,
    /// When its thread was first seen computing in this turn.
    computing: Option<Instant>,
}

fn watch(engine: &Arc<Engine>) {
    let watchdog = &engine.watchdog;
    let mut seen = vec![LastLook::default(); watchdog.loops];
    let mut care = Care::default();
    let mut hot = 0u32;
    let mut quiet = 0;
    while !watchdog.over.load(Ordering::SeqCst) {
        std::thread::park_timeout(if hot > 0 { HOT_TICK } else { TICK });
        hot = hot.saturating_sub(1);
        let mut active = false;
        for (index, seen) in seen.iter_mut().enumerate() {
            match look(engine, index, seen) {
                Look::Idle => {}
                Look::Working => active = true,
                Look::TakenOver => {
                    active = true;
                    hot = HOT_TICKS;
                }
            }
        }
        if engine.shared.occupancy.zone() != Zone::Room {
            care.say(engine);
        }
        if engine.shared.occupancy.needs_care() {
            active = true;
            care.take(engine);
        }
        engine.shared.predictor.forgive(engine.shared.now_millis());
        quiet = if active { 0 } else { quiet + 1 };
        if quiet >= QUIET {
            quiet = 0;
            watchdog.asleep.store(true, Ordering::SeqCst);
            while !engine
                .loops
                .iter()
                .any(|event_loop| event_loop.busy.load(Ordering::SeqCst))
                && !engine.shared.occupancy.needs_care()
                && !watchdog.over.load(Ordering::SeqCst)
            {
                std::thread::park();
            }
            watchdog.asleep.store(false, Ordering::SeqCst);
        }
    }
}

/// What it does for threads and for what waits for one.
#[derive(Default)]
struct Care {
    /// The system started no thread when it was last asked, at this time.
    refused: Option<u64>,
    /// When it last said that all threads are busy.
    said: Option<u64>,
}

/// It says so once in so many milliseconds.
const SAY_AGAIN: u64 = 60_000;

/// After this many milliseconds, the system is asked again for a thread that it did not start.
const ASK_AGAIN: u64 = 100;

impl Care {
    /// Tells the administrator that threads are what is short: from outside it looks as if the handlers were slow.
    fn say(&mut self, engine: &Arc<Engine>) {
        let now = engine.shared.now_millis();
        if self.said.is_some_and(|said| now < said + SAY_AGAIN) {
            return;
        }
        self.said = Some(now);
        let (limits, figures) = (&engine.shared.limits, engine.pool.figures());
        engine.shared.log_fault(format_args!(
            "all {} threads are busy: {} of {} threads for take-overs in use, {} of {} requests in the queue, \
             {} refused so far",
            limits.max_threads,
            figures.takeovers,
            figures.reserve,
            figures.waiting,
            limits.max_queued_requests,
            engine.shared.occupancy.refusals(),
        ));
    }

    fn take(&mut self, engine: &Arc<Engine>) {
        let now = engine.shared.now_millis();
        if self.refused.is_none_or(|since| now >= since + ASK_AGAIN) {
            self.refused = (!engine.tend()).then_some(now);
        }
        let timeout = engine.shared.limits.queue_timeout.as_millis();
        let timeout = u64::try_from(timeout).unwrap_or(u64::MAX);
        while let Some(before) = now.checked_sub(timeout)
            && let Some(job) = engine.pool.overdue(before)
        {
            if let Job::Run { conn, index, slot } = job {
                owner::refuse(engine, conn, index, slot);
            }
        }
    }
}

enum Look {
    Idle,
    Working,
    TakenOver,
}

fn look(engine: &Arc<Engine>, index: usize, seen: &mut LastLook) -> Look {
    let Some(event_loop) = engine.loops.get(index) else {
        return Look::Idle;
    };
    // One relaxed load tells nearly always that the loop goes on: the lock below would disturb its owner.
    let seq = event_loop.seq.load(Ordering::Relaxed);
    if seq != seen.seq {
        *seen = LastLook {
            seq,
            computing: None,
        };
        return Look::Working;
    }
    if !event_loop.busy.load(Ordering::SeqCst) {
        return Look::Idle;
    }
    let stuck =
        |turn: &crate::engine::loops::event_loop::LoopState| turn.out.is_some() && turn.turn == seq;
    if !stuck(&event_loop.lock()) {
        return Look::Working;
    }
    let has_time = seen
        .computing
        .is_none_or(|since| since.elapsed() < PATIENCE);
    // Asked last: on Linux a file is read for it, and a loop may be stuck for long while no thread is free.
    if has_time && may_compute(event_loop.tid.load(Ordering::Relaxed)) {
        seen.computing.get_or_insert_with(Instant::now);
        return Look::Working;
    }
    // A thread first, the decision after: a loop must not be left without one.
    let Some(booked) = engine.pool.book(&|parker| engine.thread(parker)) else {
        return Look::Working;
    };
    let mut state = event_loop.lock();
    // The handler may have returned while a thread was found for it.
    if !stuck(&state) {
        return Look::Working;
    }
    // By the epoch the former owner sees, when its handler returns at last, that the loop is another's: it hands its
    // connection back and leaves.
    state.epoch += 1;
    state.out = None;
    let epoch = state.epoch;
    drop(state);
    engine.shared.predictor.got_stuck(
        event_loop.key.load(Ordering::Relaxed),
        engine.shared.now_millis(),
    );
    booked.give(Job::Own { index, epoch });
    *seen = LastLook {
        seq,
        computing: None,
    };
    Look::TakenOver
}
