//! What is around a handler and looks at the head alone: asked once for each request, before its body is read.

use crate::connection::state::ExchangeState;
use crate::exchange::state::{
    Driver, ExchangeContext, ExchangeStage, Exchanges, Instead, MethodAndPath, Next, Pass,
    RunDecision,
};
use crate::handler::gate::Gate;
use crate::http1::{BodyDecoder, Head, RequestFraming};
use crate::request::body::BodyReader;
use crate::response::promised::Promised;
use crate::{Error, Request};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The request that gates see.
pub(super) struct Asked<'a> {
    pub(super) head: &'a Head,
    pub(super) words: MethodAndPath<'a>,
    pub(super) bytes: &'a [u8],
    pub(super) route: u32,
    pub(super) must_close: bool,
}

impl Exchanges {
    /// Asks the gates, unless they were asked before the request came to this thread. `Err`: not here and now.
    #[inline(never)]
    pub(super) fn pass_gates<'s, C: Driver>(
        &mut self,
        asked: &Asked<'_>,
        run: &mut Pass<'_, 's, C>,
    ) -> Result<Option<Instead<'s>>, Next> {
        if let ExchangeStage::Gated(promised) = std::mem::take(&mut self.stage) {
            *run.writer.pending.standing() = *promised;
            return Ok(None);
        }
        let decision = run.caller.decide_gate();
        if let RunDecision::Offload = decision {
            return Err(Next::Offload);
        }
        let context = run.context;
        let promised = run.writer.pending.standing();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            with_request(asked, context, |request| {
                context.handler.promise(request, promised);
                let gate = match decision {
                    RunDecision::Refuse => Err(Error::busy()),
                    _ => context.handler.gate(request, promised),
                };
                promised.keep_user(request.exchange.user());
                #[cfg(feature = "session")]
                if let Some(sessions) = request.exchange.used_sessions() {
                    promised.keep_sessions(sessions.take());
                }
                gate
            })
        }));
        if let Some(fault) = promised.take_fault() {
            return Ok(Some(Instead::Error(fault)));
        }
        Ok(match outcome {
            Ok(Ok(Gate::Pass)) => None,
            Ok(Ok(Gate::Answer(answer))) => Some(Instead::Answer(answer)),
            Ok(Err(error)) => Some(Instead::Error(error)),
            Err(panic) => Some(Instead::Panic(panic)),
        })
    }

    /// The request comes back with the same bytes: what was promised is kept until then, so that no gate is asked
    /// twice.
    #[cold]
    pub(super) fn keep_gated<C>(&mut self, run: &mut Pass<'_, '_, C>) {
        let promised = std::mem::take(run.writer.pending.standing());
        run.writer.end_request();
        self.stage = ExchangeStage::Gated(Box::new(promised));
    }
}

/// What a head that was not understood promises.
pub(super) fn promise_for(request: &Request<'_>, context: &ExchangeContext<'_>, to: &mut Promised) {
    if context.gated {
        // A fault is the program's own, and there is an error page already.
        let _ = catch_unwind(AssertUnwindSafe(|| context.handler.promise(request, to)));
        let _ = to.take_fault();
    }
}

/// Shows the head of a request, without its body.
fn with_request<'s, T>(
    asked: &Asked<'_>,
    context: &ExchangeContext<'s>,
    look: impl FnOnce(&Request<'_>) -> T,
) -> T {
    let connection = &context.connection;
    let exchange = ExchangeState::new(
        context.transport,
        &connection.site.shutdown,
        asked.must_close,
        false,
        0,
    );
    let decoder = BodyDecoder::new(RequestFraming::None, &connection.limits.chunk);
    let body = BodyReader::new(Vec::new(), &[], decoder, &exchange);
    let mut request = Request::with_words(
        asked.head,
        asked.words,
        asked.bytes,
        body,
        &exchange,
        connection,
    );
    request.route = asked.route;
    look(&request)
}
