//! One exchange after the other: requests out of bytes, handlers called, answers into an [`ResponseWriter`].
//!
//! The dialogue knows no sockets and no threads. Its caller reads bytes and hands them in with [`Exchanges::advance`], and
//! writes what is in the outbox; only a handler that streams reaches through to the connection, by the [`Transport`]
//! below it. So the same code serves a socket, a test and a fuzzer.

mod body;
mod finish;
mod refusals;

use crate::connection::state::ExchangeState;
use crate::connection::transport::Transport;
use crate::handler::{Dispatch, Route, Settings};
use crate::http1::{self, BodyDecoder, Expect, Head, Progress, RequestFraming, Scan, Version};
use crate::request::ConnectionInfo;
use crate::request::body::BodyReader;
use crate::response::writer::{RequestFacts, ResponseWriter, Tail};
use crate::{Error, Request, Response, StatusCode};
use body::{Collected, Drain, ahead};
use finish::{catch_panic, conclude, handler_hooks};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::SystemTime;

/// What every exchange on a connection has in common.
pub(crate) struct ExchangeContext<'s> {
    pub(crate) handler: &'s dyn Dispatch,
    pub(crate) settings: Settings,
    /// The handler speaks HTTP/1.1: see [`Settings::is_modern`].
    pub(crate) speaks_http11: bool,
    pub(crate) connection: ConnectionInfo<'s>,
    pub(crate) transport: &'s dyn Transport,
    /// Bytes of bodies that may still be read ahead, beside the one in hand.
    pub(crate) collect: bool,
    /// The server ends: every response closes its connection.
    pub(crate) draining: bool,
    pub(crate) now: SystemTime,
}

/// What the caller decides while a dialogue advances.
pub(crate) trait Driver {
    /// Whether the handler of this request may run here and now.
    fn admit(&mut self, route: &Route, command: &str, path: &str) -> Admission;

    /// An empty buffer for a body, perhaps one that served before.
    fn buffer(&mut self) -> Vec<u8>;

    /// Writes the outbox with its tail, as far as it goes without waiting.
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

/// See [`Driver::admit`].
pub(crate) enum Admission {
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
    stage: ExchangeStage,
    /// Requests answered so far.
    pub(crate) served: u32,
}

#[derive(Default)]
enum ExchangeStage {
    #[default]
    Idle,
    /// A head has begun.
    Head(Scan),
    /// A body is collected before its handler runs.
    Collect(Box<Collected>),
    /// The rest of an unread body is thrown away.
    Drain(Box<Drain>),
}

/// A request whose response is not all out when its turn ends: it is logged when it is.
#[derive(Debug)]
pub(crate) struct PendingLogLine {
    head: Head,
    bytes: Vec<u8>,
    status: StatusCode,
    size: u64,
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
    /// The bound on requests a call was reached: there may be more in the input.
    Again,
    /// Write what is there; then come back with the same input on another thread.
    Offload,
    /// Write what is left in the outbox; then close if it says so, else go on with the input.
    Tail(Box<PendingLogLine>, Option<Close>),
    /// Write what is there, then close.
    Close(Close),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// After what is there was written.
    Clean,
    /// The same, and the peer may still be sending: what it sends is thrown away for a moment, so that it can read the
    /// response before a reset destroys it.
    Linger,
    /// Without a clean end, since the response is not whole.
    Cut,
}

/// What a connection waits for, for its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    Idle,
    Head,
    Body,
    Drain,
}

/// Requests answered in one call, before others get their turn.
const BATCH: u32 = 64;

/// Bytes of answers gathered in one call.
const FLUSH_AT: usize = 256 << 10;

impl Exchanges {
    pub(crate) fn waiting(&self) -> Waiting {
        match self.stage {
            ExchangeStage::Idle => Waiting::Idle,
            ExchangeStage::Head(_) => Waiting::Head,
            ExchangeStage::Collect(_) => Waiting::Body,
            ExchangeStage::Drain(_) => Waiting::Drain,
        }
    }
}

/// One call of [`Exchanges::advance`]: what it works with, and how far it has come.
struct Pass<'r, 's, C> {
    context: &'r ExchangeContext<'s>,
    input: &'r [u8],
    eof: bool,
    writer: &'r mut ResponseWriter,
    caller: &'r mut C,
    /// See [`Advance`].
    consumed: usize,
    pushed_back: Vec<u8>,
}

impl<'r, C> Pass<'r, '_, C> {
    fn rest(&self) -> &'r [u8] {
        self.input.get(self.consumed..).unwrap_or_default()
    }
}

/// The command and the path of a request.
pub(crate) type MethodAndPath<'a> = (&'a str, &'a str);

/// A request that is to be answered.
struct PendingRequest<'a> {
    head: &'a Head,
    words: MethodAndPath<'a>,
    bytes: &'a [u8],
    /// Of its body: what is decoded, what is not, and the decoder.
    ready: Vec<u8>,
    raw: &'a [u8],
    decoder: BodyDecoder,
    /// The answer, where no handler is asked.
    refused: Option<Error>,
}

impl Exchanges {
    /// Reads requests out of `input`, answers those that are whole, and says what is next. `eof`: no more will come.
    ///
    /// `scratch` is the caller's head to parse into, kept for its memory.
    pub(crate) fn advance<C: Driver>(
        &mut self,
        context: &ExchangeContext<'_>,
        scratch: &mut Head,
        input: &[u8],
        eof: bool,
        writer: &mut ResponseWriter,
        caller: &mut C,
    ) -> Advance {
        let mut run = Pass {
            context,
            input,
            eof,
            writer,
            caller,
            consumed: 0,
            pushed_back: Vec::new(),
        };
        let next = self.run(&mut run, scratch);
        Advance {
            consumed: run.consumed,
            pushed_back: run.pushed_back,
            next,
        }
    }

    fn run<C: Driver>(&mut self, run: &mut Pass<'_, '_, C>, scratch: &mut Head) -> Next {
        let mut answered = 0;
        loop {
            let more = run.consumed < run.input.len();
            if more && (answered == BATCH || run.writer.bytes.len() >= FLUSH_AT) {
                return Next::Again;
            }
            let next = match &self.stage {
                ExchangeStage::Idle if !more && run.eof => Some(Next::Close(Close::Clean)),
                ExchangeStage::Idle if !more => Some(Next::Read),
                ExchangeStage::Idle | ExchangeStage::Head(_) => self.head(run, scratch),
                ExchangeStage::Collect(_) | ExchangeStage::Drain(_) => self.body(run),
            };
            if let Some(next) = next {
                return next;
            }
            answered += 1;
            if !run.pushed_back.is_empty() {
                return Next::Again;
            }
        }
    }

    /// Reads a head, and answers its request unless the body has to be collected first. `None`: go on with the rest of the
    /// input.
    // Within the loop of its caller the compiler would lay out what is rare between what is not.
    #[inline(never)]
    fn head<C: Driver>(&mut self, run: &mut Pass<'_, '_, C>, scratch: &mut Head) -> Option<Next> {
        let mut scan = Scan::default();
        if let ExchangeStage::Head(begun) = self.stage {
            scan = begun;
            self.stage = ExchangeStage::Idle;
        }
        let (context, rest) = (run.context, run.rest());
        let limits = context.connection.limits;
        let head_limits = match context.settings.parsing {
            http1::Parsing::Strict => &limits.head,
            http1::Parsing::Lenient => &limits.lenient_head,
        };
        let parsed = http1::parse(
            rest,
            run.eof,
            context.settings.parsing,
            head_limits,
            &mut scan,
            scratch,
        );
        let size = match parsed {
            Ok(Progress::Complete(size)) => size,
            Ok(Progress::Partial) if run.eof => return Some(Next::Close(Close::Clean)),
            Ok(Progress::Partial) => {
                self.stage = ExchangeStage::Head(scan);
                return Some(Next::Read);
            }
            Err(error) if error.silent() => return Some(Next::Close(Close::Clean)),
            Err(error) => {
                self.refuse(&error, context, scratch, rest, run.writer);
                return Some(Next::Close(Close::Linger));
            }
        };
        let (bytes, raw) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        let words = (scratch.command(), scratch.path());
        let route = context.handler.route(words.0, words.1);
        if scratch.framing() != RequestFraming::None
            && let Some(limit) = ahead(scratch, raw, route, context)
        {
            self.stage = ExchangeStage::Collect(Collected::new(
                std::mem::take(scratch),
                bytes,
                run.caller.buffer(),
                limit,
                route,
                context,
            ));
            run.consumed += size;
            return None;
        }
        let refused = match run.caller.admit(&route, words.0, words.1) {
            Admission::Run => None,
            Admission::Offload => return Some(Next::Offload),
            Admission::Refuse => Some(busy()),
        };
        run.consumed += size;
        let asked = PendingRequest {
            head: scratch,
            words,
            bytes,
            ready: Vec::new(),
            raw,
            decoder: BodyDecoder::new(scratch.framing(), &limits.chunk),
            refused,
        };
        self.answer(asked, run)
    }

    /// Calls the handler for a request, or answers it with the error in its place.
    #[inline(always)]
    fn answer<C: Driver>(
        &mut self,
        asked: PendingRequest<'_>,
        run: &mut Pass<'_, '_, C>,
    ) -> Option<Next> {
        let PendingRequest {
            head,
            words,
            bytes,
            ready,
            raw,
            decoder,
            refused,
        } = asked;
        let (context, writer) = (run.context, &mut *run.writer);
        let handler = context.handler;
        let limits = context.connection.limits;
        let speaks_http11 = context.speaks_http11;
        let both_modern = speaks_http11 && head.version() >= Version::HTTP_11;
        self.served = self.served.saturating_add(1);
        let must_close = !speaks_http11
            || !head.persistent()
            || context.draining
            || self.served >= limits.requests
            || refused.as_ref().is_some_and(Error::closes);
        let expect = head.expect();
        let awaits = expect == Expect::Continue
            && speaks_http11
            && !decoder.is_done()
            && raw.is_empty()
            && ready.is_empty();
        let exchange = ExchangeState::new(
            context.transport,
            &context.connection.site.shutdown,
            must_close,
            awaits,
            limits.drain,
        );
        writer.first_lines.set_now(context.now);
        writer.open(if both_modern {
            RequestFacts {
                head: words.0 == "HEAD",
                chunked: true,
                interim: true,
                ..RequestFacts::default()
            }
        } else {
            older_facts(head, speaks_http11)
        });
        if awaits && writer.flush_earlier(&exchange).is_err() {
            return Some(Next::Close(Close::Cut));
        }
        let rfile = BodyReader::new(ready, raw, decoder, &exchange);
        let mut request =
            Request::with_words(head, words, bytes, rfile, &exchange, &context.connection);
        let result = match refused {
            Some(error) => Ok(Err(error)),
            None => catch_unwind(AssertUnwindSafe(|| {
                if expect != Expect::None {
                    meet_expectation(handler, speaks_http11, &request)?;
                }
                handler.dispatch(
                    &mut request,
                    Response::new(writer, &exchange, handler_hooks(handler)),
                )
            })),
        };
        let whole = conclude(handler, result, &request, &exchange, writer);
        let (mut written, mut left) = (Written::All, 0);
        if writer.tail.is_some() {
            (written, left) = send_tail(whole, writer, run.caller);
        }
        let (status, sent) = (writer.status, writer.body_sent);
        if written != Written::Part {
            catch_panic(|| handler.log_request(&request, status, sent.saturating_sub(left)));
        }
        run.consumed += request.rfile.used();
        let through = request.rfile.is_done() && !request.rfile.has_read_behind();
        if whole && written == Written::All && through && !exchange.closes() {
            return None;
        }
        let close = self.close_or_drain(whole && written != Written::Failed, request, run);
        match written {
            Written::Part => Some(Next::Tail(
                PendingLogLine::new(head, bytes, status, sent),
                close,
            )),
            _ => close.map(Next::Close),
        }
    }

    /// What is left to do behind a response, where it was not the last that its request asked for: the connection closes,
    /// or the rest of the body is thrown away.
    #[inline(never)]
    fn close_or_drain<C>(
        &mut self,
        well: bool,
        mut request: Request<'_>,
        run: &mut Pass<'_, '_, C>,
    ) -> Option<Close> {
        let exchange = request.exchange;
        let done = request.rfile.is_done();
        run.pushed_back = request.rfile.take_read_behind();
        let behind = run.consumed < run.input.len() || !run.pushed_back.is_empty();
        if !done && (request.rfile.is_broken() || exchange.awaits_continue.load(Ordering::Relaxed))
        {
            exchange.force_close();
        }
        let close = match (well, exchange.closes()) {
            (true, false) => None,
            (false, _) => Some(Close::Cut),
            (true, true) if done && !behind => Some(Close::Clean),
            (true, true) => Some(Close::Linger),
        };
        if close.is_none() && !done {
            self.stage = ExchangeStage::Drain(Box::new(Drain {
                decoder: request.rfile.into_decoder(),
                left: run.context.connection.limits.drain,
            }));
        }
        close
    }
}

impl PendingLogLine {
    #[cold]
    fn new(head: &Head, bytes: &[u8], status: StatusCode, size: u64) -> Box<Self> {
        Box::new(Self {
            head: head.clone(),
            bytes: bytes.to_vec(),
            status,
            size,
        })
    }

    /// Logs the request, now that its response is over; `left` bytes of it were not sent.
    pub(crate) fn log(self, context: &ExchangeContext<'_>, left: u64) {
        let shutdown = &context.connection.site.shutdown;
        let exchange = ExchangeState::new(context.transport, shutdown, true, false, 0);
        let rfile = BodyReader::new(
            Vec::new(),
            &[],
            BodyDecoder::new(RequestFraming::None, &context.connection.limits.chunk),
            &exchange,
        );
        let request = Request::new(
            &self.head,
            &self.bytes,
            rfile,
            &exchange,
            &context.connection,
        );
        catch_panic(|| {
            context
                .handler
                .log_request(&request, self.status, self.size.saturating_sub(left))
        });
    }
}

/// What a response has to know of its request, where one of the two sides does not speak HTTP/1.1.
#[cold]
fn older_facts(head: &Head, speaks_http11: bool) -> RequestFacts {
    RequestFacts {
        head: head.command() == "HEAD",
        bare: head.version() == Version::HTTP_09,
        confirm: speaks_http11
            && head.version() == Version::HTTP_10
            && head.connection_keep_alive(),
        ..RequestFacts::default()
    }
}

/// What `Expect` asks for, before the handler runs.
#[cold]
fn meet_expectation(
    handler: &dyn Dispatch,
    speaks_http11: bool,
    request: &Request<'_>,
) -> crate::Result<()> {
    match request.head.expect() {
        Expect::Unknown => Err(Error::new(417).close()),
        Expect::Continue if speaks_http11 => handler.handle_expect_100(request),
        _ => Ok(()),
    }
}

/// Writes the tail of a response that is `whole`, and says how many bytes of it are left.
#[inline(never)]
fn send_tail(whole: bool, writer: &mut ResponseWriter, caller: &mut impl Driver) -> (Written, u64) {
    let written = if whole {
        caller.write_tail(writer)
    } else {
        Written::All
    };
    (written, writer.tail.as_ref().map_or(0, Tail::left))
}

#[cold]
fn busy() -> Error {
    Error::new(StatusCode::SERVICE_UNAVAILABLE).header("Retry-After", "1")
}
