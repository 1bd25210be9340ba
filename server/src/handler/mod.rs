//! The [`Handler`] trait, its hooks and its settings.

pub mod allow;
pub(crate) mod by_host;
pub(crate) mod checks;
mod delegate;
pub(crate) mod enter;
#[doc(hidden)]
pub mod expansion;
pub(crate) mod gate;
pub mod hooks;
pub(crate) mod literals;
pub(crate) mod mount;
pub(crate) mod mounted;
mod name_checks;
pub(crate) mod registry;
mod route_texts;
pub(crate) mod settings;
pub(crate) mod taker;
pub(crate) mod unclaimed;

use crate::handler::gate::Gate;
use crate::handler::registry::{MethodInfo, MethodSet};
use crate::handler::settings::Settings;
use crate::response::promised::Promised;
use crate::{Error, HttpDate, Request, Response, ResponseHead, Result, Sent, StatusCode};
use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

/// A handler of requests: what [`#[handler]`](macro@crate::handler) writes for a block of `do_*` methods.
///
/// Hooks that the block does not override have the defaults below; these are also functions, in [`hooks`], so that an
/// override can call them.
///
/// The trait can be implemented by hand: [`dispatch`](Self::dispatch) is enough, and [`settings`](Self::settings)
/// says the rest. [`allow`] has the answers of a handler that has no method for a request. A handler around another
/// one takes from it what it leaves alone with [`delegate!`](crate::delegate!).
///
/// Handlers of different types can be kept in one place, and served, as `Box<dyn Handler + Send + Sync>`:
///
/// ```
/// use doget::{Handler, Request, Response, Result, Sent};
///
/// struct ByHost(Vec<(String, Box<dyn Handler + Send + Sync>)>);
///
/// impl Handler for ByHost {
///     fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
///         let host = request.authority().unwrap_or_default();
///         match self.0.iter().find(|(name, _)| name == host) {
///             Some((_, handler)) => handler.dispatch(request, response),
///             None => response.send_error(404, None, None),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "this has no `do_*` methods that the server knows of",
    note = "a handler is a type with `#[doget::handler]` on the `impl` block that has its `do_GET`"
)]
pub trait Handler {
    /// The constant part of the handler: its versions, its parsing profile, the template of its error pages, its
    /// methods.
    fn settings(&self) -> &'static Settings {
        const { &Settings::new() }
    }

    /// The method that [`dispatch`](Self::dispatch) would call for this request method and path (without query), as far
    /// as the handler can tell without the request. The engine learns by it which methods block.
    fn route(&self, command: &str, path: &str) -> Route {
        let _ = (command, path);
        Route::UNKNOWN
    }

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// The error that the method returned; 404, 405 or 501 where the handler has no method for the request. The server
    /// answers the error with its page.
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent>;

    /// Adds to the set the methods that this path (without query) allows: `Allow` of a 405 and of `OPTIONS` lists them.
    fn allowed(&self, path: &str, set: &mut MethodSet) {
        let _ = path;
        for info in self.settings().methods {
            if info.route.is_none() {
                set.insert(info.method);
            }
        }
    }

    /// Whether the server asks [`promise`](Self::promise) and [`gate`](Self::gate) for each request. It asks once for
    /// each turn of a connection; the answer must not change.
    fn is_gated(&self) -> bool {
        false
    }

    /// Promises headers that every answer to this request carries, before anything else is decided of it. The server
    /// calls this also for a head that it did not understand: the request then has what could be read of it.
    ///
    /// It runs on the event loop, and must not block: [`Layer::promise`](crate::Layer::promise) says more.
    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        let _ = (request, promised);
    }

    /// Lets a request pass, answers or refuses it by its head alone, before `100 Continue` is sent and before the body
    /// is read: see [`Layer::gate`](crate::Layer::gate).
    ///
    /// # Errors
    ///
    /// The error that is the answer.
    fn gate<'h>(&'h self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'h>> {
        let _ = (request, promised);
        Ok(Gate::Pass)
    }

    /// Whether the log tells of this request, as the layers around the handler say:
    /// [`log_request`](Self::log_request) has asked them already. The server asks when a connection becomes live, and
    /// without them says nothing of its end.
    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        let _ = (request, code);
        true
    }

    /// See [`hooks::version_string`].
    fn version_string(&self) -> Cow<'_, str> {
        hooks::version_string(self)
    }
    /// See [`hooks::date_time_string`].
    fn date_time_string(&self, timestamp: SystemTime) -> HttpDate {
        hooks::date_time_string(timestamp)
    }
    /// See [`hooks::log_date_time_string`].
    fn log_date_time_string(&self, timestamp: SystemTime) -> Cow<'_, str> {
        hooks::log_date_time_string(timestamp)
    }
    /// See [`hooks::address_string`].
    fn address_string<'r>(&self, request: &'r Request<'_>) -> Cow<'r, str> {
        hooks::address_string(request)
    }
    /// See [`hooks::handle_expect_100`].
    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        hooks::handle_expect_100(request)
    }
    /// See [`hooks::send_error`].
    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        hooks::send_error(self, request, response, error)
    }
    /// See [`hooks::end_headers`].
    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        hooks::end_headers(headers)
    }
    /// See [`hooks::responses`].
    fn responses(&self, code: StatusCode) -> Option<(&str, &str)> {
        hooks::responses(code)
    }
    /// See [`hooks::log_request`].
    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        hooks::log_request(self, request, code, size)
    }
    /// See [`hooks::log_error`].
    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_error(self, request, args)
    }
    /// See [`hooks::log_message`].
    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_message(self, request, args)
    }
}

/// A handler whose settings are known at compile time: those that `#[handler]` writes, and pointers to them.
///
/// A base of `#[handler(base(..))]` has to be one, since the methods of both become one table at compile time; a `dyn
/// Handler` cannot be. [`assert_methods!`](crate::assert_methods!) asks for the methods.
///
/// ```
/// use doget::{Declared, handler};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     const SERVER_VERSION: &str = "Hello/1.0";
///
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// assert_eq!(Hello::SETTINGS.server_version, "Hello/1.0");
/// assert_eq!(Hello::METHODS[0].method, "GET");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler whose methods are known at compile time",
    label = "a base, or what is mounted, has to be one",
    note = "a handler is a type with `#[doget::handler]` on the `impl` block that has its `do_GET`",
    note = "a `dyn Handler` cannot be a base: pass requests on with its `dispatch`; for one below a prefix there is \
            `doget::Mount`"
)]
pub trait Declared: Handler {
    /// What [`Handler::settings`] gives.
    const SETTINGS: &'static Settings;
    /// Every method and route, those of the base included: what is written, in the order of the source, with what is
    /// derived from it.
    const METHODS: &'static [MethodInfo] = Self::SETTINGS.methods;

    /// Says what the methods take and send. Of a handler that is written by hand only the registry is known.
    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        api.methods(Self::METHODS);
    }
}

/// The method `M` is handled: a bound to ask a handler for the methods that it has.
///
/// ```
/// use doget::{Handles, handler, method::{GET, HEAD}};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// fn mount<H: Handles<GET> + Handles<HEAD>>(_: H) {}
/// mount(Hello);
/// ```
///
/// ```compile_fail
/// # use doget::{Handles, handler, method::PUT};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// fn mount<H: Handles<PUT>>(_: H) {}
/// mount(Hello); // `Hello` has no `do_PUT` method
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `do_{M}` method",
    label = "does not handle `{M}`",
    note = "add `fn do_{M}(&self, ..)` to its `#[handler]` block; what comes from a base is named with `inherits({M})`"
)]
pub trait Handles<M> {}

/// Asserts at compile time that a handler has these methods, its base's included, or with `!` that it has not.
///
/// ```
/// # use doget::{assert_methods, handler};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// assert_methods!(Hello: GET, HEAD, !PUT, !"M-SEARCH");
/// ```
///
/// ```compile_fail
/// # use doget::{assert_methods, handler};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// assert_methods!(Hello: PUT); // `Hello` has no `do_PUT` method
/// ```
#[macro_export]
macro_rules! assert_methods {
    (@one $handler:ty, $name:expr, $expected:expr, $complaint:expr) => {
        const _: () = $crate::__private::assert_method(
            <$handler as $crate::Declared>::METHODS,
            $name,
            $expected,
            $complaint,
        );
    };
    (@each $handler:ty;) => {};
    (@each $handler:ty; ! $method:ident $(, $($more:tt)*)?) => {
        $crate::assert_methods!(@one $handler, stringify!($method), false,
            concat!("`", stringify!($handler), "` has a `do_", stringify!($method), "` method"));
        $crate::assert_methods!(@each $handler; $($($more)*)?);
    };
    (@each $handler:ty; ! $method:literal $(, $($more:tt)*)?) => {
        $crate::assert_methods!(@one $handler, $method, false,
            concat!("`", stringify!($handler), "` handles `", $method, "`"));
        $crate::assert_methods!(@each $handler; $($($more)*)?);
    };
    (@each $handler:ty; $method:ident $(, $($more:tt)*)?) => {
        $crate::assert_methods!(@one $handler, stringify!($method), true,
            concat!("`", stringify!($handler), "` has no `do_", stringify!($method), "` method"));
        $crate::assert_methods!(@each $handler; $($($more)*)?);
    };
    (@each $handler:ty; $method:literal $(, $($more:tt)*)?) => {
        $crate::assert_methods!(@one $handler, $method, true,
            concat!("`", stringify!($handler), "` does not handle `", $method, "`"));
        $crate::assert_methods!(@each $handler; $($($more)*)?);
    };
    ($handler:ty: $($methods:tt)+) => {
        $crate::assert_methods!(@each $handler; $($methods)+);
    };
}

/// The method that a handler would call for a request, and what the engine has to know of that method beforehand.
///
/// ```
/// use doget::{FromRequest, Handler, Request, Response, Result, Route, Sent};
///
/// struct Backup;
///
/// impl Handler for Backup {
///     fn route(&self, command: &str, _path: &str) -> Route {
///         match command {
///             "GET" => Route::new(0),
///             "PUT" => Route::new(1).blocking(true).collect(Vec::<u8>::COLLECT),
///             _ => Route::UNKNOWN,
///         }
///     }
///
///     fn dispatch(&self, _request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
///         response.reply("done")
///     }
/// }
///
/// assert!(Backup.route("PUT", "/").blocking);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The position in [`Settings::methods`] of the method that would run. A derived `HEAD` may have that of its `GET`.
    pub index: u32,
    /// The method blocks: `#[blocking]` stands on it. It runs on a thread of its own from the first request on.
    pub blocking: bool,
    /// How many bytes of the body its parameters collect: the largest
    /// [`FromRequest::COLLECT`](crate::FromRequest::COLLECT).
    pub collect: u64,
}

impl Route {
    /// No method, or one that the handler cannot tell without the request.
    pub const UNKNOWN: Self = Self::new(u32::MAX);

    /// The method at this position in [`Settings::methods`]. It is not known to block, and collects no body.
    #[inline]
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self {
            index,
            blocking: false,
            collect: 0,
        }
    }

    /// Sets [`blocking`](#structfield.blocking).
    #[inline]
    #[must_use]
    pub const fn blocking(mut self, blocking: bool) -> Self {
        self.blocking = blocking;
        self
    }

    /// Sets [`collect`](#structfield.collect).
    #[inline]
    #[must_use]
    pub const fn collect(mut self, collect: u64) -> Self {
        self.collect = collect;
        self
    }
}
