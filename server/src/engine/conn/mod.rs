//! A connection, and one turn of it: read what is there, answer what is whole, write.
//!
//! Whoever holds the connection may use its socket; nobody else may. A turn never waits, but for a handler: what
//! cannot be written now is kept here, and written when the loop hears that there is room.

mod announced;
mod awaited;
mod blocking;
mod deadline;
mod ending;
#[cfg(feature = "live")]
mod live;
pub(crate) mod meter;
mod output;
pub(crate) mod pace;
#[cfg(feature = "live")]
mod parked;
mod preamble;
mod writing;

use crate::connection::peer::Peer;
#[cfg(feature = "live")]
use crate::engine::loops::inbox::Inbox;
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::poller::SystemPoller;
#[cfg(feature = "live")]
use crate::engine::net::poller::Token;
use crate::engine::net::socket::Socket;
use crate::engine::shared::Shared;
use crate::engine::threads::placement::Placement;
use crate::exchange::{
    Advance, Driver, ExchangeContext, Exchanges, Next, RunDecision, Waiting, Written,
};
use crate::handler::{Handler, Route};
use crate::response::writer::ResponseWriter;
use blocking::Blocking;
use output::{Output, write_out};
use preamble::Awaits;
use std::io;
#[cfg(feature = "live")]
use std::sync::Arc;
use std::time::SystemTime;

/// A read of this size is what a turn begins with.
const READ: usize = 64 << 10;

/// Reads in one turn, before others get theirs.
const READS: usize = 16;

pub(crate) struct Conn {
    pub(crate) socket: Socket,
    peer: Peer,
    /// The handler of this connection alone, if each has its own. Boxed twice: where all share one, each idle
    /// connection has room for a thin pointer only.
    handler: Option<Box<Box<dyn Handler + Send>>>,
    exchanges: Exchanges,
    /// What an idle connection does not need.
    work: Option<Box<Work>>,
    /// When something has to have happened.
    pub(crate) deadline: Tick,
    /// The earliest tick that the wheel has it under.
    pub(crate) filed: Tick,
    /// When it was accepted, or its TLS handshake was done.
    born: Tick,
    /// How many requests were answered when its time without one began to run.
    idle_after: u32,
}

#[derive(Default)]
struct Work {
    /// Bytes read and not used yet.
    input: Vec<u8>,
    awaits: Awaits,
    /// They may hold a whole request.
    unread: bool,
    output: Option<Output>,
    /// Everything is said, and what the peer still sends is thrown away.
    lingers: bool,
    /// It lingers only as long as there is something to read: all that was said has arrived, and the server ends.
    leaves: bool,
    wait: Option<Wait>,
}

/// What a connection waits for.
struct Wait {
    what: Waiting,
    /// How many requests were answered before.
    served: u32,
    began: Tick,
    /// How many bytes of it have come, and when the last did.
    moved: u64,
    last: Tick,
}

/// What becomes of a connection after its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnOutcome {
    /// Wait for the socket.
    Keep,
    /// There may be more to do at once.
    Again,
    /// A handler has to run, but not on this thread.
    Offload,
    /// It is over.
    Close,
}

/// What a turn works with.
pub(crate) struct Turn<'t> {
    pub(crate) server: ServerContext<'t>,
    pub(crate) placement: Placement<'t>,
    /// Where news of a live connection comes in.
    #[cfg(feature = "live")]
    pub(crate) inbox: &'t Arc<Inbox>,
    /// What it is known by there; [`Token::WAKE`] where its loop has to give it a turn first.
    #[cfg(feature = "live")]
    pub(crate) token: Token,
    /// Its socket may have something.
    #[cfg(feature = "live")]
    pub(crate) reads: bool,
    /// The socket had nothing more when it was last read: what comes from then on is reported.
    pub(crate) drained: bool,
    pub(crate) poller: &'t SystemPoller,
    /// A handler waited for its socket, of which the poller reports nothing since.
    pub(crate) muted: bool,
}

/// What all connections of a server have in common.
#[derive(Clone, Copy)]
pub(crate) struct ServerContext<'t> {
    pub(crate) shared: &'t Shared,
    /// The handler that all connections have, if they do.
    pub(crate) handler: Option<&'t dyn Handler>,
    pub(crate) now: Tick,
    pub(crate) draining: bool,
    /// Bodies may be read ahead.
    pub(crate) collect: bool,
}

impl Conn {
    pub(crate) fn new(
        socket: Socket,
        peer: Peer,
        handler: Option<Box<dyn Handler + Send>>,
        now: Tick,
    ) -> Self {
        Self {
            socket,
            peer,
            handler: handler.map(Box::new),
            exchanges: Exchanges::default(),
            work: None,
            deadline: Tick::NEVER,
            filed: Tick::NEVER,
            born: now,
            idle_after: 0,
        }
    }

    /// Whether there is something to say to the peer before the connection is closed.
    pub(crate) fn notifies_close(&self) -> bool {
        self.socket.is_tls() && self.has_nothing_under_way()
    }

    /// A response is under way.
    pub(crate) fn has_output(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.output.is_some())
    }

    /// The user's code has something to say or to hear of its end.
    pub(crate) fn has_last_words(&self) -> bool {
        #[cfg(feature = "live")]
        if self.is_live() {
            return true;
        }
        self.has_output()
    }

    /// No request has come whole, no response is under way, and no end is: at the server's end it may be left, once
    /// what was written before has arrived ([`leave`](Self::leave)), unless it [may bring
    /// one](Self::may_bring_request).
    pub(crate) fn has_nothing_under_way(&self) -> bool {
        let is_at_rest = |work: &Work| work.output.is_none() && !work.unread && !work.lingers;
        matches!(self.exchanges.waiting(), Waiting::Idle | Waiting::Head)
            && self.work.as_deref().is_none_or(is_at_rest)
    }

    /// It was served and has nothing to do: another one may have its place. Who has not been heard yet is not one of
    /// those.
    pub(crate) fn makes_room(&self) -> bool {
        self.is_idle() && self.exchanges.served > 0 && !self.socket.has_input()
    }

    /// Nothing has begun: it may be closed without anybody losing anything.
    pub(crate) fn is_idle(&self) -> bool {
        self.work.is_none() && self.exchanges.waiting() == Waiting::Idle
    }

    /// Whether its socket alone says when there is more to do, so that another loop may have it.
    pub(crate) fn may_move(&self) -> bool {
        self.is_idle() && !self.socket.has_more()
    }

    /// Takes the connection's own handler out: its end is the user's code, and may take its time.
    pub(crate) fn take_handler(&mut self) -> Option<Box<dyn Handler + Send>> {
        self.handler.take().map(|handler| *handler)
    }

    /// Bytes of a request body that it holds in memory.
    pub(crate) fn held(&self) -> usize {
        self.exchanges.held()
    }

    /// One turn. `finished`: the peer has sent its last byte, or is gone.
    pub(crate) fn turn(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        finished: bool,
    ) -> TurnOutcome {
        if self.opens()
            && let Some(settle) = self.open(turn, finished)
        {
            return settle;
        }
        let settle = self.run(turn, buffers, finished);
        buffers.writer.clear();
        if settle != TurnOutcome::Close {
            if self.socket.is_tls() {
                self.begin_head_time(&turn.server.shared.limits, turn.server.now);
            }
            self.rest(&turn.server.shared.limits, turn.server.now);
        }
        settle
    }

    fn run(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        finished: bool,
    ) -> TurnOutcome {
        let mut read_first = true;
        if !self.is_idle() {
            if let Some(settle) = self.go_on(turn, buffers, finished) {
                return settle;
            }
            read_first = !self.work.as_ref().is_some_and(|work| work.unread);
        }
        let mut reads = 0;
        loop {
            let mut eof = false;
            turn.drained = false;
            let mut fresh = 0;
            if read_first {
                if reads == READS {
                    return TurnOutcome::Again;
                }
                reads += 1;
                match self.read(buffers) {
                    Ok(Read { size: 0, .. }) => eof = true,
                    Ok(Read { size, full, buffer }) => {
                        turn.drained = !full && !finished;
                        fresh = if buffer == Buffer::ThreadBuffers {
                            size
                        } else {
                            0
                        };
                        self.count(size, turn.server.now);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        return TurnOutcome::Keep;
                    }
                    Err(error) => return self.unreadable(&error, turn, buffers),
                }
            }
            read_first = true;
            let settle = self.advance(turn, buffers, fresh, eof);
            match settle {
                TurnOutcome::Keep if eof && !self.writes() => return TurnOutcome::Close,
                TurnOutcome::Keep if eof || self.writes() => return TurnOutcome::Keep,
                // TLS may hold decrypted bytes or the peer's end, for which the socket reports no event: so it is asked
                // anew.
                TurnOutcome::Keep if turn.drained && !self.socket.has_more() => {
                    return TurnOutcome::Keep;
                }
                TurnOutcome::Keep => {}
                settle => return settle,
            }
        }
    }

    /// Goes on with what was left to write, to throw away, or with a live connection. `None`: requests are next.
    #[inline(never)]
    fn go_on(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        _finished: bool,
    ) -> Option<TurnOutcome> {
        if let Some(settle) = self.go_on_writing(turn, buffers) {
            return Some(settle);
        }
        if self.work.as_ref().is_some_and(|work| work.lingers) {
            return Some(self.linger(turn.server.now, buffers));
        }
        #[cfg(feature = "live")]
        if self.is_live() {
            return Some(self.live_turn(turn, buffers, _finished));
        }
        None
    }

    #[cfg(not(feature = "tls"))]
    fn unreadable(
        &self,
        _error: &io::Error,
        _turn: &Turn<'_>,
        _desk: &ThreadBuffers,
    ) -> TurnOutcome {
        TurnOutcome::Close
    }

    /// Nothing was read, and not for want of it: the socket has failed, or what came is no TLS.
    #[cfg(feature = "tls")]
    #[cold]
    fn unreadable(
        &mut self,
        error: &io::Error,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        use crate::engine::net::socket::tls::TlsFailure;
        use crate::exchange::Close;
        let Socket::Tls(tls) = &self.socket else {
            return TurnOutcome::Close;
        };
        if error.kind() == io::ErrorKind::Interrupted {
            return TurnOutcome::Again;
        }
        match tls.fault() {
            Some(TlsFailure::PlainHttp(bytes)) => {
                self.say(turn, buffers, |exchanges, context, writer| {
                    exchanges.spoke_plainly(context, &bytes, writer)
                })
            }
            // The alert has left; it is to be read.
            Some(TlsFailure::Violation) => self.close(Close::Linger, None, turn, buffers),
            None => TurnOutcome::Close,
        }
    }

    fn writes(&self) -> bool {
        self.work
            .as_ref()
            .is_some_and(|work| work.output.is_some() || work.lingers)
    }

    /// Reads once, to where the bytes are wanted.
    fn read(&mut self, buffers: &mut ThreadBuffers) -> io::Result<Read> {
        if let Some((body, left)) = self.exchanges.sink()
            && self.work.as_ref().is_none_or(|work| work.input.is_empty())
        {
            let (size, full) = self.socket.read_more(body, left)?;
            self.exchanges.filled(size);
            return Ok(Read {
                size,
                full,
                buffer: Buffer::Sink,
            });
        }
        if let Some(work) = &mut self.work
            && !work.input.is_empty()
        {
            let (size, full) = self.socket.read_more(&mut work.input, READ)?;
            return Ok(Read {
                size,
                full,
                buffer: Buffer::Input,
            });
        }
        let size = self.socket.read(&mut buffers.input)?;
        Ok(Read {
            size,
            full: size == buffers.input.len(),
            buffer: Buffer::ThreadBuffers,
        })
    }

    /// Hands the bytes that were read to the exchanges, and writes their responses.
    fn advance(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        fresh: usize,
        eof: bool,
    ) -> TurnOutcome {
        let mut held = self
            .work
            .as_mut()
            .map(|work| std::mem::take(&mut work.input))
            .unwrap_or_default();
        let ThreadBuffers {
            input,
            writer,
            head,
            spares,
            time,
            ..
        } = buffers;
        let bytes = if held.is_empty() {
            input.get(..fresh).unwrap_or_default()
        } else {
            &held
        };
        let Self {
            socket,
            peer,
            handler,
            exchanges,
            ..
        } = self;
        let exchange = Blocking::registered(socket, turn.server.shared, turn.poller);
        let Some(handler) = chosen(handler, turn.server.handler) else {
            return TurnOutcome::Close;
        };
        let mut context = context(handler, peer, &exchange, turn.server, *time);
        context.draining |= turn.server.now
            >= self
                .born
                .after(turn.server.shared.limits.max_connection_age);
        let mut caller = OnLoop {
            socket,
            placement: &mut turn.placement,
            spares,
        };
        let Advance {
            consumed,
            pushed_back,
            next,
        } = exchanges.advance(&context, head, bytes, eof, writer, &mut caller);
        turn.muted |= exchange.is_muted();
        let rest = bytes.get(consumed..).unwrap_or_default();
        if !rest.is_empty() || !pushed_back.is_empty() {
            let kept = if held.is_empty() {
                [&pushed_back, rest].concat()
            } else {
                held.drain(..consumed);
                held.splice(0..0, pushed_back);
                held
            };
            let work = self.work.get_or_insert_default();
            work.input = kept;
            work.unread = !matches!(next, Next::Read);
        } else if let Some(work) = &mut self.work {
            work.unread = false;
        }
        if let Next::Offload | Next::Again = next {
            #[cfg(feature = "live")]
            self.name_callbacks(turn);
            // Also where the exchanges have taken all of the request already.
            self.work.get_or_insert_default().unread = true;
        }
        self.write_answers(next, turn, buffers)
    }

    /// Writes what came of the requests, and does what is next.
    #[inline(always)]
    fn write_answers(
        &mut self,
        next: Next,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        match next {
            Next::Read => self.write(None, None, turn, buffers, TurnOutcome::Keep),
            Next::Again => self.write(None, None, turn, buffers, TurnOutcome::Again),
            Next::Offload => self.write(None, None, turn, buffers, TurnOutcome::Offload),
            Next::Tail(pending_log_line, close) => {
                match (
                    self.write(
                        Some(pending_log_line),
                        close,
                        turn,
                        buffers,
                        TurnOutcome::Again,
                    ),
                    close,
                ) {
                    // The rest has gone at the second try.
                    (TurnOutcome::Again, Some(close)) if !self.writes() => {
                        self.close(close, None, turn, buffers)
                    }
                    (settle, _) => settle,
                }
            }
            Next::Close(close) => self.close(close, None, turn, buffers),
        }
    }
}

/// The connection's own handler, or the one that all share.
fn chosen<'h>(
    own: &'h Option<Box<Box<dyn Handler + Send>>>,
    shared: Option<&'h dyn Handler>,
) -> Option<&'h dyn Handler> {
    match own {
        Some(own) => Some(&***own),
        None => shared,
    }
}

fn context<'s>(
    handler: &'s dyn Handler,
    peer: &'s Peer,
    exchange: &'s Blocking<'_>,
    server: ServerContext<'s>,
    now: SystemTime,
) -> ExchangeContext<'s> {
    let settings = handler.settings();
    ExchangeContext {
        handler,
        settings,
        speaks_http11: settings.is_modern(),
        gated: handler.is_gated(),
        connection: crate::request::ConnectionInfo {
            peer,
            site: &server.shared.site,
            limits: &server.shared.limits,
            is_tls: exchange.socket.is_tls(),
        },
        transport: exchange,
        framed_below: false,
        collect: server.collect,
        draining: server.draining,
        now,
    }
}

struct Read {
    size: usize,
    /// As much as was asked for: there may be more.
    full: bool,
    buffer: Buffer,
}

#[derive(PartialEq, Eq)]
enum Buffer {
    ThreadBuffers,
    Input,
    Sink,
}

/// How the exchanges reach the thread that serves them.
struct OnLoop<'o, 't> {
    socket: &'o Socket,
    placement: &'o mut Placement<'t>,
    spares: &'o mut Vec<Vec<u8>>,
}

impl Driver for OnLoop<'_, '_> {
    #[inline]
    fn decide(&mut self, route: &Route, command: &str, path: &str) -> RunDecision {
        self.placement.decide(route, command, path)
    }

    fn decide_gate(&mut self) -> RunDecision {
        self.placement.decide_gate()
    }

    fn buffer(&mut self) -> Vec<u8> {
        self.spares.pop().unwrap_or_default()
    }

    fn write_tail(&mut self, writer: &mut ResponseWriter) -> Written {
        write_out(
            self.socket,
            &mut writer.bytes,
            &mut writer.tail,
            false,
            self.spares,
        )
        .unwrap_or(Written::Part)
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    /// Allocators have steps of sixteen bytes, eight of which may be their own: one byte more would cost as much as
    /// sixteen.
    #[test]
    fn an_idle_connection_is_small() {
        let most = if cfg!(feature = "tls") { 120 } else { 104 };
        assert!(size_of::<Conn>() <= most, "{}", size_of::<Conn>());
    }
}
