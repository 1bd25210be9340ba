//! Handlers below a prefix: what the expansion of `mount(..)` calls, and [`Mount`](crate::Mount), with the prefix taken
//! off the path on the way in and put back on the way out.

use crate::handler::gate::Gate;
use crate::handler::registry::MethodSet;
use crate::handler::{Handler, Route};
use crate::request::below::rest;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent};

/// Answers a request whose path begins with `length` bytes of prefix.
///
/// # Errors
///
/// Those of the handler.
pub fn dispatch_mounted<H: Handler + ?Sized>(
    handler: &H,
    length: usize,
    request: &mut Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    request.below(length, |request| handler.dispatch(request, response))
}

/// What would run. The entries of the handler begin at `first` of the registry.
pub fn route_mounted<H: Handler + ?Sized>(
    handler: &H,
    length: usize,
    first: u32,
    command: &str,
    path: &str,
) -> Route {
    let route = handler.route(command, rest(path, length));
    if (route.index as usize) < handler.settings().methods.len() {
        let index = route.index + first;
        return Route { index, ..route };
    }
    Route {
        index: u32::MAX,
        ..route
    }
}

/// Adds what the path allows.
pub fn allowed_mounted<H: Handler + ?Sized>(
    handler: &H,
    length: usize,
    path: &str,
    set: &mut MethodSet,
) {
    handler.allowed(rest(path, length), set);
}

/// Makes the promises of the handler.
pub fn promise_mounted<H: Handler + ?Sized>(
    handler: &H,
    length: usize,
    request: &Request<'_>,
    promised: &mut Promised,
) {
    if handler.is_gated() {
        handler.promise(&request.view_below(length), promised);
    }
}

/// Asks the gates of the handler.
///
/// # Errors
///
/// The error that is the answer.
pub fn gate_mounted<'h, H: Handler + ?Sized>(
    handler: &'h H,
    length: usize,
    request: &Request<'_>,
    promised: &mut Promised,
) -> Result<Gate<'h>> {
    match handler.is_gated() {
        true => handler.gate(&request.view_below(length), promised),
        false => Ok(Gate::Pass),
    }
}
