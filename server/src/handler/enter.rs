//! The way into a handler that has gates.

use crate::handler::gate::Gate;
use crate::{Handler, Request, Response, Result, Sent};
use std::ops::ControlFlow;

/// The way of a request that is dispatched to a handler with gates of its own. The server asks the gates of its own
/// handler; to others a request comes on another way, and whatever passed it on may know nothing of gates. So they are
/// asked here where they were not yet.
///
/// `Break`: a gate has answered.
pub fn enter<'c, H: Handler>(
    handler: &H,
    request: &Request<'_>,
    mut response: Response<'c>,
) -> Result<ControlFlow<Sent, Response<'c>>> {
    let promised = response.promised();
    if promised.has_passed(handler) {
        return Ok(ControlFlow::Continue(response));
    }
    handler.promise(request, promised);
    let gate = handler.gate(request, promised)?;
    if let Some(fault) = promised.take_fault() {
        return Err(fault);
    }
    match gate {
        Gate::Pass => Ok(ControlFlow::Continue(response)),
        Gate::Answer(answer) => answer(response).map(ControlFlow::Break),
    }
}
