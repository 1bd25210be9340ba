//! Watches for loops whose thread is stuck in a handler, and gives them to another thread.
//!
//! It looks every 2 ms while there is work, and sleeps without a timeout when there is none: an idle server makes no
//! context switch. A loop is stuck if its turn is the same at two looks and its thread is not merely waiting for the processor.

use crate::engine::{Engine, Job};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(2);

/// The ticks after a take-over are shorter: blockers come in crowds.
const HOT_TICK: Duration = Duration::from_micros(250);
const HOT_TICKS: u32 = 40;

/// A thread that computes is let be for this many ticks.
const PATIENCE: u32 = 10;

/// Ticks without work before it goes to sleep.
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

    /// Wakes it if it sleeps. An owner calls this after it has said that it is busy; both sides are sequentially consistent, so
    /// that one of them sees the other.
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
        .name("doget-monitor".to_owned())
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
    /// Looks at which the same turn's thread was computing.
    computing: u32,
}

fn watch(engine: &Arc<Engine>) {
    let watchdog = &engine.watchdog;
    let mut seen = vec![LastLook::default(); watchdog.loops];
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
        engine.shared.predictor.forgive(engine.shared.millis());
        quiet = if active { 0 } else { quiet + 1 };
        if quiet >= QUIET {
            quiet = 0;
            watchdog.asleep.store(true, Ordering::SeqCst);
            while !engine
                .loops
                .iter()
                .any(|event_loop| event_loop.busy.load(Ordering::SeqCst))
                && !watchdog.over.load(Ordering::SeqCst)
            {
                std::thread::park();
            }
            watchdog.asleep.store(false, Ordering::SeqCst);
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
    let seq = event_loop.seq.load(Ordering::Relaxed);
    if seq != seen.seq {
        *seen = LastLook { seq, computing: 0 };
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
    if seen.computing < PATIENCE && is_computing(event_loop.tid.load(Ordering::Relaxed)) {
        seen.computing += 1;
        return Look::Working;
    }
    // A thread first, the decision after: a loop must not be left without one.
    let Some(reserved) = engine.pool.reserve(&|parker| engine.thread(parker)) else {
        return Look::Working;
    };
    let mut state = event_loop.lock();
    if !stuck(&state) {
        return Look::Working;
    }
    state.epoch += 1;
    state.out = None;
    let epoch = state.epoch;
    drop(state);
    engine.shared.predictor.got_stuck(
        event_loop.key.load(Ordering::Relaxed),
        engine.shared.millis(),
    );
    reserved.give(Job::Own { index, epoch });
    *seen = LastLook { seq, computing: 0 };
    Look::TakenOver
}

/// Whether a thread is computing, or wants to: then its turn may be over soon, and the kernel shares the processor meanwhile.
#[cfg(target_os = "linux")]
fn is_computing(tid: u32) -> bool {
    use std::io::Read;
    let mut stat = [0; 64];
    let Ok(size) = std::fs::File::open(format!("/proc/self/task/{tid}/stat"))
        .and_then(|mut file| file.read(&mut stat))
    else {
        return false;
    };
    // `TID (name) S ...`, and the name may hold anything.
    let stat = stat.get(..size).unwrap_or_default();
    let state = stat
        .iter()
        .rposition(|&byte| byte == b')')
        .and_then(|at| stat.get(at + 2));
    state == Some(&b'R')
}

#[cfg(not(target_os = "linux"))]
fn is_computing(_tid: u32) -> bool {
    false
}

/// The calling thread, as the system numbers it; 0 if it does not say.
#[cfg(target_os = "linux")]
pub(crate) fn thread_id() -> u32 {
    // Of the form `1234/task/1235`. A crate that has the system call would cost every build more than this costs.
    let link = std::fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name()
        .and_then(|id| id.to_str()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_id() -> u32 {
    0
}
