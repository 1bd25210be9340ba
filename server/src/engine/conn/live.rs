//! A turn of a live connection: what its peer has sent, and what there is for it.

use crate::Limits;
use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::output::{Output, keep};
use crate::engine::conn::pace::Pace;
use crate::engine::conn::{Conn, ServerContext, Turn, TurnOutcome, chosen, context};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::engine::loops::timer_wheel::Tick;
use crate::engine::net::poller::Token;
use crate::exchange::{Close, RunDecision, log_end};
use crate::live::protocol::close::{Close as SocketClose, CloseCode};
use crate::live::stage::{LiveContext, LiveNext, LiveStage, Progress, Served};
use crate::response::writer::Tail;
use std::borrow::Cow;
use std::io;
use std::num::NonZero;
use std::time::SystemTime;

/// Reads in one turn, before others get theirs.
const READS: usize = 16;

/// News written in one turn.
const NEWS: usize = 64 << 10;

/// A message may be gathered to this size when the memory for bodies is used up.
const SMALL: usize = 64 << 10;

/// What a callback is refused with.
const BUSY: &str = "the server has too much to do";

/// Calls the stage with what it works with, which is borrowed in pieces.
macro_rules! with_context {
    ($turn:expr, $buffers:expr, |$context:ident| $call:expr) => {{
        let server = $turn.server;
        let log = |words: std::fmt::Arguments<'_>| fault(server, words);
        let mut context = LiveContext {
            limits: &server.shared.limits.live,
            out: &mut $buffers.writer.bytes,
            codec: &mut $buffers.codec,
            served: None,
            log: &log,
            now: server.now.0,
            closed: None,
        };
        let $context = &mut context;
        $call
    }};
}

fn fault(server: ServerContext<'_>, words: std::fmt::Arguments<'_>) {
    server
        .shared
        .site
        .error_log
        .line(format_args!("doget: {words}"));
}

impl Conn {
    pub(crate) fn is_live(&self) -> bool {
        self.exchanges.live().is_some()
    }

    /// It has become live, and no loop is told of its news yet: it may still go to another one.
    pub(crate) fn is_newly_live(&self) -> bool {
        let is_new = |stage: &LiveStage| !stage.sources.is_registered();
        self.exchanges.live().is_some_and(is_new)
    }

    /// Whether it is asked for the first time where it should live. It is asked once: a loop counts a connection when
    /// that is registered there, so until then each other loop may look emptier.
    pub(crate) fn settles(&mut self) -> bool {
        let times = self.exchanges.live_mut().map(|stage| &mut stage.times);
        times.is_some_and(|times| !std::mem::replace(&mut times.settled, true))
    }

    /// It is live no more: tells the user's code, and the log.
    pub(crate) fn lose_live(&mut self, server: ServerContext<'_>, time: SystemTime) {
        let Some(stage) = self.exchanges.take_live() else {
            return;
        };
        let (mut record, unanswered) = stage.lost(&|words| fault(server, words));
        let output = self.work.as_ref().and_then(|work| work.output.as_ref());
        record.sent -= output.map_or(0, Output::left).min(record.sent);
        let exchange = Blocking::new(&self.socket, server.shared);
        if let Some(handler) = chosen(&self.handler, server.handler) {
            let context = context(handler, &self.peer, &exchange, server, time);
            log_end(&context, &record, server.now.0, unanswered);
        }
    }

    /// As [`write`](Self::write); what is written is counted for the log.
    fn write_live(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        then: TurnOutcome,
    ) -> TurnOutcome {
        self.count_sent(buffers.writer.bytes.len());
        let outcome = self.write(None, None, turn, buffers, then);
        let waits = self.writes();
        if let Some(stage) = self.exchanges.live_mut() {
            stage.times.waited |= waits;
        }
        outcome
    }

    fn count_sent(&mut self, size: usize) {
        if let Some(stage) = self.exchanges.live_mut() {
            stage.record().sent += size as u64;
        }
    }

    pub(crate) fn has_news(&self) -> bool {
        self.exchanges.live().is_some_and(LiveStage::has_news)
    }

    /// The server ends: at this time the peer is told so.
    pub(crate) fn ends_at(&mut self, tick: Tick) {
        if let Some(stage) = self.exchanges.live_mut()
            && stage.times.goodbye.is_none()
        {
            stage.times.goodbye = NonZero::new(tick.0.max(1));
            self.deadline = self.deadline.min(tick);
        }
    }

    /// The callbacks of a connection are known by the route that made it live, if one has just done so.
    #[cold]
    pub(super) fn name_callbacks(&mut self, turn: &Turn<'_>) {
        if let Some(stage) = self.exchanges.live_mut() {
            stage.times.key = turn.placement.message_key();
        }
    }

    /// A turn of a connection that is live and has no answers left to write.
    #[inline(never)]
    pub(super) fn live_turn(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        finished: bool,
    ) -> TurnOutcome {
        let Some(stage) = self.exchanges.live_mut() else {
            return TurnOutcome::Keep;
        };
        let mut is_new = false;
        if !stage.sources.is_registered() {
            if turn.token == Token::WAKE {
                return TurnOutcome::Again;
            }
            stage.register(std::sync::Arc::clone(turn.inbox) as _, turn.token.0);
            let behind = self.work.as_ref().map_or(0, |work| work.input.len());
            stage.record().received += behind as u64;
            stage.record().began = turn.server.now.0;
            is_new = true;
        }
        if stage.is_parked() {
            return self.parked_turn(turn, buffers, finished);
        }
        // What was held up by the peer's slowness has not been read since.
        let was_blocked = stage.times.blocked.is_some();
        if !is_new && let Some(outcome) = self.write_news(turn, buffers) {
            return outcome;
        }
        if turn.reads || was_blocked || is_new || self.has_unread() {
            let outcome = self.hear(turn, buffers, finished);
            if outcome != TurnOutcome::Keep || self.writes() || !self.is_live() {
                return outcome;
            }
        }
        // A callback may have followed a topic that has something already.
        self.write_news(turn, buffers).unwrap_or(TurnOutcome::Keep)
    }

    fn has_unread(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.unread)
            || self.exchanges.live().is_some_and(LiveStage::has_work)
    }

    /// Reads what the peer has sent, and runs the callbacks.
    fn hear(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        finished: bool,
    ) -> TurnOutcome {
        for _ in 0..READS {
            let mut fresh = 0;
            let mut drained = false;
            if !self.has_unread() {
                match self.read_live(turn, buffers) {
                    Ok(LiveRead { size: 0, .. }) => return TurnOutcome::Close,
                    Ok(read) => {
                        drained = !read.full && !finished;
                        fresh = read.fresh;
                        self.heard(read.size, turn.server.now);
                        if read.next == LiveNext::End {
                            return self.end_live(turn, buffers);
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        return TurnOutcome::Keep;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                        return TurnOutcome::Again;
                    }
                    Err(_) => return TurnOutcome::Close,
                }
            }
            match self.use_input(turn, buffers, fresh) {
                TurnOutcome::Keep if self.writes() || !self.is_live() => return TurnOutcome::Keep,
                TurnOutcome::Keep if drained && !self.socket.has_more() => {
                    return TurnOutcome::Keep;
                }
                TurnOutcome::Keep => {}
                outcome => return outcome,
            }
        }
        TurnOutcome::Again
    }

    /// Reads once, to where the bytes are wanted.
    fn read_live(&mut self, turn: &Turn<'_>, buffers: &mut ThreadBuffers) -> io::Result<LiveRead> {
        let collects = turn.server.collect;
        if let Some(stage) = self.exchanges.live_mut()
            && self.work.as_ref().is_none_or(|work| work.input.is_empty())
        {
            let held = stage.held();
            if let Some((sink, left)) = stage.sink() {
                if sink.capacity() - sink.len() < left {
                    take_spare(sink, left, &mut buffers.spares);
                }
                let (size, full) = self.socket.read_more(sink, left)?;
                let next = with_context!(turn, buffers, |context| {
                    if collects || held < SMALL {
                        stage.filled(size, context)
                    } else {
                        let close = SocketClose::from(CloseCode::TRY_AGAIN).reason(BUSY);
                        stage.close(&close, context);
                        LiveNext::End
                    }
                });
                return Ok(LiveRead {
                    size,
                    full,
                    fresh: 0,
                    next,
                });
            }
        }
        let size = self.socket.read(&mut buffers.input)?;
        Ok(LiveRead {
            size,
            full: size == buffers.input.len(),
            fresh: size,
            next: LiveNext::Read,
        })
    }

    /// Hands bytes to the stage, those that were kept or `fresh` ones, and writes what comes of them.
    fn use_input(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        fresh: usize,
    ) -> TurnOutcome {
        let work = self.work.as_mut();
        let mut held = work.map_or_else(Vec::new, |work| std::mem::take(&mut work.input));
        let Some(stage) = self.exchanges.live_mut() else {
            return TurnOutcome::Close;
        };
        let bytes = if held.is_empty() {
            buffers.input.get_mut(..fresh).unwrap_or_default()
        } else {
            &mut held
        };
        let (key, mut refused) = (stage.times.key, false);
        let placement = &mut turn.placement;
        let mut admits = || match placement.decide_message(key) {
            RunDecision::Run => true,
            RunDecision::Offload => false,
            RunDecision::Refuse => {
                refused = true;
                false
            }
        };
        let (consumed, next, served) = with_context!(turn, buffers, |context| {
            let (consumed, next) = stage.receive(bytes, context, &mut admits);
            (consumed, next, context.served.take())
        });
        match served {
            Some(Served::Returned(bytes)) => {
                buffers.writer.tail = Some(Tail::Bytes(Cow::Owned(bytes), 0));
            }
            Some(Served::Free(bytes)) => keep(bytes, &mut buffers.spares),
            None => {}
        }
        let rest = bytes.get(consumed..).unwrap_or_default();
        if stage.is_amid() {
            let now = turn.server.now.0;
            let amid = &mut stage.times.amid;
            if amid.is_none() {
                amid.insert(Progress::begin(now)).go_on(now, fresh);
            }
        } else {
            stage.times.amid = None;
        }
        if rest.is_empty() && matches!(next, LiveNext::Read | LiveNext::End) {
            if let Some(work) = &mut self.work {
                work.unread = false;
            }
        } else {
            let rest = rest.to_vec();
            let work = self.work.get_or_insert_default();
            work.input = rest;
            work.unread = true;
        }
        match next {
            LiveNext::Read => self.write_live(turn, buffers, TurnOutcome::Keep),
            LiveNext::Again => self.write_live(turn, buffers, TurnOutcome::Again),
            LiveNext::Held if !refused => self.write_live(turn, buffers, TurnOutcome::Offload),
            LiveNext::Held => {
                let close = SocketClose::from(CloseCode::TRY_AGAIN).reason(BUSY);
                if let Some(stage) = self.exchanges.live_mut() {
                    with_context!(turn, buffers, |context| stage.close(&close, context));
                }
                self.end_live(turn, buffers)
            }
            LiveNext::End => self.end_live(turn, buffers),
        }
    }

    fn heard(&mut self, size: usize, now: Tick) {
        if let Some(stage) = self.exchanges.live_mut() {
            stage.record().received += size as u64;
            if stage.is_socket() {
                stage.times.active = now.0;
                stage.times.pinged = false;
            }
            if let Some(amid) = &mut stage.times.amid {
                amid.go_on(now.0, size);
            }
        }
    }

    /// Writes what topics and handles have, as far as it goes. `None`: there is nothing more.
    #[inline]
    fn write_news(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> Option<TurnOutcome> {
        let stage = self.exchanges.live_mut()?;
        if !stage.has_news() && !stage.has_preface() {
            stage.times.taken();
            return None;
        }
        self.write_gathered(turn, buffers)
    }

    /// Apart: a turn looks twice whether there is news, and nearly always there is none.
    #[inline(never)]
    fn write_gathered(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> Option<TurnOutcome> {
        let stage = self.exchanges.live_mut()?;
        let is_tls = self.socket.is_tls();
        let next = with_context!(turn, buffers, |context| {
            stage.gather(NEWS, &mut buffers.frames, context)
        });
        if next == LiveNext::End {
            buffers.frames.clear();
            return Some(self.end_live(turn, buffers));
        }
        if buffers.writer.bytes.is_empty() {
            return None;
        }
        if !stage.is_socket() {
            stage.times.active = turn.server.now.0;
        }
        if is_tls || turn.server.shared.cut.is_cut() {
            // What TLS has taken has to be offered again with the same bytes, so it is kept.
            stage.times.taken();
            stage.sent(usize::MAX, &mut buffers.frames);
            let outcome = self.write_live(turn, buffers, TurnOutcome::Again);
            return Some(outcome);
        }
        let size = buffers.writer.bytes.len();
        let mut sent = 0;
        let failure = loop {
            let rest = buffers.writer.bytes.get(sent..).unwrap_or_default();
            if rest.is_empty() {
                break None;
            }
            match self.socket.write(rest, false) {
                Ok(0) => break Some(io::ErrorKind::WriteZero),
                Ok(more) => sent += more,
                Err(error) => break Some(error.kind()),
            }
        };
        // Of what the stage itself had to say, beside its frames, nothing can be left over.
        let framed: usize = buffers.frames.iter().map(|frame| frame.2).sum();
        let own = size - framed;
        let now = turn.server.now.0;
        stage.record().sent += sent as u64;
        match failure {
            None => {
                stage.sent(framed, &mut buffers.frames);
                stage.times.taken();
                buffers.writer.bytes.clear();
                // Others have their turn before what is more than this.
                stage.has_news().then_some(TurnOutcome::Again)
            }
            Some(io::ErrorKind::WouldBlock) if sent >= own => {
                stage.sent(sent - own, &mut buffers.frames);
                buffers.writer.bytes.clear();
                let blocked = &mut stage.times.blocked;
                blocked
                    .get_or_insert_with(|| Progress::begin(now))
                    .go_on(now, sent);
                Some(TurnOutcome::Keep)
            }
            Some(io::ErrorKind::WouldBlock) => {
                stage.sent(usize::MAX, &mut buffers.frames);
                buffers.writer.bytes.drain(..sent);
                Some(self.write_live(turn, buffers, TurnOutcome::Again))
            }
            Some(_) => {
                buffers.frames.clear();
                Some(TurnOutcome::Close)
            }
        }
    }

    /// Everything is said: writes what is there, and ends the connection.
    fn end_live(&mut self, turn: &mut Turn<'_>, buffers: &mut ThreadBuffers) -> TurnOutcome {
        self.count_sent(buffers.writer.bytes.len());
        self.lose_live(turn.server, buffers.time);
        self.close(Close::Linger, None, turn, buffers)
    }

    /// A deadline has passed, and the socket had nothing that would have moved it. `then` is how the turn ended that
    /// looked: with news left, a ping is not the last word, and the socket need not report the room that it has.
    #[cold]
    pub(super) fn live_timed_out(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        then: TurnOutcome,
    ) -> TurnOutcome {
        let now = turn.server.now;
        let Some(stage) = self.exchanges.live_mut() else {
            return TurnOutcome::Close;
        };
        if stage
            .times
            .goodbye
            .is_some_and(|tick| Tick(tick.get()) <= now)
        {
            if stage.is_parked() {
                stage.is_over(true);
                return self.parked_turn(turn, buffers, false);
            }
            with_context!(turn, buffers, |context| stage.farewell(context));
            return self.end_live(turn, buffers);
        }
        if stage.is_parked() {
            stage.is_over(false);
            return self.parked_turn(turn, buffers, false);
        }
        let is_socket = stage.is_socket();
        let times = &mut stage.times;
        if times.blocked.is_some() || times.amid.is_some() || times.pinged {
            self.socket.reset();
            return TurnOutcome::Close;
        }
        times.active = now.0;
        times.pinged = is_socket;
        stage.keep_alive(&mut buffers.writer.bytes);
        let outcome = self.write_live(turn, buffers, then);
        if outcome != TurnOutcome::Close {
            self.rest(&turn.server.shared.limits, now);
        }
        outcome
    }

    /// The deadline of a live connection that has no answers left to write.
    #[inline(never)]
    pub(super) fn rest_live(&mut self, limits: &Limits, now: Tick) {
        let Some(stage) = self.exchanges.live_mut() else {
            return;
        };
        let patience = stage.patience(&limits.live);
        let times = &mut stage.times;
        if !std::mem::replace(&mut times.begun, true) {
            times.active = now.0;
        }
        let active = Tick(times.active);
        let by = |pace: Pace, progress: &Progress| {
            pace.deadline(Tick(progress.began), Tick(progress.last), progress.moved)
        };
        let deadline = if let Some(blocked) = &times.blocked {
            by(Pace::of_response(limits), blocked)
        } else if let Some(amid) = &times.amid {
            by(Pace::of_body(limits), amid)
        } else {
            active.after(patience)
        };
        self.deadline = match times.goodbye {
            Some(tick) => deadline.min(Tick(tick.get())),
            None => deadline,
        };
    }
}

/// Goes on in the memory of an earlier message, if that holds this one. It is there already, whoever announced what.
fn take_spare(sink: &mut Vec<u8>, left: usize, spares: &mut Vec<Vec<u8>>) {
    let needed = sink.len().saturating_add(left);
    if let Some(at) = spares.iter().position(|spare| spare.capacity() >= needed) {
        let mut spare = spares.swap_remove(at);
        spare.extend_from_slice(sink);
        *sink = spare;
    }
}

struct LiveRead {
    size: usize,
    /// As much as was asked for: there may be more.
    full: bool,
    /// Bytes in the thread's buffer.
    fresh: usize,
    next: LiveNext,
}
