//! How a connection ends: with what is left to say, and without a reset that takes it away.

use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::output::Output;
use crate::engine::conn::{Conn, Turn, TurnOutcome, chosen, context};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::exchange::{Close, ExchangeContext, Exchanges, PendingLogLine};
use crate::response::writer::ResponseWriter;
use std::io;

/// Bytes thrown away from a peer that goes on sending after its last response.
const LINGER: usize = 64 << 10;

impl Conn {
    /// Lets the dialogue have its last words, and ends the connection.
    pub(super) fn say(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        words: impl FnOnce(&mut Exchanges, &ExchangeContext<'_>, &mut ResponseWriter) -> Close,
    ) -> TurnOutcome {
        let exchange = Blocking::new(&self.socket, turn.server.limits, turn.server.cut);
        let Some(handler) = chosen(&self.handler, turn.server.shared) else {
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
        if close != Close::Cut && !self.socket.notify_close() {
            // The last word is a part of the response.
            let work = self.work.get_or_insert_default();
            work.output = Some(Output {
                bytes: Vec::new(),
                at: 0,
                tail: None,
                pending_log_line: None,
                close: Some(close),
                began: turn.server.now,
                taken: turn.server.now,
                sent: 0,
            });
            return TurnOutcome::Keep;
        }
        match close {
            Close::Clean => TurnOutcome::Close,
            Close::Cut => {
                self.socket.reset();
                TurnOutcome::Close
            }
            Close::Linger => {
                self.socket.finish();
                let work = self.work.get_or_insert_default();
                work.input = Vec::new();
                work.linger = Some(LINGER);
                work.wait = None;
                self.linger(buffers)
            }
        }
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
            if left > 0 {
                self.socket.reset();
            }
        }
        TurnOutcome::Close
    }

    /// Throws away what a peer still sends, so that the close does not become a reset that takes the response with it.
    pub(super) fn linger(&mut self, buffers: &mut ThreadBuffers) -> TurnOutcome {
        let Some(left) = self.work.as_mut().and_then(|work| work.linger.as_mut()) else {
            return TurnOutcome::Close;
        };
        loop {
            match self.socket.read(&mut buffers.input) {
                Ok(0) => return TurnOutcome::Close,
                Ok(size) => match left.checked_sub(size) {
                    Some(rest) => *left = rest,
                    None => return TurnOutcome::Close,
                },
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return TurnOutcome::Keep;
                }
                Err(_) => return TurnOutcome::Close,
            }
        }
    }
}
