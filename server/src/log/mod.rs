//! The log: where its lines go, and what they look like.
//!
//! A [`Log`] takes whole lines and never holds up the caller: a thread of its own writes them.
//! What came from a client is escaped on its way into a line, by [`Escaped`], so that nobody can forge
//! a line or send commands to the terminal that shows it.

use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

mod file;
mod format;
mod line;
#[cfg(test)]
mod tests;
mod writer;

use file::{LogFile, Reopen};
pub use format::{Escaped, LogFormat};
pub(crate) use format::{EscapedLine, Quoted, User};
pub(crate) use line::AccessLine;
use writer::{Shared, Sink, Warn};

/// How many bytes of lines wait for the writer at most, if nothing else is said.
const CAPACITY: usize = 1024 * 1024;

/// The longest buffer that a thread keeps for its next line.
const KEPT_SCRATCH: usize = 16 * 1024;

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
/// use doget::Log;
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
    /// let log = doget::Log::stderr();
    /// assert!(!log.is_off());
    /// ```
    pub fn stderr() -> Log {
        Log::start(Box::new(io::stderr()), CAPACITY, Warn::Never, None)
    }

    /// A log to standard output.
    ///
    /// ```
    /// let log = doget::Log::stdout();
    /// assert!(!log.is_off());
    /// ```
    pub fn stdout() -> Log {
        Log::start(Box::new(io::stdout()), CAPACITY, Warn::Once, None)
    }

    /// A log to the end of a file, which is created if need be.
    ///
    /// ```no_run
    /// let log = doget::Log::file("access.log")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The file cannot be opened or created.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Log> {
        let (file, reopen) = LogFile::open(path.as_ref())?;
        Ok(Log::start(
            Box::new(file),
            CAPACITY,
            Warn::Once,
            Some(reopen),
        ))
    }

    /// Opens the file of the log anew, for tools that move it away (`logrotate` and its like): lines that are logged
    /// from now on go to a new file of the same name. A log that is no [`file`](Log::file) stays what it is.
    ///
    /// ```no_run
    /// use doget::Log;
    ///
    /// let log = Log::file("access.log")?;
    /// std::fs::rename("access.log", "access.log.1")?;
    /// log.reopen()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The file cannot be opened or created. The lines then go where they went before.
    pub fn reopen(&self) -> io::Result<()> {
        match self.owner.as_ref().and_then(|owner| owner.reopen.as_ref()) {
            Some(reopen) => reopen.now(),
            None => Ok(()),
        }
    }

    /// A log to anything that can be written to.
    ///
    /// Each batch of lines is one `write_all` and one `flush`, on the log's own thread.
    ///
    /// ```
    /// use doget::Log;
    ///
    /// let log = Log::writer(Box::new(std::io::sink()));
    /// log.line(format_args!("not to be seen"));
    /// ```
    pub fn writer(sink: Box<dyn Write + Send>) -> Log {
        Log::start(sink, CAPACITY, Warn::Once, None)
    }

    /// Like [`writer`](Log::writer), with another bound than 1 MiB for the lines that wait.
    ///
    /// Another buffer of the same size may be on its way to the sink.
    ///
    /// ```
    /// use doget::Log;
    ///
    /// let log = Log::with_capacity(Box::new(std::io::sink()), 64 * 1024);
    /// assert_eq!(log.dropped(), 0);
    /// ```
    pub fn with_capacity(sink: Box<dyn Write + Send>, bytes: usize) -> Log {
        Log::start(sink, bytes, Warn::Once, None)
    }

    /// A log that takes no lines.
    ///
    /// ```
    /// let log = doget::Log::off();
    /// assert!(log.is_off());
    /// log.line(format_args!("not to be seen"));
    /// ```
    pub const fn off() -> Log {
        Log { owner: None }
    }

    fn start(sink: Sink, capacity: usize, warn: Warn, reopen: Option<Reopen>) -> Log {
        let shared = Arc::new(Shared::new(sink, capacity, warn));
        Log {
            owner: Some(Arc::new(Owner { shared, reopen })),
        }
    }

    /// Whether lines are thrown away unseen; then there is no need to put one together.
    ///
    /// ```
    /// use doget::Log;
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
    /// as it is; what came from a client belongs into [`Escaped`].
    ///
    /// ```
    /// use doget::{Log, hooks::Escaped};
    ///
    /// let log = Log::writer(Box::new(std::io::sink()));
    /// log.line(format_args!("no such user: {}", Escaped("mallory\n")));
    /// ```
    pub fn line(&self, args: fmt::Arguments<'_>) {
        self.whole_line(|line| {
            // An error here is one of a `Display` of the caller; what it wrote before is logged.
            let _ = line.write_fmt(args);
        });
    }

    /// Logs the line that `fill` puts together.
    pub(crate) fn whole_line(&self, fill: impl FnOnce(&mut String)) {
        let Some(owner) = &self.owner else { return };
        with_scratch(|line| {
            fill(line);
            line.push('\n');
            owner.shared.append(line.as_bytes());
        });
    }

    /// Waits until everything that was logged before is written, but no longer than `deadline`.
    ///
    /// `false` if the time was not enough, or if something since the last flush could not be written.
    ///
    /// ```
    /// use doget::Log;
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
    /// use doget::Log;
    ///
    /// assert_eq!(Log::stderr().dropped(), 0);
    /// ```
    pub fn dropped(&self) -> u64 {
        match &self.owner {
            Some(owner) => owner.shared.dropped(),
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
    if scratch.capacity() <= KEPT_SCRATCH {
        scratch.clear();
        let _ = SCRATCH.try_with(|cell| cell.set(scratch));
    }
}

/// What all clones of a `Log` hold, and the writer does not: its end is the end of the log.
struct Owner {
    shared: Arc<Shared>,
    /// Of a log that is a file.
    reopen: Option<Reopen>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner")
            .field("dropped", &self.shared.dropped())
            .finish_non_exhaustive()
    }
}
