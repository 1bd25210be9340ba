//! [`Deadline`]: how long a request may take.

use crate::connection::time_limit::TimeLimit;
use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent};
use std::time::Duration;

/// A [`Layer`] that limits the time from a request's head to the end of its handler.
///
/// A thread that runs cannot be stopped in Rust, so the deadline ends what a request waits for, and nothing that it
/// computes:
///
/// - A body that is not whole by then is 408: both one that is collected for a parameter and one that the handler
///   reads. Bytes of the body that have come already can still be read.
/// - A handler that could not begin by then, since no thread was free, is not called: 503.
/// - Writes that would leave fail with [`DeadlineExceeded`](crate::DeadlineExceeded). An answer of which nothing has
///   left when the handler is done too late is not sent: 503 takes its place. One that has begun is cut, so that the
///   client sees that it is not whole. An error that the handler returns is answered as ever.
/// - A handler that waits for something else, a database or another server, has to ask how long it may:
///   [`Request::time_left`].
///
/// A WebSocket and an event stream that follows a topic (feature `live`) are handed over when their method returns: the
/// deadline does not end them.
///
/// What the handler has handed over whole leaves in the time of [`Limits`](crate::Limits). Of several deadlines the
/// earliest counts. Below another engine ([`tower`](crate#features)) nothing ends the time in which a body is
/// collected; its handler is then not called.
///
/// ```
/// use doget::{Deadline, Request, handler, testing};
/// use std::time::Duration;
///
/// struct Report {
///     brief: Deadline,
///     clock: testing::Clock,
/// }
///
/// #[handler]
/// impl Report {
///     #[layer(self.brief)]
///     #[route("/{seconds}")]
///     fn do_GET(&self, seconds: u64, request: &Request<'_>) -> String {
///         let before = request.time_left().unwrap_or(Duration::MAX);
///         // Works for so long: a test moves the clock.
///         self.clock.advance(Duration::from_secs(seconds));
///         let after = request.time_left().unwrap_or(Duration::MAX);
///         format!("{} of {} hours left", after.as_secs() / 3600, before.as_secs().div_ceil(3600))
///     }
/// }
///
/// let clock = testing::Clock::new();
/// let report = Report { brief: Deadline::after(Duration::from_secs(4 * 3600)), clock: clock.clone() };
/// let exchange = testing::Exchange::new().clock(&clock);
/// let answer = exchange.run(&report, b"GET /3600 HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.bytes.ends_with(b"\r\n\r\n2 of 4 hours left"));
/// let answer = exchange.run(&report, b"GET /15000 HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.bytes.starts_with(b"HTTP/1.1 503 "));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    time: Duration,
}

impl Deadline {
    /// So long after its head a request has to be answered.
    #[must_use]
    pub const fn after(time: Duration) -> Self {
        Self { time }
    }

    fn limit(&self, request: &Request<'_>) -> Option<TimeLimit> {
        TimeLimit::new(request.exchange.transport.now(), self.time)
    }
}

impl Layer for Deadline {
    fn gate<'l>(&'l self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'l>> {
        if let Some(limit) = self.limit(request) {
            promised.limit_time(limit);
        }
        Ok(Gate::Pass)
    }

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        // Where the gate was asked, this is later than what counts already; by hand there may have been none.
        if let Some(limit) = self.limit(request) {
            request.exchange.limit_time(limit);
        }
        next(request, response)
    }

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        api.every_operation(|operation| {
            operation.fault(crate::StatusCode::REQUEST_TIMEOUT, "");
            operation.fault(crate::StatusCode::SERVICE_UNAVAILABLE, "");
        });
    }
}
