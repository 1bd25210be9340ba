//! The buffer that lines wait in, and the thread that writes them.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::Duration;

use memchr::memchr_iter;

/// How long the writer rests after each batch. Lines that come meanwhile need not wake it.
const PACE: Duration = Duration::from_millis(5);

/// How long dropping the last `Log` waits for what is left to be written.
const LAST_FLUSH: Duration = Duration::from_secs(1);

/// How long the writer waits at most before it tries a sink again that would block.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What an idle log keeps of its two buffers, after a burst has grown them.
const KEPT_CAPACITY: usize = 64 * 1024;

/// What a log and its writer share.
pub(super) struct Shared {
    state: Mutex<QueueState>,
    /// The writer waits here: asleep, or between two batches.
    wake: Condvar,
    /// Callers of `flush` wait here for the writer.
    progress: Condvar,
}

#[derive(Default)]
struct QueueState {
    /// Whole lines, and how many.
    waiting: Vec<u8>,
    waiting_lines: u64,
    /// The bound of `waiting`.
    capacity: usize,
    /// How many lines the writer has in hand.
    in_flight: u64,

    /// How many lines were ever logged, and how many of these the writer is done with.
    taken: u64,
    done: u64,
    /// A batch failed, and no flush has told of it yet.
    failed: bool,

    /// How many lines were lost, and how many of these no line has told of yet.
    dropped: u64,
    unreported: u64,
    /// Lines were dropped for want of room, so the next batch has to tell of it. Not set for lines
    /// that the sink refused, or else each refused report would be the cause of the next.
    report: bool,

    /// The writer found nothing to do and waits for a wake-up.
    asleep: bool,
    /// The writer is not to rest before the next batch.
    hurry: bool,
    /// How many threads wait for `done`.
    flushing: usize,
    /// There will be no more lines.
    closed: bool,
    /// Nobody waits for the rest to be written any more.
    abandoned: bool,

    /// The writer's, until it has started.
    sink: Option<(Sink, Warn)>,
    started: bool,
    ended: bool,
    thread: Option<JoinHandle<()>>,
    writer: Option<ThreadId>,
}

pub(super) type Sink = Box<dyn Write + Send>;

/// Whether a failing sink is worth a warning on stderr; not if it is stderr that fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Warn {
    Once,
    Never,
}

impl QueueState {
    fn has_work(&self) -> bool {
        !self.waiting.is_empty() || self.report
    }

    fn lose(&mut self, lines: u64) {
        self.dropped += lines;
        self.unreported += lines;
    }
}

impl Shared {
    pub(super) fn new(sink: Sink, capacity: usize, warn: Warn) -> Shared {
        let state = QueueState {
            sink: Some((sink, warn)),
            capacity,
            ..QueueState::default()
        };
        Shared {
            state: Mutex::new(state),
            wake: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    #[cfg(test)]
    pub(super) fn is_asleep(&self) -> bool {
        self.lock().asleep
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        // Nothing panics under the lock, and every state in between is a sound one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn append(self: &Arc<Self>, line: &[u8]) {
        let mut state = self.lock();
        state.taken += 1;
        if state.ended {
            state.lose(1);
            return;
        }
        if line.len() <= state.capacity - state.waiting.len() {
            state.waiting.extend_from_slice(line);
            state.waiting_lines += 1;
        } else {
            state.lose(1);
            state.report = true;
        }
        // A writer that rests looks again by itself, so in steady traffic nobody has to wake it.
        // Half of the capacity is waiting only if lines come faster than that.
        let wake = state.asleep || (!state.hurry && state.waiting.len() > state.capacity / 2);
        if wake {
            state.asleep = false;
            state.hurry = true;
        }
        let started = state.started;
        // A thread that is woken under the lock would only wait for it.
        drop(state);
        if !started {
            self.start();
        } else if wake {
            self.wake.notify_one();
        }
    }

    /// Starts the writer, unless that was done. If the system has no thread to give, the lines wait
    /// and the next one tries again.
    fn start(self: &Arc<Self>) {
        let mut state = self.lock();
        if state.started {
            return;
        }
        state.started = true;
        drop(state);
        let shared = Arc::clone(self);
        let thread = thread::Builder::new()
            .name("doget-log".to_owned())
            .spawn(move || shared.write());
        let mut state = self.lock();
        match thread {
            Ok(thread) => state.thread = Some(thread),
            Err(_) => state.started = false,
        }
    }

    pub(super) fn flush(self: &Arc<Self>, deadline: Duration) -> bool {
        let mut state = self.lock();
        if !state.started && state.has_work() {
            drop(state);
            self.start();
            state = self.lock();
        }
        let target = state.taken;
        if state.done < target && !state.ended {
            state.hurry = true;
            state.flushing += 1;
            self.wake.notify_one();
            (state, _) = self
                .progress
                .wait_timeout_while(state, deadline, |state| state.done < target && !state.ended)
                .unwrap_or_else(PoisonError::into_inner);
            state.flushing -= 1;
        }
        // The batch may have failed before the flush was asked for.
        let failed = mem::take(&mut state.failed);
        state.done >= target && !failed
    }

    pub(super) fn close(self: &Arc<Self>) {
        let mut state = self.lock();
        state.closed = true;
        self.wake.notify_one();
        // A sink that holds a `Log` of its own may be what is dropped last, on the writer's thread.
        if state.writer == Some(thread::current().id()) {
            return;
        }
        (state, _) = self
            .progress
            .wait_timeout_while(state, LAST_FLUSH, |state| state.started && !state.ended)
            .unwrap_or_else(PoisonError::into_inner);
        state.abandoned = true;
        self.wake.notify_one();
        let thread = if state.ended {
            state.thread.take()
        } else {
            None
        };
        drop(state);
        // It has nothing left to do, so this is soon over. One that is stuck in its sink is left
        // alone.
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    /// The writer's thread.
    fn write(&self) {
        // Declared first, so that the sink is gone when the end is announced.
        let _end = End(self);
        let mut state = self.lock();
        state.writer = Some(thread::current().id());
        let Some((mut sink, mut warn)) = state.sink.take() else {
            return;
        };
        drop(state);
        let mut batch = Vec::new();
        let mut within_line = false;
        let mut state = self.lock();
        loop {
            while !state.has_work() {
                if state.closed {
                    return;
                }
                batch.shrink_to(KEPT_CAPACITY);
                state.waiting.shrink_to(KEPT_CAPACITY);
                state.asleep = true;
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            mem::swap(&mut state.waiting, &mut batch);
            state.in_flight = mem::take(&mut state.waiting_lines);
            let reported = mem::take(&mut state.unreported);
            let taken = state.taken;
            state.asleep = false;
            state.hurry = false;
            state.report = false;
            drop(state);

            match reported {
                0 => {}
                1 => batch.extend_from_slice(b"1 log line dropped\n"),
                // Cannot fail: a `Vec` takes everything.
                _ => _ = writeln!(batch, "{reported} log lines dropped"),
            }
            let result = self.write_batch(&mut *sink, &batch, &mut within_line);
            if let Err((written, error)) = result {
                self.lose_batch(&batch[written..], reported);
                if warn == Warn::Once {
                    warn = Warn::Never;
                    // Not `eprintln!`, which panics if stderr is closed; and in one piece.
                    let warning = format!("doget: cannot write to the log: {error}\n");
                    let _ = io::stderr().write_all(warning.as_bytes());
                }
            }
            batch.clear();

            state = self.lock();
            state.in_flight = 0;
            state.done = taken;
            if state.flushing > 0 {
                self.progress.notify_all();
            }
            (state, _) = self
                .wake
                .wait_timeout_while(state, PACE, |state| !state.hurry && !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Counts the lines of a batch, or of the rest of it, that the sink did not take. If the batch
    /// told of lines that were dropped before, the next one has to tell of them again.
    fn lose_batch(&self, rest: &[u8], reported: u64) {
        let ends = u64::try_from(memchr_iter(b'\n', rest).count()).unwrap_or(u64::MAX);
        // The report is the last line, so it is missing too.
        let missing = ends.saturating_sub((reported > 0).into());
        let mut state = self.lock();
        // A line may have line ends of its own, hence the bound.
        let missing = missing.min(state.in_flight);
        state.lose(missing);
        state.unreported += reported;
        state.failed = true;
    }

    /// Writes a batch of whole lines. With an error comes how much was written before it.
    fn write_batch(
        &self,
        sink: &mut dyn Write,
        batch: &[u8],
        within_line: &mut bool,
    ) -> Result<(), (usize, io::Error)> {
        if *within_line {
            // The last batch broke off within a line. This ends it, so that the next one is whole.
            self.persist(|| sink.write_all(b"\n"))
                .map_err(|error| (0, error))?;
            *within_line = false;
        }
        let mut written = 0;
        while written < batch.len() {
            let rest = &batch[written..];
            match self.persist(|| sink.write(rest)) {
                Ok(0) => return Err((written, io::ErrorKind::WriteZero.into())),
                Ok(count) => written += count.min(rest.len()),
                Err(error) => return Err((written, error)),
            }
            *within_line = batch[written - 1] != b'\n';
        }
        // A sink that buffers and then fails here has lost nobody knows what: all, to be safe.
        self.persist(|| sink.flush()).map_err(|error| (0, error))
    }

    /// Repeats what was interrupted or would block. The other end of a pipe decides whether it
    /// blocks, for both: another program may have made our stderr non-blocking.
    fn persist<T>(&self, mut action: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        let mut pause = PACE;
        loop {
            match action() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let state = self.lock();
                    let (state, _) = self
                        .wake
                        .wait_timeout_while(state, pause, |state| !state.abandoned)
                        .unwrap_or_else(PoisonError::into_inner);
                    if state.abandoned {
                        return Err(error);
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                result => return result,
            }
        }
    }
}

/// Announces the end of the writer, also if the sink panicked.
struct End<'a>(&'a Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        let lost = state.in_flight + state.waiting_lines;
        state.lose(lost);
        state.waiting = Vec::new();
        state.waiting_lines = 0;
        state.ended = true;
        self.0.progress.notify_all();
    }
}
