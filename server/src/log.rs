//! The log: where its lines go, and what they look like.
//!
//! A [`Log`] takes whole lines and never holds up the caller: a thread of its own writes them.
//! [`Record`] is the line of a request, in one of the forms of [`LogFormat`]. What came from a client
//! is escaped on its way into a line, by [`Escaped`] or [`Quoted`], so that nobody can forge a line
//! or send commands to the terminal that shows it.

use std::cell::Cell;
use std::fmt::{self, Display as _, Write as _};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::mem;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use memchr::memchr_iter;

/// How many bytes of lines wait for the writer at most, if nothing else is said.
const CAPACITY: usize = 1024 * 1024;

/// How long the writer rests after each batch. Lines that come meanwhile need not wake it.
const PACE: Duration = Duration::from_millis(5);

/// How long dropping the last `Log` waits for what is left to be written.
const LAST_FLUSH: Duration = Duration::from_secs(1);

/// How long the writer waits at most before it tries a sink again that would block.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What an idle log keeps of its two buffers, after a burst has grown them.
const KEPT_CAPACITY: usize = 64 * 1024;

/// Where the lines of a log go.
///
/// A clone is the same log. Lines are put into a buffer and a thread, started with the first line,
/// writes them in batches; a caller never waits for the sink. If the sink cannot keep up and the
/// buffer is full, a new line is dropped and counted, and as soon as there is room again a line says
/// how many are missing. If the sink fails, one warning goes to stderr and the log goes on: a full
/// disk or a closed pipe stops no server.
///
/// Dropping the last clone writes what is left, for at most a second. A log in a `static` is never
/// dropped, and [`std::process::exit`] drops nothing: call [`flush`](Log::flush) first.
///
/// ```
/// use doget::log::Log;
/// use std::time::Duration;
///
/// let log = Log::stderr();
/// log.line(format_args!("listening on port {}", 8080));
/// log.flush(Duration::from_secs(1));
/// ```
#[derive(Clone, Debug)]
pub struct Log {
    /// `None` is off.
    owner: Option<Arc<Owner>>,
}

impl Log {
    /// A log to standard error, where `http.server` writes its own.
    ///
    /// ```
    /// let log = doget::log::Log::stderr();
    /// assert!(!log.is_off());
    /// ```
    pub fn stderr() -> Log {
        Log::start(Box::new(io::stderr()), CAPACITY, Warn::Never)
    }

    /// A log to standard output.
    ///
    /// ```
    /// let log = doget::log::Log::stdout();
    /// assert!(!log.is_off());
    /// ```
    pub fn stdout() -> Log {
        Log::start(Box::new(io::stdout()), CAPACITY, Warn::Once)
    }

    /// A log to the end of a file, which is created if need be.
    ///
    /// ```no_run
    /// let log = doget::log::Log::file("access.log")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What opening the file gives.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Log> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Log::writer(Box::new(file)))
    }

    /// A log to anything that can be written to.
    ///
    /// Each batch of lines is one `write_all` and one `flush`, on the log's own thread.
    ///
    /// ```
    /// use doget::log::Log;
    ///
    /// let log = Log::writer(Box::new(std::io::sink()));
    /// log.line(format_args!("not to be seen"));
    /// ```
    pub fn writer(sink: Box<dyn Write + Send>) -> Log {
        Log::start(sink, CAPACITY, Warn::Once)
    }

    /// Like [`writer`](Log::writer), with another bound than 1 MiB for the lines that wait.
    ///
    /// Another buffer of the same size may be on its way to the sink.
    ///
    /// ```
    /// use doget::log::Log;
    ///
    /// let log = Log::with_capacity(Box::new(std::io::sink()), 64 * 1024);
    /// assert_eq!(log.dropped(), 0);
    /// ```
    pub fn with_capacity(sink: Box<dyn Write + Send>, bytes: usize) -> Log {
        Log::start(sink, bytes, Warn::Once)
    }

    /// A log that takes no lines.
    ///
    /// ```
    /// let log = doget::log::Log::off();
    /// assert!(log.is_off());
    /// log.line(format_args!("not to be seen"));
    /// ```
    pub const fn off() -> Log {
        Log { owner: None }
    }

    fn start(sink: Sink, capacity: usize, warn: Warn) -> Log {
        let state = State {
            sink: Some((sink, warn)),
            capacity,
            ..State::default()
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            wake: Condvar::new(),
            progress: Condvar::new(),
        });
        Log {
            owner: Some(Arc::new(Owner { shared })),
        }
    }

    /// Whether lines are thrown away unseen; then there is no need to put one together.
    ///
    /// ```
    /// use doget::log::Log;
    ///
    /// assert!(Log::off().is_off());
    /// ```
    pub const fn is_off(&self) -> bool {
        self.owner.is_none()
    }

    /// Whether both are the same sink.
    ///
    /// ```
    /// use doget::Log;
    ///
    /// let log = Log::writer(Box::new(std::io::sink()));
    /// assert!(log.is_same(&log.clone()));
    /// assert!(!log.is_same(&Log::off()));
    /// ```
    pub fn is_same(&self, other: &Log) -> bool {
        match (&self.owner, &other.owner) {
            (None, None) => true,
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }

    /// Logs one line. The end of the line is added.
    ///
    /// The line is written whole or not at all: lines of other threads never get into it. It is taken
    /// as it is; what came from a client belongs into [`Escaped`] or [`Quoted`].
    ///
    /// ```
    /// use doget::log::{Escaped, Log};
    ///
    /// let log = Log::writer(Box::new(std::io::sink()));
    /// log.line(format_args!("no such user: {}", Escaped("mallory\n")));
    /// ```
    pub fn line(&self, args: fmt::Arguments<'_>) {
        let Some(owner) = &self.owner else { return };
        with_scratch(|line| {
            // An error here is one of a `Display` of the caller; what it wrote before is logged.
            let _ = line.write_fmt(args);
            line.push('\n');
            owner.shared.append(line.as_bytes());
        });
    }

    /// Waits until everything that was logged before is written, but no longer than `deadline`.
    ///
    /// `false` if the time was not enough or something could not be written.
    ///
    /// ```
    /// use doget::log::Log;
    /// use std::time::Duration;
    ///
    /// let log = Log::writer(Box::new(std::io::sink()));
    /// log.line(format_args!("the last words"));
    /// assert!(log.flush(Duration::from_secs(1)));
    /// ```
    pub fn flush(&self, deadline: Duration) -> bool {
        match &self.owner {
            Some(owner) => owner.shared.flush(deadline),
            None => true,
        }
    }

    /// How many lines were lost so far: dropped for want of room, or not accepted by the sink.
    ///
    /// ```
    /// use doget::log::Log;
    ///
    /// assert_eq!(Log::stderr().dropped(), 0);
    /// ```
    pub fn dropped(&self) -> u64 {
        match &self.owner {
            Some(owner) => owner.shared.lock().dropped,
            None => 0,
        }
    }
}

/// Calls `use_it` with an empty string that keeps its capacity from one call to the next.
///
/// The line is put together here and not in the shared buffer: a `Display` of the caller may be
/// slow, may panic, or may log a line itself, and none of that may happen under the lock.
fn with_scratch(use_it: impl FnOnce(&mut String)) {
    thread_local! {
        static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
    }
    // Taken out, not borrowed: if it is in use further up the stack, or gone because the thread ends,
    // there is a fresh one.
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    use_it(&mut scratch);
    if scratch.capacity() <= KEPT_CAPACITY {
        scratch.clear();
        let _ = SCRATCH.try_with(|cell| cell.set(scratch));
    }
}

/// What all clones of a `Log` hold, and the writer does not: its end is the end of the log.
struct Owner {
    shared: Arc<Shared>,
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.lock();
        f.debug_struct("Owner")
            .field("waiting_bytes", &state.waiting.len())
            .field("dropped", &state.dropped)
            .finish_non_exhaustive()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.close();
    }
}

struct Shared {
    state: Mutex<State>,
    /// The writer waits here: asleep, or between two batches.
    wake: Condvar,
    /// Those who wait for the writer, wait here.
    progress: Condvar,
}

#[derive(Default)]
struct State {
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
    /// How many batches failed.
    failures: u64,

    /// How many lines were lost, and how many of these no line has told of yet.
    dropped: u64,
    unreported: u64,
    /// Lines were dropped for want of room, so the next batch has to tell of it. Not set for lines that
    /// the sink refused, or else each refused report would be the cause of the next.
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
}

type Sink = Box<dyn Write + Send>;

/// Whether a failing sink is worth a warning on stderr; not if it is stderr that fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Warn {
    Once,
    Never,
}

impl State {
    fn has_work(&self) -> bool {
        !self.waiting.is_empty() || self.report
    }

    fn lose(&mut self, lines: u64) {
        self.dropped += lines;
        self.unreported += lines;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock, and every state in between is a sound one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(self: &Arc<Self>, line: &[u8]) {
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
        // A writer that rests looks again by itself, so in steady traffic nobody has to wake it. Half
        // of the capacity is waiting only if lines come faster than that.
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

    fn flush(self: &Arc<Self>, deadline: Duration) -> bool {
        let mut state = self.lock();
        if !state.started && state.has_work() {
            drop(state);
            self.start();
            state = self.lock();
        }
        let target = state.taken;
        let failures = state.failures;
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
        state.done >= target && state.failures == failures
    }

    fn close(self: &Arc<Self>) {
        let mut state = self.lock();
        state.closed = true;
        self.wake.notify_one();
        // A sink that holds a `Log` of its own may be what is dropped last, on the writer's thread.
        let this_thread = thread::current().id();
        if state
            .thread
            .as_ref()
            .is_some_and(|thread| thread.thread().id() == this_thread)
        {
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
        // It has nothing left to do, so this is soon over. One that is stuck in its sink is left alone.
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    /// The writer's thread.
    fn write(&self) {
        // Declared first, so that the sink is gone when the end is announced.
        let _end = End(self);
        let Some((mut sink, mut warn)) = self.lock().sink.take() else {
            return;
        };
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
            let lines = state.in_flight;
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

            let error = match result {
                Ok(()) => None,
                Err((written, error)) => {
                    state = self.lock();
                    // A line may have line ends of its own, hence the bound.
                    let missing = memchr_iter(b'\n', &batch[written..]).count();
                    let missing = u64::try_from(missing).unwrap_or(u64::MAX);
                    state.lose(missing.saturating_sub((reported > 0).into()).min(lines));
                    state.unreported += reported;
                    state.failures += 1;
                    drop(state);
                    Some(error)
                }
            };
            if let Some(error) = error
                && warn == Warn::Once
            {
                warn = Warn::Never;
                // Not `eprintln!`, which panics if stderr is closed; and in one piece.
                let warning = format!("doget: cannot write to the log: {error}\n");
                let _ = io::stderr().write_all(warning.as_bytes());
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

    /// Repeats what was interrupted or would block. The other end of a pipe decides whether it blocks, for
    /// both: another program may have made our stderr non-blocking.
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

/// A text that came from outside, within a line of the log.
///
/// Control characters (U+0000 to U+001F and U+007F to U+009F) become `\xNN` and a backslash becomes
/// `\\`, as in `http.server`, so that a text can neither begin a line of its own nor speak to the
/// terminal. Everything else stays.
///
/// ```
/// use doget::log::Escaped;
///
/// assert_eq!(Escaped("red: \u{1b}[31m\n").to_string(), r"red: \x1b[31m\x0a");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.0, Quotes::Stay)
    }
}

/// A field that came from outside and stands between quotes in a line of the log.
///
/// Like [`Escaped`], and `"` becomes `\"`, so that a field ends where it seems to; `http.server` leaves
/// quotes as they are, and there a client can make up the fields that follow. Bytes that are not UTF-8
/// become `\xNN`. What is beyond 2 KiB is cut off.
///
/// The quotes around the field are not part of it.
///
/// ```
/// use doget::log::Quoted;
///
/// let requestline = "GET /\" 200 - HTTP/1.1";
/// assert_eq!(Quoted::new(requestline).to_string(), r#"GET /\" 200 - HTTP/1.1"#);
/// assert_eq!(Quoted::new(b"caf\xe9").to_string(), r"caf\xe9");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a [u8]);

impl<'a> Quoted<'a> {
    /// How many bytes of a field are shown at most.
    ///
    /// ```
    /// use doget::log::Quoted;
    ///
    /// let long = "x".repeat(5000);
    /// assert_eq!(Quoted::new(&long).to_string().len(), Quoted::LIMIT);
    /// ```
    pub const LIMIT: usize = 2048;

    /// The field as it is to be shown.
    ///
    /// ```
    /// use doget::log::Quoted;
    ///
    /// assert_eq!(Quoted::new("curl/8.5.0").to_string(), "curl/8.5.0");
    /// ```
    pub fn new<T: AsRef<[u8]> + ?Sized>(field: &'a T) -> Quoted<'a> {
        let field = field.as_ref();
        if field.len() <= Self::LIMIT {
            return Quoted(field);
        }
        // Back to the start of the character that would be cut, which has three more bytes at most.
        let is_start = |&end: &usize| field[end] & 0b1100_0000 != 0b1000_0000;
        let end = (Self::LIMIT - 3..=Self::LIMIT).rev().find(is_start);
        Quoted(&field[..end.unwrap_or(Self::LIMIT)])
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            write_escaped(f, chunk.valid(), Quotes::Escaped)?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Stay,
    Escaped,
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str, quotes: Quotes) -> fmt::Result {
    // Without a branch in it, so that the compiler can look at many bytes at once. What is not ASCII has
    // to be looked at again: it might be one of U+0080 to U+009F.
    let plain = text.bytes().fold(true, |plain, byte| {
        plain & (b' '..0x7f).contains(&byte) & (byte != b'\\') & (byte != b'"')
    });
    if plain {
        return f.write_str(text);
    }
    let needs_escape = |c: char| match c {
        '\\' => true,
        '"' => quotes == Quotes::Escaped,
        _ => c.is_control(),
    };
    let mut rest = text;
    while let Some(at) = rest.find(needs_escape) {
        let (before, special) = rest.split_at(at);
        f.write_str(before)?;
        let mut chars = special.chars();
        match chars.next() {
            Some(c @ ('\\' | '"')) => {
                f.write_char('\\')?;
                f.write_char(c)?;
            }
            Some(c) => write!(f, "\\x{:02x}", u32::from(c))?,
            None => {}
        }
        rest = chars.as_str();
    }
    f.write_str(rest)
}

/// The form of the line that each request leaves in the log.
///
/// ```
/// use doget::log::LogFormat;
///
/// assert_eq!(LogFormat::default(), LogFormat::Common);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogFormat {
    /// That of `http.server`, which is the NCSA common log format but for the date:
    /// `127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234`.
    #[default]
    Common,
    /// The same and `"referer" "user agent"`, with `-` for one that the request has not. With the date of
    /// [`LogDate::ncsa`](crate::date::LogDate::ncsa) it is the NCSA combined log format.
    Combined,
}

/// What the log tells of a request.
///
/// ```
/// use doget::log::{LogFormat, Record};
///
/// let record = Record {
///     address: "127.0.0.1",
///     date: "21/Nov/2026 10:02:51",
///     requestline: "GET / HTTP/1.1",
///     status: 200,
///     size: 1234,
///     referer: None,
///     user_agent: Some(b"curl/8.5.0"),
/// };
/// assert_eq!(
///     record.format(LogFormat::Common).to_string(),
///     r#"127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234"#
/// );
/// assert_eq!(
///     record.format(LogFormat::Combined).to_string(),
///     r#"127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234 "-" "curl/8.5.0""#
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The client, as text. Escaped in the line: it may come from a header that a proxy passes on.
    pub address: &'a str,
    /// When. Not escaped.
    pub date: &'a str,
    /// The first line of the request. Escaped in the line.
    pub requestline: &'a str,
    /// The status code of the response.
    pub status: u16,
    /// How many bytes of body were sent.
    pub size: u64,
    /// The `Referer` of the request. Escaped in the line.
    pub referer: Option<&'a [u8]>,
    /// The `User-Agent` of the request. Escaped in the line.
    pub user_agent: Option<&'a [u8]>,
}

impl<'a> Record<'a> {
    /// The line, without its end.
    ///
    /// ```
    /// use doget::log::{Log, LogFormat, Record};
    ///
    /// fn log_request(log: &Log, record: &Record<'_>) {
    ///     log.line(format_args!("{}", record.format(LogFormat::Common)));
    /// }
    /// ```
    pub fn format(&self, format: LogFormat) -> FormattedRecord<'_> {
        FormattedRecord {
            record: self,
            format,
        }
    }
}

/// The line of a [`Record`]: see [`Record::format`].
///
/// ```
/// use doget::log::{FormattedRecord, Log};
///
/// fn log_request(log: &Log, line: FormattedRecord<'_>) {
///     log.line(format_args!("{line}"));
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FormattedRecord<'a> {
    record: &'a Record<'a>,
    format: LogFormat,
}

impl fmt::Display for FormattedRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.record;
        write_prefix(f, record.address, record.date)?;
        f.write_char('"')?;
        Quoted::new(record.requestline).fmt(f)?;
        f.write_str("\" ")?;
        f.write_str(itoa::Buffer::new().format(record.status))?;
        f.write_char(' ')?;
        f.write_str(itoa::Buffer::new().format(record.size))?;
        if self.format == LogFormat::Combined {
            for field in [record.referer, record.user_agent] {
                f.write_str(" \"")?;
                Quoted::new(field.unwrap_or(b"-")).fmt(f)?;
                f.write_char('"')?;
            }
        }
        Ok(())
    }
}

/// A line of the log that is not about a finished request, such as an error.
///
/// ```
/// use doget::log::Message;
///
/// let message = Message {
///     address: "127.0.0.1",
///     date: "21/Nov/2026 10:02:51",
///     message: "code 404, message File not found",
/// };
/// assert_eq!(
///     message.to_string(),
///     "127.0.0.1 - - [21/Nov/2026 10:02:51] code 404, message File not found"
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The client, as text. Escaped in the line.
    pub address: &'a str,
    /// When. Not escaped.
    pub date: &'a str,
    /// What there is to say. Escaped in the line.
    pub message: &'a str,
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_prefix(f, self.address, self.date)?;
        Escaped(self.message).fmt(f)
    }
}

fn write_prefix(f: &mut fmt::Formatter<'_>, address: &str, date: &str) -> fmt::Result {
    Escaped(address).fmt(f)?;
    f.write_str(" - - [")?;
    f.write_str(date)?;
    f.write_str("] ")
}
