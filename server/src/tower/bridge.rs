//! Between a handler on a thread and the task of its request: bytes both ways, bounded, and who waits for whom.

use crate::Limits;
use crate::connection::time_limit::DeadlineCell;
use crate::connection::transport::Transport;
use crate::engine::clock::TimeSource;
use crate::engine::conn::meter::Meter;
use crate::engine::conn::pace::Pace;
use crate::tower::answered::{Answered, Unsent};
#[cfg(all(unix, feature = "cgi"))]
use crate::tower::bells::Bells;
use crate::tower::ending::Ending;
use crate::tower::gathered::Gathered;
use crate::tower::known_heads::KnownHeads;
use crate::tower::pieces::Pieces;
use bytes::Bytes;
use std::borrow::Cow;
use std::io;
#[cfg(all(unix, feature = "cgi"))]
use std::sync::Arc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

/// Bytes of a request that may wait; one piece may go beyond. Of a response one piece waits.
const ROOM: usize = 32 << 10;

/// How often a thread that waits looks whether the server has been told to end.
const LOOK: Duration = Duration::from_millis(100);

/// See the module.
pub(super) struct Bridge {
    state: Mutex<State>,
    /// Something came in, there is room, or the client has left.
    changed: Condvar,
}

struct State {
    incoming: Gathered,
    /// No more will come, in order or not.
    incoming_end: Option<End>,
    /// The handler has asked for the body: from then on it is read ahead.
    wanted: bool,
    /// The head of a response that is written while the handler runs, for the task to take.
    head: Option<http::Response<()>>,
    outgoing: Pieces,
    /// The handler is done: with what is left of its response.
    answered: Option<Answered>,
    /// The task is gone, and the client with it.
    gone: bool,
    waker: Option<Waker>,
    /// The handler's thread waits for a change: only then it is woken, which is a system call.
    is_awaited: bool,
    #[cfg(all(unix, feature = "cgi"))]
    bells: Option<Arc<Bells>>,
}

impl State {
    fn wants_body(&self) -> bool {
        self.wanted && self.incoming_end.is_none() && self.incoming.len() < ROOM
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    Broken,
}

/// What a task finds.
pub(super) enum Found {
    Nothing,
    Head(http::Response<()>),
    /// The handler wants more of the body, and there is room.
    BodyIsWanted,
    Bytes(Bytes),
    Answered(Answered),
}

impl Bridge {
    /// `ended`: nothing more of the body will come. `multiplexed`: the client speaks HTTP/2.
    pub(super) fn new(ended: bool, multiplexed: bool) -> Self {
        Self {
            state: Mutex::new(State {
                incoming: Gathered::default(),
                incoming_end: ended.then_some(End::Whole),
                wanted: false,
                head: None,
                outgoing: Pieces::new(multiplexed),
                answered: None,
                gone: false,
                waker: None,
                is_awaited: false,
                #[cfg(all(unix, feature = "cgi"))]
                bells: None,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// More of the body.
    pub(super) fn feed(&self, bytes: &mut Gathered) {
        let mut state = self.lock();
        state.incoming.append(bytes);
        self.tell(state);
    }

    /// The end of the body.
    pub(super) fn end_of_body(&self, is_whole: bool) {
        let mut state = self.lock();
        state.incoming_end = Some(if is_whole { End::Whole } else { End::Broken });
        self.tell(state);
    }

    /// The client has left: reads and writes fail from now on.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.gone = true;
        state.outgoing.clear();
        #[cfg(all(unix, feature = "cgi"))]
        if let Some(bells) = &state.bells {
            bells.hang_up();
        }
        self.tell(state);
    }

    fn tell(&self, state: MutexGuard<'_, State>) {
        #[cfg(all(unix, feature = "cgi"))]
        if let Some(bells) = &state.bells {
            bells.ring();
        }
        self.notify(state);
    }

    fn notify(&self, mut state: MutexGuard<'_, State>) {
        let is_awaited = std::mem::take(&mut state.is_awaited);
        drop(state);
        if is_awaited {
            self.changed.notify_all();
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.lock().gone
    }

    /// What there is for the task, which is woken when there is more. `can_feed`: there is more of the body to be read,
    /// and it was not found wanting just now.
    pub(super) fn take(&self, cx: &Context<'_>, can_feed: bool) -> Found {
        let mut state = self.lock();
        if can_feed && state.wants_body() {
            return Found::BodyIsWanted;
        }
        if let Some(head) = state.head.take() {
            return Found::Head(head);
        }
        if let Some(bytes) = state.outgoing.pop() {
            if state.outgoing.is_empty() {
                self.notify(state);
            }
            return Found::Bytes(bytes);
        }
        if let Some(answered) = state.answered.take() {
            return Found::Answered(answered);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Found::Nothing
    }

    /// The answer, of a handler that is known to be done.
    pub(super) fn take_answered(&self) -> Option<Answered> {
        self.lock().answered.take()
    }

    /// The handler is done.
    pub(super) fn finish(&self, answered: Answered) {
        let mut state = self.lock();
        state.answered = Some(answered);
        wake(state);
    }

    fn send_head(&self, head: http::Response<()>) {
        self.lock().head = Some(head);
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The bridge as a handler's connection: it waits, as long as the limits let it.
pub(super) struct Waiting<'b> {
    bridge: &'b Bridge,
    limits: &'b Limits,
    ending: &'b Ending,
    multiplexed: bool,
    read: Mutex<Meter>,
    written: Mutex<Meter>,
    unsent: Mutex<Unsent>,
    /// Of the request in hand.
    deadline: DeadlineCell,
    #[cfg(all(unix, feature = "cgi"))]
    bells: std::sync::OnceLock<Option<Arc<Bells>>>,
}

impl<'b> Waiting<'b> {
    pub(super) fn new(
        bridge: &'b Bridge,
        limits: &'b Limits,
        ending: &'b Ending,
        multiplexed: bool,
    ) -> Self {
        Self {
            bridge,
            limits,
            ending,
            multiplexed,
            read: Mutex::default(),
            written: Mutex::default(),
            unsent: Mutex::default(),
            deadline: DeadlineCell::new(),
            #[cfg(all(unix, feature = "cgi"))]
            bells: std::sync::OnceLock::new(),
        }
    }

    pub(super) fn into_unsent(self) -> Unsent {
        self.unsent
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something has changed, as long as the peer may let it wait.
    fn wait<'s>(
        &self,
        mut state: MutexGuard<'s, State>,
        meter: &Mutex<Meter>,
        pace: Pace,
    ) -> io::Result<MutexGuard<'s, State>> {
        self.fail_if_cut()?;
        let now = Instant::now();
        let patience = self.deadline.shorten(lock(meter).wait(pace, now), now);
        if patience.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        state.is_awaited = true;
        let waited = self
            .bridge
            .changed
            .wait_timeout(state, patience.min(LOOK))
            .unwrap_or_else(PoisonError::into_inner);
        Ok(waited.0)
    }

    /// From the end on nothing is read or written any more, whether or not there would be a wait.
    fn fail_if_cut(&self) -> io::Result<()> {
        if self.ending.is_cut() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    /// Bytes behind the head. They are copied as there is room for them: a client that does not read holds them once.
    fn write_body(&self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        loop {
            // Once at least: the task may not know of the head, and the handler not of a client that has left.
            let size = self.put(|outgoing| outgoing.take_some(first, second))?;
            let of_second = size.saturating_sub(first.len());
            first = first.get(size..).unwrap_or_default();
            second = second.get(of_second..).unwrap_or_default();
            if first.is_empty() && second.is_empty() {
                return Ok(());
            }
        }
    }

    /// Gives the task bytes, when there is room for them. `give` says how many.
    fn put(&self, give: impl FnOnce(&mut Pieces) -> usize) -> io::Result<usize> {
        let mut state = self.bridge.lock();
        loop {
            if state.gone {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if state.outgoing.is_empty() {
                break;
            }
            state = self.wait(state, &self.written, Pace::of_response(self.limits))?;
        }
        let size = give(&mut state.outgoing);
        wake(state);
        lock(&self.written).moved(size, &TimeSource::System);
        Ok(size)
    }

    /// What of these bytes is behind the head, which the task finds then. `None`: the head is not whole yet.
    fn behind_head<'s>(&self, bytes: &'s [u8]) -> io::Result<Option<Cow<'s, [u8]>>> {
        let mut unsent = lock(&self.unsent);
        if unsent.head_has_left {
            return Ok(Some(Cow::Borrowed(bytes)));
        }
        unsent.bytes.extend_from_slice(bytes);
        let head = unsent.take_head(self.multiplexed, &mut KnownHeads::default())?;
        let Some(head) = head else {
            return Ok(None);
        };
        let rest = std::mem::take(&mut unsent.bytes);
        drop(unsent);
        self.bridge.send_head(head);
        Ok(Some(Cow::Owned(rest)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Transport for Waiting<'_> {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fail_if_cut()?;
        let mut state = self.bridge.lock();
        loop {
            if state.gone || state.incoming_end == Some(End::Broken) {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            if !state.incoming.is_empty() {
                let size = state.incoming.read(buffer);
                // The task may have stopped for want of room.
                wake(state);
                lock(&self.read).moved(size, &TimeSource::System);
                return Ok(size);
            }
            if state.incoming_end.is_some() {
                return Ok(0);
            }
            if !std::mem::replace(&mut state.wanted, true) {
                wake(state);
                state = self.bridge.lock();
                continue;
            }
            state = self.wait(state, &self.read, Pace::of_body(self.limits))?;
        }
    }

    fn write(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        self.fail_if_cut()?;
        if let Some(first) = self.behind_head(first)? {
            return self.write_body(&first, second);
        }
        match self.behind_head(second)? {
            Some(rest) => self.write_body(&rest, &[]),
            None => Ok(()),
        }
    }

    fn bound(&self, deadline: Option<Instant>) {
        self.deadline.set(deadline);
    }

    fn is_connected(&self) -> bool {
        !self.bridge.is_gone() && !self.ending.is_cut()
    }

    #[cfg(all(unix, feature = "cgi"))]
    fn watch(&self, awaits: bool) -> Option<crate::connection::transport::Watch<'_>> {
        use crate::connection::transport::Watch;
        let cut = self.ending.cut()?;
        let bells = self.bells.get_or_init(|| Bells::new().map(Arc::new));
        let bells = bells.as_ref()?;
        let mut state = self.bridge.lock();
        let at_hand = !state.incoming.is_empty() || state.incoming_end.is_some();
        state.bells.get_or_insert_with(|| Arc::clone(bells));
        if state.gone {
            bells.hang_up();
        } else if at_hand {
            bells.ring();
        } else {
            bells.still();
        }
        let budget = if awaits {
            let now = Instant::now();
            let budget = lock(&self.read).wait(Pace::of_body(self.limits), now);
            self.deadline.shorten(budget, now)
        } else {
            lock(&self.read).pause(&TimeSource::System);
            Duration::MAX
        };
        if awaits && !std::mem::replace(&mut state.wanted, true) {
            wake(state);
        }
        Some(Watch {
            socket: bells.as_fd(),
            at_hand,
            cut,
            budget,
        })
    }
}
