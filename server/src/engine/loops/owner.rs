//! What the thread that owns a loop does: wait, serve what is ready, see to deadlines.

use crate::connection::server_info::Stage;
use crate::engine::conn::{Conn, Settle, Surroundings, Turn};
use crate::engine::loops::accepting;
use crate::engine::loops::event_loop::{Accepting, Core, Departed, Loop, NOBODY, Ready};
use crate::engine::loops::thread_buffers::Desk;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::poller::{Event, Poller, Token};
use crate::engine::threads::admission::{Gate, Place};
use crate::engine::threads::balance::Balance;
use crate::engine::threads::watchdog;
use crate::engine::{Engine, Job};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

/// A loop that had nothing to do for this long lets go of memory that it does not need all the time.
const PAUSE: Duration = Duration::from_secs(1);

/// A wait that brought this many events has others waiting: more than one connection is accepted at once then.
const CROWD: usize = 16;

/// Turns of one connection on a pool thread before it goes back to its loop.
const TURNS: usize = 64;

/// Owns a loop until it is taken over or the server ends.
pub(crate) fn own(engine: &Arc<Engine>, index: usize, epoch: u64, desk: &mut Desk) {
    let Some(lane) = engine.loops.get(index) else {
        return;
    };
    let mut now = engine.now();
    desk.time = SystemTime::now();
    let mut core = lane.lock();
    if core.epoch != epoch {
        return;
    }
    lane.tid.store(watchdog::thread_id(), Ordering::Relaxed);
    lane.busy.store(true, Ordering::SeqCst);
    let mut crowded = false;
    let mut balance = Balance::of(index, &engine.loads);
    // What is in the queue now is a round; what comes back to it meanwhile has its turn after a look at all the others.
    let mut round = core.ready.len();
    loop {
        if !core.departed.is_empty() {
            // A turn like any other: who blocks in it is taken over.
            let departed = std::mem::take(&mut core.departed);
            core.begin(lane, NOBODY);
            drop(core);
            farewell(departed);
            core = lane.lock();
            if core.epoch != epoch {
                return;
            }
            core.out = None;
        }
        let next = match round.checked_sub(1) {
            Some(left) => {
                round = left;
                core.ready.pop_front()
            }
            None => None,
        };
        let Some(ready) = next else {
            if !core.prepare(engine, lane, now) {
                if !core.departed.is_empty() {
                    continue;
                }
                lane.busy.store(false, Ordering::SeqCst);
                return;
            }
            let timeout = if core.ready.is_empty() {
                core.timeout(engine)
            } else {
                Some(Duration::ZERO)
            };
            drop(core);
            // Large buffers are kept while there is traffic, and let go of in the first pause.
            let pause = desk.is_large().then_some(PAUSE);
            let timeout = match (timeout, pause) {
                (Some(timeout), Some(pause)) => Some(timeout.min(pause)),
                (timeout, pause) => timeout.or(pause),
            };
            if let Some(balance) = &mut balance {
                balance.rests(engine.start, &engine.loads);
            }
            lane.busy.store(false, Ordering::Release);
            desk.events.clear();
            if let Err(error) = lane.poller.wait(&mut desk.events, timeout) {
                engine.log_fault(format_args!("waiting for events: {error}"));
                std::thread::sleep(Duration::from_millis(10));
            }
            if desk.events.is_empty() {
                desk.tidy();
            }
            lane.busy.swap(true, Ordering::SeqCst);
            engine.monitor.rouse();
            let woke = Instant::now();
            now = Tick::at(woke.duration_since(engine.start));
            if let Some(balance) = &mut balance {
                balance.wakes(woke);
            }
            desk.time = SystemTime::now();
            crowded = desk.events.len() >= CROWD;
            core = lane.lock();
            core.ready
                .extend(desk.events.iter().map(|&Event { token, finished }| Ready {
                    token,
                    finished,
                    late: false,
                }));
            round = core.ready.len();
            continue;
        };
        if let Some(listener) = ready.token.as_listener() {
            core = accepting::accept(
                engine,
                lane,
                core,
                listener,
                now,
                if crowded { CROWD } else { 1 },
            );
            if core.epoch != epoch {
                return leave(core);
            }
            continue;
        }
        let Some((slot, mut conn)) = core.take(ready.token) else {
            continue;
        };
        if ready.late && conn.deadline > now && conn.deadline != Tick::NEVER {
            // What it waited for came at the last moment, in a turn before this one, and it has a new deadline.
            core.put(slot, conn);
            continue;
        }
        core.begin(lane, slot);
        let draining = core.draining;
        drop(core);
        let settle = serve(
            engine,
            lane,
            &mut conn,
            desk,
            ready,
            now,
            draining,
            Place::Loop,
        );
        if settle == Settle::Close {
            farewell(conn.take_handler().map(Departed::Handler));
        }
        core = lane.lock();
        let lost = core.epoch != epoch;
        let mut home = None;
        if lost {
            conn.rest_anew(&engine.limits, now, engine.now());
        } else {
            core.out = None;
            if let Some(balance) = &mut balance {
                let idle = settle == Settle::Keep && conn.may_move() && !core.draining;
                home = balance.turn(idle).and_then(|home| engine.loops.get(home));
            }
        }
        if let Some(home) = home {
            core.release(lane, slot, &conn);
            drop(core);
            give(engine, home, conn);
            core = lane.lock();
        } else {
            core = settle_in(engine, index, core, slot, conn, settle, ready, lost);
        }
        if lost {
            return leave(core);
        }
    }
}

/// Ends what is over: a handler's end is the user's code, a connection's may be a write. Without the lock, and whatever happens there.
fn farewell(departed: impl IntoIterator<Item = Departed>) {
    for departed in departed {
        let _ = catch_unwind(AssertUnwindSafe(|| match departed {
            Departed::Handler(handler) => drop(handler),
            // Nobody waits for it: an idle connection's responses are framed, or else it would not be kept.
            Departed::Connection(conn) => drop(conn.socket.notify_close()),
        }));
    }
}

/// Ends a connection that no loop sees again.
pub(crate) fn abandon(conn: &mut Conn) {
    farewell(conn.take_handler().map(Departed::Handler));
}

/// Gives the lock back, by a thread that does not own the loop.
pub(crate) fn leave(mut core: MutexGuard<'_, Core>) {
    let departed = std::mem::take(&mut core.departed);
    drop(core);
    farewell(departed);
}

/// Runs a connection on a thread of its own, for a handler that is expected to block.
pub(crate) fn run(
    engine: &Arc<Engine>,
    mut conn: Box<Conn>,
    index: usize,
    slot: u32,
    desk: &mut Desk,
) {
    let Some(lane) = engine.loops.get(index) else {
        return;
    };
    let nothing = Ready {
        token: Token::WAKE,
        finished: false,
        late: false,
    };
    let mut settle = Settle::Again;
    let mut now = engine.now();
    desk.outbox.takes_long(true);
    for _ in 0..TURNS {
        // `Elsewhere` is a request that is known to block behind others: their answers have left, and now it may run here.
        if !matches!(settle, Settle::Again | Settle::Elsewhere) {
            break;
        }
        desk.time = SystemTime::now();
        now = engine.now();
        let draining = engine.stage() >= Stage::Draining;
        settle = serve(
            engine,
            lane,
            &mut conn,
            desk,
            nothing,
            now,
            draining,
            Place::Pool,
        );
    }
    desk.outbox.takes_long(false);
    desk.tidy();
    conn.rest_anew(&engine.limits, now, engine.now());
    if settle == Settle::Close {
        farewell(conn.take_handler().map(Departed::Handler));
    }
    let core = lane.lock();
    leave(settle_in(
        engine, index, core, slot, conn, settle, nothing, true,
    ));
}

#[allow(clippy::too_many_arguments, reason = "a turn's circumstances")]
fn serve(
    engine: &Arc<Engine>,
    lane: &Loop,
    conn: &mut Conn,
    desk: &mut Desk,
    ready: Ready,
    now: Tick,
    draining: bool,
    place: Place,
) -> Settle {
    let held = conn.held();
    let server = Surroundings {
        limits: &engine.limits,
        site: &engine.site,
        shared: engine.connect.shared(),
        cut: &engine.cut,
        now,
        // The one request of `handle_request` is its connection's last.
        draining: draining || engine.once.is_some(),
        collect: engine.may_collect(),
    };
    let mut turn = Turn {
        server,
        gate: Gate::new(engine, lane, place, now),
    };
    // Handlers and hooks are caught one by one, nearer to them; this is for what nobody thought of.
    let settle = catch_unwind(AssertUnwindSafe(|| {
        if ready.late {
            conn.timed_out(&mut turn, desk)
        } else {
            conn.turn(&mut turn, desk, ready.finished)
        }
    }));
    turn.gate.close();
    engine.count_held(held, conn.held());
    settle.unwrap_or_else(|_| {
        desk.outbox.clear();
        conn.socket.reset();
        engine.log_fault(format_args!(
            "a connection was dropped after a panic in the server"
        ));
        Settle::Close
    })
}

/// Gives a connection back after its turn, under the lock. `anew`: this thread does not own the loop, which may have
/// dropped events meanwhile.
#[allow(clippy::too_many_arguments, reason = "a turn's circumstances")]
fn settle_in<'l>(
    engine: &'l Arc<Engine>,
    index: usize,
    mut core: MutexGuard<'l, Core>,
    slot: u32,
    mut conn: Box<Conn>,
    settle: Settle,
    ready: Ready,
    anew: bool,
) -> MutexGuard<'l, Core> {
    let Some(lane) = engine.loops.get(index) else {
        return core;
    };
    match settle {
        _ if core.ended => core.close(engine, lane, slot, conn),
        Settle::Close => core.close(engine, lane, slot, conn),
        Settle::Elsewhere => {
            drop(core);
            let job = Job::Run { conn, index, slot };
            if let Err(job) = engine.submit(job) {
                if engine.stage() >= Stage::Cut {
                    core = lane.lock();
                    if let Job::Run { conn, .. } = job {
                        core.close(engine, lane, slot, conn);
                    }
                    return core;
                }
                // The system starts no thread: better a loop that is held for once than a request that is lost.
                let Job::Run { mut conn, .. } = job else {
                    return lane.lock();
                };
                let mut desk = Desk::new(engine.limits.response_ahead);
                let settle = serve(
                    engine,
                    lane,
                    &mut conn,
                    &mut desk,
                    ready,
                    engine.now(),
                    false,
                    Place::Pool,
                );
                let core = lane.lock();
                let settle = if settle == Settle::Elsewhere {
                    Settle::Close
                } else {
                    settle
                };
                return settle_in(engine, index, core, slot, conn, settle, ready, true);
            }
            core = lane.lock();
        }
        Settle::Keep | Settle::Again => {
            if core.draining && conn.is_idle() {
                core.close(engine, lane, slot, conn);
                return core;
            }
            let token = core.token(slot);
            // While it was out its entry may have come up, and was put off.
            if conn.deadline < conn.filed || core.wheel.is_past(conn.filed) {
                conn.filed = core.wheel.file(conn.deadline, token);
            }
            // In its slot before it is registered anew: the registration looks at the socket, and reports what it finds.
            let failed = anew && lane.poller.modify(&conn.socket, token).is_err();
            if failed {
                core.close(engine, lane, slot, conn);
                return core;
            }
            let idle = conn.is_idle();
            core.put(slot, conn);
            if idle {
                core.look_for_room(engine, lane);
            }
            if settle == Settle::Again {
                core.ready.push_back(Ready {
                    token,
                    finished: ready.finished,
                    late: false,
                });
                if anew {
                    lane.wake();
                }
            } else if anew {
                // The owner may be waiting without a timeout that this deadline needs.
                lane.wake();
            }
        }
    }
    core
}

/// Gives a connection to a loop that is not the caller's.
fn give(engine: &Engine, lane: &Loop, conn: Box<Conn>) {
    let mut core = lane.lock();
    let first = core.wheel.first();
    core.receive(engine, lane, conn);
    // Its owner may be waiting for longer than the connection's deadline lets it; and what departs is seen to by the owner, as
    // long as there is one: the caller has a loop of its own to see to.
    let wake = core.wheel.first() != first || !core.departed.is_empty();
    if core.ended || core.accepting == Accepting::Over {
        leave(core);
    } else {
        drop(core);
    }
    if wake {
        lane.wake();
    }
}
