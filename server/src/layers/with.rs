//! [`With`]: layers around a handler, the one place where requests are passed on from the one to the other.

use crate::handler::enter::enter;
use crate::handler::gate::Gate;
use crate::handler::settings::Settings;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Declared, Handler, Handles, Request, Response, Result, Route, Sent, StatusCode};
use std::ops::ControlFlow;

/// A handler with layers around it: see [`with`](crate::with()).
#[derive(Clone, Copy, Debug, Default)]
pub struct With<L, H> {
    layers: L,
    handler: H,
}

/// Puts layers around a handler: one, or a tuple whose first is the outermost.
///
/// ```
/// use doget::{AllowHosts, handler, testing};
///
/// struct Admin;
///
/// #[handler]
/// impl Admin {
///     fn do_GET(&self) -> &'static str {
///         "secrets"
///     }
/// }
///
/// let admin = doget::with(AllowHosts::new(["localhost"]), Admin);
/// assert_eq!(testing::get("/").header("Host", "localhost:8000").send(&admin).text(), "secrets");
/// assert_eq!(testing::get("/").header("Host", "evil.example").send(&admin).status(), 421);
/// ```
pub const fn with<L: Layer, H: Handler>(layers: L, handler: H) -> With<L, H> {
    With { layers, handler }
}

impl<L, H> With<L, H> {
    /// The layers.
    pub const fn layers(&self) -> &L {
        &self.layers
    }

    /// The handler within.
    pub const fn handler(&self) -> &H {
        &self.handler
    }
}

// Keeps this implementation out of the error for a missing `#[handler]`.
#[diagnostic::do_not_recommend]
impl<L: Layer, H: Handler> Handler for With<L, H> {
    crate::delegate! { |self| self.handler => settings, allowed }

    fn route(&self, command: &str, path: &str) -> Route {
        let route = self.handler.route(command, path);
        route.blocking(route.blocking || L::BLOCKS)
    }

    fn is_gated(&self) -> bool {
        L::GATED || self.handler.is_gated()
    }

    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        if L::GATED {
            self.layers.promise(request, promised);
        }
        self.handler.promise(request, promised);
    }

    fn gate<'h>(&'h self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'h>> {
        if L::GATED
            && let Gate::Answer(answer) = self.layers.gate(request, promised)?
        {
            return Ok(Gate::Answer(answer));
        }
        let gate = self.handler.gate(request, promised)?;
        if L::GATED
            && let Gate::Pass = gate
        {
            promised.mark_passed(self);
        }
        Ok(gate)
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let response = match L::GATED {
            true => match enter(self, request, response)? {
                ControlFlow::Continue(response) => response,
                ControlFlow::Break(sent) => return Ok(sent),
            },
            false => response,
        };
        self.layers.around(request, response, |request, response| {
            self.handler.dispatch(request, response)
        })
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        // First, so that a hook of the handler that panics does not keep it from the layers.
        self.layers.sent(request, code, size);
        if self.layers.is_logged(request, code) {
            self.handler.log_request(request, code, size);
        }
    }

    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        self.layers.is_logged(request, code) && self.handler.is_logged(request, code)
    }

    crate::delegate! { |self| self.handler => version_string, date_time_string, log_date_time_string }
    crate::delegate! { |self| self.handler => address_string, handle_expect_100, send_error, end_headers }
    crate::delegate! { |self| self.handler => responses, log_error, log_message }
}

#[diagnostic::do_not_recommend]
impl<L: Layer, H: Declared> Declared for With<L, H> {
    const SETTINGS: &'static Settings = H::SETTINGS;

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        H::describe(api);
        L::describe(api);
    }
}

#[diagnostic::do_not_recommend]
impl<M, L: Layer, H: Handles<M>> Handles<M> for With<L, H> {}
