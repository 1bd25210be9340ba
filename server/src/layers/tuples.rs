//! Several layers as one: the first of a tuple is the outermost.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent, StatusCode};

/// No layer.
impl Layer for () {
    const GATED: bool = false;
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<L: Layer> Layer for $pointer {
            const GATED: bool = L::GATED;
            const BLOCKS: bool = L::BLOCKS;

            fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
                (**self).promise(request, promised);
            }

            fn gate<'l>(&'l self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'l>> {
                (**self).gate(request, promised)
            }

            fn around(
                &self,
                request: &mut Request<'_>,
                response: Response<'_>,
                next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
            ) -> Result<Sent> {
                (**self).around(request, response, next)
            }

            fn sent(&self, request: &Request<'_>, code: StatusCode, size: u64) {
                (**self).sent(request, code, size);
            }

            fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
                (**self).is_logged(request, code)
            }

            #[cfg(feature = "openapi")]
            fn describe(api: &mut crate::openapi::Api) {
                L::describe(api);
            }
        }
    )*};
}

pointers! { &L, std::sync::Arc<L> }

/// Of a list of layers the one behind the other: what is left of the list is called from within the first.
macro_rules! around {
    ($request:ident, $response:ident, $next:ident;) => {
        $next($request, $response)
    };
    ($request:ident, $response:ident, $next:ident; $first:ident $($more:ident)*) => {
        $first.around($request, $response, |request: &mut Request<'_>, response: Response<'_>| {
            around!(request, response, $next; $($more)*)
        })
    };
}

macro_rules! tuple {
    ($($name:ident $layer:ident),+) => {
        impl<$($layer: Layer),+> Layer for ($($layer,)+) {
            const GATED: bool = $($layer::GATED)||+;
            const BLOCKS: bool = $($layer::BLOCKS)||+;

            fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
                let ($($name,)+) = self;
                $(
                    if $layer::GATED {
                        $name.promise(request, promised);
                    }
                )+
            }

            fn gate<'l>(&'l self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'l>> {
                let ($($name,)+) = self;
                $(
                    if $layer::GATED && let Gate::Answer(answer) = $name.gate(request, promised)? {
                        return Ok(Gate::Answer(answer));
                    }
                )+
                Ok(Gate::Pass)
            }

            fn around(
                &self,
                request: &mut Request<'_>,
                response: Response<'_>,
                next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
            ) -> Result<Sent> {
                let ($($name,)+) = self;
                around!(request, response, next; $($name)+)
            }

            fn sent(&self, request: &Request<'_>, code: StatusCode, size: u64) {
                let ($($name,)+) = self;
                $($name.sent(request, code, size);)+
            }

            fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
                let ($($name,)+) = self;
                $($name.is_logged(request, code))&&+
            }

            #[cfg(feature = "openapi")]
            fn describe(api: &mut crate::openapi::Api) {
                $($layer::describe(api);)+
            }
        }
    };
}

tuple!(a A);
tuple!(a A, b B);
tuple!(a A, b B, c C);
tuple!(a A, b B, c C, d D);
tuple!(a A, b B, c C, d D, e E);
tuple!(a A, b B, c C, d D, e E, f F);
tuple!(a A, b B, c C, d D, e E, f F, g G);
tuple!(a A, b B, c C, d D, e E, f F, g G, h H);
