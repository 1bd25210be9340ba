//! [`Mount`]: a handler below a prefix that is known when the program runs.

use crate::handler::allow;
use crate::handler::gate::Gate;
use crate::handler::mounted::{
    allowed_mounted, dispatch_mounted, gate_mounted, promise_mounted, route_mounted,
};
use crate::handler::registry::{MethodInfo, MethodSet};
use crate::handler::settings::Settings;
use crate::handler::{Handler, Route};
use crate::response::promised::Promised;
use crate::semantics::path_segment::prefix_length;
use crate::{Request, Response, Result, Sent};

/// A handler below a prefix that is known when the program runs; other paths are 404.
///
/// For a prefix that is known before, `#[handler(mount(..))]` puts several handlers beside the methods of a block, and
/// what they say of the path holds here too: segments are compared, in every spelling, and the handler sees the path
/// without the prefix ([`Request::mount`]). The hooks are those of the handler.
///
/// ```
/// use doget::{Mount, handler, testing};
///
/// struct Api;
///
/// #[handler]
/// impl Api {
///     #[route("/version")]
///     fn do_GET_version(&self) -> &'static str {
///         "7"
///     }
/// }
///
/// let base = std::env::var("BASE").unwrap_or("/app/".to_owned());
/// let site = Mount::new(&base, Api);
/// assert_eq!(testing::get("/app/version").send(&site).text(), "7");
/// assert_eq!(testing::get("/version").send(&site).status(), 404);
/// ```
#[derive(Debug)]
pub struct Mount<H> {
    /// Not escaped.
    segments: Vec<String>,
    settings: &'static Settings,
    handler: H,
}

impl<H: Handler> Mount<H> {
    /// This handler below this prefix: a path, not escaped, with or without slashes at its ends. The empty one and `/`
    /// mount at the root.
    ///
    /// The handler's table of methods, with the prefix before each pattern, is kept as long as the program lives.
    pub fn new(prefix: &str, handler: H) -> Self {
        let segments = prefix.split('/').filter(|segment| !segment.is_empty());
        let segments: Vec<String> = segments.map(str::to_owned).collect();
        let settings = match &segments[..] {
            [] => handler.settings(),
            segments => {
                let prefix = format!("/{}", segments.join("/"));
                let methods = handler.settings().methods.iter().map(|info| {
                    let pattern = info.route.unwrap_or("/{*path}");
                    let pattern = Box::leak(format!("{prefix}{pattern}").into_boxed_str());
                    info.route(pattern)
                });
                let methods: Vec<MethodInfo> = methods.collect();
                let settings = handler.settings().methods(methods.leak());
                Box::leak(Box::new(settings))
            }
        };
        Self {
            segments,
            settings,
            handler,
        }
    }

    /// The handler within.
    pub fn handler(&self) -> &H {
        &self.handler
    }

    fn length(&self, path: &str) -> Option<usize> {
        prefix_length(path, self.segments.iter().map(String::as_str))
    }
}

// Keeps this implementation out of the error for a missing `#[handler]`.
#[diagnostic::do_not_recommend]
impl<H: Handler> Handler for Mount<H> {
    fn settings(&self) -> &'static Settings {
        self.settings
    }

    fn route(&self, command: &str, path: &str) -> Route {
        match self.length(path) {
            Some(length) => route_mounted(&self.handler, length, 0, command, path),
            None => Route::UNKNOWN,
        }
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match self.length(request.path()) {
            Some(length) => dispatch_mounted(&self.handler, length, request, response),
            // All of it, as the handler below would say it.
            None if request.path() == "*" => self.handler.dispatch(request, response),
            None => allow::refuse(self, request),
        }
    }

    fn allowed(&self, path: &str, set: &mut MethodSet) {
        if let Some(length) = self.length(path) {
            allowed_mounted(&self.handler, length, path, set);
        }
    }

    fn is_gated(&self) -> bool {
        self.handler.is_gated()
    }

    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        // What is promised on no path below has no other place: a head that was not understood has no path.
        match self.length(request.path()) {
            Some(length) => promise_mounted(&self.handler, length, request, promised),
            None => self.handler.promise(request, promised),
        }
    }

    fn gate<'h>(&'h self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'h>> {
        match self.length(request.path()) {
            Some(length) => gate_mounted(&self.handler, length, request, promised),
            None => self.handler.gate(request, promised),
        }
    }

    crate::delegate! { |self| self.handler => version_string, date_time_string, log_date_time_string }
    crate::delegate! { |self| self.handler => address_string, handle_expect_100, send_error, end_headers }
    crate::delegate! { |self| self.handler => responses, is_logged, log_request, log_error, log_message }
}
