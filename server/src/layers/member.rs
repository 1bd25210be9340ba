//! What the expansion of `#[handler]` asks of layers that are fields of the handler. Functions, since the type of a
//! field has no name there.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent, StatusCode};

/// What the layer promises.
#[inline]
pub fn promise<L: Layer>(layer: &L, request: &Request<'_>, promised: &mut Promised) {
    if L::GATED {
        layer.promise(request, promised);
    }
}

/// What the gate of the layer says, if it does not let the request pass.
///
/// # Errors
///
/// Its refusal.
#[inline]
pub fn gate<'l, L: Layer>(
    layer: &'l L,
    request: &Request<'_>,
    promised: &mut Promised,
) -> Result<Option<Gate<'l>>> {
    if !L::GATED {
        return Ok(None);
    }
    Ok(match layer.gate(request, promised)? {
        Gate::Pass => None,
        answer => Some(answer),
    })
}

/// Calls what is within the layers, a tuple of references.
///
/// # Errors
///
/// What they return.
#[inline]
pub fn around<L: Layer>(
    layers: &L,
    request: &mut Request<'_>,
    response: Response<'_>,
    next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
) -> Result<Sent> {
    layers.around(request, response, next)
}

/// Whether the layer may block.
#[inline]
pub fn is_blocking<L: Layer>(_: &L) -> bool {
    L::BLOCKS
}

/// Whether the log tells of the request.
#[inline]
pub fn is_logged<L: Layer>(layers: &L, request: &Request<'_>, code: StatusCode) -> bool {
    layers.is_logged(request, code)
}

/// Tells the layers of an answer, and whether it is logged.
#[inline]
pub fn sent<L: Layer>(layers: &L, request: &Request<'_>, code: StatusCode, size: u64) -> bool {
    layers.sent(request, code, size);
    layers.is_logged(request, code)
}
