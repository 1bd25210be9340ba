//! A live connection between two turns: what is kept of it, and what bytes and news make of it. Like the exchanges of
//! requests it knows no socket and no clock; the engine and the tests drive it.

mod parked;
mod role;
mod sources;
mod turn;

pub(crate) use parked::{ParkedRole, Resumed};
pub(crate) use role::{EventsRole, SocketRole};
pub(crate) use sources::Sources;
pub(crate) use turn::{LiveContext, LiveNext, Served};

use crate::connection::live_limits::LiveLimits;
use crate::live::channel::frame::Frame;
use crate::live::channel::home::{Home, Registration};
use crate::live::channel::ring::Lag;
use crate::live::entry::Entry;
use crate::live::protocol::close::{Close, CloseCode, Closed};
use crate::live::record::Record;
use crate::response::promised::Promised;
use parked::Over;
use role::Role;
use std::fmt;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// A live connection.
pub(crate) struct LiveStage {
    role: Role,
    pub(crate) sources: Sources,
    /// A frame that many share, of which the peer has taken the first bytes.
    rest: Option<Box<(Arc<Frame>, usize)>>,
    /// When what happened; the engine's business.
    pub(crate) times: Times,
    entry: Entry,
}

/// Ticks of the engine.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// It was asked which loop it is to live on.
    pub(crate) settled: bool,
    /// The connection's own were set.
    pub(crate) begun: bool,
    /// A byte was heard last; for a stream: written last.
    pub(crate) active: u32,
    /// A ping waits for any byte.
    pub(crate) pinged: bool,
    /// What was written last had to wait for the peer, as output of its connection.
    pub(crate) waited: bool,
    /// The peer has not taken all that there was.
    pub(crate) blocked: Option<Box<Progress>>,
    /// A message is under way.
    pub(crate) amid: Option<Box<Progress>>,
    /// The server ends, and this is when the connection does.
    pub(crate) goodbye: Option<NonZero<u32>>,
    /// What the predictor knows its callbacks by; 0: nothing yet.
    pub(crate) key: u32,
}

impl Times {
    /// Whether the peer took less than there was when there was something last.
    fn is_slow(&self) -> bool {
        self.blocked.is_some() || self.waited
    }

    /// The peer has taken all that there was.
    pub(crate) fn taken(&mut self) {
        self.blocked = None;
        self.waited = false;
    }
}

/// What the peer moves while it alone is waited for: since when, when last, and how many bytes.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) began: u32,
    pub(crate) last: u32,
    pub(crate) moved: u64,
}

impl Progress {
    pub(crate) fn begin(now: u32) -> Box<Self> {
        Box::new(Self {
            began: now,
            last: now,
            moved: 0,
        })
    }

    pub(crate) fn go_on(&mut self, now: u32, bytes: usize) {
        if bytes > 0 {
            self.last = now;
            self.moved += bytes as u64;
        }
    }
}

/// Where a frame came from that is being written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Rest,
    Queue,
    Cursor(usize),
}

/// A frame that is being written, and how many bytes of it.
pub(crate) type Gathered = (Source, Arc<Frame>, usize);

impl LiveStage {
    pub(crate) fn socket(role: SocketRole, sources: Sources, entry: Entry) -> Box<Self> {
        Self::new(Role::Socket(role), sources, entry)
    }

    pub(crate) fn events(role: EventsRole, sources: Sources, entry: Entry) -> Box<Self> {
        Self::new(Role::Events(role), sources, entry)
    }

    pub(crate) fn parked(role: Box<ParkedRole>, sources: Sources, entry: Entry) -> Box<Self> {
        Self::new(Role::Parked(role), sources, entry)
    }

    /// What stands for a socket while its method has it.
    pub(crate) fn blocking(entry: Entry) -> Box<Self> {
        Self::new(Role::Blocking, Sources::default(), entry)
    }

    fn new(role: Role, sources: Sources, entry: Entry) -> Box<Self> {
        Box::new(Self {
            role,
            sources,
            rest: None,
            times: Times::default(),
            entry,
        })
    }

    /// Whether the stream's bytes are framed as chunks.
    pub(crate) fn set_chunked(&mut self, chunked: bool) {
        if let Role::Events(events) = &mut self.role {
            events.chunked = chunked;
        }
    }

    /// Its method has the socket to the end, and logs that.
    pub(crate) fn is_blocking(&self) -> bool {
        matches!(self.role, Role::Blocking)
    }

    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.role, Role::Parked(_))
    }

    /// What the layers around the handler have promised for the request that is parked.
    pub(crate) fn keep_promised(&mut self, promised: Promised) {
        if let Role::Parked(role) = &mut self.role {
            role.keep(promised);
        }
    }

    /// From here on the loop is told of news.
    pub(crate) fn register(&mut self, home: Arc<dyn Home>, token: u64) {
        let registration = Registration::new(home, token);
        if let Role::Parked(role) = &self.role
            && let Some(slot) = &role.slot
        {
            slot.register(&registration.0);
        }
        self.sources.register(registration);
    }

    /// The time of a parked request is over, or the server ends.
    pub(crate) fn is_over(&mut self, server_ends: bool) {
        if let Role::Parked(role) = &mut self.role {
            role.over = Some(if server_ends {
                Over::Server
            } else {
                Over::Time
            });
        }
    }

    /// What the answer to a parked request takes, if it is there.
    #[allow(
        clippy::boxed_local,
        reason = "it is taken out of its connection in its box"
    )]
    pub(crate) fn resume(mut self: Box<Self>) -> Option<Resumed> {
        let mut frame = None;
        if let Some(cursor) = self.sources.cursors.as_mut_slice().first_mut() {
            cursor.peek(0, false, |found| {
                frame.get_or_insert_with(|| Arc::clone(found));
            });
        }
        match std::mem::replace(&mut self.role, Role::Ended) {
            Role::Parked(role) => role.resume(frame),
            _ => None,
        }
    }

    /// How long the peer, or the connection, may be silent.
    pub(crate) fn patience(&self, limits: &LiveLimits) -> Duration {
        match &self.role {
            Role::Events(_) => limits.event_silence,
            Role::Parked(role) => role.within,
            _ if self.times.pinged => limits.pong_timeout,
            _ => limits.ping_interval,
        }
    }

    pub(crate) fn is_socket(&self) -> bool {
        matches!(self.role, Role::Socket(_))
    }

    /// Whether a message has begun that is not whole.
    pub(crate) fn is_amid(&self) -> bool {
        matches!(&self.role, Role::Socket(role) if role.decoder.is_amid())
    }

    /// Bytes of a message that is gathered.
    pub(crate) fn held(&self) -> usize {
        match &self.role {
            Role::Socket(role) => role.decoder.held(),
            _ => 0,
        }
    }

    /// Whether a callback waits that needs no more bytes.
    pub(crate) fn has_work(&self) -> bool {
        matches!(&self.role, Role::Socket(role) if !role.opened || role.decoder.has_whole())
    }

    /// See [`Decoder::sink`](crate::live::protocol::decoder::Decoder::sink).
    pub(crate) fn sink(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        match &mut self.role {
            Role::Socket(role) if role.opened => role.decoder.sink(),
            _ => None,
        }
    }

    /// Bytes were read to the sink.
    pub(crate) fn filled(&mut self, size: usize, context: &mut LiveContext<'_>) -> LiveNext {
        let Role::Socket(role) = &mut self.role else {
            return LiveNext::Read;
        };
        match role.decoder.filled(size) {
            Ok(()) => LiveNext::Read,
            Err(code) => {
                self.close(&Close::from(code), context);
                LiveNext::End
            }
        }
    }

    /// Takes what the peer has sent, and says how much of it is used. `admits` is asked before each callback.
    pub(crate) fn receive(
        &mut self,
        input: &mut [u8],
        context: &mut LiveContext<'_>,
        admits: &mut dyn FnMut() -> bool,
    ) -> (usize, LiveNext) {
        let received = match &mut self.role {
            Role::Socket(role) => role.receive(input, &mut self.sources, context, admits),
            // Nobody has asked for what a stream's client sends.
            Role::Events(_) | Role::Parked(_) => (input.len(), LiveNext::Read),
            Role::Blocking | Role::Ended => (input.len(), LiveNext::End),
        };
        self.note_code(context);
        received
    }

    /// What the log is told.
    pub(crate) fn record(&mut self) -> &mut Record {
        &mut self.entry.record
    }

    fn note_code(&mut self, context: &LiveContext<'_>) {
        let code = &mut self.entry.record.code;
        *code = code.or(context.closed);
    }

    /// Whether there is something to write that did not come of the peer's messages.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        self.rest.is_some() || self.sources.has_news() || self.has_answer()
    }

    fn has_answer(&self) -> bool {
        matches!(&self.role, Role::Parked(role) if role.has_answer())
    }

    /// Whether it has something to say of itself.
    pub(crate) fn has_preface(&self) -> bool {
        matches!(&self.role, Role::Events(events) if events.preface.is_some())
    }

    /// Writes news to `context.out`, some `room` bytes, and names them in `frames`; [`sent`](Self::sent) says what
    /// became of them. `End`: the connection ends behind them.
    pub(crate) fn gather(
        &mut self,
        room: usize,
        frames: &mut Vec<Gathered>,
        context: &mut LiveContext<'_>,
    ) -> LiveNext {
        let blocked = self.times.is_slow();
        let role = &mut self.role;
        if let Role::Events(events) = role {
            events.put_preface(context.out);
        }
        let rest = self.rest.as_deref();
        frames.extend(rest.map(|(frame, _)| (Source::Rest, Arc::clone(frame), 0)));
        if let Some(remote) = self.sources.remote.get() {
            remote.peek(room, |frame| {
                frames.push((Source::Queue, Arc::clone(frame), 0));
            });
        }
        let mut lagged = false;
        let cursors = self.sources.cursors.as_mut_slice();
        for (at, cursor) in cursors.iter_mut().enumerate() {
            let missed = cursor.peek(room, blocked, |frame| {
                frames.push((Source::Cursor(at), Arc::clone(frame), 0));
            });
            match cursor.ring.lag {
                _ if missed == 0 => {}
                Lag::Close => lagged = true,
                Lag::Skip => role.lagged(missed, context.log),
                Lag::Latest => {}
            }
        }
        if lagged {
            // What there is of the topic begins behind the gap.
            frames.retain(|gathered| !matches!(gathered.0, Source::Cursor(_)));
        }
        // Behind the locks: to encode and to copy takes time, and a publisher waits for nobody.
        let form = role.form();
        for (source, frame, length) in frames.iter_mut() {
            form.prepare(frame, context.codec);
            let from = match source {
                Source::Rest => rest.map_or(0, |rest| rest.1),
                Source::Queue | Source::Cursor(_) => 0,
            };
            let bytes = form.of(frame).get(from..).unwrap_or_default();
            context.out.extend_from_slice(bytes);
            *length = bytes.len();
        }
        if lagged {
            self.rest = None;
            let close = Close::from(CloseCode::TRY_AGAIN).reason("too slow for what is published");
            self.close(&close, context);
            return LiveNext::End;
        }
        let close = self.sources.remote.get().filter(|_| {
            let mut queued = frames.iter().map(|gathered| gathered.0);
            !queued.any(|source| matches!(source, Source::Queue))
        });
        if let Some(close) = close.and_then(|remote| remote.close()) {
            self.rest = None;
            self.close(&close, context);
            return LiveNext::End;
        }
        LiveNext::Read
    }

    /// Of what was gathered, so many bytes have left.
    pub(crate) fn sent(&mut self, mut size: usize, frames: &mut Vec<Gathered>) {
        for (source, frame, length) in frames.drain(..) {
            if size == 0 && length > 0 {
                continue;
            }
            match source {
                Source::Rest => {}
                Source::Queue => {
                    if let Some(remote) = self.sources.remote.get() {
                        remote.advance();
                    }
                }
                Source::Cursor(at) => {
                    if let Some(cursor) = self.sources.cursors.as_mut_slice().get_mut(at) {
                        cursor.advance();
                    }
                }
            }
            if size >= length {
                size -= length;
                self.rest = None;
            } else {
                let whole = self.role.form().of(&frame).len();
                self.rest = Some(Box::new((frame, whole - length + size)));
                size = 0;
            }
        }
    }

    /// Nothing was heard for long, or nothing written: says something that costs the peer nothing.
    pub(crate) fn keep_alive(&mut self, out: &mut Vec<u8>) {
        self.role.keep_alive(out);
    }

    /// The server ends: says so, behind what the user's code has to say.
    pub(crate) fn farewell(&mut self, context: &mut LiveContext<'_>) {
        self.put_rest(context);
        if let Role::Socket(role) = &mut self.role {
            role.shut_down(&mut self.sources, context);
        }
        self.close(&Close::from(CloseCode::GOING_AWAY), context);
    }

    /// Ends it from this side.
    pub(crate) fn close(&mut self, close: &Close, context: &mut LiveContext<'_>) {
        self.put_rest(context);
        self.role.close(close, context);
        self.note_code(context);
        self.sources.end();
    }

    /// Nothing may be written into the middle of a frame.
    fn put_rest(&mut self, context: &mut LiveContext<'_>) {
        if let Some(rest) = self.rest.take() {
            let bytes = self.role.form().of(&rest.0);
            let bytes = bytes.get(rest.1..).unwrap_or_default();
            context.out.extend_from_slice(bytes);
        }
    }

    /// Its connection is gone. The end of what is the user's must not end anything else. What the log is told, and
    /// whether it was a request that nobody has answered.
    pub(crate) fn lost(mut self: Box<Self>, log: &dyn Fn(fmt::Arguments<'_>)) -> (Record, bool) {
        let (is_socket, is_parked) = (self.is_socket(), self.is_parked());
        self.role.lost(log);
        self.sources.end();
        let mut record = std::mem::take(self.record());
        if is_socket {
            record.code = record.code.or(NonZero::new(Closed::lost().code()));
        }
        let _ = catch_unwind(AssertUnwindSafe(move || drop(self)));
        (record, is_parked)
    }
}

impl fmt::Debug for LiveStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveStage").finish_non_exhaustive()
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    /// Of ten thousand quiet sockets this is the largest part.
    #[test]
    fn a_quiet_live_connection_is_small() {
        assert!(size_of::<LiveStage>() <= 200, "{}", size_of::<LiveStage>());
    }
}
