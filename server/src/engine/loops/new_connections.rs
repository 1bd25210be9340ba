//! What a loop does with connections that wait at a listener.

use crate::engine::Engine;
use crate::engine::conn::Conn;
use crate::engine::loops::event_loop::{Accepting, EventLoop, LOOK, LoopState, NOBODY};
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::acceptor::Accepted;
use crate::engine::threads::zone::Zone;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, MutexGuard};

/// Accepts from a listener that has reported, at most `most` connections.
pub(crate) fn take_in<'l>(
    engine: &'l Arc<Engine>,
    event_loop: &'l EventLoop,
    mut state: MutexGuard<'l, LoopState>,
    listener: usize,
    now: Tick,
    most: usize,
) -> MutexGuard<'l, LoopState> {
    let watched = engine.shared.connect.shared().is_none();
    for _ in 0..most {
        if state.accepting != Accepting::Yes {
            return state;
        }
        if watched && engine.shared.occupancy.zone() == Zone::Last {
            // A handler for it would be made by the user's code, and no thread could take the loop over from that.
            state.stop_accepting(
                &engine.shared,
                event_loop,
                Accepting::Paused(now.after(LOOK)),
            );
            return state;
        }
        let epoch = state.epoch;
        drop(state);
        let mut place = !engine.shared.connection_limit.is_scarce(engine.loops.len())
            && engine.shared.connection_limit.reserve();
        let mut making = None;
        if !place {
            making = Some(engine.shared.connection_limit.room());
            // Another loop may have taken the one that both have heard of.
            if !engine.shared.acceptor.has_waiting(listener) {
                drop(making);
                engine.shared.acceptor.heard(&event_loop.poller, listener);
                return event_loop.lock();
            }
            place = engine.shared.connection_limit.reserve()
                || make_room(engine, event_loop) && engine.shared.connection_limit.reserve();
        }
        if !place {
            state = event_loop.lock();
            // Under the lock: a connection that ends from now on sees that it is waited for.
            if !engine.shared.connection_limit.reserve() {
                let look = engine.shared.now().after(LOOK);
                state.stop_accepting(&engine.shared, event_loop, Accepting::Full(look));
                return state;
            }
            drop(state);
        }
        let accepted = engine.shared.acceptor.accept(listener);
        drop(making);
        if !matches!(accepted, Accepted::Connection(..)) {
            engine.shared.connection_limit.release();
        }
        let conn = match accepted {
            Accepted::Connection(socket, peer) => {
                // A user's function: it may block, as a handler may, and it may panic, and then there is no connection.
                if watched {
                    event_loop.lock().begin(event_loop, NOBODY);
                }
                let handler =
                    catch_unwind(AssertUnwindSafe(|| engine.shared.connect.connect(&peer)));
                handler
                    .ok()
                    .map(|handler| Box::new(Conn::new(socket, peer, handler, now)))
            }
            Accepted::Nothing => {
                engine.shared.acceptor.heard(&event_loop.poller, listener);
                return event_loop.lock();
            }
            Accepted::Pause(pause, error) => {
                if let Some(error) = error {
                    engine
                        .shared
                        .log_fault(format_args!("cannot accept connections for now: {error}"));
                }
                state = event_loop.lock();
                state.stop_accepting(
                    &engine.shared,
                    event_loop,
                    Accepting::Paused(now.after(pause)),
                );
                return state;
            }
        };
        state = event_loop.lock();
        let lost = state.epoch != epoch;
        if watched && !lost {
            state.out = None;
        }
        if let Some(mut conn) = conn {
            conn.opened(
                &engine.shared.limits,
                if lost { engine.shared.now() } else { now },
            );
            state.receive(&engine.shared, event_loop, conn);
        } else {
            engine.shared.connection_limit.release();
        }
        if lost {
            // The owner may be waiting without a timeout that the connection's deadline needs.
            event_loop.wake();
            break;
        }
    }
    engine.shared.acceptor.heard(&event_loop.poller, listener);
    state
}

/// Closes an idle connection for a new one. False: none is idle.
fn make_room(engine: &Engine, event_loop: &EventLoop) -> bool {
    if event_loop.lock().make_room(&engine.shared, event_loop) {
        return true;
    }
    let mut others = engine
        .loops
        .iter()
        .filter(|&other| !std::ptr::eq(other, event_loop));
    others.any(|other| {
        let room = other.lock().make_room(&engine.shared, other);
        // Its owner sees to what the connection leaves behind.
        other.wake();
        room
    })
}
