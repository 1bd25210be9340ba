//! What the thread that owns a loop does: wait, serve what is ready, see to deadlines.

use crate::connection::server_info::ShutdownStage;
use crate::engine::conn::{Conn, ServerContext, Turn, TurnOutcome};
use crate::engine::loops::event_loop::{
    Accepting, Cause, Departed, EventLoop, LoopState, NOBODY, Ready,
};
#[cfg(feature = "live")]
use crate::engine::loops::live;
use crate::engine::loops::new_connections;
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::poller::{Event, Poller, SystemPoller, Token};
use crate::engine::shared::Shared;
use crate::engine::threads::balance::Balance;
use crate::engine::threads::placement::{Placement, RunsOn};
use crate::engine::threads::system_thread;
use crate::engine::threads::zone::Zone;
use crate::engine::{Engine, Job};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, SystemTime};

/// A loop that had nothing to do for this long lets go of memory that it does not need all the time.
const PAUSE: Duration = Duration::from_secs(1);

/// A wait that brought this many events has others waiting: more than one connection is accepted at once then.
const CROWD: usize = 16;

/// Turns of one connection on a pool thread before it goes back to its loop.
const TURNS: usize = 64;

/// A thread in its time as the owner of a loop.
struct Owner<'e> {
    engine: &'e Arc<Engine>,
    event_loop: &'e EventLoop,
    index: usize,
    epoch: u64,
    balance: Option<Balance>,
    now: Tick,
    /// The last wait brought so many events that others wait too.
    crowded: bool,
    /// How many of those that are ready are left of the round in hand: what comes back to the queue meanwhile has its
    /// turn after a look at all the others.
    round: usize,
}

/// The loop's state, as long as it is the owner's: a step that loses it returns nothing.
type Held<'e> = MutexGuard<'e, LoopState>;

/// Owns a loop until it is taken over or the server ends.
pub(crate) fn own(engine: &Arc<Engine>, index: usize, epoch: u64, buffers: &mut ThreadBuffers) {
    let Some(event_loop) = engine.loops.get(index) else {
        return;
    };
    let now = engine.shared.now();
    buffers.time = SystemTime::now();
    let state = event_loop.lock();
    if state.epoch != epoch {
        return;
    }
    event_loop
        .tid
        .store(system_thread::thread_id(), Ordering::Relaxed);
    event_loop.busy.store(true, Ordering::SeqCst);
    let mut owner = Owner {
        engine,
        event_loop,
        index,
        epoch,
        balance: Balance::of(index, &engine.loads, engine.shared.start),
        now,
        crowded: false,
        round: state.ready.len(),
    };
    let mut held = Some(state);
    while let Some(state) = held {
        held = owner.step(state, buffers);
    }
}

impl<'e> Owner<'e> {
    /// One turn of a connection, a look at a listener, or a wait.
    #[inline]
    fn step(&mut self, mut state: Held<'e>, buffers: &mut ThreadBuffers) -> Option<Held<'e>> {
        if !state.departed.is_empty() {
            let departed = state.take_departed(&self.engine.shared);
            if !departed.is_empty() {
                return self.see_off(state, departed);
            }
        }
        let Some(left) = self.round.checked_sub(1) else {
            return self.rest(state, buffers);
        };
        self.round = left;
        let Some(ready) = state.ready.pop_front() else {
            return self.rest(state, buffers);
        };
        match ready.token.as_listener() {
            Some(listener) => self.accept(state, listener),
            None => self.serve_one(state, ready, buffers),
        }
    }

    /// Ends what has departed, in a turn like any other: if the end of a handler blocks, the loop is taken over.
    #[cold]
    fn see_off(&mut self, mut state: Held<'e>, departed: Vec<Departed>) -> Option<Held<'e>> {
        state.begin(self.event_loop, NOBODY);
        drop(state);
        farewell(&self.engine.shared, departed);
        let mut state = self.event_loop.lock();
        if state.epoch != self.epoch {
            return None;
        }
        state.out = None;
        Some(state)
    }

    fn accept(&mut self, state: Held<'e>, listener: usize) -> Option<Held<'e>> {
        let most = if self.crowded { CROWD } else { 1 };
        let (engine, event_loop) = (self.engine, self.event_loop);
        let state = new_connections::take_in(engine, event_loop, state, listener, self.now, most);
        if state.epoch != self.epoch {
            leave(&engine.shared, state);
            return None;
        }
        Some(state)
    }

    /// Sees to deadlines, waits for events, and begins a round. `None`: the loop has ended.
    fn rest(&mut self, mut state: Held<'e>, buffers: &mut ThreadBuffers) -> Option<Held<'e>> {
        let (engine, event_loop) = (self.engine, self.event_loop);
        if !state.prepare(&engine.shared, event_loop, self.now) {
            event_loop.busy.store(false, Ordering::SeqCst);
            leave(&engine.shared, state);
            return None;
        }
        #[cfg(feature = "live")]
        let is_idle = state.ready.is_empty() && state.fan_out.is_empty();
        #[cfg(not(feature = "live"))]
        let is_idle = state.ready.is_empty();
        let timeout = if is_idle {
            state.timeout(&engine.shared)
        } else {
            Some(Duration::ZERO)
        };
        drop(state);
        self.wait(timeout, buffers);
        let mut state = event_loop.lock();
        let ready = |&Event { token, finished }: &Event| Ready {
            token,
            finished,
            cause: Cause::Event,
        };
        state.ready.extend(buffers.events.iter().map(ready));
        #[cfg(feature = "live")]
        state.tell_news(&event_loop.inbox);
        self.round = state.ready.len();
        Some(state)
    }

    fn wait(&mut self, timeout: Option<Duration>, buffers: &mut ThreadBuffers) {
        let (engine, event_loop) = (self.engine, self.event_loop);
        let shared = &engine.shared;
        // Large buffers are kept while there is traffic, and let go of in the first pause.
        let pause = buffers.is_large().then_some(PAUSE);
        let timeout = match (timeout, pause) {
            (Some(timeout), Some(pause)) => Some(timeout.min(pause)),
            (timeout, pause) => timeout.or(pause),
        };
        if let Some(balance) = &mut self.balance {
            balance.rests(shared.start, &engine.loads);
        }
        #[cfg(not(feature = "live"))]
        event_loop.busy.store(false, Ordering::Release);
        // Ordered before the look at the inbox: whoever publishes leaves word first and looks at `busy` then.
        #[cfg(feature = "live")]
        event_loop.busy.store(false, Ordering::SeqCst);
        #[cfg(feature = "live")]
        let timeout = if event_loop.inbox.has_words() {
            Some(Duration::ZERO)
        } else {
            timeout
        };
        buffers.events.clear();
        if let Err(error) = event_loop.poller.wait(&mut buffers.events, timeout) {
            shared.log_fault(format_args!("waiting for events: {error}"));
            std::thread::sleep(Duration::from_millis(10));
        }
        if buffers.events.is_empty() {
            buffers.tidy();
        }
        event_loop.busy.swap(true, Ordering::SeqCst);
        engine.watchdog.rouse();
        let woke = shared.start.elapsed();
        self.now = Tick::at(shared.clock.passed(woke));
        if let Some(balance) = &mut self.balance {
            balance.wakes(woke, &engine.loads);
        }
        buffers.time = SystemTime::now();
        self.crowded = buffers.events.len() >= CROWD;
    }

    /// A turn of a connection. `None`: the loop was taken over meanwhile.
    #[inline]
    fn serve_one(
        &mut self,
        mut state: Held<'e>,
        ready: Ready,
        buffers: &mut ThreadBuffers,
    ) -> Option<Held<'e>> {
        let (engine, event_loop, now) = (self.engine, self.event_loop, self.now);
        let Some((slot, mut conn)) = state.take(ready.token) else {
            return Some(state);
        };
        if ready.cause == Cause::Late && conn.deadline > now && conn.deadline != Tick::NEVER {
            // What it waited for came at the last moment, in a turn before this one, and it has a new deadline.
            state.put(slot, conn);
            return Some(state);
        }
        #[cfg(feature = "live")]
        if conn.is_newly_live()
            && !(state.draining || conn.has_output())
            && conn.settles()
            && let Some(home) = live::home_of(&engine.loops, event_loop)
        {
            state.release(event_loop, slot, &conn);
            drop(state);
            give(engine, home, conn);
            return Some(event_loop.lock());
        }
        state.begin(event_loop, slot);
        let draining = state.draining;
        drop(state);
        let settle = serve(
            engine,
            event_loop,
            &mut conn,
            buffers,
            ready,
            now,
            draining,
            RunsOn::EventLoop,
        );
        // Else it departs with its connection, and its end waits for a thread that can take this loop over.
        if settle == TurnOutcome::Close && engine.shared.occupancy.zone() != Zone::Last {
            see_off_users(&engine.shared, &mut conn);
        }
        let mut state = event_loop.lock();
        if state.epoch != self.epoch {
            conn.rest_anew(&engine.shared.limits, now, engine.shared.now());
            let state = settle_in(engine, self.index, state, slot, conn, settle, ready, true);
            leave(&engine.shared, state);
            return None;
        }
        state.out = None;
        let idle = settle == TurnOutcome::Keep && conn.may_move() && !state.draining;
        let home = self.balance.as_mut().and_then(|balance| balance.turn(idle));
        if let Some(home) = home.and_then(|home| engine.loops.get(home)) {
            state.release(event_loop, slot, &conn);
            drop(state);
            give(engine, home, conn);
            return Some(event_loop.lock());
        }
        if settle == TurnOutcome::Keep && !state.ended {
            // Nearly always: without the call.
            keep(
                engine, event_loop, &mut state, slot, conn, settle, ready, false,
            );
            return Some(state);
        }
        Some(settle_in(
            engine, self.index, state, slot, conn, settle, ready, false,
        ))
    }
}

/// Ends what is the user's of a connection that is over.
fn see_off_users(shared: &Shared, conn: &mut Conn) {
    #[cfg(feature = "live")]
    if conn.is_live() {
        let server = server_context(shared, shared.now(), true);
        let _ = catch_unwind(AssertUnwindSafe(|| {
            conn.lose_live(server, SystemTime::now())
        }));
    }
    farewell(shared, conn.take_handler().map(Departed::Handler));
}

/// Ends what is over: a handler's end is the user's code, as is a line of the log; a connection's may be a write.
/// Without the lock, and whatever happens there.
fn farewell(shared: &Shared, departed: impl IntoIterator<Item = Departed>) {
    for departed in departed {
        let _ = catch_unwind(AssertUnwindSafe(|| match departed {
            Departed::Handler(handler) => drop(handler),
            Departed::Connection(mut conn) => {
                let server = server_context(shared, shared.now(), true);
                conn.farewell(server, SystemTime::now());
            }
        }));
    }
}

/// Ends a connection that no loop sees again.
pub(crate) fn abandon(shared: &Shared, conn: Box<Conn>) {
    farewell(shared, [Departed::Connection(conn)]);
}

/// Gives the lock back, by a thread that does not own the loop.
pub(crate) fn leave(shared: &Shared, mut state: MutexGuard<'_, LoopState>) {
    let departed = std::mem::take(&mut state.departed);
    drop(state);
    farewell(shared, departed);
}

/// What a turn has in common with all others.
fn server_context(shared: &Shared, now: Tick, draining: bool) -> ServerContext<'_> {
    ServerContext {
        shared,
        handler: shared.connect.shared(),
        now,
        // The one request of `handle_request` is its connection's last.
        draining: draining || shared.once.is_some(),
        collect: shared.may_collect(),
    }
}

/// Runs a connection on a thread of its own, for a handler that is expected to block.
pub(crate) fn run(
    engine: &Arc<Engine>,
    mut conn: Box<Conn>,
    index: usize,
    slot: u32,
    buffers: &mut ThreadBuffers,
) {
    let Some(event_loop) = engine.loops.get(index) else {
        return;
    };
    let nothing = Ready {
        token: Token::WAKE,
        finished: false,
        cause: Cause::Event,
    };
    let mut settle = TurnOutcome::Again;
    let mut now = engine.shared.now();
    buffers.writer.first_lines.takes_long(true);
    for _ in 0..TURNS {
        // `Offload` is a request that is known to block behind others: their answers have left, so now it may run here.
        if !matches!(settle, TurnOutcome::Again | TurnOutcome::Offload) {
            break;
        }
        // It has to be registered with what it follows, which its loop does.
        #[cfg(feature = "live")]
        if conn.is_newly_live() {
            break;
        }
        buffers.time = SystemTime::now();
        now = engine.shared.now();
        let draining = engine.shared.stage() >= ShutdownStage::Draining;
        settle = serve(
            engine,
            event_loop,
            &mut conn,
            buffers,
            nothing,
            now,
            draining,
            RunsOn::Pool,
        );
    }
    buffers.writer.first_lines.takes_long(false);
    buffers.tidy();
    conn.rest_anew(&engine.shared.limits, now, engine.shared.now());
    if settle == TurnOutcome::Close {
        see_off_users(&engine.shared, &mut conn);
    }
    let state = event_loop.lock();
    leave(
        &engine.shared,
        settle_in(engine, index, state, slot, conn, settle, nothing, true),
    );
}

#[allow(clippy::too_many_arguments, reason = "a turn's circumstances")]
fn serve(
    engine: &Arc<Engine>,
    event_loop: &EventLoop,
    conn: &mut Conn,
    buffers: &mut ThreadBuffers,
    ready: Ready,
    now: Tick,
    draining: bool,
    place: RunsOn,
) -> TurnOutcome {
    let held = conn.held();
    let server = server_context(&engine.shared, now, draining);
    let mut turn = Turn {
        server,
        placement: Placement::new(
            &engine.shared,
            &event_loop.key,
            place,
            ready.cause == Cause::Overdue,
        ),
        #[cfg(feature = "live")]
        inbox: &event_loop.inbox,
        #[cfg(feature = "live")]
        token: ready.token,
        #[cfg(feature = "live")]
        reads: ready.cause != Cause::News,
        drained: false,
        poller: &event_loop.poller,
        muted: false,
    };
    // Handlers and hooks are caught one by one, nearer to them; this is for what nobody thought of.
    let settle = catch_unwind(AssertUnwindSafe(|| match ready.cause {
        Cause::Late => conn.timed_out(&mut turn, buffers),
        Cause::Leaving => conn.leave(&mut turn, buffers),
        _ => conn.turn(&mut turn, buffers, ready.finished),
    }));
    turn.placement.close();
    // A thread of the pool gives the connection back registered anew in any case.
    let is_deaf = turn.muted
        && place == RunsOn::EventLoop
        && event_loop.poller.modify(&conn.socket, ready.token).is_err();
    engine.shared.count_held(held, conn.held());
    let settle = settle.unwrap_or_else(|_| {
        buffers.writer.clear();
        conn.socket.reset();
        engine.shared.log_fault(format_args!(
            "a connection was dropped after a panic in the server"
        ));
        TurnOutcome::Close
    });
    if is_deaf { TurnOutcome::Close } else { settle }
}

/// Gives a connection back after its turn, under the lock. `anew`: this thread does not own the loop, which may have
/// dropped events meanwhile.
#[allow(clippy::too_many_arguments, reason = "a turn's circumstances")]
fn settle_in<'l>(
    engine: &'l Arc<Engine>,
    index: usize,
    mut state: MutexGuard<'l, LoopState>,
    slot: u32,
    conn: Box<Conn>,
    settle: TurnOutcome,
    ready: Ready,
    anew: bool,
) -> MutexGuard<'l, LoopState> {
    let Some(event_loop) = engine.loops.get(index) else {
        return state;
    };
    match settle {
        _ if state.ended => state.close(&engine.shared, event_loop, slot, conn),
        TurnOutcome::Close => state.close(&engine.shared, event_loop, slot, conn),
        TurnOutcome::Offload => {
            drop(state);
            let job = Job::Run { conn, index, slot };
            if let Err(job) = engine.submit(job) {
                if engine.shared.stage() >= ShutdownStage::Cut {
                    state = event_loop.lock();
                    if let Job::Run { conn, .. } = job {
                        state.close(&engine.shared, event_loop, slot, conn);
                    }
                    return state;
                }
                // No thread comes for it, and a loop is not held up for want of one.
                if let Job::Run { conn, index, slot } = job {
                    refuse(engine, conn, index, slot);
                }
            }
            state = event_loop.lock();
        }
        TurnOutcome::Keep | TurnOutcome::Again => {
            keep(
                engine, event_loop, &mut state, slot, conn, settle, ready, anew,
            );
        }
    }
    state
}

/// Sees to it that the poller reports what becomes of a connection from now on. False: it cannot.
#[inline(always)]
fn is_watched(
    poller: &SystemPoller,
    conn: &Conn,
    token: Token,
    settle: TurnOutcome,
    anew: bool,
) -> bool {
    if !SystemPoller::ONCE {
        return !anew || poller.modify(&conn.socket, token).is_ok();
    }
    // Another turn follows at once, and asks then.
    settle == TurnOutcome::Again || poller.rearm(&conn.socket, token, conn.awaited()).is_ok()
}

/// See [`settle_in`]: the connection goes back to its slot.
#[allow(clippy::too_many_arguments, reason = "a turn's circumstances")]
#[inline(always)]
fn keep(
    engine: &Engine,
    event_loop: &EventLoop,
    state: &mut LoopState,
    slot: u32,
    mut conn: Box<Conn>,
    settle: TurnOutcome,
    ready: Ready,
    anew: bool,
) {
    let token = state.token(slot);
    let is_at_rest = state.draining && conn.has_nothing_under_way();
    let may_bring_request = is_at_rest && conn.may_bring_request(&engine.shared);
    if may_bring_request {
        conn.hurry(&engine.shared.limits);
    }
    let leaves = is_at_rest && !may_bring_request;
    let idle = conn.is_idle();
    #[cfg(feature = "live")]
    if !idle {
        state.look_for_news(event_loop, &engine.shared, token, &mut conn, anew);
    }
    // While it was out its entry may have come up, and was put off.
    if conn.deadline < conn.filed || state.wheel.is_past(conn.filed) {
        conn.filed = state.wheel.file(conn.deadline, token);
    }
    // In its slot before it is registered anew: the registration looks at the socket, and reports what it finds.
    if !is_watched(&event_loop.poller, &conn, token, settle, anew) {
        state.close(&engine.shared, event_loop, slot, conn);
        return;
    }
    state.put(slot, conn);
    if idle {
        state.look_for_room(&engine.shared, event_loop);
    }
    if settle == TurnOutcome::Again {
        state.ready.push_back(Ready {
            token,
            finished: ready.finished,
            cause: Cause::Event,
        });
    } else if leaves {
        state.ready.push_back(Ready::leaving(token));
    }
    if anew {
        // The owner may be waiting, and perhaps without a timeout that this deadline needs.
        event_loop.wake();
    }
}

/// Gives a connection back whose request has waited for a thread as long as any may, or finds no place to wait: its
/// next turn answers the request with 503. That turn comes before all others, since an event of the same connection
/// would have the request wait anew.
pub(crate) fn refuse(engine: &Engine, mut conn: Box<Conn>, index: usize, slot: u32) {
    let Some(event_loop) = engine.loops.get(index) else {
        return;
    };
    let mut state = event_loop.lock();
    let token = state.token(slot);
    // Events were dropped while it was out.
    if state.ended || event_loop.poller.modify(&conn.socket, token).is_err() {
        // What it leaves behind is left to the owner: the watchdog, which calls this, runs nothing of the user's.
        state.close(&engine.shared, event_loop, slot, conn);
    } else {
        if state.wheel.is_past(conn.filed) {
            conn.filed = state.wheel.file(conn.deadline, token);
        }
        state.put(slot, conn);
        state.ready.push_front(Ready {
            token,
            finished: false,
            cause: Cause::Overdue,
        });
    }
    drop(state);
    event_loop.wake();
}

/// Gives a connection to a loop that is not the caller's.
fn give(engine: &Engine, event_loop: &EventLoop, conn: Box<Conn>) {
    let mut state = event_loop.lock();
    let (first, ready) = (state.wheel.first(), state.ready.len());
    state.receive(&engine.shared, event_loop, conn);
    // Its owner may be waiting for longer than the connection's deadline or its next turn lets it; and what departs is
    // seen to by the owner, as long as there is one: the caller has a loop of its own to see to.
    let wake =
        state.wheel.first() != first || state.ready.len() > ready || !state.departed.is_empty();
    if state.ended || state.accepting == Accepting::Over {
        leave(&engine.shared, state);
    } else {
        drop(state);
    }
    if wake {
        event_loop.wake();
    }
}
