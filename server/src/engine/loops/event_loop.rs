//! An event loop: what its owner works on, and what it knows of its connections.

use crate::Handler;
use crate::connection::server_info::ShutdownStage;
use crate::engine::conn::Conn;
#[cfg(feature = "live")]
use crate::engine::loops::inbox::{FanOut, Inbox};
use crate::engine::loops::timer_wheel::{Tick, Wheel};
use crate::engine::net::poller::{Poller, SystemPoller, Token};
use crate::engine::shared::Shared;
use crate::engine::threads::zone::Zone;
use std::collections::VecDeque;
use std::io;
#[cfg(feature = "live")]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A connection that is with a handler is looked at again after this long, for its deadline.
const OUT: Duration = Duration::from_secs(5);

/// After this long, a loop looks again for something that nobody tells it of: for room for a connection, or for a
/// thread.
pub(crate) const LOOK: Duration = Duration::from_millis(100);

/// Stands for a turn that is no connection's.
pub(crate) const NOBODY: u32 = u32::MAX;

/// A loop. What is outside the lock is read by others; it is written by the owner alone.
///
/// Written at every turn: two loops in one cache line would make each owner wait for the other's.
#[repr(align(128))]
pub(crate) struct EventLoop {
    pub(crate) poller: SystemPoller,
    state: Mutex<LoopState>,
    /// The number of the turn in hand.
    pub(crate) seq: AtomicU64,
    /// What the predictor knows the handler in hand by.
    pub(crate) key: AtomicU32,
    /// The owner, as the system numbers threads.
    pub(crate) tid: AtomicU32,
    /// The owner is not waiting for events.
    pub(crate) busy: AtomicBool,
    /// What others tell it of its live connections.
    #[cfg(feature = "live")]
    pub(crate) inbox: Arc<Inbox>,
}

/// What the lock guards.
pub(crate) struct LoopState {
    pub(crate) slots: Vec<Slot>,
    pub(crate) free: Vec<u32>,
    /// What is ready and not yet served. Here and not in the owner's hands, so that it survives a take-over.
    pub(crate) ready: VecDeque<Ready>,
    pub(crate) wheel: Wheel,
    /// Raised at each take-over.
    pub(crate) epoch: u64,
    pub(crate) turn: u64,
    /// The slot whose connection the owner serves.
    pub(crate) out: Option<u32>,
    pub(crate) accepting: Accepting,
    /// What connections that were closed under the lock leave behind: it is seen to without the lock.
    pub(crate) departed: Vec<Departed>,
    pub(crate) draining: bool,
    pub(crate) ended: bool,
    /// Topics with news for connections of this loop.
    #[cfg(feature = "live")]
    pub(crate) fan_out: FanOut,
}

/// See [`LoopState::departed`].
pub(crate) enum Departed {
    Handler(Box<dyn Handler + Send>),
    /// A connection whose peer is to be told before it is closed, whose response is to be logged, or whose end is to be
    /// told to the user's code.
    Connection(Box<Conn>),
}

#[derive(Default)]
pub(crate) struct Slot {
    pub(crate) generation: u32,
    /// In use; its connection may be with a thread.
    pub(crate) taken: bool,
    pub(crate) conn: Option<Box<Conn>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Ready {
    pub(crate) token: Token,
    pub(crate) finished: bool,
    pub(crate) cause: Cause,
}

/// Why a connection has a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Its socket has something, or it has itself.
    Event,
    /// A topic that it follows, or its handle, has something for it.
    #[cfg(feature = "live")]
    News,
    /// Its deadline has passed.
    Late,
    /// Its request has waited for a thread as long as any may.
    Overdue,
    /// The server ends.
    Leaving,
}

/// Whether the listeners are in the poller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepting {
    Yes,
    /// Not before this tick.
    Paused(Tick),
    /// Not before a connection of this loop has ended or has nothing to do, or this tick: other loops do not say so.
    Full(Tick),
    /// No more.
    Over,
}

impl Ready {
    /// A turn that the socket need not ask for.
    fn at_once(token: Token) -> Self {
        Self {
            token,
            finished: false,
            cause: Cause::Event,
        }
    }

    pub(crate) fn leaving(token: Token) -> Self {
        Self {
            token,
            finished: false,
            cause: Cause::Leaving,
        }
    }
}

impl EventLoop {
    pub(crate) fn new(_index: usize) -> io::Result<Self> {
        Ok(Self {
            poller: SystemPoller::new()?,
            state: Mutex::new(LoopState {
                slots: Vec::new(),
                free: Vec::new(),
                ready: VecDeque::new(),
                wheel: Wheel::new(),
                epoch: 0,
                turn: 0,
                out: None,
                accepting: Accepting::Yes,
                departed: Vec::new(),
                draining: false,
                ended: false,
                #[cfg(feature = "live")]
                fan_out: FanOut::default(),
            }),
            seq: AtomicU64::new(0),
            key: AtomicU32::new(0),
            tid: AtomicU32::new(0),
            busy: AtomicBool::new(false),
            #[cfg(feature = "live")]
            inbox: Arc::default(),
        })
    }

    pub(crate) fn wake(&self) {
        let _ = self.poller.wake();
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, LoopState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LoopState {
    /// A turn of this slot begins: the watchdog sees it from here on.
    pub(crate) fn begin(&mut self, event_loop: &EventLoop, slot: u32) {
        self.turn += 1;
        self.out = Some(slot);
        // Whose handler it is, is not known yet.
        event_loop.key.store(0, Ordering::Relaxed);
        event_loop.seq.store(self.turn, Ordering::Relaxed);
    }

    pub(crate) fn token(&self, slot: u32) -> Token {
        Token::connection(
            slot,
            self.slots
                .get(slot as usize)
                .map_or(0, |slot| slot.generation),
        )
    }

    /// Takes a connection into the caller's hands. `None`: the token is stale, or somebody else has it.
    pub(crate) fn take(&mut self, token: Token) -> Option<(u32, Box<Conn>)> {
        let at = token.slot()?;
        let slot = self
            .slots
            .get_mut(at as usize)
            .filter(|slot| slot.generation == token.generation())?;
        Some((at, slot.conn.take()?))
    }

    /// Whether a thread has the connection; else it is gone.
    pub(crate) fn is_out(&self, token: Token) -> bool {
        let slot = token.slot().and_then(|slot| self.slots.get(slot as usize));
        slot.is_some_and(|slot| {
            slot.generation == token.generation() && slot.taken && slot.conn.is_none()
        })
    }

    pub(crate) fn put(&mut self, at: u32, conn: Box<Conn>) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.conn = Some(conn);
        }
    }

    /// Takes in a connection, a new one or one of another loop; ends it if this loop accepts no more.
    pub(crate) fn receive(&mut self, shared: &Shared, event_loop: &EventLoop, mut conn: Box<Conn>) {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        let token = self.token(at);
        conn.filed = self.wheel.file(conn.deadline, token);
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return;
        };
        slot.taken = true;
        if self.ended {
            self.close(shared, event_loop, at, conn);
            return;
        }
        #[cfg(feature = "live")]
        let newly_live = conn.is_newly_live();
        #[cfg(not(feature = "live"))]
        let newly_live = false;
        let conn = slot.conn.insert(conn);
        if let Err(error) = event_loop.poller.add(&conn.socket, token) {
            shared.log_fault(format_args!("a connection was dropped: {error}"));
            if let Some((at, conn)) = self.take(token) {
                self.close(shared, event_loop, at, conn);
            }
        } else if self.draining {
            self.ready.push_back(Ready::leaving(token));
        } else if newly_live {
            // It becomes a receiver in a turn here, and its peer may have nothing more to say.
            self.ready.push_back(Ready::at_once(token));
        }
    }

    /// Lets go of an idle connection in the caller's hands, for another loop to take it in.
    pub(crate) fn release(&mut self, event_loop: &EventLoop, at: u32, conn: &Conn) {
        event_loop.poller.release(&conn.socket);
        self.vacate(at);
    }

    fn vacate(&mut self, at: u32) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.generation = slot.generation.wrapping_add(1);
            slot.taken = false;
            self.free.push(at);
        }
    }

    /// Ends a connection that is in the caller's hands.
    pub(crate) fn close(
        &mut self,
        shared: &Shared,
        event_loop: &EventLoop,
        at: u32,
        mut conn: Box<Conn>,
    ) {
        event_loop.poller.remove(&conn.socket);
        shared.count_held(conn.held(), 0);
        // A handler is asked for the line of a response that is under way, so it stays with that.
        let handler = if conn.has_last_words() {
            None
        } else {
            conn.take_handler()
        };
        if conn.has_last_words() || conn.notifies_close() {
            self.departed.push(Departed::Connection(conn));
        }
        self.departed.extend(handler.map(Departed::Handler));
        shared.connection_limit.release();
        self.vacate(at);
        self.look_for_room(shared, event_loop);
    }

    pub(crate) fn stop_accepting(
        &mut self,
        shared: &Shared,
        event_loop: &EventLoop,
        why: Accepting,
    ) {
        if self.accepting == Accepting::Yes {
            shared.acceptor.unlisten(&event_loop.poller);
        }
        self.accepting = why;
    }

    pub(crate) fn go_on_accepting(&mut self, shared: &Shared, event_loop: &EventLoop) {
        if self.accepting != Accepting::Over {
            self.accepting = match shared.acceptor.listen(&event_loop.poller) {
                Ok(()) => Accepting::Yes,
                Err(_) => Accepting::Paused(shared.now().after(Duration::from_millis(100))),
            };
        }
    }

    /// A connection has ended, or may be closed for another one: somebody may be waiting for that.
    pub(crate) fn look_for_room(&mut self, shared: &Shared, event_loop: &EventLoop) {
        if matches!(self.accepting, Accepting::Full(_)) {
            self.go_on_accepting(shared, event_loop);
        }
    }

    /// Closes the connection that was idle for longest. False: none is idle.
    pub(crate) fn make_room(&mut self, shared: &Shared, event_loop: &EventLoop) -> bool {
        // The wheel has them by their deadlines, which for idle ones is the order of their last requests.
        let mut others = Vec::new();
        let mut found = false;
        while let Some(token) = self.wheel.earliest() {
            let Some((at, mut conn)) = self.take(token) else {
                if self.is_out(token) {
                    others.push(token);
                }
                continue;
            };
            let filed = conn.filed;
            if !conn.makes_room() {
                self.put(at, conn);
                others.push(token);
                continue;
            }
            if conn.deadline > filed {
                conn.filed = self.wheel.file(conn.deadline, token);
                // Deadlines beyond the wheel cannot be told apart: any connection with one will do.
                if conn.filed > filed {
                    self.put(at, conn);
                    continue;
                }
            }
            self.close(shared, event_loop, at, conn);
            found = true;
            break;
        }
        for token in others {
            if let Some((at, mut conn)) = self.take(token) {
                conn.filed = self.wheel.file(conn.deadline, token);
                self.put(at, conn);
            } else {
                self.wheel.file(shared.now().after(OUT), token);
            }
        }
        found
    }

    /// Sees to the deadlines and to the server's stage. False: the loop has ended.
    pub(crate) fn prepare(&mut self, shared: &Shared, event_loop: &EventLoop, now: Tick) -> bool {
        if let Accepting::Paused(until) | Accepting::Full(until) = self.accepting
            && now >= until
        {
            self.go_on_accepting(shared, event_loop);
        } else if shared.connection_limit.has_place() {
            self.look_for_room(shared, event_loop);
        }
        while let Some((tick, token)) = self.wheel.due(now) {
            let Some((at, mut conn)) = self.take(token) else {
                if self.is_out(token) {
                    self.wheel.file(now.after(OUT), token);
                }
                continue;
            };
            if conn.deadline <= now {
                conn.filed = Tick::NEVER;
                conn.deadline = Tick::NEVER;
                self.ready.push_back(Ready {
                    token,
                    finished: false,
                    cause: Cause::Late,
                });
            } else if conn.filed <= tick {
                conn.filed = self.wheel.file(conn.deadline, token);
            }
            self.put(at, conn);
        }
        let stage = shared.stage();
        if stage >= ShutdownStage::Draining && !self.draining {
            self.draining = true;
            self.stop_accepting(shared, event_loop, Accepting::Over);
            self.leave_idle();
            #[cfg(feature = "live")]
            self.end_live(shared, now);
        }
        if stage >= ShutdownStage::Cut {
            self.cut(shared, event_loop);
        }
        // What waited at the listeners when they were closed may come to any loop.
        if self.draining && shared.acceptor.is_closed() && self.slots.iter().all(|slot| !slot.taken)
        {
            self.ended = true;
        }
        !self.ended
    }

    /// Closes what is here; what is with a handler is closed when it comes back.
    pub(crate) fn cut(&mut self, shared: &Shared, event_loop: &EventLoop) {
        if !self.ended {
            self.ended = true;
            self.ready.clear();
            for at in 0..self.slots.len() as u32 {
                if let Some((at, conn)) = self.take(self.token(at)) {
                    self.close(shared, event_loop, at, conn)
                }
            }
        }
    }

    /// A turn of each connection on which nothing is under way: its last, unless it may yet bring a request. Another
    /// has its own when what is under way is over.
    fn leave_idle(&mut self) {
        for at in 0..self.slots.len() as u32 {
            let conn = self
                .slots
                .get(at as usize)
                .and_then(|slot| slot.conn.as_ref());
            if conn.is_some_and(|conn| conn.has_nothing_under_way()) {
                self.ready.push_back(Ready::leaving(self.token(at)));
            }
        }
    }

    /// Each live connection gets a time at which its peer is told that the server ends.
    #[cfg(feature = "live")]
    fn end_live(&mut self, shared: &Shared, now: Tick) {
        let slots = self.slots.iter().enumerate();
        let is_live = |slot: &Slot| slot.conn.as_ref().is_some_and(|conn| conn.is_live());
        let live: Vec<_> = slots
            .filter(|(_, slot)| is_live(slot))
            .map(|(at, _)| at as u32)
            .collect();
        let count = u32::try_from(live.len()).unwrap_or(u32::MAX).max(1);
        let step = (shared.limits.live.shutdown_spread / count).min(Duration::from_millis(1));
        for (place, slot) in live.into_iter().enumerate() {
            let token = self.token(slot);
            if let Some((at, mut conn)) = self.take(token) {
                conn.ends_at(now.after(step * place as u32));
                conn.filed = self.wheel.file(conn.deadline, token);
                self.put(at, conn);
            }
        }
    }

    /// What connections left behind that its owner may see to now: the end of a handler is the user's code, so it
    /// waits while no thread could take the loop over from it. It waits with few others, since no connections are
    /// accepted meanwhile that have handlers of their own.
    pub(crate) fn take_departed(&mut self, shared: &Shared) -> Vec<Departed> {
        if shared.occupancy.zone() != Zone::Last {
            return std::mem::take(&mut self.departed);
        }
        let is_ours = |departed: &mut Departed| match departed {
            Departed::Connection(conn) => !conn.has_last_words(),
            Departed::Handler(_) => false,
        };
        self.departed.extract_if(.., is_ours).collect()
    }

    /// How long the loop may wait.
    pub(crate) fn timeout(&self, shared: &Shared) -> Option<Duration> {
        let mut timeout = self.wheel.wait(shared.elapsed());
        if !self.departed.is_empty() {
            timeout = Some(timeout.map_or(LOOK, |timeout| timeout.min(LOOK)));
        }
        match self.accepting {
            Accepting::Paused(until) | Accepting::Full(until) => {
                let pause = until.wait_from(shared.now());
                Some(timeout.map_or(pause, |timeout| timeout.min(pause)))
            }
            _ => timeout,
        }
    }
}
