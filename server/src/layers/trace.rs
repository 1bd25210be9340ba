//! [`Trace`]: spans around handlers, for whoever subscribes to `tracing`.

use crate::handler::registry::MethodInfo;
use crate::layers::Layer;
use crate::{Declared, Error, Request, Response, Result, Sent, StatusCode};
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Span, debug, error, error_span, info};

/// A [`Layer`] that opens a span of `tracing` around each handler, and tells of each answer by an event. Feature
/// `tracing`.
///
/// The span is `request`, of the level `ERROR`, so that whoever sees an error sees where it arose. Its fields are
/// `method` and `route`, as the handler's registry has them, so that there are no more of them than the program has
/// (what no route takes is `other` and empty); `request_id`, if [`RequestId`](crate::RequestId) stands further out;
/// and, when the handler is done, its `status`, the `bytes` of its body and the microseconds of its `duration`.
///
/// Within the span stand the events of the handler, and one for an error that it returns: `ERROR` from 500 on, `DEBUG`
/// below, with the chain of its causes. When all has left, or could not, one event of the level `INFO` says so, also
/// for what a gate or the server has refused: with the same fields, and what was really sent. No field has the path,
/// the query or a header: they may hold secrets.
///
/// ```
/// use doget::{RequestId, Trace, handler, testing};
///
/// struct Shop;
///
/// #[handler]
/// impl Shop {
///     #[route("/items/{id}")]
///     fn do_GET_item(&self, id: u32) -> String {
///         tracing::info!(id, "looked up");
///         format!("item {id}")
///     }
/// }
///
/// // In `main`, one of the crates for it: tracing_subscriber::fmt::init();
/// let shop = doget::with((RequestId::new(), Trace::of::<Shop>()), Shop);
/// assert_eq!(testing::get("/items/7").send(&shop).text(), "item 7");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    methods: &'static [MethodInfo],
}

impl Trace {
    /// For the methods and routes of a handler.
    #[must_use]
    pub fn of<H: Declared>() -> Self {
        Self {
            methods: H::METHODS,
        }
    }

    /// Method and route of a request, by the registry.
    fn names(&self, request: &Request<'_>) -> (&'static str, &'static str) {
        let index = request.route_index();
        let info = index.and_then(|index| self.methods.get(index));
        info.map_or(("other", ""), |info| {
            (info.method, info.route.unwrap_or("*"))
        })
    }
}

impl Layer for Trace {
    const GATED: bool = false;

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        let (method, route) = self.names(request);
        let span = error_span!(
            "request",
            method,
            route,
            request_id = request.id(),
            status = Empty,
            bytes = Empty,
            duration = Empty,
        );
        if span.is_disabled() {
            return next(request, response);
        }
        let exchange = request.exchange;
        let running = Running {
            span: &span,
            began: Instant::now(),
        };
        let result = span.in_scope(|| {
            let result = next(request, response);
            if let Err(error) = &result {
                tell(error);
            }
            result
        });
        match &result {
            Ok(_) => {
                let (status, bytes) = exchange.answered.get();
                span.record("status", status);
                span.record("bytes", bytes);
            }
            Err(error) => {
                span.record("status", error.status().as_u16());
            }
        }
        drop(running);
        result
    }

    fn sent(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let (method, route) = self.names(request);
        let (request_id, status) = (request.id(), code.as_u16());
        info!(method, route, request_id, status, bytes = size, "answered");
    }
}

/// Ends the span, also where the handler panics.
struct Running<'s> {
    span: &'s Span,
    began: Instant,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.span.record("status", 500_u16);
            self.span.in_scope(|| error!("the handler panicked"));
        }
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.span.record("duration", micros);
    }
}

fn tell(error: &Error) {
    let status = error.status().as_u16();
    let mut causes = String::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let between = if causes.is_empty() { "" } else { ": " };
        causes.push_str(between);
        causes.push_str(&cause.to_string());
        next = cause.source();
    }
    match status {
        500.. => error!(status, causes, "{error}"),
        _ => debug!(status, causes, "{error}"),
    }
}
