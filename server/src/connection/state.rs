//! [`ExchangeState`]: what the request and the response of an exchange both change.

use crate::connection::server_info::Shutdown;
#[cfg(feature = "session")]
use crate::connection::session_slots::SessionSlots;
use crate::connection::time_limit::{DeadlineCell, TimeLimit};
use crate::connection::transport::Transport;
use crate::connection::verified_user::VerifiedUser;
use crate::http1::Head;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// What the two halves of an exchange, request and response, share.
///
/// Atomics, although one thread has the exchange at a time: a [`Body`](crate::Body) may be written from a scoped
/// thread while another one reads the request.
pub(crate) struct ExchangeState<'c> {
    pub(crate) transport: &'c dyn Transport,
    /// The head of the request and its bytes, where they were understood.
    pub(crate) asked: Option<(&'c Head, &'c [u8])>,
    shutdown: &'c Shutdown,
    /// A byte of this response has left, or the response is finished: nothing can be taken back.
    pub(crate) committed: AtomicBool,
    /// The client waits for `100 Continue` before it sends its body.
    pub(crate) awaits_continue: AtomicBool,
    /// The handler wants the connection to end after this response.
    close: AtomicBool,
    /// The connection ends after this response, whatever the handler says.
    must_close: AtomicBool,
    /// Bytes of the request body that nobody has read and that are not in a buffer either.
    pub(crate) unread: AtomicU64,
    /// How many of them are worth reading to keep the connection.
    drain: u64,
    /// See [`Extras`].
    extras: OnceLock<Box<Extras>>,
    /// What was answered so far.
    #[cfg(feature = "tracing")]
    pub(crate) answered: Answered,
}

/// What few exchanges have. Together, so that all others look at one word when they end, and at none when they begin.
#[derive(Debug, Default)]
struct Extras {
    /// Who asks, once that was verified.
    user: OnceLock<VerifiedUser>,
    /// When the time of the request is over, if it has one.
    deadline: DeadlineCell,
    /// The sessions that were looked at.
    #[cfg(feature = "session")]
    sessions: SessionSlots,
}

impl<'c> ExchangeState<'c> {
    pub(crate) fn new(
        transport: &'c dyn Transport,
        shutdown: &'c Shutdown,
        must_close: bool,
        awaits_continue: bool,
        drain: u64,
    ) -> Self {
        Self {
            transport,
            asked: None,
            shutdown,
            committed: AtomicBool::new(false),
            awaits_continue: AtomicBool::new(awaits_continue),
            close: AtomicBool::new(false),
            must_close: AtomicBool::new(must_close),
            unread: AtomicU64::new(0),
            drain,
            extras: OnceLock::new(),
            #[cfg(feature = "tracing")]
            answered: Answered::default(),
        }
    }

    pub(crate) fn closes(&self) -> bool {
        self.close.load(Ordering::Relaxed) || self.must_close.load(Ordering::Relaxed)
    }

    pub(crate) fn set_close(&self, close: bool) {
        self.close.store(close, Ordering::Relaxed);
    }

    /// Closes after this response, whatever the handler says.
    pub(crate) fn force_close(&self) {
        self.must_close.store(true, Ordering::Relaxed);
    }

    #[cold]
    fn extras(&self) -> &Extras {
        self.extras.get_or_init(Box::default)
    }

    /// Who asks, once that was verified.
    pub(crate) fn user(&self) -> Option<&VerifiedUser> {
        self.extras.get()?.user.get()
    }

    /// The first user stands.
    pub(crate) fn set_user(&self, user: VerifiedUser) {
        let _ = self.extras().user.set(user);
    }

    /// The sessions that were looked at.
    #[cfg(feature = "session")]
    pub(crate) fn sessions(&self) -> &SessionSlots {
        &self.extras().sessions
    }

    /// The same, if there are any.
    #[cfg(feature = "session")]
    #[inline]
    pub(crate) fn used_sessions(&self) -> Option<&SessionSlots> {
        let sessions = &self.extras.get()?.sessions;
        sessions.is_used().then_some(sessions)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.extras.get()?.deadline.get()
    }

    /// The request has this time and no more. Of several limits the first to be over counts.
    pub(crate) fn limit_time(&self, limit: TimeLimit) {
        let deadline = match self.deadline() {
            Some(earlier) => earlier.min(limit.deadline),
            None => limit.deadline,
        };
        self.extras().deadline.set(Some(deadline));
        self.transport.bound(Some(deadline));
    }

    /// The handler is done: what is left to send has the time of the server's limits.
    pub(crate) fn lift_deadline(&self) {
        if let Some(extras) = self.extras.get() {
            extras.deadline.set(None);
        }
        self.transport.bound(None);
    }

    /// Whether the time of the request is over.
    pub(crate) fn is_late(&self) -> bool {
        self.deadline()
            .is_some_and(|deadline| self.transport.now() >= deadline)
    }

    /// Closes if the server has begun to leave or to end meanwhile.
    pub(crate) fn close_if_shutting_down(&self) {
        if self.shutdown.closes_connections() {
            self.force_close();
        }
    }

    /// Whether the server has begun to end.
    #[cfg(feature = "live")]
    pub(crate) fn is_ending(&self) -> bool {
        self.shutdown.has_begun()
    }

    /// Whether the server has cut its connections: what is written from then on goes nowhere.
    pub(crate) fn is_cut(&self) -> bool {
        self.shutdown.is_cut()
    }

    /// Closes if more of the request body is left than is worth reading, or if it was never invited.
    pub(crate) fn close_if_unread(&self) {
        if self.awaits_continue.load(Ordering::Relaxed)
            || self.unread.load(Ordering::Relaxed) > self.drain
        {
            self.force_close();
        }
    }
}

/// Status and size of the answer, for the layer that tells of them.
#[cfg(feature = "tracing")]
#[derive(Default)]
pub(crate) struct Answered {
    status: std::sync::atomic::AtomicU16,
    bytes: AtomicU64,
}

#[cfg(feature = "tracing")]
impl Answered {
    pub(crate) fn set_status(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub(crate) fn set_bytes(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> (u16, u64) {
        let status = self.status.load(Ordering::Relaxed);
        (status, self.bytes.load(Ordering::Relaxed))
    }
}
