//! Where an exchange stands, what it is given and what it asks for: the words of all that is in this folder.

use crate::connection::transport::Transport;
use crate::connection::verified_user::VerifiedUser;
use crate::handler::settings::Settings;
use crate::handler::{Handler, Route};
use crate::http1::{BodyDecoder, Head, Scan};
use crate::request::ConnectionInfo;
use crate::response::promised::Promised;
use crate::response::sent_size::SentSize;
use crate::response::writer::ResponseWriter;
use crate::{Error, Response, Result, Sent, StatusCode};
use std::any::Any;
use std::time::SystemTime;

/// What every exchange on a connection has in common.
pub(crate) struct ExchangeContext<'s> {
    pub(crate) handler: &'s dyn Handler,
    pub(crate) settings: &'static Settings,
    /// The handler speaks HTTP/1.1: see [`Settings::is_modern`].
    pub(crate) speaks_http11: bool,
    /// The handler has gates: see [`Handler::is_gated`].
    pub(crate) gated: bool,
    pub(crate) connection: ConnectionInfo<'s>,
    pub(crate) transport: &'s dyn Transport,
    /// What is below frames the responses: they get no chunks, and a body of unknown length does not end the
    /// connection.
    pub(crate) framed_below: bool,
    /// Bytes of bodies that may still be read ahead, beside the one in hand.
    pub(crate) collect: bool,
    /// The server ends: every response closes its connection.
    pub(crate) draining: bool,
    pub(crate) now: SystemTime,
}

/// The decisions of the caller while exchanges advance.
pub(crate) trait Driver {
    /// Whether the handler of this request may run here and now.
    fn decide(&mut self, route: &Route, command: &str, path: &str) -> RunDecision;

    /// Whether the gates of a handler may be asked here and now.
    fn decide_gate(&mut self) -> RunDecision;

    /// An empty buffer for a body, perhaps one that served before.
    fn buffer(&mut self) -> Vec<u8>;

    /// Writes the bytes of the writer and its tail, as far as the socket takes them without waiting.
    fn write_tail(&mut self, writer: &mut ResponseWriter) -> Written;
}

/// How far a write came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Everything has left.
    All,
    /// The peer does not take more for now.
    Part,
    /// The peer is gone, or the file ended too early.
    Failed,
}

/// See [`Driver::decide`].
pub(crate) enum RunDecision {
    /// Run it.
    Run,
    /// Not on this thread: come back with the same bytes.
    Offload,
    /// There is no thread for it, and will not be soon: 503.
    Refuse,
}

/// Where a connection stands between two calls.
#[derive(Default)]
pub(crate) struct Exchanges {
    pub(super) stage: ExchangeStage,
    /// Requests answered so far.
    pub(crate) served: u32,
}

#[derive(Default)]
pub(super) enum ExchangeStage {
    #[default]
    Idle,
    /// A head has begun.
    Head(Scan),
    /// The gates let the request pass that comes next, and promised this; its handler runs elsewhere, or later.
    Gated(Box<Promised>),
    /// A body is collected before its handler runs.
    Collect(Box<Collected>),
    /// The rest of an unread body is thrown away.
    Drain(Box<Drain>),
    /// No more requests: a WebSocket or an event stream.
    #[cfg(feature = "live")]
    Live(Box<crate::live::stage::LiveStage>),
}

/// A request whose response is not all out when its turn ends: it is logged when it is.
#[derive(Debug)]
pub(crate) struct PendingLogLine {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
    pub(super) route: u32,
    pub(super) id: Option<Box<str>>,
    pub(super) user: Option<VerifiedUser>,
    pub(super) status: StatusCode,
    pub(super) sent: SentSize,
}

/// What a call of [`Exchanges::advance`] leads to.
pub(crate) struct Advance {
    /// Bytes of the input that are done with.
    pub(crate) consumed: usize,
    /// Bytes that were read behind a body: they come before anything else.
    pub(crate) pushed_back: Vec<u8>,
    pub(crate) next: Next,
}

/// See [`Advance`].
pub(crate) enum Next {
    /// Write what is there, then read.
    Read,
    /// Write what is there, then come back with what is left of the input: the bound on requests a call was reached,
    /// or the answers so far are to leave before the next handler runs.
    Again,
    /// Write what is there; then come back with the same input on another thread.
    Offload,
    /// Write what is left in the writer; then close if it says so, else go on with the input.
    Tail(Box<PendingLogLine>, Option<Close>),
    /// Write what is there, then close.
    Close(Close),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// Once what is there is written: the peer has ended, or nothing was ever said to it.
    Clean,
    /// The same, and the peer may still send, whatever it has announced: what it sends is thrown away for a moment, so
    /// that it can read the response before a reset destroys it.
    Linger,
    /// The same where the request was read to its end: no more is to come, and whoever sends more breaks its word. So
    /// nothing is waited for once the response has arrived.
    Answered,
    /// The response is not whole, and its framing shows that: what is there is written, and what came before it is
    /// read. Nothing is said that could be taken for a good end.
    Cut,
    /// The response is not whole, and only the end of the connection would have ended it: a reset, so that nobody
    /// takes it for the whole. A reset can be lost, and takes with it what was not read yet, so it is the last
    /// resort.
    Reset,
}

impl Close {
    /// Everything that was said is whole.
    pub(crate) fn is_well(self) -> bool {
        matches!(self, Self::Clean | Self::Linger | Self::Answered)
    }
}

/// What a connection waits for, for its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    Idle,
    Head,
    Body,
    Drain,
    #[cfg(feature = "live")]
    Live,
}

impl Exchanges {
    pub(crate) fn waiting(&self) -> Waiting {
        match self.stage {
            ExchangeStage::Idle => Waiting::Idle,
            ExchangeStage::Head(_) | ExchangeStage::Gated(_) => Waiting::Head,
            ExchangeStage::Collect(_) => Waiting::Body,
            ExchangeStage::Drain(_) => Waiting::Drain,
            #[cfg(feature = "live")]
            ExchangeStage::Live(_) => Waiting::Live,
        }
    }
}

#[cfg(feature = "live")]
impl Exchanges {
    /// The connection, if it is live.
    #[inline]
    pub(crate) fn live(&self) -> Option<&crate::live::stage::LiveStage> {
        match &self.stage {
            ExchangeStage::Live(stage) => Some(stage),
            _ => None,
        }
    }

    pub(crate) fn live_mut(&mut self) -> Option<&mut crate::live::stage::LiveStage> {
        match &mut self.stage {
            ExchangeStage::Live(stage) => Some(stage),
            _ => None,
        }
    }

    /// A request that was parked comes again, and its gates have let it pass.
    pub(crate) fn resume(&mut self, promised: Promised, gated: bool) {
        self.served = self.served.saturating_sub(1);
        self.stage = if gated || !promised.is_empty() {
            ExchangeStage::Gated(Box::new(promised))
        } else {
            ExchangeStage::Idle
        };
    }

    /// It is live no more.
    pub(crate) fn take_live(&mut self) -> Option<Box<crate::live::stage::LiveStage>> {
        match std::mem::take(&mut self.stage) {
            ExchangeStage::Live(stage) => Some(stage),
            other => {
                self.stage = other;
                None
            }
        }
    }
}

/// One call of [`Exchanges::advance`]: what it works with, and how far it has come.
pub(super) struct Pass<'r, 's, C> {
    pub(super) context: &'r ExchangeContext<'s>,
    pub(super) input: &'r [u8],
    pub(super) eof: bool,
    pub(super) writer: &'r mut ResponseWriter,
    pub(super) caller: &'r mut C,
    /// See [`Advance`].
    pub(super) consumed: usize,
    pub(super) pushed_back: Vec<u8>,
}

impl<'r, C> Pass<'r, '_, C> {
    pub(super) fn rest(&self) -> &'r [u8] {
        self.input.get(self.consumed..).unwrap_or_default()
    }
}

/// The command and the path of a request.
pub(crate) type MethodAndPath<'a> = (&'a str, &'a str);

/// What answers a request in place of its handler.
pub(super) enum Instead<'h> {
    Error(Error),
    Answer(Box<dyn FnOnce(Response<'_>) -> Result<Sent> + 'h>),
    /// A gate panicked.
    Panic(Box<dyn Any + Send>),
}

impl Instead<'_> {
    /// Whether the connection closes behind it, as far as is known beforehand.
    pub(super) fn closes(&self) -> bool {
        matches!(self, Self::Error(error) if error.closes())
    }
}

/// A request that is to be answered.
pub(super) struct PendingRequest<'a> {
    pub(super) head: &'a Head,
    pub(super) words: MethodAndPath<'a>,
    pub(super) bytes: &'a [u8],
    /// See [`Route::index`].
    pub(super) route: u32,
    /// Of its body: what is decoded, what is not, and the decoder.
    pub(super) ready: Vec<u8>,
    pub(super) raw: &'a [u8],
    pub(super) decoder: BodyDecoder,
    /// The answer, where no handler is asked.
    pub(super) instead: Option<Instead<'a>>,
}

/// A request whose body is read ahead.
pub(super) struct Collected {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) decoder: BodyDecoder,
    pub(super) limit: usize,
    pub(super) route: Route,
    /// What was promised for the request.
    pub(super) promised: Option<Box<Promised>>,
}

impl Collected {
    /// What was promised for the request waits with it: the writer serves others meanwhile.
    pub(super) fn keep_promised(&mut self, writer: &mut ResponseWriter) {
        self.promised = Some(Box::new(std::mem::take(writer.pending.standing())));
        writer.end_request();
    }

    /// Gives back what was promised, for the answer.
    pub(super) fn give_promised(&mut self, writer: &mut ResponseWriter) {
        if let Some(promised) = self.promised.take() {
            *writer.pending.standing() = *promised;
        }
    }

    #[inline(never)]
    pub(super) fn new(
        head: Head,
        bytes: &[u8],
        body: Vec<u8>,
        limit: usize,
        route: Route,
        context: &ExchangeContext<'_>,
    ) -> Box<Self> {
        let decoder = BodyDecoder::new(head.framing(), &context.connection.limits.chunk);
        Box::new(Self {
            head,
            bytes: bytes.to_vec(),
            body,
            decoder,
            limit,
            route,
            promised: None,
        })
    }
}

pub(super) struct Drain {
    pub(super) decoder: BodyDecoder,
}
