//! Bodies that are read ahead of their handlers, and what is left of those that were not read.

use crate::exchange::state::{
    Close, Collected, Drain, Driver, ExchangeContext, ExchangeStage, Exchanges, Instead, Next,
    Pass, PendingRequest, RunDecision,
};
use crate::handler::Route;
use crate::http1::{BodyDecoder, Expect, Head, RequestFraming};
use crate::{Error, Limits};
use std::time::Duration;

impl Exchanges {
    /// Bytes of a body held in memory.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        match &self.stage {
            ExchangeStage::Idle => 0,
            _ => self.held_at_work(),
        }
    }

    /// [`held`](Self::held), apart: it is asked twice in each turn, and between two requests there is nothing to ask.
    #[inline(never)]
    fn held_at_work(&self) -> usize {
        match &self.stage {
            ExchangeStage::Collect(collected) => collected.body.capacity(),
            #[cfg(feature = "live")]
            ExchangeStage::Live(stage) => stage.held(),
            _ => 0,
        }
    }

    /// How long the request may take, from its head on, whose body is collected.
    pub(crate) fn time(&self) -> Option<Duration> {
        match &self.stage {
            ExchangeStage::Collect(collected) => {
                Some(collected.promised.as_ref()?.time_limit()?.time)
            }
            _ => None,
        }
    }

    /// Where body bytes may be read to directly, and how many: they need no copy then. Tell [`filled`](Self::filled).
    pub(crate) fn sink(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        match &mut self.stage {
            ExchangeStage::Collect(collected) => {
                let left = collected.decoder.remaining_hint()?;
                let room = collected.limit.saturating_sub(collected.body.len());
                let left = usize::try_from(left).unwrap_or(usize::MAX).min(room);
                (left > 0).then_some((&mut collected.body, left))
            }
            _ => None,
        }
    }

    /// The last `count` bytes of the sink are new.
    pub(crate) fn filled(&mut self, count: usize) {
        if let ExchangeStage::Collect(collected) = &mut self.stage {
            let at = collected.body.len().saturating_sub(count);
            let _ = collected
                .decoder
                .decode(collected.body.get(at..).unwrap_or_default());
        }
    }

    /// Goes on with a body.
    #[inline(never)]
    pub(super) fn body<C: Driver>(&mut self, run: &mut Pass<'_, '_, C>) -> Option<Next> {
        match std::mem::take(&mut self.stage) {
            ExchangeStage::Collect(collected) => self.collect(collected, run),
            ExchangeStage::Drain(drain) => self.drain(drain, run),
            ExchangeStage::Idle | ExchangeStage::Head(_) | ExchangeStage::Gated(_) => None,
            #[cfg(feature = "live")]
            ExchangeStage::Live(_) => None,
        }
    }

    fn collect<C: Driver>(
        &mut self,
        mut collected: Box<Collected>,
        run: &mut Pass<'_, '_, C>,
    ) -> Option<Next> {
        let mut refused = None;
        while !collected.decoder.is_done() && collected.body.len() < collected.limit {
            let input = run.rest();
            if input.is_empty() {
                if run.eof {
                    refused = Some(Error::new(400).message("Request body cut short").close());
                    break;
                }
                self.stage = ExchangeStage::Collect(collected);
                return Some(Next::Read);
            }
            match collected.decoder.decode(input) {
                Ok(decoded) => {
                    collected
                        .body
                        .extend_from_slice(input.get(decoded.data).unwrap_or_default());
                    run.consumed += decoded.consumed;
                }
                Err(error) => {
                    refused = Some(
                        Error::new(400)
                            .message("Bad request body")
                            .explain(error.message())
                            .close(),
                    );
                    break;
                }
            }
        }
        if refused.is_none() && !collected.decoder.is_done() && !run.writer.bytes.is_empty() {
            // Answers that went before do not wait for what the handler reads for itself.
            self.stage = ExchangeStage::Collect(collected);
            return Some(Next::Again);
        }
        if refused.is_none() {
            let head = &collected.head;
            match run
                .caller
                .decide(&collected.route, head.method(), head.path())
            {
                RunDecision::Run => {}
                RunDecision::Offload => {
                    self.stage = ExchangeStage::Collect(collected);
                    return Some(Next::Offload);
                }
                RunDecision::Refuse => refused = Some(Error::busy()),
            }
        }
        collected.give_promised(run.writer);
        let Collected {
            head,
            bytes,
            body,
            decoder,
            route,
            ..
        } = *collected;
        let asked = PendingRequest {
            head: &head,
            words: (head.method(), head.path()),
            bytes: &bytes,
            route: route.index,
            ready: body,
            raw: run.rest(),
            decoder,
            instead: refused.map(Instead::Error),
        };
        self.answer(asked, run)
    }

    fn drain<C>(&mut self, mut drain: Box<Drain>, run: &mut Pass<'_, '_, C>) -> Option<Next> {
        while !drain.decoder.is_done() {
            let input = run.rest();
            if input.is_empty() {
                if run.eof {
                    return Some(Next::Close(Close::Clean));
                }
                self.stage = ExchangeStage::Drain(drain);
                return Some(Next::Read);
            }
            match drain.decoder.decode(input) {
                // How much it may be was decided when the response said that the connection is kept; what is left is
                // bounded in time.
                Ok(decoded) => run.consumed += decoded.consumed,
                Err(_) => return Some(Next::Close(Close::Linger)),
            }
        }
        None
    }
}

/// How much of a body is collected before its handler runs; `None` if the handler reads it itself.
#[inline(never)]
pub(super) fn ahead(
    head: &Head,
    raw: &[u8],
    route: Route,
    context: &ExchangeContext<'_>,
) -> Option<usize> {
    let limits = context.connection.limits;
    if is_at_hand(head, raw, limits) || head.expect() != Expect::None || !context.collect {
        return None;
    }
    // A parameter collects what the server's limit lets it; what is beyond it is refused, not read.
    let collect =
        usize::try_from(route.collect.min(limits.max_collected_body_size)).unwrap_or(usize::MAX);
    let limit = limits.body_buffer_size.max(collect);
    match head.framing() {
        RequestFraming::Length(length) if length > limit as u64 => None,
        _ => Some(limit),
    }
}

/// Whether the body of a request came with its head: then nobody has to wait for it.
pub(super) fn is_at_hand(head: &Head, raw: &[u8], limits: &Limits) -> bool {
    match head.framing() {
        RequestFraming::None => true,
        RequestFraming::Length(length) => length <= raw.len() as u64,
        RequestFraming::Chunked => {
            let decoder = BodyDecoder::new(RequestFraming::Chunked, &limits.chunk);
            is_whole(decoder, raw)
        }
    }
}

/// Whether a body is all there, and in order: then it needs no collecting.
fn is_whole(mut decoder: BodyDecoder, mut raw: &[u8]) -> bool {
    while !decoder.is_done() && !raw.is_empty() {
        match decoder.decode(raw) {
            Ok(decoded) if decoded.consumed > 0 => {
                raw = raw.get(decoded.consumed..).unwrap_or_default()
            }
            _ => return false,
        }
    }
    decoder.is_done()
}
