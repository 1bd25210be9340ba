//! What all threads of a server share, beside its loops and its pool.

use crate::Handler;
use crate::connection::networks::Networks;
use crate::connection::peer::Peer;
use crate::connection::server_info::{ServerInfo, ShutdownStage};
use crate::engine::clock::TimeSource;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::abort::AbortSignal;
use crate::engine::net::acceptor::Acceptor;
use crate::engine::net::connection_limit::ConnectionLimit;
use crate::engine::own_line::OwnLine;
use crate::engine::threads::predictor::Predictor;
use crate::engine::threads::zone::Occupancy;
use crate::{Limits, Log};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How connections come to their handlers.
pub(crate) trait Connect: Send + Sync {
    /// The handler that all share, if they do.
    fn shared(&self) -> Option<&dyn Handler>;

    /// A handler for this connection alone, if each has its own.
    fn connect(&self, peer: &Peer) -> Option<Box<dyn Handler + Send>>;
}

/// What all threads of a server share. What a loop writes while it serves has lines of its own.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) site: ServerInfo,
    pub(crate) connect: Box<dyn Connect>,
    pub(crate) acceptor: Acceptor,
    /// Those that announce their connections by the PROXY protocol.
    pub(crate) proxies: Option<Networks>,
    pub(crate) connection_limit: OwnLine<ConnectionLimit>,
    pub(crate) predictor: Predictor,
    /// Of the pool's threads.
    pub(crate) occupancy: Arc<Occupancy>,
    pub(crate) cut: AbortSignal,
    /// The server's end begins: for sockets that wait on a thread of their own.
    #[cfg(feature = "live")]
    pub(crate) ending: AbortSignal,
    /// Body bytes that are held in memory before their handlers run.
    pub(crate) held: OwnLine<AtomicUsize>,
    /// Answer one request and end.
    pub(crate) once: Option<AtomicBool>,
    /// By the system's clock, as all that is measured and is no deadline.
    pub(crate) start: Instant,
    pub(crate) clock: TimeSource,
}

impl Shared {
    pub(crate) fn stage(&self) -> ShutdownStage {
        self.site.shutdown.stage()
    }

    /// The one request of `handle_request` runs, or is answered. Whoever comes from now on is left to the next call.
    pub(crate) fn has_answered(&self) -> bool {
        let taken = self.once.as_ref();
        taken.is_some_and(|taken| taken.load(Ordering::SeqCst))
    }

    /// Whether this peer announces whose its connections are.
    pub(crate) fn is_announced(&self, peer: &Peer) -> bool {
        let proxies = self.proxies.as_ref();
        proxies.is_some_and(|proxies| proxies.contains_peer(peer))
    }

    pub(crate) fn now(&self) -> Tick {
        Tick::at(self.elapsed())
    }

    /// The time that has passed since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.passed(self.start.elapsed())
    }

    /// Milliseconds since the start.
    pub(crate) fn now_millis(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn log_fault(&self, args: std::fmt::Arguments<'_>) {
        let log: &Log = &self.site.error_log;
        log.line(format_args!("doget: {args}"));
    }

    pub(crate) fn count_held(&self, before: usize, after: usize) {
        if after > before {
            self.held.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.held.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// Room in memory for one more body read ahead.
    pub(crate) fn may_collect(&self) -> bool {
        self.held.load(Ordering::Relaxed) < self.limits.total_body_buffer_size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::loops::event_loop::EventLoop;
    use std::mem::{align_of, offset_of, size_of};
    use std::ops::Range;

    /// Bytes that processors fetch together.
    const LINE: usize = 128;

    /// The lines that a field lies on.
    fn lines<T>(start: usize, _field: fn(&Shared) -> &T) -> Range<usize> {
        start / LINE..(start + size_of::<T>()).div_ceil(LINE)
    }

    macro_rules! each {
        ($($field:ident)*) => {
            [$((stringify!($field), lines(offset_of!(Shared, $field), |shared| &shared.$field))),*]
        };
    }

    /// All fields of [`Shared`]: a new one does not compile before somebody has said which of the two it is.
    macro_rules! fields {
        (read: $($read:ident)*; written: $($written:ident)*) => {{
            fn _all(shared: &Shared) {
                let Shared { $($read: _,)* $($written: _,)* } = shared;
            }
            (each!($($read)*), each!($($written)*))
        }};
    }

    /// What a loop writes while it serves must not lie beside what others read for each request. What is read here is
    /// written when something is out of the ordinary: a handler got stuck, the server ends.
    #[test]
    fn what_loops_write_lies_apart() {
        #[cfg(not(feature = "live"))]
        let (read, written) = fields! {
            read: limits site connect acceptor proxies predictor occupancy cut once start clock;
            written: connection_limit held
        };
        #[cfg(feature = "live")]
        let (read, written) = fields! {
            read: limits site connect acceptor proxies predictor occupancy cut ending once start clock;
            written: connection_limit held
        };
        for (at, (name, lines)) in written.iter().enumerate() {
            let others = read.iter().chain(written.iter().take(at));
            for (other, theirs) in others {
                let apart = lines.end <= theirs.start || theirs.end <= lines.start;
                assert!(apart, "{name} shares a line with {other}");
            }
        }
        assert_eq!(align_of::<EventLoop>(), LINE);
        assert_eq!(size_of::<EventLoop>() % LINE, 0);
    }
}
