//! A handler around a handler: [`delegate!`](crate::delegate!) passes on what the outer one does not change.

use crate::handler::settings::Settings;
use crate::handler::{Declared, Handler, Handles};

/// Takes members of [`Handler`](crate::Handler) from another handler: `delegate! { |self| self.inner => route,
/// allowed }`, in an implementation of the trait, writes methods that call those of `self.inner`.
///
/// The members are `settings`, `route`, `dispatch`, `allowed`, `is_gated`, `promise`, `gate`, `is_logged` and the
/// hooks. What is not named has the trait's default, which asks nothing of the inner handler: a wrapper that is to
/// change nothing else names all of them but its own.
///
/// ```
/// use doget::{Handler, Request, Response, Result, Sent, delegate, handler, testing};
///
/// /// Answers 403 to requests without the right `X-Word`.
/// struct Guarded<H>(H);
///
/// impl<H: Handler> Handler for Guarded<H> {
///     fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
///         if request.headers().get("X-Word") != Some("please") {
///             return response.send_error(403, "The word is missing", None);
///         }
///         self.0.dispatch(request, response)
///     }
///
///     delegate! { |self| self.0 => settings, route, allowed, is_gated, promise, gate }
///     delegate! { |self| self.0 => version_string, date_time_string, responses, end_headers, send_error }
///     delegate! { |self| self.0 => handle_expect_100, address_string, log_date_time_string }
///     delegate! { |self| self.0 => is_logged, log_request, log_error, log_message }
/// }
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
/// let guarded: Box<dyn Handler> = Box::new(Guarded(Hello));
/// let answer = testing::exchange(&guarded, b"GET / HTTP/1.1\r\nHost: a\r\nX-Word: please\r\n\r\n");
/// assert!(answer.ends_with(b"\r\n\r\nhello"));
/// let answer = testing::exchange(&guarded, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.starts_with(b"HTTP/1.1 403 The word is missing\r\n"));
/// ```
#[macro_export]
macro_rules! delegate {
    (@settings $this:ident $inner:expr) => {
        fn settings(&$this) -> &'static $crate::Settings {
            $crate::Handler::settings(&$inner)
        }
    };
    (@route $this:ident $inner:expr) => {
        fn route(&$this, command: &$crate::__private::str, path: &$crate::__private::str) -> $crate::Route {
            $crate::Handler::route(&$inner, command, path)
        }
    };
    (@dispatch $this:ident $inner:expr) => {
        fn dispatch(
            &$this,
            request: &mut $crate::Request<'_>,
            response: $crate::Response<'_>,
        ) -> $crate::Result<$crate::Sent> {
            $crate::Handler::dispatch(&$inner, request, response)
        }
    };
    (@allowed $this:ident $inner:expr) => {
        fn allowed(&$this, path: &$crate::__private::str, set: &mut $crate::MethodSet) {
            $crate::Handler::allowed(&$inner, path, set)
        }
    };
    (@is_gated $this:ident $inner:expr) => {
        fn is_gated(&$this) -> $crate::__private::bool {
            $crate::Handler::is_gated(&$inner)
        }
    };
    (@promise $this:ident $inner:expr) => {
        fn promise(&$this, request: &$crate::Request<'_>, promised: &mut $crate::Promised) {
            $crate::Handler::promise(&$inner, request, promised)
        }
    };
    (@gate $this:ident $inner:expr) => {
        fn gate<'h>(
            &'h $this,
            request: &$crate::Request<'_>,
            promised: &mut $crate::Promised,
        ) -> $crate::Result<$crate::Gate<'h>> {
            $crate::Handler::gate(&$inner, request, promised)
        }
    };
    (@is_logged $this:ident $inner:expr) => {
        fn is_logged(&$this, request: &$crate::Request<'_>, code: $crate::StatusCode) -> $crate::__private::bool {
            $crate::Handler::is_logged(&$inner, request, code)
        }
    };
    (@version_string $this:ident $inner:expr) => {
        fn version_string(&$this) -> ::std::borrow::Cow<'_, $crate::__private::str> {
            $crate::Handler::version_string(&$inner)
        }
    };
    (@date_time_string $this:ident $inner:expr) => {
        fn date_time_string(&$this, timestamp: ::std::time::SystemTime) -> $crate::HttpDate {
            $crate::Handler::date_time_string(&$inner, timestamp)
        }
    };
    (@log_date_time_string $this:ident $inner:expr) => {
        fn log_date_time_string(
            &$this,
            timestamp: ::std::time::SystemTime,
        ) -> ::std::borrow::Cow<'_, $crate::__private::str> {
            $crate::Handler::log_date_time_string(&$inner, timestamp)
        }
    };
    (@address_string $this:ident $inner:expr) => {
        fn address_string<'r>(
            &$this,
            request: &'r $crate::Request<'_>,
        ) -> ::std::borrow::Cow<'r, $crate::__private::str> {
            $crate::Handler::address_string(&$inner, request)
        }
    };
    (@handle_expect_100 $this:ident $inner:expr) => {
        fn handle_expect_100(&$this, request: &$crate::Request<'_>) -> $crate::Result<()> {
            $crate::Handler::handle_expect_100(&$inner, request)
        }
    };
    (@send_error $this:ident $inner:expr) => {
        fn send_error(
            &$this,
            request: &$crate::Request<'_>,
            response: $crate::Response<'_>,
            error: $crate::Error,
        ) -> $crate::Result<$crate::Sent> {
            $crate::Handler::send_error(&$inner, request, response, error)
        }
    };
    (@end_headers $this:ident $inner:expr) => {
        fn end_headers<'c>(&$this, headers: $crate::ResponseHead<'c>) -> $crate::ResponseHead<'c> {
            $crate::Handler::end_headers(&$inner, headers)
        }
    };
    (@responses $this:ident $inner:expr) => {
        fn responses(
            &$this,
            code: $crate::StatusCode,
        ) -> $crate::__private::Option<(&$crate::__private::str, &$crate::__private::str)> {
            $crate::Handler::responses(&$inner, code)
        }
    };
    (@log_request $this:ident $inner:expr) => {
        fn log_request(&$this, request: &$crate::Request<'_>, code: $crate::StatusCode, size: $crate::__private::u64) {
            $crate::Handler::log_request(&$inner, request, code, size)
        }
    };
    (@log_error $this:ident $inner:expr) => {
        fn log_error(&$this, request: &$crate::Request<'_>, args: ::std::fmt::Arguments<'_>) {
            $crate::Handler::log_error(&$inner, request, args)
        }
    };
    (@log_message $this:ident $inner:expr) => {
        fn log_message(&$this, request: &$crate::Request<'_>, args: ::std::fmt::Arguments<'_>) {
            $crate::Handler::log_message(&$inner, request, args)
        }
    };
    // One at a time, since an expression cannot be repeated for each name of a list.
    (|$this:ident| $inner:expr => $member:ident $(,)?) => {
        $crate::delegate! { @$member $this $inner }
    };
    (|$this:ident| $inner:expr => $member:ident, $($more:ident),+ $(,)?) => {
        $crate::delegate! { @$member $this $inner }
        $crate::delegate! { |$this| $inner => $($more),+ }
    };
}

/// A pointer to a handler is that handler.
macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<H: Handler + ?Sized> Handler for $pointer {
            crate::delegate! { |self| **self => settings, route, dispatch, allowed, is_gated, promise, gate }
            crate::delegate! { |self| **self => version_string, date_time_string, log_date_time_string }
            crate::delegate! { |self| **self => address_string, handle_expect_100, send_error, end_headers }
            crate::delegate! { |self| **self => responses, is_logged, log_request, log_error, log_message }
        }

        impl<H: Declared + ?Sized> Declared for $pointer {
            const SETTINGS: &'static Settings = H::SETTINGS;

            #[cfg(feature = "openapi")]
            fn describe(api: &mut crate::openapi::Api) {
                H::describe(api);
            }
        }

        impl<M, H: Handles<M> + ?Sized> Handles<M> for $pointer {}
    )*};
}

pointers! { &H, Box<H>, std::sync::Arc<H> }
