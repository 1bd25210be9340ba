//! A layer that may be there or not: for programs whose settings decide.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent, StatusCode};

/// Without a layer nothing stands around the handler.
impl<L: Layer> Layer for Option<L> {
    const GATED: bool = L::GATED;
    const BLOCKS: bool = L::BLOCKS;

    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        if let Some(layer) = self {
            layer.promise(request, promised);
        }
    }

    fn gate<'l>(&'l self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'l>> {
        match self {
            Some(layer) => layer.gate(request, promised),
            None => Ok(Gate::Pass),
        }
    }

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        match self {
            Some(layer) => layer.around(request, response, next),
            None => next(request, response),
        }
    }

    fn sent(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        if let Some(layer) = self {
            layer.sent(request, code, size);
        }
    }

    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        self.as_ref()
            .is_none_or(|layer| layer.is_logged(request, code))
    }

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        L::describe(api);
    }
}
