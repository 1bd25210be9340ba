//! One exchange after the other: requests out of bytes, handlers called, answers into an [`ResponseWriter`].
//!
//! [`Exchanges`] knows no sockets and no threads. Its caller reads bytes and hands them in with
//! [`Exchanges::advance`], and writes what is in the writer; only a handler that streams reaches through to the
//! connection, by the [`Transport`] below it. So the same code serves a socket, a test and a fuzzer.
//!
//! Between two calls an exchange stands in one of the states of [`Waiting`]. A test walks through this table:
//!
//! | before | what comes | after |
//! | --- | --- | --- |
//! | Idle | a part of a head | Head |
//! | Idle | a whole request | Idle |
//! | Idle | a head whose body is collected | Body |
//! | Idle | a head whose body its handler leaves unread | Drain |
//! | Idle | a head that is refused | closed |
//! | Head | the rest of the head | Idle |
//! | Body | a part of the body | Body |
//! | Body | the rest of the body | Idle |
//! | Body | a fault in the body | closed |
//! | Drain | a part of the body | Drain |
//! | Drain | the rest of the body | Idle |
//! | Idle | a request that is the last one | closed |

mod answer;
mod body;
mod finish;
mod gate;
mod log_line;
mod refusals;
mod state;

#[cfg(feature = "live")]
pub(crate) use log_line::log_end;
pub(crate) use state::{
    Advance, Close, Driver, ExchangeContext, Exchanges, Next, PendingLogLine, RunDecision, Waiting,
    Written,
};

use crate::http1::{self, BodyDecoder, Head, HeadLimits, Progress, RequestFraming, Scan};
use crate::response::writer::ResponseWriter;
use crate::{Error, Limits};
use body::{ahead, is_at_hand};
use gate::Asked;
use state::{Collected, ExchangeStage, Instead, Pass, PendingRequest};

/// Requests answered in one call, before others get their turn.
const BATCH: u32 = 64;

/// Bytes of answers gathered in one call.
const FLUSH_AT: usize = 256 << 10;

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
                ExchangeStage::Idle | ExchangeStage::Head(_) if !run.context.gated => {
                    self.head::<C, false>(run, scratch)
                }
                ExchangeStage::Idle | ExchangeStage::Head(_) | ExchangeStage::Gated(_) => {
                    self.head::<C, true>(run, scratch)
                }
                ExchangeStage::Collect(_) | ExchangeStage::Drain(_) => self.body(run),
                #[cfg(feature = "live")]
                ExchangeStage::Live(_) => Some(Next::Again),
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

    /// Reads a head, and answers its request unless the body has to be collected first. `None`: go on with the rest
    /// of the input.
    ///
    /// `GATED` is a const, so that a handler without gates does not pay for them.
    // Within the loop of its caller the compiler would lay out what is rare between what is not.
    #[inline(never)]
    fn head<C: Driver, const GATED: bool>(
        &mut self,
        run: &mut Pass<'_, '_, C>,
        scratch: &mut Head,
    ) -> Option<Next> {
        let size = match self.read_head(run, scratch) {
            Ok(size) => size,
            Err(next) => return Some(next),
        };
        let (context, rest) = (run.context, run.rest());
        let limits = context.connection.limits;
        let (bytes, raw) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        let words = (scratch.method(), scratch.path());
        let route = context.handler.route(words.0, words.1);
        let mut instead = None;
        if GATED {
            let asked = Asked {
                head: scratch,
                words,
                bytes,
                route: route.index,
                must_close: self.is_last(scratch, context),
            };
            match self.pass_gates(&asked, run) {
                Ok(answer) => instead = answer,
                Err(next) => return Some(next),
            }
        }
        if scratch.framing() != RequestFraming::None
            && instead.is_none()
            && let Some(limit) = ahead(scratch, raw, route, context)
        {
            let mut collected = Collected::new(
                std::mem::take(scratch),
                bytes,
                run.caller.buffer(),
                limit,
                route,
                context,
            );
            if GATED {
                collected.keep_promised(run.writer);
            }
            self.stage = ExchangeStage::Collect(collected);
            run.consumed += size;
            return None;
        }
        if !run.writer.bytes.is_empty() && instead.is_none() && !is_at_hand(scratch, raw, limits) {
            // The handler may wait for its body, and the client for the answers that went before.
            if GATED {
                self.keep_gated(run);
            }
            return Some(Next::Again);
        }
        if instead.is_none() {
            match run.caller.decide(&route, words.0, words.1) {
                RunDecision::Run => {}
                RunDecision::Offload => {
                    if GATED {
                        self.keep_gated(run);
                    }
                    return Some(Next::Offload);
                }
                RunDecision::Refuse => instead = Some(Instead::Error(Error::busy())),
            }
        }
        run.consumed += size;
        let asked = PendingRequest {
            head: scratch,
            words,
            bytes,
            route: route.index,
            ready: Vec::new(),
            raw,
            decoder: BodyDecoder::new(scratch.framing(), &limits.chunk),
            instead,
        };
        self.answer(asked, run)
    }
}

impl Exchanges {
    /// Parses a head, and says how long it is.
    #[inline(always)]
    fn read_head<C>(
        &mut self,
        run: &mut Pass<'_, '_, C>,
        scratch: &mut Head,
    ) -> Result<usize, Next> {
        let mut scan = Scan::default();
        if let ExchangeStage::Head(begun) = self.stage {
            scan = begun;
            self.stage = ExchangeStage::Idle;
        }
        let (context, rest) = (run.context, run.rest());
        let limits = context.connection.limits;
        let behind_a_request;
        let head_limits = match context.settings.parsing {
            http1::Parsing::Strict => &limits.head,
            http1::Parsing::Lenient if self.served == 0 => &limits.lenient_head,
            http1::Parsing::Lenient => {
                behind_a_request = lenient_behind_a_request(limits);
                &behind_a_request
            }
        };
        let parsed = http1::parse(
            rest,
            run.eof,
            context.settings.parsing,
            head_limits,
            &mut scan,
            scratch,
        );
        match parsed {
            Ok(Progress::Complete(size)) => Ok(size),
            Ok(Progress::Partial) if run.eof => Err(Next::Close(Close::Clean)),
            Ok(Progress::Partial) => {
                self.stage = ExchangeStage::Head(scan);
                Err(Next::Read)
            }
            Err(error) if error.silent() => Err(Next::Close(self.close_in_silence())),
            Err(error) => {
                self.refuse(&error, context, scratch, rest, run.writer);
                Err(Next::Close(Close::Linger))
            }
        }
    }
}

/// Old clients send a line end behind a body (RFC 9112 section 2.2). The profile for them takes what the strict one
/// takes.
fn lenient_behind_a_request(limits: &Limits) -> HeadLimits {
    let lenient = &limits.lenient_head;
    let most = limits.head.max_empty_lines.max(lenient.max_empty_lines);
    lenient.clone().max_empty_lines(most)
}
