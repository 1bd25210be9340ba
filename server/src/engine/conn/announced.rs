//! What comes before a connection's first turn: the header of a proxy that says whose it is (the PROXY protocol), and
//! the handler, if each connection has its own.

use crate::connection::peer::Peer;
use crate::connection::proxy_header::{MAX_SIZE, ProxyHeader, parse};
use crate::engine::conn::preamble::Awaits;
use crate::engine::conn::{Conn, Turn, TurnOutcome, Work};
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::socket::Socket;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Conn {
    /// A connection of a proxy, which has to begin with the proxy's header. It has no handler of its own before that
    /// has come: whoever makes one is told who the client is.
    pub(crate) fn announced(socket: Socket, peer: Peer, now: Tick) -> Self {
        Self::awaiting(Awaits::ProxyHeader, socket, peer, now)
    }

    /// A connection whose handler is made in its first turn, where each has its own: whoever accepts it runs nothing
    /// of the user's.
    pub(crate) fn without_handler(socket: Socket, peer: Peer, now: Tick) -> Self {
        Self::awaiting(Awaits::Handler, socket, peer, now)
    }

    fn awaiting(awaits: Awaits, socket: Socket, peer: Peer, now: Tick) -> Self {
        let mut conn = Self::new(socket, peer, None, now);
        conn.work = Some(Box::new(Work {
            awaits,
            ..Work::default()
        }));
        conn
    }

    /// Whether its first turn has yet to come.
    #[inline]
    pub(super) fn opens(&self) -> bool {
        self.work
            .as_ref()
            .is_some_and(|work| work.awaits != Awaits::Nothing)
    }

    /// Whether the proxy's header has yet to come.
    pub(super) fn is_announced(&self) -> bool {
        self.work
            .as_ref()
            .is_some_and(|work| work.awaits == Awaits::ProxyHeader)
    }

    /// Sees to what the connection lacks. None: it lacks nothing more, and is like any other now.
    #[cold]
    pub(super) fn open(&mut self, turn: &mut Turn<'_>, finished: bool) -> Option<TurnOutcome> {
        if self.is_announced()
            && let Some(settle) = self.take_header(turn, finished)
        {
            return Some(settle);
        }
        self.work = None;
        let has_handler = turn.server.handler.is_some() || self.connect(turn);
        (!has_handler).then_some(TurnOutcome::Close)
    }

    /// Takes the proxy's header, if it is there. None: it was.
    ///
    /// What has come is looked at where the system keeps it, so that not one byte of what follows the header is read,
    /// which may be TLS. A part of a header is read: a poller may report bytes that stay in the socket for ever.
    fn take_header(&mut self, turn: &Turn<'_>, finished: bool) -> Option<TurnOutcome> {
        let mut bytes = [0; MAX_SIZE];
        let part = self.work.as_ref().map_or(&[][..], |work| &work.input);
        let had = part.len().min(MAX_SIZE);
        if let (Some(to), Some(from)) = (bytes.get_mut(..had), part.get(..had)) {
            to.copy_from_slice(from);
        }
        let size = match self.socket.peek(bytes.get_mut(had..).unwrap_or_default()) {
            Ok(size) => size,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Some(TurnOutcome::Keep);
            }
            Err(_) => return Some(TurnOutcome::Close),
        };
        let (source, whole) = match parse(bytes.get(..had + size).unwrap_or_default()) {
            ProxyHeader::Whole { source, size } => (source, size),
            // A check of the proxy connects and says nothing.
            ProxyHeader::Partial if size == 0 || finished => return Some(TurnOutcome::Close),
            ProxyHeader::Partial => return Some(self.take_part(&mut bytes, had, size)),
            ProxyHeader::Malformed => {
                turn.server.shared.site.error_log.line(format_args!(
                    "doget: {} is to announce its connections by the PROXY protocol, and did not: closed",
                    self.peer
                ));
                return Some(TurnOutcome::Close);
            }
        };
        if !self
            .socket
            .skip(bytes.get_mut(had..whole).unwrap_or_default())
        {
            return Some(TurnOutcome::Close);
        }
        if let Some(source) = source {
            self.peer = Peer::from(source);
        }
        if !self.socket.is_tls() {
            self.born = turn.server.now;
            self.deadline = turn
                .server
                .now
                .after(turn.server.shared.limits.head_timeout);
        }
        None
    }

    /// Keeps what has come of a header that is not whole: nothing of it can belong to what follows.
    fn take_part(&mut self, bytes: &mut [u8; MAX_SIZE], had: usize, size: usize) -> TurnOutcome {
        let part = bytes.get_mut(had..had + size).unwrap_or_default();
        let Some(work) = self.work.as_mut().filter(|_| self.socket.skip(part)) else {
            return TurnOutcome::Close;
        };
        work.input.extend_from_slice(part);
        TurnOutcome::Keep
    }

    /// Makes the connection's own handler, by the user's code. False: there is none, since that panicked, or since no
    /// thread could take the loop over from it.
    fn connect(&mut self, turn: &Turn<'_>) -> bool {
        if !turn.placement.may_run_anything() {
            return false;
        }
        let peer = &self.peer;
        let handler = catch_unwind(AssertUnwindSafe(|| {
            turn.server.shared.connect.connect(peer)
        }));
        self.handler = handler.ok().flatten().map(Box::new);
        self.handler.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use std::net::{TcpListener, TcpStream};

    /// Its loop was given to another thread while this one, in a turn of the connection, waited for the processor. Then
    /// the header would be taken for what follows it: a request, or a handshake.
    #[test]
    fn after_a_turn_that_took_long_the_header_is_awaited_still() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, address) = listener.accept().unwrap();
        let mut conn = Conn::announced(Socket::Tcp(stream), Peer::from(address), Tick(0));
        conn.rest_anew(&Limits::new(), Tick(0), Tick(5));
        assert!(conn.is_announced());
    }
}
