#![deny(warnings)]
//! Every hook and const, each forwarded to, each calling its default.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use doget::Parsing;
use doget::{Error, ResponseHead, HttpDate, Request, Response, Result, Sent, StatusCode, handler, hooks};

pub struct S;

#[handler]
impl S {
    const SERVER_VERSION: &str = "S/1";
    const SYS_VERSION: &str = "";
    const PROTOCOL_VERSION: &str = "HTTP/1.1";
    const PARSING: Parsing = Parsing::Strict;
    const ERROR_MESSAGE_FORMAT: &str = "{code} {message} {explain} {{}}\n";
    const ERROR_CONTENT_TYPE: &str = "text/plain";
    /// One of our own.
    const LIMIT: usize = { 3 };

    fn do_GET(&self) -> [u8; 3] {
        [0; Self::LIMIT]
    }

    fn version_string(&self) -> Cow<'_, str> {
        hooks::version_string(self)
    }

    fn date_time_string(&self, timestamp: SystemTime) -> HttpDate {
        hooks::date_time_string(timestamp)
    }

    fn log_date_time_string(&self, timestamp: SystemTime) -> Cow<'static, str> {
        hooks::log_date_time_string(timestamp)
    }

    fn address_string<'r>(&self, request: &'r Request<'_>) -> Cow<'r, str> {
        hooks::address_string(request)
    }

    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        hooks::handle_expect_100(request)
    }

    fn send_error(&self, request: &Request<'_>, response: Response<'_>, error: Error) -> Result<Sent> {
        hooks::send_error(self, request, response, error)
    }

    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        hooks::end_headers(headers)
    }

    fn responses(&self, code: StatusCode) -> Option<(&'static str, &'static str)> {
        hooks::responses(code)
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        hooks::log_request(self, request, code, size);
    }

    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_error(self, request, args);
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        hooks::log_message(self, request, args);
    }
}

fn main() {}
