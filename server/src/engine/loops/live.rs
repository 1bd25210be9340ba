//! What a loop does with its live connections beside their turns.

use crate::engine::conn::Conn;
use crate::engine::loops::event_loop::{Cause, EventLoop, LoopState, Ready};
use crate::engine::loops::inbox::Inbox;
use crate::engine::net::poller::Token;
use crate::engine::shared::Shared;

impl LoopState {
    /// Gives turns to the next connections that others have news for. Behind the events of the sockets: a request waits
    /// for one slice of receivers at most.
    #[inline(always)]
    pub(crate) fn tell_news(&mut self, inbox: &Inbox) {
        if !self.fan_out.is_empty() || inbox.has_words() {
            self.tell_some(inbox);
        }
    }

    /// Apart, as what follows: a round without news is to cost two looks.
    #[inline(never)]
    fn tell_some(&mut self, inbox: &Inbox) {
        let ready = &mut self.ready;
        self.fan_out
            .go_on(inbox, |token| ready.push_back(news(token)));
    }

    /// A connection comes back to its slot, and what it missed meanwhile has to be seen to.
    #[inline(always)]
    pub(crate) fn look_for_news(
        &mut self,
        event_loop: &EventLoop,
        shared: &Shared,
        token: Token,
        conn: &mut Conn,
        anew: bool,
    ) {
        if conn.is_live() {
            self.catch_up(event_loop, shared, token, conn, anew);
        }
    }

    #[inline(never)]
    fn catch_up(
        &mut self,
        event_loop: &EventLoop,
        shared: &Shared,
        token: Token,
        conn: &mut Conn,
        anew: bool,
    ) {
        if self.draining {
            conn.ends_at(shared.now());
        }
        // A walk that came by while a thread had it found its slot empty.
        if anew && conn.has_news() {
            self.ready.push_back(news(token));
            event_loop.wake();
        }
    }
}

/// The loop with the fewest live connections, if that is not this one: clients that connect one after the other all
/// wake the same loop, and a live connection stays where it is.
pub(crate) fn home_of<'l>(loops: &'l [EventLoop], here: &EventLoop) -> Option<&'l EventLoop> {
    let fewest = loops
        .iter()
        .min_by_key(|event_loop| event_loop.inbox.live())?;
    (fewest.inbox.live() < here.inbox.live()).then_some(fewest)
}

fn news(token: Token) -> Ready {
    Ready {
        token,
        finished: false,
        cause: Cause::News,
    }
}
