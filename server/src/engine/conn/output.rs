//! Writing as far as it goes without waiting, and what is left then.

use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::socket::Socket;
use crate::exchange::{Close, PendingLogLine, Written};
use crate::response::writer::Tail;
use std::borrow::Cow;
use std::io;

/// What is left to write.
pub(super) struct Output {
    pub(super) bytes: Vec<u8>,
    pub(super) at: usize,
    pub(super) tail: Option<Tail>,
    pub(super) pending_log_line: Option<Box<PendingLogLine>>,
    pub(super) close: Option<Close>,
    /// How the connection ends if this does not leave whole.
    pub(super) broken: Close,
    pub(super) began: Tick,
    /// When the peer last took some of it.
    pub(super) taken: Tick,
    pub(super) sent: u64,
}

impl Output {
    pub(super) fn left(&self) -> u64 {
        self.bytes.len().saturating_sub(self.at) as u64 + self.tail.as_ref().map_or(0, Tail::left)
    }

    /// The peer has taken so many bytes.
    pub(super) fn moved(&mut self, size: u64, now: Tick) {
        if size > 0 {
            self.sent += size;
            self.taken = now;
        }
    }

    pub(super) fn write(&mut self, socket: &Socket, spares: &mut Vec<Vec<u8>>) -> Option<Written> {
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        write_out(socket, &mut self.bytes, &mut self.tail, false, spares)
    }
}

/// Buffers kept for bodies, and the largest that is worth it.
const SPARES: usize = 4;
const SPARE: usize = 2 << 20;

/// Bytes of a file in one turn of its connection: a client that takes them as fast as they come must not hold the loop.
const TURN: u64 = 8 << 20;

/// A file with more than this ahead leaves in whole segments only: where the system paces what it sends (BBR), a file
/// of 1 GiB took nearly twice as long without. A short file is not worth the two calls: from 48 KiB on, one of 100
/// KiB gained nothing. Ranges with text between them would be small segments in any case.
const CORKED: u64 = 256 << 10;

/// Writes bytes and the tail behind them, as far as they go. `None`: there is room for more, but others have their
/// turn. `ends`: the end of the connection follows at once.
pub(super) fn write_out(
    socket: &Socket,
    bytes: &mut Vec<u8>,
    tail: &mut Option<Tail>,
    ends: bool,
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
            None => socket.write(bytes, ends),
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
    if let Some(Tail::Bytes(Cow::Owned(body), _)) = tail {
        keep(body, spares);
    }
}

/// Keeps memory for the next body, or message, unless there is enough.
pub(super) fn keep(mut memory: Vec<u8>, spares: &mut Vec<Vec<u8>>) {
    if spares.len() < SPARES && memory.capacity() <= SPARE {
        memory.clear();
        spares.push(memory);
    }
}
