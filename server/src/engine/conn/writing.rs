//! What a turn writes: the answers, and what an earlier turn had to leave.

use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::ending::has_to_end;
use crate::engine::conn::output::{Output, write_out};
use crate::engine::conn::{Conn, ServerContext, Turn, TurnOutcome, chosen, context};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::exchange::{Close, PendingLogLine, Written};
use crate::response::writer::ResponseWriter;
use std::time::SystemTime;

impl Conn {
    /// Writes the bytes of the response writer; those that the socket does not take are kept.
    pub(super) fn write(
        &mut self,
        pending_log_line: Option<Box<PendingLogLine>>,
        close: Option<Close>,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        then: TurnOutcome,
    ) -> TurnOutcome {
        let writer = &mut buffers.writer;
        if writer.bytes.is_empty() && writer.tail.is_none() {
            return then;
        }
        if turn.server.shared.cut.is_cut() {
            // The handler was still at work when the server ended: too late.
            if let Some(pending_log_line) = pending_log_line {
                self.log(*pending_log_line, writer.left(), turn.server, buffers.time);
            }
            self.socket.reset();
            return TurnOutcome::Close;
        }
        // Then the end goes with the last bytes, in one packet. While the server ends it does not follow at once.
        let ends = matches!(close, Some(Close::Linger | Close::Answered)) && !has_to_end(turn);
        match write_out(
            &self.socket,
            &mut writer.bytes,
            &mut writer.tail,
            ends,
            &mut buffers.spares,
        ) {
            Some(done @ (Written::All | Written::Failed)) => {
                if let Some(pending_log_line) = pending_log_line {
                    self.log(*pending_log_line, writer.left(), turn.server, buffers.time);
                }
                if done == Written::All {
                    return then;
                }
                let broken = broken(writer);
                writer.clear();
                self.close(broken, None, turn, buffers)
            }
            more @ (Some(Written::Part) | None) => {
                let work = self.work.get_or_insert_default();
                work.output = Some(Output {
                    bytes: std::mem::take(&mut writer.bytes),
                    at: 0,
                    tail: writer.tail.take(),
                    pending_log_line,
                    close,
                    broken: broken(writer),
                    began: turn.server.now,
                    taken: turn.server.now,
                    sent: 0,
                });
                match more {
                    Some(_) => TurnOutcome::Keep,
                    None => TurnOutcome::Again,
                }
            }
        }
    }

    /// Goes on with what was left to write. `None`: there is nothing left, and the turn goes on.
    pub(super) fn go_on_writing(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> Option<TurnOutcome> {
        let work = self.work.as_mut()?;
        let output = work.output.as_mut()?;
        let (before, records) = (output.left(), self.socket.record_bytes_sent());
        let written = output.write(&self.socket, &mut buffers.spares);
        match self.socket.is_tls() {
            // A piece is written when all of it has left, but the peer takes it bit by bit.
            true => output.moved(self.socket.record_bytes_sent() - records, turn.server.now),
            false => output.moved(before.saturating_sub(output.left()), turn.server.now),
        }
        let written = match written {
            Some(Written::Part) => return Some(TurnOutcome::Keep),
            None => return Some(TurnOutcome::Again),
            Some(written) => written,
        };
        let mut output = work.output.take()?;
        if let Some(pending_log_line) = output.pending_log_line.take() {
            self.log(*pending_log_line, output.left(), turn.server, buffers.time);
        }
        if written == Written::Failed {
            return Some(self.close(output.broken, None, turn, buffers));
        }
        let close = output.close?;
        let records = self.socket.record_bytes_sent();
        if !self.may_finish(close, turn) {
            // It shares the response's write deadline, and so do the last records, which leave with it.
            output.moved(self.socket.record_bytes_sent() - records, turn.server.now);
            self.work.get_or_insert_default().output = Some(output);
            return Some(TurnOutcome::Keep);
        }
        Some(self.close(close, None, turn, buffers))
    }

    /// Logs a request whose response is over, `left` bytes of which were not sent.
    pub(super) fn log(
        &self,
        pending_log_line: PendingLogLine,
        left: u64,
        server: ServerContext<'_>,
        now: SystemTime,
    ) {
        let exchange = Blocking::new(&self.socket, server.shared);
        if let Some(handler) = chosen(&self.handler, server.handler) {
            pending_log_line.log(&context(handler, &self.peer, &exchange, server, now), left);
        }
    }
}

/// How the connection ends if the response in hand breaks off.
fn broken(writer: &ResponseWriter) -> Close {
    if writer.shows_loss() {
        Close::Cut
    } else {
        Close::Reset
    }
}
