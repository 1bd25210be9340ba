//! What a loop does with connections that wait at a listener.

use crate::connection::peer::Peer;
use crate::engine::Engine;
use crate::engine::conn::Conn;
use crate::engine::loops::event_loop::{Accepting, EventLoop, LOOK, LoopState, NOBODY};
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::acceptor::Accepted;
use crate::engine::net::poller::{Poller as _, SystemPoller};
use crate::engine::net::socket::Socket;
use crate::engine::shared::Shared;
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
    let shared = &engine.shared;
    let watched = shared.connect.shared().is_none();
    for _ in 0..most {
        if state.accepting != Accepting::Yes || shared.has_answered() {
            return state;
        }
        if watched && shared.occupancy.zone() == Zone::Last {
            // A handler for it would be made by the user's code, and no thread could take the loop over from that.
            state.stop_accepting(shared, event_loop, Accepting::Paused(now.after(LOOK)));
            return state;
        }
        let epoch = state.epoch;
        drop(state);
        let mut place = !shared.connection_limit.is_scarce(engine.loops.len())
            && shared.connection_limit.reserve();
        let mut making = None;
        if !place {
            making = Some(shared.connection_limit.room());
            // Another loop may have taken the one that both have heard of.
            if !shared.acceptor.has_waiting(listener) {
                drop(making);
                shared.acceptor.heard(&event_loop.poller, listener);
                return event_loop.lock();
            }
            place = shared.connection_limit.reserve()
                || make_room(engine, event_loop) && shared.connection_limit.reserve();
        }
        if !place {
            state = event_loop.lock();
            // Under the lock: a connection that ends from now on sees that it is waited for.
            if !shared.connection_limit.reserve() {
                let look = shared.now().after(LOOK);
                state.stop_accepting(shared, event_loop, Accepting::Full(look));
                return state;
            }
            drop(state);
        }
        let accepted = shared.acceptor.accept(listener);
        drop(making);
        hear_on(shared, event_loop, listener);
        if !matches!(accepted, Accepted::Connection(..)) {
            shared.connection_limit.release();
        }
        let conn = match accepted {
            Accepted::Connection(socket, peer) => {
                if watched {
                    event_loop.lock().begin(event_loop, NOBODY);
                }
                make_connection(engine, socket, peer, now)
            }
            Accepted::Nothing => {
                shared.acceptor.heard(&event_loop.poller, listener);
                return event_loop.lock();
            }
            Accepted::Pause(pause, error) => {
                if let Some(error) = error {
                    shared.log_fault(format_args!("cannot accept connections for now: {error}"));
                }
                return pause_accepting(engine, event_loop, now.after(pause));
            }
        };
        state = event_loop.lock();
        let lost = state.epoch != epoch;
        if watched && !lost {
            state.out = None;
        }
        if let Some(mut conn) = conn {
            conn.opened(&shared.limits, if lost { shared.now() } else { now });
            state.receive(shared, event_loop, conn);
        } else {
            shared.connection_limit.release();
        }
        if lost {
            // The owner may be waiting without a timeout that the connection's deadline needs.
            event_loop.wake();
            break;
        }
    }
    shared.acceptor.heard(&event_loop.poller, listener);
    state
}

/// Asks for the next connection before the user's function is called, which may block: else nobody hears of that one
/// meanwhile, where a readiness is reported once.
fn hear_on(shared: &Shared, event_loop: &EventLoop, listener: usize) {
    if SystemPoller::ONCE {
        shared.acceptor.heard(&event_loop.poller, listener);
    }
}

/// A connection with its handler. The handler comes from a user's function: that may block, as a handler may, and it
/// may panic, and then there is no connection.
fn make_connection(engine: &Engine, socket: Socket, peer: Peer, now: Tick) -> Option<Box<Conn>> {
    if engine.shared.is_announced(&peer) {
        return Some(Box::new(Conn::announced(socket, peer, now)));
    }
    let handler = catch_unwind(AssertUnwindSafe(|| engine.shared.connect.connect(&peer)));
    handler
        .ok()
        .map(|handler| Box::new(Conn::new(socket, peer, handler, now)))
}

fn pause_accepting<'l>(
    engine: &Engine,
    event_loop: &'l EventLoop,
    until: Tick,
) -> MutexGuard<'l, LoopState> {
    let mut state = event_loop.lock();
    state.stop_accepting(&engine.shared, event_loop, Accepting::Paused(until));
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
