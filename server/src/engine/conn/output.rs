//! Writing as far as it goes without waiting, and what is left then.

use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::{Conn, ServerContext, Turn, TurnOutcome, chosen, context};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::socket::Socket;
use crate::exchange::{Close, PendingLogLine, Written};
use crate::response::writer::Tail;
use std::borrow::Cow;
use std::io;
use std::time::SystemTime;

/// What is left to write.
pub(super) struct Output {
    pub(super) bytes: Vec<u8>,
    pub(super) at: usize,
    pub(super) tail: Option<Tail>,
    pub(super) pending_log_line: Option<Box<PendingLogLine>>,
    pub(super) close: Option<Close>,
    pub(super) began: Tick,
    /// When the peer last took some of it.
    pub(super) taken: Tick,
    pub(super) sent: u64,
}

impl Output {
    pub(super) fn left(&self) -> u64 {
        self.bytes.len().saturating_sub(self.at) as u64 + self.tail.as_ref().map_or(0, Tail::left)
    }

    pub(super) fn write(&mut self, socket: &Socket, spares: &mut Vec<Vec<u8>>) -> Option<Written> {
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        write_out(socket, &mut self.bytes, &mut self.tail, spares)
    }
}

impl Conn {
    /// Writes the outbox; what does not go is kept.
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
        match write_out(
            &self.socket,
            &mut writer.bytes,
            &mut writer.tail,
            &mut buffers.spares,
        ) {
            Some(done @ (Written::All | Written::Failed)) => {
                if let Some(pending_log_line) = pending_log_line {
                    let left = writer.tail.as_ref().map_or(0, Tail::left);
                    self.log(*pending_log_line, left, turn.server, buffers.time);
                }
                if done == Written::All {
                    then
                } else {
                    TurnOutcome::Close
                }
            }
            more @ (Some(Written::Part) | None) => {
                let work = self.work.get_or_insert_default();
                work.output = Some(Output {
                    bytes: std::mem::take(&mut writer.bytes),
                    at: 0,
                    tail: writer.tail.take(),
                    pending_log_line,
                    close,
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
        let before = output.left();
        let written = output.write(&self.socket, &mut buffers.spares);
        let sent = before.saturating_sub(output.left());
        if sent > 0 {
            output.sent += sent;
            output.taken = turn.server.now;
        }
        let written = match written {
            Some(Written::Part) => return Some(TurnOutcome::Keep),
            None => return Some(TurnOutcome::Again),
            Some(written) => written,
        };
        let mut output = work.output.take()?;
        if let Some(pending_log_line) = output.pending_log_line.take() {
            let left = output.tail.as_ref().map_or(0, Tail::left);
            self.log(*pending_log_line, left, turn.server, buffers.time);
        }
        if written == Written::Failed {
            self.socket.reset();
            return Some(TurnOutcome::Close);
        }
        let close = output.close?;
        if close != Close::Cut && !self.socket.notify_close() {
            // It has the time that the response had.
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
        let exchange = Blocking::new(&self.socket, server);
        if let Some(handler) = chosen(&self.handler, server.shared) {
            pending_log_line.log(&context(handler, &self.peer, &exchange, server, now), left);
        }
    }
}

/// Buffers kept for bodies, and the largest that is worth it.
const SPARES: usize = 4;
const SPARE: usize = 2 << 20;

/// Bytes of a file in one turn of its connection: a client that takes them as fast as they come must not hold the loop.
const TURN: u64 = 8 << 20;

/// A file with more than this ahead leaves in whole segments only: where the system paces what it sends (BBR), a file of
/// 1 GiB took nearly twice as long without. A short file is not worth the two calls: from 48 KiB on, one of 100 KiB gained
/// nothing. Ranges with text between them would be small segments in any case.
const CORKED: u64 = 256 << 10;

/// Writes bytes and the tail behind them, as far as they go. `None`: there is room for more, but others have their turn.
pub(super) fn write_out(
    socket: &Socket,
    bytes: &mut Vec<u8>,
    tail: &mut Option<Tail>,
    spares: &mut Vec<Vec<u8>>,
) -> Option<Written> {
    let mut turn = 0;
    loop {
        if bytes.is_empty()
            && let Some(tail) = tail
        {
            tail.go_on(bytes);
        }
        let result = match tail {
            None if bytes.is_empty() => return Some(Written::All),
            None => socket.write(bytes, false),
            Some(Tail::Bytes(body, at)) => {
                let body = body.get(*at..).unwrap_or_default();
                if bytes.is_empty() && body.is_empty() {
                    recycle(tail.take(), spares);
                    return Some(Written::All);
                }
                socket.write_both(bytes, body)
            }
            Some(Tail::File {
                left: 0, corked, ..
            }) if bytes.is_empty() => {
                if *corked {
                    socket.cork(false);
                }
                *tail = None;
                return Some(Written::All);
            }
            Some(Tail::File { left, .. }) if !bytes.is_empty() => socket.write(bytes, *left > 0),
            Some(Tail::File {
                left,
                further,
                corked,
                ..
            }) if !*corked && (*left > CORKED || further.is_some()) => {
                socket.cork(true);
                *corked = true;
                continue;
            }
            Some(Tail::File {
                file, offset, left, ..
            }) => match socket.send_file(file, *offset, *left) {
                Ok(0) => return Some(Written::Failed), // the file is shorter than its head said
                Ok(sent) => {
                    *offset += sent as u64;
                    *left -= (sent as u64).min(*left);
                    turn += sent as u64;
                    if turn >= TURN && *left > 0 {
                        return None;
                    }
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        match result {
            Ok(0) => return Some(Written::Failed),
            Ok(sent) => {
                let head = sent.min(bytes.len());
                if head == bytes.len() {
                    bytes.clear();
                } else {
                    bytes.drain(..head);
                }
                if let Some(Tail::Bytes(_, at)) = tail {
                    *at += sent - head;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Some(Written::Part),
            Err(_) => return Some(Written::Failed),
        }
    }
}

/// Keeps a body's memory for the next one.
fn recycle(tail: Option<Tail>, spares: &mut Vec<Vec<u8>>) {
    if let Some(Tail::Bytes(Cow::Owned(mut body), _)) = tail
        && spares.len() < SPARES
        && body.capacity() <= SPARE
    {
        body.clear();
        spares.push(body);
    }
}
