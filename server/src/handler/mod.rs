//! The [`Handler`] trait, its hooks and consts, and its dyn-compatible twin [`Dispatch`].

pub(crate) mod checks;
#[doc(hidden)]
pub mod expansion;
pub mod hooks;
use crate::http1::Parsing;
use crate::response::ResponseHooks;
use crate::response::first_lines::StandardLines;
use crate::semantics::method::{MethodInfo, MethodSet};
use crate::{Error, HttpDate, Request, Response, ResponseHead, Result, Sent, StatusCode};
use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

/// A handler of requests: what [`#[handler]`](macro@crate::handler) writes for a block of `do_*` methods.
///
/// Consts and hooks that the block does not override have the defaults below; the defaults of the hooks are also functions, in
/// [`hooks`], so that an override can call them.
///
/// The trait can be implemented by hand: [`METHODS`](Self::METHODS) and [`dispatch`](Self::dispatch) are enough.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "this has no `do_*` methods that the server knows of",
    note = "put `#[doget::handler]` on the `impl {Self}` block that has its `do_GET`"
)]
pub trait Handler {
    /// Every method and route, those of the base included: what is written, in the order of the source, with what is derived from it.
    const METHODS: &'static [MethodInfo];
    /// The value of `Server`.
    const SERVER_VERSION: &'static str = hooks::SERVER_VERSION;
    /// What follows it, if it is not empty.
    const SYS_VERSION: &'static str = "";
    /// The version of responses: `HTTP/1.1`, or `HTTP/1.0`, which closes connections unless the client asks to keep them.
    const PROTOCOL_VERSION: &'static str = "HTTP/1.1";
    /// Neither `Server`, nor `Date`, nor a reason phrase is a hook's: `#[handler]` sees that, and the first lines of a response are
    /// then formatted once a second.
    #[doc(hidden)]
    const STANDARD_HEAD: bool = false;
    /// No part of a line of the log is a hook's: it is put together without asking them.
    #[doc(hidden)]
    const STANDARD_LOG: bool = false;
    /// How request heads are read.
    const PARSING: Parsing = Parsing::Strict;
    /// The template of error pages, with `{code}`, `{message}` and `{explain}`; a brace as text is written twice.
    const ERROR_MESSAGE_FORMAT: &'static str = hooks::ERROR_MESSAGE_FORMAT;
    /// The media type of error pages.
    const ERROR_CONTENT_TYPE: &'static str = hooks::ERROR_CONTENT_TYPE;

    /// What [`dispatch`](Self::dispatch) would call for this method and path (without query), as far as that is known beforehand.
    fn route(&self, command: &str, path: &str) -> Route {
        let _ = (command, path);
        Route::UNKNOWN
    }

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// What the method returned, and 404, 405 or 501 where there is none; the server makes an error page of it.
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent>;

    /// Adds the methods that this path (without query) allows.
    fn allowed(&self, path: &str, set: &mut MethodSet) {
        let _ = path;
        for info in Self::METHODS {
            if info.route.is_none() {
                set.insert(info.method);
            }
        }
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
        const _: () = $crate::__private::assert_method(<$handler as $crate::Handler>::METHODS, $name, $expected, $complaint);
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

/// What dispatch would call for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The position in [`Handler::METHODS`] of the method that would run. A derived `HEAD` may have that of its `GET`.
    pub index: u32,
    /// The method says itself that it blocks, with `#[blocking]`.
    pub blocking: bool,
    /// How many bytes of the body its parameters collect: the largest [`FromRequest::COLLECT`](crate::FromRequest::COLLECT).
    pub collect: u64,
}

impl Route {
    /// Not known beforehand, or nothing.
    pub const UNKNOWN: Self = Self {
        index: u32::MAX,
        blocking: false,
        collect: 0,
    };
}

/// The consts of a handler, as data.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// [`Handler::PROTOCOL_VERSION`]
    pub protocol_version: &'static str,
    /// [`Handler::PARSING`]
    pub parsing: Parsing,
    /// [`Handler::METHODS`]
    pub methods: &'static [MethodInfo],
}

impl Settings {
    /// Whether answers are HTTP/1.1, with what only that has: kept connections, chunks, `100 Continue`.
    pub(crate) fn is_modern(&self) -> bool {
        self.protocol_version >= "HTTP/1.1"
    }
}

/// The dyn-compatible twin of [`Handler`], for handlers of different types in one place. Every handler has it.
///
/// ```
/// use doget::{Dispatch, Request, Response, Result, Sent};
///
/// struct ByHost(Vec<(String, Box<dyn Dispatch>)>);
///
/// impl ByHost {
///     fn pass(&self, host: &str, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
///         match self.0.iter().find(|(name, _)| name == host) {
///             Some((_, handler)) => handler.dispatch(request, response),
///             None => response.send_error(404, None, None),
///         }
///     }
/// }
/// ```
pub trait Dispatch: ResponseHooks {
    /// The consts.
    fn settings(&self) -> Settings;
    /// [`Handler::route`]
    fn route(&self, command: &str, path: &str) -> Route;
    /// [`Handler::dispatch`]
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent>;
    /// [`Handler::handle_expect_100`]
    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()>;
    /// [`Handler::send_error`]
    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent>;
    /// [`Handler::log_request`]
    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64);
    /// [`Handler::log_error`]
    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>);
    /// [`Handler::log_message`]
    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>);
}

impl<H: Handler> ResponseHooks for H {
    fn protocol_version(&self) -> &'static str {
        H::PROTOCOL_VERSION
    }
    fn standard_lines(&self) -> Option<&'static StandardLines> {
        let lines = const {
            &StandardLines {
                version: H::PROTOCOL_VERSION,
                server: H::SERVER_VERSION,
            }
        };
        (H::STANDARD_HEAD && H::SYS_VERSION.is_empty()).then_some(lines)
    }
    fn version_string(&self) -> Cow<'_, str> {
        Handler::version_string(self)
    }
    fn date_time_string(&self, timestamp: SystemTime) -> HttpDate {
        Handler::date_time_string(self, timestamp)
    }
    fn phrase(&self, status: StatusCode) -> &str {
        Handler::responses(self, status).map_or("", |texts| texts.0)
    }
    fn end_headers(&self, headers: ResponseHead<'_>) {
        let _ = Handler::end_headers(self, headers);
    }
    fn report(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        Handler::log_error(self, request, args);
    }
}

impl<H: Handler> Dispatch for H {
    fn settings(&self) -> Settings {
        Settings {
            protocol_version: H::PROTOCOL_VERSION,
            parsing: H::PARSING,
            methods: H::METHODS,
        }
    }
    fn route(&self, command: &str, path: &str) -> Route {
        Handler::route(self, command, path)
    }
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        Handler::dispatch(self, request, response)
    }
    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        Handler::handle_expect_100(self, request)
    }
    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        Handler::send_error(self, request, response, error)
    }
    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        Handler::log_request(self, request, code, size)
    }
    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        Handler::log_error(self, request, args)
    }
    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        Handler::log_message(self, request, args)
    }
}

/// Takes a const or a hook of a handler from another one.
#[doc(hidden)]
#[macro_export]
macro_rules! __doget_inherit {
    (PARSING: $base:ty) => {
        const PARSING: $crate::http1::Parsing = <$base as $crate::Handler>::PARSING;
    };
    ($name:ident: $base:ty) => {
        const $name: &'static $crate::__private::str = <$base as $crate::Handler>::$name;
    };
    (version_string($this:ident) ($place:expr): $base:ty) => {
        fn version_string(&$this) -> ::std::borrow::Cow<'_, $crate::__private::str> {
            let base: &$base = &$place;
            $crate::Handler::version_string(base)
        }
    };
    (date_time_string($this:ident) ($place:expr): $base:ty) => {
        fn date_time_string(&$this, timestamp: ::std::time::SystemTime) -> $crate::HttpDate {
            let base: &$base = &$place;
            $crate::Handler::date_time_string(base, timestamp)
        }
    };
    (log_date_time_string($this:ident) ($place:expr): $base:ty) => {
        fn log_date_time_string(&$this, timestamp: ::std::time::SystemTime) -> ::std::borrow::Cow<'_, $crate::__private::str> {
            let base: &$base = &$place;
            $crate::Handler::log_date_time_string(base, timestamp)
        }
    };
    (address_string($this:ident) ($place:expr): $base:ty) => {
        fn address_string<'r>(&$this, request: &'r $crate::Request<'_>) -> ::std::borrow::Cow<'r, $crate::__private::str> {
            let base: &$base = &$place;
            $crate::Handler::address_string(base, request)
        }
    };
    (handle_expect_100($this:ident) ($place:expr): $base:ty) => {
        fn handle_expect_100(&$this, request: &$crate::Request<'_>) -> $crate::Result<()> {
            let base: &$base = &$place;
            $crate::Handler::handle_expect_100(base, request)
        }
    };
    (send_error($this:ident) ($place:expr): $base:ty) => {
        fn send_error(
            &$this,
            request: &$crate::Request<'_>,
            response: $crate::Response<'_>,
            error: $crate::Error,
        ) -> $crate::Result<$crate::Sent> {
            let base: &$base = &$place;
            $crate::Handler::send_error(base, request, response, error)
        }
    };
    (end_headers($this:ident) ($place:expr): $base:ty) => {
        fn end_headers<'c>(&$this, headers: $crate::ResponseHead<'c>) -> $crate::ResponseHead<'c> {
            let base: &$base = &$place;
            $crate::Handler::end_headers(base, headers)
        }
    };
    (responses($this:ident) ($place:expr): $base:ty) => {
        fn responses(&$this, code: $crate::StatusCode) -> ::std::option::Option<(&$crate::__private::str, &$crate::__private::str)> {
            let base: &$base = &$place;
            $crate::Handler::responses(base, code)
        }
    };
    (log_request($this:ident) ($place:expr): $base:ty) => {
        fn log_request(&$this, request: &$crate::Request<'_>, code: $crate::StatusCode, size: $crate::__private::u64) {
            let base: &$base = &$place;
            $crate::Handler::log_request(base, request, code, size)
        }
    };
    (log_error($this:ident) ($place:expr): $base:ty) => {
        fn log_error(&$this, request: &$crate::Request<'_>, args: ::std::fmt::Arguments<'_>) {
            let base: &$base = &$place;
            $crate::Handler::log_error(base, request, args)
        }
    };
    (log_message($this:ident) ($place:expr): $base:ty) => {
        fn log_message(&$this, request: &$crate::Request<'_>, args: ::std::fmt::Arguments<'_>) {
            let base: &$base = &$place;
            $crate::Handler::log_message(base, request, args)
        }
    };
}

/// A pointer to a handler is that handler.
macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<H: Handler> Handler for $pointer {
            const METHODS: &'static [MethodInfo] = H::METHODS;
            const STANDARD_HEAD: bool = H::STANDARD_HEAD;
            const STANDARD_LOG: bool = H::STANDARD_LOG;
            __doget_inherit! { SERVER_VERSION: H }
            __doget_inherit! { SYS_VERSION: H }
            __doget_inherit! { PROTOCOL_VERSION: H }
            __doget_inherit! { PARSING: H }
            __doget_inherit! { ERROR_MESSAGE_FORMAT: H }
            __doget_inherit! { ERROR_CONTENT_TYPE: H }

            fn route(&self, command: &str, path: &str) -> Route {
                H::route(self, command, path)
            }
            fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
                H::dispatch(self, request, response)
            }
            fn allowed(&self, path: &str, set: &mut MethodSet) {
                H::allowed(self, path, set);
            }

            __doget_inherit! { version_string(self) (**self): H }
            __doget_inherit! { date_time_string(self) (**self): H }
            __doget_inherit! { log_date_time_string(self) (**self): H }
            __doget_inherit! { address_string(self) (**self): H }
            __doget_inherit! { handle_expect_100(self) (**self): H }
            __doget_inherit! { send_error(self) (**self): H }
            __doget_inherit! { end_headers(self) (**self): H }
            __doget_inherit! { responses(self) (**self): H }
            __doget_inherit! { log_request(self) (**self): H }
            __doget_inherit! { log_error(self) (**self): H }
            __doget_inherit! { log_message(self) (**self): H }
        }

        impl<M, H: Handles<M>> Handles<M> for $pointer {}
    )*};
}

pointers! { &H, Box<H>, std::sync::Arc<H> }
