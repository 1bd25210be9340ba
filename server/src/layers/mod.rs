//! What stands around handlers: [`Layer`], and the layers that ship with the server.

pub(crate) mod allow_hosts;
#[cfg(feature = "compress")]
pub(crate) mod compress;
pub(crate) mod cors;
pub(crate) mod deadline;
pub(crate) mod health;
pub(crate) mod limit;
pub(crate) mod max_body;
pub(crate) mod member;
pub(crate) mod metrics;
mod option;
pub(crate) mod origin;
pub(crate) mod request_id;
pub(crate) mod same_origin;
pub(crate) mod security_headers;
#[cfg(feature = "tracing")]
pub(crate) mod trace;
mod tuples;
pub(crate) mod with;

use crate::handler::gate::Gate;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent, StatusCode};

/// What stands around a handler: it promises headers that every answer has, refuses or answers requests by their heads
/// alone, does something before and after the handler, and hears of what was sent.
///
/// [`with`](crate::with()) puts layers around a handler; `#[handler(layers(self.field))]` those that are fields of it,
/// and `#[layer(self.field)]` puts one around a single method. A tuple of layers is a layer, and the first of it is
/// the outermost. For each request
///
/// 1. all promises are made, from the outermost layer to the innermost,
/// 2. all gates are asked in the same order, until one does not let the request pass,
/// 3. the body is read, if the method collects it,
/// 4. the outermost `around` is called, which calls the next, and the last one the method,
/// 5. when everything has left, `sent` and the log have their turn.
///
/// ```
/// use doget::{Error, Gate, Layer, Promised, Request, Result, handler, testing};
///
/// /// Nobody writes at night.
/// struct Hours(fn() -> u8);
///
/// impl Layer for Hours {
///     fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
///         match (request.method(), (self.0)()) {
///             ("GET" | "HEAD", _) | (_, 6..=22) => Ok(Gate::Pass),
///             _ => Err(Error::service_unavailable().header("Retry-After", "3600")),
///         }
///     }
/// }
///
/// struct Notes;
///
/// #[handler]
/// impl Notes {
///     fn do_GET(&self) -> &'static str {
///         "notes"
///     }
///     fn do_POST(&self, note: String) -> String {
///         note
///     }
/// }
///
/// let night = doget::with(Hours(|| 23), Notes);
/// assert_eq!(testing::get("/").send(&night).text(), "notes");
/// assert_eq!(testing::post("/").body("more").send(&night).status(), 503);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "this cannot stand around a handler",
    note = "a layer is a type that implements `doget::Layer`, or a tuple of up to eight of them"
)]
pub trait Layer {
    /// Whether [`promise`](Self::promise) and [`gate`](Self::gate) are asked. `false` saves their cost where the layer
    /// has neither.
    const GATED: bool = true;

    /// Whether [`around`](Self::around) may block for long: the handler then never runs on an event loop.
    const BLOCKS: bool = false;

    /// Promises headers that every answer to this request has: error pages, and the refusals of the server and of
    /// gates.
    ///
    /// It is called first of all, once for each request, and also for a request whose head was not understood, which
    /// has then only what could be read of it. It runs on an event loop: it must be quick, and it must not block.
    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        let _ = (request, promised);
    }

    /// Lets a request pass, answers it or refuses it, by its head alone.
    ///
    /// It is called once for each request, when no `100 Continue` was sent and none of the body was read, also for a
    /// path that leads nowhere. The request's body is empty here. Like `promise` it runs on an event loop, and should
    /// be quick; one that got stuck is called on a thread for a while, and a panic is answered with 500.
    ///
    /// # Errors
    ///
    /// The error that is the answer. A body that is not read is thrown away if it is short, and else the connection is
    /// closed.
    fn gate<'l>(&'l self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'l>> {
        let _ = (request, promised);
        Ok(Gate::Pass)
    }

    /// Does something before and after the handler, which `next` calls. Not called for what a gate refused or answered,
    /// nor where the body was refused.
    ///
    /// # Errors
    ///
    /// What `next` returned, or an error of one's own.
    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        next(request, response)
    }

    /// All of the response has left, or as much of it as could: it had this status, and a body of this size. Called
    /// once for every answer. A layer around a single method does not hear of it.
    fn sent(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let _ = (request, code, size);
    }

    /// Whether [`log_request`](crate::Handler::log_request) is called for this request.
    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        let _ = (request, code);
        true
    }

    /// Adds to the description of the handler what this layer adds to its answers.
    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        let _ = api;
    }
}
