//! What a live connection speaks, and whose callbacks it calls.

use crate::live::channel::frame::Frame;
use crate::live::message::Message;
use crate::live::protocol::close::{Close, CloseCode, Closed};
use crate::live::protocol::controls::Controls;
use crate::live::protocol::decoder::{Decoder, Item, Kind, Rules};
use crate::live::protocol::deflate::{Codec, PerMessageDeflate};
use crate::live::protocol::frame::{Opcode, write_close, write_frame};
use crate::live::socket::{Socket, SocketPeer};
use crate::live::stage::parked::ParkedRole;
use crate::live::stage::sources::Sources;
use crate::live::stage::turn::{LiveContext, LiveNext, Served};
use std::fmt;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) enum Role {
    Socket(SocketRole),
    Events(EventsRole),
    Parked(Box<ParkedRole>),
    /// Its method has the socket, in a loop.
    Blocking,
    Ended,
}

pub(crate) struct SocketRole {
    handler: Box<dyn Socket>,
    pub(super) decoder: Decoder,
    /// In four bytes, since each socket has them: a message of 4 GiB does not fit anyway.
    max_message: u32,
    deflate: Option<PerMessageDeflate>,
    pub(super) opened: bool,
    controls: Controls,
}

pub(crate) struct EventsRole {
    pub(crate) chunked: bool,
    /// What the stream begins with.
    pub(crate) preface: Option<Box<str>>,
}

/// Which form of a frame is sent.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Socket(Option<PerMessageDeflate>),
    Stream { chunked: bool },
}

/// Messages answered in one turn, before others get theirs.
const BATCH: usize = 16;

/// A message of this size is a turn of its own.
const LARGE: usize = 64 << 10;

/// Bytes of answers gathered in one turn.
const FLUSH_AT: usize = 256 << 10;

/// A batch that takes longer would look to the watchdog as one callback that is stuck.
const BATCH_TIME: Duration = Duration::from_millis(1);

impl Form {
    /// Makes the form of a frame that takes time and memory to make.
    pub(super) fn prepare(self, frame: &Frame, codec: &mut Codec) {
        if let Self::Socket(Some(agreed)) = self {
            frame.deflate(agreed, codec);
        }
    }

    pub(super) fn of(self, frame: &Arc<Frame>) -> &[u8] {
        match self {
            Self::Socket(None) => frame.for_socket(),
            Self::Socket(Some(agreed)) => frame.for_deflating_socket(agreed),
            Self::Stream { chunked } => frame.for_stream(chunked),
        }
    }
}

impl Role {
    pub(super) fn form(&self) -> Form {
        match self {
            Self::Events(events) => Form::Stream {
                chunked: events.chunked,
            },
            Self::Socket(role) => Form::Socket(role.deflate),
            Self::Parked(_) | Self::Blocking | Self::Ended => Form::Socket(None),
        }
    }

    pub(super) fn keep_alive(&self, out: &mut Vec<u8>) {
        match self {
            Self::Socket(_) => write_frame(out, Opcode::Ping, false, b""),
            Self::Events(events) => events.put(out, ":\n\n"),
            Self::Parked(_) | Self::Blocking | Self::Ended => {}
        }
    }

    pub(super) fn lagged(&mut self, missed: u64, log: &dyn Fn(fmt::Arguments<'_>)) {
        if let Self::Socket(role) = self {
            let _ = guarded(log, || role.handler.on_lag(missed));
        }
    }

    pub(super) fn close(&mut self, close: &Close, context: &mut LiveContext<'_>) {
        match self {
            Self::Socket(role) => {
                write_close(context.out, close.code.as_u16(), &close.reason);
                role.ends(&Closed::of_server(close), context);
            }
            Self::Events(events) if events.chunked => {
                context.out.extend_from_slice(b"0\r\n\r\n");
            }
            Self::Events(_) | Self::Parked(_) | Self::Blocking | Self::Ended => {}
        }
        self.end();
    }

    pub(super) fn lost(&mut self, log: &dyn Fn(fmt::Arguments<'_>)) {
        match self {
            Self::Socket(role) => role.closed(&Closed::lost(), log),
            Self::Parked(role) => {
                if let Some(answer) = role.slot.take().and_then(|slot| slot.end()) {
                    let _ = guarded(log, move || drop(answer));
                }
            }
            Self::Events(_) | Self::Blocking | Self::Ended => {}
        }
        self.end();
    }

    /// Drops what is the user's, whatever happens there.
    fn end(&mut self) {
        let role = std::mem::replace(self, Self::Ended);
        let _ = catch_unwind(AssertUnwindSafe(move || drop(role)));
    }
}

impl EventsRole {
    fn put(&self, out: &mut Vec<u8>, text: &str) {
        if self.chunked {
            out.extend_from_slice(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes());
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }

    pub(super) fn put_preface(&mut self, out: &mut Vec<u8>) {
        if let Some(preface) = self.preface.take() {
            self.put(out, &preface);
        }
    }
}

/// Runs a callback; a panic in it is logged and gives nothing.
fn guarded<R>(log: &dyn Fn(fmt::Arguments<'_>), call: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => Some(result),
        Err(panic) => {
            let words = (panic.downcast_ref::<&str>().copied())
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no message");
            log(format_args!(
                "a callback of a live connection panicked: {words}"
            ));
            let _ = catch_unwind(AssertUnwindSafe(move || drop(panic)));
            None
        }
    }
}

/// A callback's result, with a panic as what the peer is told of it.
fn outcome(result: Option<Result<(), Close>>) -> Result<(), Close> {
    result.unwrap_or_else(|| Err(Close::from(CloseCode::INTERNAL)))
}

impl SocketRole {
    pub(crate) fn new(
        handler: Box<dyn Socket>,
        max_message: u64,
        deflate: Option<PerMessageDeflate>,
    ) -> Self {
        Self {
            handler,
            decoder: Decoder::default(),
            max_message: u32::try_from(max_message).unwrap_or(u32::MAX),
            deflate,
            opened: false,
            controls: Controls::default(),
        }
    }

    fn ends(&mut self, closed: &Closed, context: &mut LiveContext<'_>) {
        context.closed = NonZero::new(closed.code());
        self.closed(closed, context.log);
    }

    fn closed(&mut self, closed: &Closed, log: &dyn Fn(fmt::Arguments<'_>)) {
        // A socket that was never opened has nothing to be closed.
        if self.opened {
            let _ = guarded(log, || self.handler.on_close(closed));
        }
    }

    pub(super) fn shut_down(&mut self, sources: &mut Sources, context: &mut LiveContext<'_>) {
        if self.opened {
            self.call(sources, context, |handler, peer| {
                handler.on_shutdown(peer);
                Ok(())
            })
            .unwrap_or_default();
        }
    }

    fn call(
        &mut self,
        sources: &mut Sources,
        context: &mut LiveContext<'_>,
        callback: impl FnOnce(&mut dyn Socket, &mut SocketPeer<'_>) -> Result<(), Close>,
    ) -> Result<(), Close> {
        self.call_with(None, sources, context, callback).map(drop)
    }

    /// Calls back with a message that is lent; true if it is to be sent back behind what there is.
    fn call_with(
        &mut self,
        lent: Option<&[u8]>,
        sources: &mut Sources,
        context: &mut LiveContext<'_>,
        callback: impl FnOnce(&mut dyn Socket, &mut SocketPeer<'_>) -> Result<(), Close>,
    ) -> Result<bool, Close> {
        let mut peer = SocketPeer {
            out: context.out,
            sources,
            queue_size: context.limits.max_queue_size,
            deflate: self.deflate,
            codec: context.codec,
            lent,
            returns: false,
        };
        let handler = &mut *self.handler;
        let result = outcome(guarded(context.log, || callback(handler, &mut peer)));
        if result.is_err() {
            // A Close follows.
            peer.settle();
        }
        result.map(|()| peer.returns)
    }

    pub(super) fn receive(
        &mut self,
        input: &mut [u8],
        sources: &mut Sources,
        context: &mut LiveContext<'_>,
        admits: &mut dyn FnMut() -> bool,
    ) -> (usize, LiveNext) {
        let mut consumed = 0;
        match self.serve(input, &mut consumed, sources, context, admits) {
            Ok(next) => (consumed, next),
            Err(End::Server(close)) => {
                write_close(context.out, close.code.as_u16(), &close.reason);
                self.ends(&Closed::of_server(&close), context);
                self.opened = false;
                (input.len(), LiveNext::End)
            }
            Err(End::Peer(closed)) => {
                write_close(context.out, closed.code(), closed.reason());
                self.ends(&closed, context);
                self.opened = false;
                (input.len(), LiveNext::End)
            }
        }
    }

    fn serve(
        &mut self,
        input: &mut [u8],
        consumed: &mut usize,
        sources: &mut Sources,
        context: &mut LiveContext<'_>,
        admits: &mut dyn FnMut() -> bool,
    ) -> Result<LiveNext, End> {
        if !self.opened {
            if !admits() {
                return Ok(LiveNext::Held);
            }
            self.opened = true;
            self.call(sources, context, |handler, peer| handler.on_open(peer))?;
        }
        let rules = Rules {
            max_message: u64::from(self.max_message),
            max_empty: context.limits.max_empty_fragments,
            deflates: self.deflate.is_some(),
        };
        let mut began = None;
        for served in 0.. {
            if served > 0 {
                // Most turns bring one message: no look at the decoder again, and none at a clock.
                if *consumed == input.len() {
                    return Ok(LiveNext::Read);
                }
                let late = began.get_or_insert_with(Instant::now).elapsed() >= BATCH_TIME;
                if served == BATCH || late || context.out.len() >= FLUSH_AT {
                    return Ok(LiveNext::Again);
                }
            }
            let rest = input.get_mut(*consumed..).unwrap_or_default();
            let step = self.decoder.next(rest, &rules, admits)?;
            *consumed += step.consumed;
            match step.item {
                Item::More => return Ok(LiveNext::Read),
                Item::Held => return Ok(LiveNext::Held),
                Item::Message(kind, bytes) => self.message(kind, bytes, sources, context)?,
                Item::Gathered(kind, bytes) if bytes.len() >= LARGE => {
                    self.large(kind, bytes, sources, context)?;
                    return Ok(match *consumed < input.len() {
                        true => LiveNext::Again,
                        false => LiveNext::Read,
                    });
                }
                Item::Gathered(kind, bytes) => self.message(kind, &bytes, sources, context)?,
                Item::Compressed(kind, bytes) => {
                    let bytes = context.codec.inflate(&bytes, rules.max_message)?;
                    self.message(kind, &bytes, sources, context)?;
                }
                Item::Control(opcode, payload) => self.control(opcode, &payload, context)?,
            }
        }
        Ok(LiveNext::Again)
    }

    fn message(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        sources: &mut Sources,
        context: &mut LiveContext<'_>,
    ) -> Result<(), End> {
        let message = Message::of(kind, bytes).ok_or(CloseCode::INVALID_DATA)?;
        self.call(sources, context, |handler, peer| {
            handler.on_message(peer, message)
        })?;
        Ok(())
    }

    /// A message that is worth to save a copy of it, and whose memory is worth to be kept.
    fn large(
        &mut self,
        kind: Kind,
        bytes: Vec<u8>,
        sources: &mut Sources,
        context: &mut LiveContext<'_>,
    ) -> Result<(), End> {
        let message = Message::of(kind, &bytes).ok_or(CloseCode::INVALID_DATA)?;
        let returns = self.call_with(Some(&bytes), sources, context, |handler, peer| {
            handler.on_message(peer, message)
        })?;
        context.served = Some(match returns {
            true => Served::Returned(bytes),
            false => Served::Free(bytes),
        });
        Ok(())
    }

    fn control(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        context: &mut LiveContext<'_>,
    ) -> Result<(), End> {
        if opcode == Opcode::Close {
            return Err(match Closed::of_peer(payload) {
                Ok(closed) => End::Peer(closed),
                Err(code) => code.into(),
            });
        }
        let most = context.limits.max_control_frames;
        self.controls.count(context.now, most)?;
        if opcode == Opcode::Ping {
            write_frame(context.out, Opcode::Pong, false, payload);
        }
        Ok(())
    }
}

/// How a socket ends in its own turn.
enum End {
    Server(Close),
    Peer(Closed),
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Server(close)
    }
}

impl From<CloseCode> for End {
    fn from(code: CloseCode) -> Self {
        Self::Server(code.into())
    }
}
