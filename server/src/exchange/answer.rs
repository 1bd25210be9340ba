//! One request and its handler: what is asked before, and what is to be done behind the response.

use crate::Handler;
use crate::connection::state::ExchangeState;
use crate::error::deadline_exceeded::DeadlineExceeded;
use crate::exchange::finish::{Outcome, catch_panic, conclude};
use crate::exchange::state::{
    Close, Drain, Driver, ExchangeContext, ExchangeStage, Exchanges, Instead, Next, Pass,
    PendingLogLine, PendingRequest, Written,
};
use crate::http1::{Expect, Head, Version};
use crate::request::body::BodyReader;
use crate::response::writer::{RequestFacts, ResponseWriter};
use crate::{Error, Request, Response, StatusCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

impl Exchanges {
    /// Answers a request, by its handler or with the error in its place, and says what is next on its connection.
    #[inline(always)]
    pub(super) fn answer<C: Driver>(
        &mut self,
        asked: PendingRequest<'_>,
        run: &mut Pass<'_, '_, C>,
    ) -> Option<Next> {
        let PendingRequest {
            head,
            words,
            bytes,
            route,
            ready,
            raw,
            decoder,
            instead,
        } = asked;
        let (context, writer) = (run.context, &mut *run.writer);
        let (handler, limits) = (context.handler, context.connection.limits);
        self.served = self.served.saturating_add(1);
        // Decided before the handler runs: `Request::close_connection` tells it.
        let must_close =
            self.is_last(head, context) || instead.as_ref().is_some_and(Instead::closes);
        let expect = head.expect();
        let has_body = !raw.is_empty() || !ready.is_empty() || decoder.is_done();
        // A client that has sent bytes of the body already does not wait (RFC 9110 section 10.1.1).
        let awaits = expect == Expect::Continue && context.speaks_http11 && !has_body;
        let mut exchange = ExchangeState::new(
            context.transport,
            &context.connection.site.shutdown,
            must_close,
            awaits,
            limits.max_drain_size,
        );
        exchange.asked = Some((head, bytes));
        open(writer, head, words.0, context);
        // The responses to earlier requests have to leave before the `100 Continue` that the handler's first read
        // sends.
        if awaits && writer.flush_earlier(&exchange).is_err() {
            return Some(Next::Close(Close::Reset));
        }
        let (mut id, mut instead) = (None, instead);
        if !writer.pending.is_empty() {
            take_given(writer, &exchange, &mut id, &mut instead);
        }
        // Made here, where it stays: between a body that was made before and its request lies a copy of 200 bytes.
        let body = BodyReader::new(ready, raw, decoder, &exchange);
        let mut request =
            Request::with_words(head, words, bytes, body, &exchange, &context.connection);
        request.route = route;
        request.id = id.as_deref();
        let result = match instead {
            Some(instead) => answer_instead(
                instead,
                Response::new(writer, &exchange, handler, context.settings),
            ),
            None => call(context, &mut request, expect, writer),
        };
        let result = in_time(result, &exchange, writer);
        writer.give_up_if_cut(&exchange);
        let whole = conclude(handler, result, &request, &exchange, writer);
        // Asked before the tail is written, which may fail, and only where something can be lost.
        let shows_loss = (!whole || writer.tail.is_some()) && writer.shows_loss();
        let (written, left) = write_out(whole, writer, run.caller);
        end_request(&request, &exchange, writer, handler, (written, left));
        run.consumed += request.body.used();
        let through = request.body.is_done() && !request.body.has_read_behind();
        if whole && written == Written::All && through && !exchange.closes() {
            return None;
        }
        let close = self.close_or_drain(broken(whole, written, shows_loss), request, run);
        let unlogged = (written == Written::Part).then(|| {
            let about = (route, id, exchange.user());
            PendingLogLine::new(head, bytes, about, run.writer.status, run.writer.sent)
        });
        self.go_on(unlogged, close, run.writer)
    }

    /// What is next behind a response that is not plainly followed by another request.
    #[inline(never)]
    fn go_on(
        &mut self,
        unlogged: Option<Box<PendingLogLine>>,
        close: Option<Close>,
        _writer: &mut ResponseWriter,
    ) -> Option<Next> {
        let next = match unlogged {
            Some(line) => Some(Next::Tail(line, close)),
            None => close.map(Next::Close),
        };
        #[cfg(feature = "live")]
        if _writer.goes_live() {
            return self.go_live(_writer, next);
        }
        next
    }

    /// The response was the last: what follows is no request.
    #[cfg(feature = "live")]
    #[cold]
    fn go_live(&mut self, writer: &mut ResponseWriter, next: Option<Next>) -> Option<Next> {
        match writer.take_live() {
            Some(stage)
                if writer.is_finished() && writer.gone().is_none() && !stage.is_blocking() =>
            {
                self.stage = ExchangeStage::Live(stage);
                Some(Next::Again)
            }
            stage => {
                // Its end is the user's code.
                if let Some(stage) = stage {
                    let _ = stage.lost(&|_| {});
                }
                next
            }
        }
    }

    /// Whether the connection closes after this request, as far as is known before its handler runs.
    #[inline(always)]
    pub(super) fn is_last(&self, head: &Head, context: &ExchangeContext<'_>) -> bool {
        !context.speaks_http11
            || !head.persistent()
            || context.draining
            || self.served >= context.connection.limits.max_requests_per_connection
    }

    /// What is left to do behind a response, where it was not the last that its request asked for: the connection
    /// closes, or the rest of the body is thrown away.
    #[inline(never)]
    fn close_or_drain<C>(
        &mut self,
        broken: Option<Close>,
        mut request: Request<'_>,
        run: &mut Pass<'_, '_, C>,
    ) -> Option<Close> {
        let exchange = request.exchange;
        let done = request.body.is_done();
        run.pushed_back = request.body.take_read_behind();
        if !done && (request.body.is_broken() || exchange.awaits_continue.load(Ordering::Relaxed)) {
            exchange.force_close();
        }
        let close = match (broken, exchange.closes()) {
            (None, false) => None,
            (Some(close), _) => Some(close),
            // Also where nothing is to follow: who breaks that word loses no response by it (RFC 9112 section 9.6).
            (None, true) if done => Some(Close::Answered),
            (None, true) => Some(Close::Linger),
        };
        if close.is_none() && !done {
            self.stage = ExchangeStage::Drain(Box::new(Drain {
                decoder: request.body.into_decoder(),
            }));
        }
        close
    }
}

/// Calls the handler.
///
/// A panic must not end the thread: a loop or a thread of the pool would be gone with all its connections. The request
/// and the writer are only used for the error page and the log afterwards.
#[inline(always)]
fn call(
    context: &ExchangeContext<'_>,
    request: &mut Request<'_>,
    expect: Expect,
    writer: &mut ResponseWriter,
) -> Outcome {
    let (handler, exchange) = (context.handler, request.exchange);
    catch_unwind(AssertUnwindSafe(|| {
        if expect != Expect::None {
            meet_expectation(handler, context.speaks_http11, request)?;
        }
        let response = Response::new(writer, exchange, handler, context.settings);
        handler.dispatch(request, response)
    }))
}

/// Logs a request whose response is over, with the bytes that left, `left` of them not: while a tail waits, so does a
/// [`PendingLogLine`]. And lets go of what the request had that few have.
#[inline(always)]
fn end_request(
    request: &Request<'_>,
    exchange: &ExchangeState<'_>,
    writer: &mut ResponseWriter,
    handler: &dyn Handler,
    (written, left): (Written, u64),
) {
    let (status, sent) = (writer.status, writer.sent);
    let is_plain = writer.pending.is_empty();
    let is_logged = |status| is_logged(handler, request, status);
    if written != Written::Part && (is_plain || !writer.is_logged_apart(is_logged)) {
        catch_panic(|| handler.log_request(request, status, sent.logged(left)));
    }
    if !is_plain {
        if writer.goes_live() {
            // No request comes behind this one.
            exchange.force_close();
        }
        writer.end_request();
    }
}

/// Whether the log tells of the request. If nobody can say, then it does.
#[cold]
fn is_logged(handler: &dyn Handler, request: &Request<'_>, status: StatusCode) -> bool {
    let mut is_logged = true;
    catch_panic(|| is_logged = handler.is_logged(request, status));
    is_logged
}

/// What layers gave the request: an id, and a time. If that is over already, the handler is not called.
///
/// Few requests have any. What it finds goes through references, since a pair as result would be put together, and
/// moved, for requests without them too.
#[cold]
fn take_given(
    writer: &mut ResponseWriter,
    exchange: &ExchangeState<'_>,
    id: &mut Option<Box<str>>,
    instead: &mut Option<Instead<'_>>,
) {
    let promised = writer.pending.standing();
    if let Some(limit) = promised.time_limit() {
        exchange.limit_time(limit);
    }
    if let Some(user) = promised.take_user() {
        exchange.set_user(user);
    }
    #[cfg(feature = "session")]
    if promised.has_sessions() {
        exchange.sessions().put_back(promised.take_sessions());
    }
    *id = promised.take_id();
    if instead.is_none() && exchange.is_late() {
        *instead = Some(Instead::Error(DeadlineExceeded::of_answer()));
    }
}

/// What a handler left behind, if it is in time.
#[inline(always)]
fn in_time(result: Outcome, exchange: &ExchangeState<'_>, writer: &mut ResponseWriter) -> Outcome {
    match writer.pending.is_empty() || exchange.deadline().is_none() {
        true => result,
        false => keep_deadline(result, exchange, writer),
    }
}

/// Puts an error in place of an answer that came too late, as long as nothing of it has left.
#[cold]
fn keep_deadline(
    result: Outcome,
    exchange: &ExchangeState<'_>,
    writer: &mut ResponseWriter,
) -> Outcome {
    let is_late = matches!(result, Ok(Ok(_))) && exchange.is_late();
    exchange.lift_deadline();
    let is_written = exchange.committed.load(Ordering::Relaxed);
    if !is_late || (is_written && !writer.take_back_written(exchange)) {
        return result;
    }
    writer.take_back();
    Ok(Err(DeadlineExceeded::of_answer()))
}

/// What answers in place of the handler.
#[cold]
fn answer_instead(instead: Instead<'_>, response: Response<'_>) -> Outcome {
    match instead {
        Instead::Error(error) => Ok(Err(error)),
        Instead::Answer(answer) => catch_unwind(AssertUnwindSafe(|| answer(response))),
        Instead::Panic(panic) => Err(panic),
    }
}

/// How the connection ends if the response is not whole: so that its peer sees that.
#[inline(always)]
fn broken(whole: bool, written: Written, shows_loss: bool) -> Option<Close> {
    let is_broken = !whole || written == Written::Failed;
    is_broken.then_some(if shows_loss { Close::Cut } else { Close::Reset })
}

/// Makes the writer ready for the response.
#[inline(always)]
fn open(writer: &mut ResponseWriter, head: &Head, method: &str, context: &ExchangeContext<'_>) {
    writer.first_lines.set_now(context.now);
    if context.speaks_http11 && head.version() >= Version::HTTP_11 {
        writer.open_modern(method == "HEAD", context.framed_below);
    } else {
        writer.open(older_facts(head, context));
    }
}

/// What a response has to know of its request, where one of the two sides does not speak HTTP/1.1.
#[cold]
fn older_facts(head: &Head, context: &ExchangeContext<'_>) -> RequestFacts {
    let limits = context.connection.limits;
    let confirms =
        context.speaks_http11 && head.version() == Version::HTTP_10 && head.connection_keep_alive();
    RequestFacts {
        head: head.method() == "HEAD",
        bare: head.version() == Version::HTTP_09,
        framed_below: context.framed_below,
        confirm: confirms.then_some(limits.idle_timeout.as_secs()),
        ..RequestFacts::default()
    }
}

/// What `Expect` asks for, before the handler runs.
#[cold]
fn meet_expectation(
    handler: &dyn Handler,
    speaks_http11: bool,
    request: &Request<'_>,
) -> crate::Result<()> {
    match request.head.expect() {
        Expect::Unknown => Err(Error::new(417).close()),
        Expect::Continue if speaks_http11 => handler.handle_expect_100(request),
        _ => Ok(()),
    }
}

/// Writes the tail of a response that is `whole`, if it has one, and says how many bytes of it are left.
#[inline(always)]
fn write_out(whole: bool, writer: &mut ResponseWriter, caller: &mut impl Driver) -> (Written, u64) {
    match writer.tail.is_some() {
        true => send_tail(whole, writer, caller),
        false => (Written::All, 0),
    }
}

/// [`write_out`], where there is a tail.
#[inline(never)]
fn send_tail(whole: bool, writer: &mut ResponseWriter, caller: &mut impl Driver) -> (Written, u64) {
    let written = if whole {
        caller.write_tail(writer)
    } else {
        Written::All
    };
    (written, writer.left())
}
