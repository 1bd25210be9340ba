//! The engine's time: the system's monotonic clock, or one that a test moves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A wait that moving the clock does not end is over after this long, and then looks at the clock again.
const STEP: Duration = Duration::from_millis(5);

/// A clock that a test moves, so that a deadline of a minute passes without a minute of waiting.
///
/// A server that is given one by [`HttpServer::clock`](crate::HttpServer::clock) keeps the deadlines of its
/// [`Limits`](crate::Limits) by it. The clock goes as the system's does, and jumps ahead where it is moved: what waits
/// meanwhile is woken, and finds that its deadline has passed. Clones are the same clock.
///
/// What the clock does not move: the time of day in `Date`, in the log and in conditions; what a handler does with
/// its own time; the deadlines of CGI scripts ([`CgiLimits`](crate::CgiLimits)); how long a handler may hold a loop
/// before another thread takes that over.
///
/// A client that does not send its request within [`head_timeout`](crate::Limits::head_timeout) gets a 408:
///
/// ```
/// use doget::{HttpServer, Limits, handler, testing::Clock};
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
/// use std::time::Duration;
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// let clock = Clock::new();
/// let server = HttpServer::bind("127.0.0.1:0")?
///     .limits(Limits::new().head_timeout(Duration::from_secs(3600)))
///     .clock(&clock)
///     .spawn(Hello)?;
/// let mut client = TcpStream::connect(server.local_addr().unwrap())?;
/// client.write_all(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")?;
/// let mut answer = [0; 8];
/// client.read_exact(&mut answer)?;
///
/// // The next request stalls. Behind the answer to the one before, the server is known to wait.
/// client.write_all(b"GET / HT")?;
/// let mut rest = String::new();
/// let reader = std::thread::spawn(move || client.read_to_string(&mut rest).map(|_| rest));
/// while !reader.is_finished() {
///     clock.advance(Duration::from_secs(60));
///     std::thread::sleep(Duration::from_millis(1));
/// }
/// assert!(reader.join().unwrap()?.contains("HTTP/1.1 408 "));
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Moved>);

#[derive(Default)]
struct Moved {
    /// Nanoseconds ahead of the system's clock.
    ahead: AtomicU64,
    wakers: Mutex<Vec<Waker>>,
}

/// Wakes what waits at the clock. False: nobody is left there.
type Waker = Box<dyn Fn() -> bool + Send>;

impl std::fmt::Debug for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ahead = Duration::from_nanos(self.ahead.load(Ordering::SeqCst));
        f.debug_struct("Moved").field("ahead", &ahead).finish()
    }
}

impl Moved {
    fn wakers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock {
    /// A clock that shows the system's time, as long as it was not moved.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves it ahead, and wakes what waits for a deadline. The servers look at their deadlines on threads of their
    /// own: what comes of it has not happened yet when this returns.
    ///
    /// Moved by more than 90 days in all, it leaves the deadlines of the servers that are running undefined.
    pub fn advance(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        // Before the wake: whoever computes a timeout meanwhile is woken from the wait that it is for.
        self.0.ahead.fetch_add(nanos, Ordering::SeqCst);
        self.0.wakers().retain(|wake| wake());
    }

    /// The time that it shows, to measure how much of it has passed.
    pub fn now(&self) -> Instant {
        self.at(Instant::now())
    }

    /// What it shows when the system's clock shows this.
    fn at(&self, time: Instant) -> Instant {
        time.checked_add(self.ahead()).unwrap_or(time)
    }

    fn ahead(&self) -> Duration {
        Duration::from_nanos(self.0.ahead.load(Ordering::SeqCst))
    }
}

/// Where the engine has its time from. A test's clock is told apart once for each wait and not for each request, and
/// without a virtual call.
#[derive(Clone, Debug, Default)]
pub(crate) enum TimeSource {
    /// The system's monotonic clock.
    #[default]
    System,
    Test(Clock),
}

impl TimeSource {
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        self.at(Instant::now())
    }

    /// What it shows when the system's clock shows this.
    #[inline]
    pub(crate) fn at(&self, time: Instant) -> Instant {
        match self {
            Self::System => time,
            Self::Test(clock) => clock.at(time),
        }
    }

    /// How much time has passed by it since some moment, where so much has by the system's clock.
    #[inline]
    pub(crate) fn passed(&self, passed: Duration) -> Duration {
        match self {
            Self::System => passed,
            Self::Test(clock) => passed.saturating_add(clock.ahead()),
        }
    }

    /// How much of a wait may pass before the clock is to be looked at again, where nothing wakes the one that waits
    /// if it is moved: all of it by the system's clock.
    pub(crate) fn step(&self, wait: Duration) -> Duration {
        match self {
            Self::System => wait,
            Self::Test(_) => wait.min(STEP),
        }
    }

    /// Calls `wake` whenever the clock is moved, until that returns false.
    pub(crate) fn on_move(&self, wake: impl Fn() -> bool + Send + 'static) {
        if let Self::Test(clock) = self {
            clock.0.wakers().push(Box::new(wake));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_clock_goes_on_by_itself_and_jumps_where_it_is_moved() {
        let clock = Clock::new();
        let (source, start) = (TimeSource::Test(clock.clone()), Instant::now());
        assert_eq!(source.at(start), start);
        clock.advance(DAY);
        assert_eq!(source.at(start), start + DAY);
        assert!(source.now() >= start + DAY && clock.now() >= start + DAY);
        assert_eq!(TimeSource::System.at(start), start);
        // Further than there are times: it stands.
        clock.advance(Duration::MAX);
        assert!(source.at(start) >= start);
    }

    #[test]
    fn who_waits_is_woken_until_nobody_is_left() {
        let clock = Clock::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        TimeSource::Test(clock.clone())
            .on_move(move || counted.fetch_add(1, Ordering::SeqCst) == 0);
        for expected in [1, 2, 2] {
            clock.advance(DAY);
            assert_eq!(calls.load(Ordering::SeqCst), expected);
        }
        TimeSource::System.on_move(|| unreachable!("nobody moves the system's clock"));
    }
}
