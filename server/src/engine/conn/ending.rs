//! How a connection ends: with what is left to say, and without a reset that takes it away.

use crate::connection::server_info::ShutdownStage;
use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::output::Output;
use crate::engine::conn::{Conn, ServerContext, Turn, TurnOutcome, chosen, context};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::shared::Shared;
use crate::exchange::{Close, ExchangeContext, Exchanges, PendingLogLine, Waiting};
use crate::response::writer::ResponseWriter;
use std::io;
use std::time::SystemTime;

/// Reads in one turn of a connection that lingers: a peer that sends as fast as it can must not hold the loop.
const READS: usize = 16;

impl Conn {
    /// Lets the exchanges write their last response, a 408 for example, and ends the connection.
    pub(super) fn say(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        words: impl FnOnce(&mut Exchanges, &ExchangeContext<'_>, &mut ResponseWriter) -> Close,
    ) -> TurnOutcome {
        let exchange = Blocking::new(&self.socket, turn.server.shared);
        let Some(handler) = chosen(&self.handler, turn.server.handler) else {
            return TurnOutcome::Close;
        };
        let context = context(handler, &self.peer, &exchange, turn.server, buffers.time);
        let close = words(&mut self.exchanges, &context, &mut buffers.writer);
        self.close(close, None, turn, buffers)
    }

    /// Writes what is there and ends the connection.
    pub(super) fn close(
        &mut self,
        close: Close,
        pending_log_line: Option<Box<PendingLogLine>>,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        if !(buffers.writer.bytes.is_empty() && buffers.writer.tail.is_none()) {
            let settle = self.write(
                pending_log_line,
                Some(close),
                turn,
                buffers,
                TurnOutcome::Again,
            );
            if settle != TurnOutcome::Again || self.writes() {
                return settle;
            }
        }
        // Nobody waits for a peer that took too little already.
        let is_lost = close == Close::Reset && buffers.writer.gone().is_some();
        if !is_lost && !self.may_finish(close, turn) {
            // The last word is a part of the response.
            let work = self.work.get_or_insert_default();
            work.output = Some(Output {
                bytes: Vec::new(),
                at: 0,
                tail: None,
                pending_log_line: None,
                close: Some(close),
                broken: match close {
                    Close::Reset => close,
                    _ => Close::Cut,
                },
                began: turn.server.now,
                taken: turn.server.now,
                sent: 0,
            });
            return TurnOutcome::Keep;
        }
        match close {
            Close::Clean => TurnOutcome::Close,
            Close::Reset => {
                self.socket.reset();
                TurnOutcome::Close
            }
            Close::Linger | Close::Answered | Close::Cut => {
                self.finish(close, turn);
                self.begin_to_linger(turn, buffers)
            }
        }
    }

    /// Where the socket has nothing to read it is not asked: it will say so when something comes.
    fn begin_to_linger(&mut self, turn: &mut Turn<'_>, buffers: &mut ThreadBuffers) -> TurnOutcome {
        let leaves = self.work.as_ref().is_some_and(|work| work.leaves);
        if turn.drained && !leaves && !self.socket.has_more() {
            return TurnOutcome::Keep;
        }
        self.linger(turn.server.now, buffers)
    }

    /// Ends its own side, and from now on throws away what the peer sends.
    fn finish(&mut self, close: Close, turn: &Turn<'_>) {
        self.socket.finish(close.is_well());
        let work = self.work.get_or_insert_default();
        work.input = Vec::new();
        work.lingers = true;
        // Before the server's end nobody has asked whether the response has arrived.
        work.leaves = close == Close::Answered && has_to_end(turn);
        work.wait = None;
    }

    /// Whether its own side may end now.
    ///
    /// The peer is told before, where TLS has words for that. While the server ends, what was written has to have
    /// arrived, too: it does not wait for peers as long as it would otherwise, and a peer that reads slowly would lose
    /// the rest by what it sends behind the close. So it is with the whole responses before one that ends in a reset.
    pub(super) fn may_finish(&self, close: Close, turn: &Turn<'_>) -> bool {
        let served = self.exchanges.served;
        match close {
            Close::Cut => true,
            Close::Reset => served <= 1 || self.socket.has_arrived(),
            Close::Clean | Close::Linger | Close::Answered => {
                let waits = served > 0 && has_to_end(turn);
                self.socket.notify_close() && (!waits || self.socket.has_arrived())
            }
        }
    }

    /// Whether a request may be on its way at the server's end: nobody waits long for it
    /// ([`hurry`](Self::hurry)).
    ///
    /// Whoever connects does so to ask, and loses its request with the connection; a head that has begun will go on.
    /// Between two requests nothing is promised: the peer knows that either side may end then, and so repeats what met
    /// that end (RFC 9112 section 9.3.1).
    pub(crate) fn may_bring_request(&self, shared: &Shared) -> bool {
        let may = self.exchanges.served == 0 || self.exchanges.waiting() == Waiting::Head;
        // `handle_request` leaves whoever else comes to its next call.
        may && self.has_nothing_under_way() && shared.once.is_none()
    }

    /// The server ends: answers what has come meanwhile, and ends the connection if nothing is under way then, and
    /// nothing is to be expected.
    pub(crate) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        let settle = self.turn(turn, buffers, false);
        if settle != TurnOutcome::Keep
            || !self.has_nothing_under_way()
            || self.may_bring_request(turn.server.shared)
        {
            return settle;
        }
        let settle = self.close(Close::Answered, None, turn, buffers);
        buffers.writer.clear();
        if settle != TurnOutcome::Close {
            self.rest(&turn.server.shared.limits, turn.server.now);
        }
        settle
    }

    /// The peer takes too little of what is left to write, or does not end: cuts the connection.
    pub(super) fn give_up(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        if let Some(mut output) = self.work.as_mut().and_then(|work| work.output.take()) {
            let left = output.left();
            if let Some(pending_log_line) = output.pending_log_line.take() {
                self.log(*pending_log_line, left, turn.server, buffers.time);
            }
            if left > 0 || output.close == Some(Close::Reset) {
                self.socket.reset();
            } else if let Some(close) = output.close
                && close.is_well()
            {
                // All is in the system's hands: a reset would take it away.
                self.finish(Close::Linger, turn);
                let settle = self.linger(turn.server.now, buffers);
                if settle != TurnOutcome::Close {
                    self.rest(&turn.server.shared.limits, turn.server.now);
                }
                return settle;
            }
        }
        TurnOutcome::Close
    }

    /// The server ends, and the connection with it: logs what has left of its response. Whether that is whole the
    /// peer sees by what it lacks.
    pub(crate) fn farewell(&mut self, server: ServerContext<'_>, now: SystemTime) {
        #[cfg(feature = "live")]
        self.lose_live(server, now);
        let Some(mut output) = self.work.as_mut().and_then(|work| work.output.take()) else {
            if self.notifies_close() {
                // Nobody waits for it: an idle connection's responses are framed, or else it would not be kept.
                self.socket.notify_close();
            }
            return;
        };
        if let Some(pending_log_line) = output.pending_log_line.take() {
            self.log(*pending_log_line, output.left(), server, now);
        }
        if output.broken == Close::Reset {
            self.socket.reset();
        }
    }

    /// Throws away what a peer still sends, so that the close does not become a reset that takes the response with
    /// it: until the peer ends, or its time is over (RFC 9112 section 9.6).
    pub(super) fn linger(&mut self, now: Tick, buffers: &mut ThreadBuffers) -> TurnOutcome {
        for _ in 0..READS {
            match self.socket.read(&mut buffers.input) {
                Ok(1..) => self.count(1, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let leaves = self.work.as_ref().is_some_and(|work| work.leaves);
                    return if leaves {
                        TurnOutcome::Close
                    } else {
                        TurnOutcome::Keep
                    };
                }
                Ok(0) | Err(_) => return TurnOutcome::Close,
            }
        }
        TurnOutcome::Again
    }
}

/// The server ends; perhaps since this turn began, by its handler.
pub(super) fn has_to_end(turn: &Turn<'_>) -> bool {
    turn.server.shared.site.shutdown.stage() >= ShutdownStage::Draining
}
