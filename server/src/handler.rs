//! The [`Handler`] trait and its dyn-compatible twin [`Dispatch`].

use crate::http1::Parsing;
use crate::method::{MethodInfo, MethodSet};
use crate::response::ResponseHooks;
use crate::{Error, Headers, HttpDate, Request, Response, Result, Sent, StatusCode, hooks};
use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

/// What `#[handler]` writes.
pub trait Handler {
    /// The registry.
    const METHODS: &'static [MethodInfo];
    /// The value of `Server`.
    const SERVER_VERSION: &'static str = hooks::SERVER_VERSION;
    /// Follows it.
    const SYS_VERSION: &'static str = "";
    /// `HTTP/1.1` or `HTTP/1.0`.
    const PROTOCOL_VERSION: &'static str = "HTTP/1.1";
    /// How heads are read.
    const PARSING: Parsing = Parsing::Strict;
    /// The template of error pages.
    const ERROR_MESSAGE_FORMAT: &'static str = hooks::ERROR_MESSAGE_FORMAT;
    /// Their type.
    const ERROR_CONTENT_TYPE: &'static str = hooks::ERROR_CONTENT_TYPE;

    /// What dispatch would call.
    fn route(&self, command: &str, path: &str) -> Route {
        let _ = (command, path);
        Route::UNKNOWN
    }
    /// Answers.
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent>;
    /// For `Allow`.
    fn allowed(&self, path: &str, set: &mut MethodSet);

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
    fn end_headers<'c>(&self, headers: Headers<'c>) -> Headers<'c> {
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

/// What dispatch would call for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Position in the registry.
    pub index: u32,
    /// `#[blocking]`.
    pub blocking: bool,
    /// Bytes of the body that its parameters collect.
    pub collect: u64,
}

impl Route {
    /// Not known beforehand.
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

/// The dyn-compatible twin of [`Handler`].
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
    fn version_string(&self) -> Cow<'_, str> {
        Handler::version_string(self)
    }
    fn date_time_string(&self, timestamp: SystemTime) -> HttpDate {
        Handler::date_time_string(self, timestamp)
    }
    fn phrase(&self, status: StatusCode) -> &str {
        Handler::responses(self, status).map_or("", |texts| texts.0)
    }
    fn end_headers<'c>(&self, headers: Headers<'c>) -> Headers<'c> {
        Handler::end_headers(self, headers)
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
