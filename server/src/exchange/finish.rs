//! What becomes of a response that its handler left: whole, an error page in its place, or a connection that is cut.

use crate::Handler;
use crate::connection::state::ExchangeState;
use crate::error::deadline_exceeded::DeadlineExceeded;
use crate::handler::hooks;
use crate::response::writer::ResponseWriter;
use crate::{Error, Request, Response};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

pub(super) type Outcome = std::thread::Result<crate::Result<crate::Sent>>;

/// Makes a whole response of what a handler left behind, in the one place where that is decided. False: the response
/// is not whole, and the connection has to be cut so that the peer sees it.
#[inline]
pub(super) fn conclude(
    handler: &dyn Handler,
    result: Outcome,
    request: &Request<'_>,
    exchange: &ExchangeState<'_>,
    writer: &mut ResponseWriter,
) -> bool {
    // Most responses are in order.
    if matches!(result, Ok(Ok(_))) && !writer.overrun && is_whole(writer) {
        return true;
    }
    let whole = replace_with_error(handler, result, request, exchange, writer);
    if writer.gone().is_some() {
        writer.drop_rest();
    }
    whole
}

/// A handler may have finished in spite of a write that failed: what it wrote is not whole.
fn is_whole(writer: &ResponseWriter) -> bool {
    writer.is_finished() && writer.gone().is_none()
}

#[cold]
fn replace_with_error(
    handler: &dyn Handler,
    result: Outcome,
    request: &Request<'_>,
    exchange: &ExchangeState<'_>,
    writer: &mut ResponseWriter,
) -> bool {
    if writer.overrun {
        catch_panic(|| {
            handler.log_error(
                request,
                format_args!("the body is longer than its Content-Length: the rest was dropped"),
            )
        });
    }
    let mut error = match result {
        Ok(Ok(_)) if is_whole(writer) => return true,
        Ok(Ok(_)) if writer.gone().is_some() => {
            Error::internal("the handler took no notice of a write that failed")
        }
        Ok(Ok(_)) => Error::internal("the handler returned the proof of another response"),
        Ok(Err(error)) => error,
        Err(panic) => {
            let words = panic_words(&*panic);
            exchange.force_close();
            Error::internal(format!("the handler panicked: {words}")).close()
        }
    };
    let committed = exchange.committed.load(Ordering::Relaxed);
    if committed || writer.is_finished() || writer.gone().is_some() {
        let stands = is_whole(writer) || exchange.is_cut() || !writer.take_back_written(exchange);
        if stands {
            catch_panic(|| {
                log_breaking_off(handler, request, &error, writer.gone(), exchange.is_cut())
            });
            return is_whole(writer);
        }
        if let Some(fault) = writer.fault.take() {
            error = fault;
        }
    }
    if error.closes() {
        // Not left to the hook, which may have pages of its own.
        exchange.force_close();
    }
    writer.take_back();
    // Not left to the hook either: whoever writes a page of his own thinks of the page.
    if !error.is_logged() {
        catch_panic(|| hooks::log_failure(handler, request, &error));
        error.set_logged();
    }
    for (name, value) in error.headers() {
        writer.promise(name, value);
    }
    let page = catch_unwind(AssertUnwindSafe(|| {
        handler.send_error(
            request,
            Response::new(writer, exchange, handler, handler.settings()),
            error,
        )
    }));
    if matches!(page, Ok(Ok(_))) && writer.is_finished() {
        return true;
    }
    if exchange.committed.load(Ordering::Relaxed) {
        return false;
    }
    writer.take_back();
    exchange.force_close();
    writer.plain_error(handler.settings().protocol_version, exchange);
    let words = match page {
        Ok(Ok(_)) => "it returned the proof of another response".to_owned(),
        Ok(Err(error)) => match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
        Err(panic) => format!("it panicked: {}", panic_words(&*panic)),
    };
    catch_panic(|| {
        handler.log_error(
            request,
            format_args!("no error page could be sent: {words}"),
        )
    });
    true
}

/// Says why a response that had begun breaks off. `gone`: why nothing can be written any more.
fn log_breaking_off(
    handler: &dyn Handler,
    request: &Request<'_>,
    error: &Error,
    gone: Option<ErrorKind>,
    is_cut: bool,
) {
    let is_late =
        std::error::Error::source(error).is_some_and(|cause| cause.is::<DeadlineExceeded>());
    match gone {
        Some(ErrorKind::TimedOut) if is_late => handler.log_error(
            request,
            format_args!("Request timed out: the answer was not whole at its deadline"),
        ),
        Some(ErrorKind::TimedOut) => handler.log_error(
            request,
            format_args!("Request timed out: the client does not take the response"),
        ),
        Some(ErrorKind::ConnectionAborted) if is_cut => {
            handler.log_error(request, format_args!("the server has cut the connection"));
        }
        Some(kind) => handler.log_error(request, format_args!("the client went away: {kind}")),
        None => {
            handler.log_error(
                request,
                format_args!("after the response had begun: {error}"),
            );
            hooks::log_causes(handler, request, error);
        }
    }
}

/// Logging must not end a connection: a hook that panics is left alone.
pub(super) fn catch_panic(log: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(log));
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> &str {
    if let Some(words) = panic.downcast_ref::<&str>() {
        words
    } else if let Some(words) = panic.downcast_ref::<String>() {
        words
    } else {
        "no message"
    }
}
