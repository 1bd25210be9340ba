//! How a connection ends: with what is left to say, and without a reset that takes it away.

use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::output::Output;
use crate::engine::conn::{Conn, Settle, Turn, chosen, service};
use crate::engine::loops::thread_buffers::Desk;
use crate::exchange::{Close, Dialogue, Service, Unlogged};
use crate::response::writer::Outbox;
use std::io;

/// Bytes thrown away from a peer that goes on sending after its last response.
const LINGER: usize = 64 << 10;

impl Conn {
    /// Lets the dialogue have its last words, and ends the connection.
    pub(super) fn say(
        &mut self,
        turn: &mut Turn<'_>,
        desk: &mut Desk,
        words: impl FnOnce(&mut Dialogue, &Service<'_>, &mut Outbox) -> Close,
    ) -> Settle {
        let wire = Blocking::new(&self.socket, turn.server);
        let Some(handler) = chosen(&self.handler, turn.server.shared) else {
            return Settle::Close;
        };
        let service = service(handler, &self.peer, &wire, turn.server, desk.time);
        let close = words(&mut self.dialogue, &service, &mut desk.outbox);
        self.close(close, None, turn, desk)
    }

    /// Writes what is there and ends the connection.
    pub(super) fn close(
        &mut self,
        close: Close,
        unlogged: Option<Box<Unlogged>>,
        turn: &mut Turn<'_>,
        desk: &mut Desk,
    ) -> Settle {
        if !(desk.outbox.bytes.is_empty() && desk.outbox.tail.is_none()) {
            let settle = self.write(unlogged, Some(close), turn, desk, Settle::Again);
            if settle != Settle::Again || self.writes() {
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
                unlogged: None,
                close: Some(close),
                began: turn.server.now,
                taken: turn.server.now,
                sent: 0,
            });
            return Settle::Keep;
        }
        match close {
            Close::Clean => Settle::Close,
            Close::Cut => {
                self.socket.reset();
                Settle::Close
            }
            Close::Linger => {
                self.socket.finish();
                let work = self.work.get_or_insert_default();
                work.input = Vec::new();
                work.linger = Some(LINGER);
                work.since = None;
                self.linger(desk)
            }
        }
    }

    /// Throws away what a peer still sends, so that the close does not become a reset that takes the response with it.
    pub(super) fn linger(&mut self, desk: &mut Desk) -> Settle {
        let Some(left) = self.work.as_mut().and_then(|work| work.linger.as_mut()) else {
            return Settle::Close;
        };
        loop {
            match self.socket.read(&mut desk.input) {
                Ok(0) => return Settle::Close,
                Ok(size) => match left.checked_sub(size) {
                    Some(rest) => *left = rest,
                    None => return Settle::Close,
                },
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Settle::Keep,
                Err(_) => return Settle::Close,
            }
        }
    }
}
