//! The answers of a handler that has no method for a request: 404, 405, 501 and `OPTIONS`, and the way to its base.

use crate::handler::registry::{MethodInfo, MethodSet, Registry};
use crate::handler::{Handler, Route};
use crate::http1::repr;
use crate::semantics::method_registry;
use crate::{Error, Request, Response, Result, Sent};

/// Refuses a request whose method the handler has not: 405 with `Allow` if the path allows other methods, 404 if it
/// allows none, 501 for a method that the handler does not have at all.
///
/// On a path that a route matches, or that belongs to files, a registered method is one that the server knows (RFC
/// 9110 section 15.5.6), so it gets 405 even if no other path has it.
///
/// ```
/// use doget::{Handler, MethodInfo, Request, Response, Result, Sent, Settings, allow};
///
/// struct Hello;
///
/// const METHODS: &[MethodInfo] = &[MethodInfo::new("GET", "hello"), MethodInfo::new("OPTIONS", "").derived()];
///
/// impl Handler for Hello {
///     fn settings(&self) -> &'static Settings {
///         const { &Settings::new().methods(METHODS) }
///     }
///
///     fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
///         match request.method() {
///             "GET" => response.reply("hello"),
///             "OPTIONS" => allow::options(self, request, response),
///             _ => allow::refuse(self, request),
///         }
///     }
/// }
///
/// let answer = doget::testing::exchange(&Hello, b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.starts_with(b"HTTP/1.1 501 Unsupported method ('PUT')\r\n"));
/// ```
///
/// # Errors
///
/// Always: the error is the answer.
pub fn refuse<H: Handler + ?Sized>(handler: &H, request: &Request<'_>) -> Result<Sent> {
    let command = request.method();
    let mut set = MethodSet::new();
    handler.allowed(request.path(), &mut set);
    let known = handler
        .settings()
        .methods
        .iter()
        .any(|info| info.method == command);
    if (known && !set.is_empty()) || (set.is_routed() && method_registry::registered(command)) {
        return Err(Error::new(405).header("Allow", set.to_string()));
    }
    if known {
        return Err(Error::new(404));
    }
    Err(Error::new(501).message(format!("Unsupported method ({})", repr(command))))
}

/// The derived `OPTIONS`: 200 with `Allow` and `Content-Length: 0`, which a 204 could not carry. `*` asks for the
/// whole handler (RFC 9110 section 9.3.7).
///
/// # Errors
///
/// 404 for a path that allows nothing.
pub fn options<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    let mut set = MethodSet::new();
    if request.path() == "*" {
        for info in handler.settings().methods {
            set.insert(info.method);
        }
    } else {
        handler.allowed(request.path(), &mut set);
    }
    if set.is_empty() {
        return Err(Error::new(404));
    }
    response
        .send_response(200)
        .send_header("Allow", set)
        .finish()
}

/// What a block does not handle goes to its base, if that does.
///
/// The derived `OPTIONS` stays here, since only the block knows both. One that the base wrote is called, except for
/// the block's own routes, of which it knows nothing.
#[doc(hidden)]
pub fn dispatch_base<H: Handler + ?Sized, B: Handler + ?Sized>(
    handler: &H,
    base: &B,
    request: &mut Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    let (command, path) = (request.method(), request.path());
    let info = base
        .settings()
        .methods
        .get(base.route(command, path).index as usize);
    let handled = match info {
        Some(_) => true,
        // A handler that is written by hand need not tell its routes.
        None => {
            let mut set = MethodSet::new();
            base.allowed(path, &mut set);
            set.contains(command)
        }
    };
    if command == "OPTIONS"
        && match info {
            Some(info) if !info.derived => has_own_route(handler, base, path),
            _ => derives_options(handler.settings().methods),
        }
    {
        return options(handler, request, response);
    }
    if handled {
        base.dispatch(request, response)
    } else {
        refuse(handler, request)
    }
}

/// Whether a route of the block itself allows something that the base does not.
fn has_own_route<H: Handler + ?Sized, B: Handler + ?Sized>(
    handler: &H,
    base: &B,
    path: &str,
) -> bool {
    let (mut all, mut below) = (MethodSet::new(), MethodSet::new());
    handler.allowed(path, &mut all);
    base.allowed(path, &mut below);
    let everywhere = |method| {
        let mut infos = handler.settings().methods.iter();
        infos.any(|info| info.route.is_none() && info.method == method)
    };
    all.iter()
        .any(|method| !below.contains(method) && !everywhere(method))
}

fn derives_options(methods: &[MethodInfo]) -> bool {
    methods
        .iter()
        .any(|info| info.method == "OPTIONS" && info.derived)
}

/// As [`dispatch_base`], but only says what would run.
#[doc(hidden)]
pub fn route_base<B: Handler + ?Sized>(
    registry: &Registry,
    base: &B,
    command: &str,
    path: &str,
) -> Route {
    let route = base.route(command, path);
    match registry.moved.get(route.index as usize) {
        Some(&index) if (route.index as usize) < base.settings().methods.len() => {
            Route { index, ..route }
        }
        _ => route,
    }
}
