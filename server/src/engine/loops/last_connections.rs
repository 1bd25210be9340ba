//! What becomes of connections that wait at a listener when the server ends.

use crate::engine::conn::Conn;
use crate::engine::loops::event_loop::EventLoop;
use crate::engine::net::acceptor::Accepted;
use crate::engine::shared::Shared;

/// Takes in who waits at the listeners just before they are closed: the system would reset these connections, on which
/// a request may lie already. They are served as any that came before the server's end.
///
/// By the thread that ends the server, since a loop may be held by a handler: nothing of the user's runs here. At most
/// as many as the system keeps waiting, since a listener may be shared with a server that goes on; and where there is
/// no place for more connections, they are left to their fate.
pub(crate) fn take_in(shared: &Shared, loops: &[EventLoop]) {
    let mut loops = loops.iter().cycle();
    for listener in 0..shared.acceptor.count() {
        for _ in 0..shared.limits.backlog {
            if !shared.acceptor.has_waiting(listener) || !shared.connection_limit.reserve() {
                break;
            }
            let now = shared.now();
            let accepted = shared.acceptor.accept(listener);
            let Accepted::Connection(socket, peer) = accepted else {
                shared.connection_limit.release();
                match accepted {
                    Accepted::Pause(..) => break,
                    _ => continue,
                }
            };
            let mut conn = Box::new(if shared.is_announced(&peer) {
                Conn::announced(socket, peer, now)
            } else if shared.connect.shared().is_none() {
                Conn::without_handler(socket, peer, now)
            } else {
                Conn::new(socket, peer, None, now)
            });
            conn.opened(&shared.limits, now);
            if let Some(event_loop) = loops.next() {
                event_loop.lock().receive(shared, event_loop, conn);
                event_loop.wake();
            }
        }
    }
}
