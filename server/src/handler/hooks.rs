//! The defaults of the hooks, as functions: an override calls them as `super`.
//!
//! ```
//! use doget::{Request, Response, handler, hooks};
//! use std::fmt;
//!
//! struct Quiet;
//!
//! #[handler]
//! impl Quiet {
//!     fn do_GET(&self) -> &'static str {
//!         "hello"
//!     }
//!
//!     fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
//!         if request.path() != "/health" {
//!             hooks::log_message(self, request, args);
//!         }
//!     }
//! }
//! ```

use crate::error::fault::FaultList;
use crate::log::{AccessLine, EscapedLine, LogFormat, Quoted, User};
use crate::response::error_page;
use crate::response::problem::{self, PROBLEM};
use crate::semantics::date::{DateCache, log_date_time, ncsa_date_time};
use crate::semantics::status;
use crate::{
    Error, Handler, HttpDate, Peer, Request, Response, ResponseHead, Result, Sent, StatusCode,
};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::time::SystemTime;

pub use crate::handler::settings::SERVER_VERSION;
pub use crate::log::Escaped;
pub use crate::response::error_page::{ERROR_CONTENT_TYPE, ERROR_MESSAGE_FORMAT};

thread_local! {
    static DATE: RefCell<DateCache> = const { RefCell::new(DateCache::new()) };
}

/// `SERVER_VERSION`, and `SYS_VERSION` behind it if there is one. If both are empty, no `Server` is sent.
pub fn version_string<H: Handler + ?Sized>(handler: &H) -> Cow<'static, str> {
    let settings = handler.settings();
    match (settings.server_version, settings.sys_version) {
        (one, "") | ("", one) => Cow::Borrowed(one),
        (server, system) => Cow::Owned(format!("{server} {system}")),
    }
}

/// The time as the value of `Date`: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
pub fn date_time_string(timestamp: SystemTime) -> HttpDate {
    DATE.with_borrow_mut(|cache| cache.get(timestamp))
}

/// The time as log lines have it: local, `DD/Mon/YYYY HH:MM:SS`.
pub fn log_date_time_string(timestamp: SystemTime) -> Cow<'static, str> {
    Cow::Owned(log_date_time(timestamp).as_str().to_owned())
}

/// The client's address ([`Request::client`]), without the port and without a look-up. An IPv4 client of an IPv6 socket
/// is shown by its IPv4 address; [`Request::client_address`] has what the system says, `::ffff:127.0.0.1`. The client
/// of a Unix socket is `unix`. One that nobody named ([`Peer::UNKNOWN`]) is `-`, as the common log format has it.
pub fn address_string<'r>(request: &'r Request<'_>) -> Cow<'r, str> {
    match request.client() {
        Some(address) => Cow::Owned(address.to_string()),
        None => Cow::Borrowed(no_address(request)),
    }
}

fn no_address(request: &Request<'_>) -> &'static str {
    match *request.client_address() {
        Peer::UNIX => "unix",
        _ => "-",
    }
}

/// The texts of a status: a short one, which is the reason phrase, and a long one, which an error page shows. `None`
/// for a status that the table of `http.server` lacks.
///
/// ```
/// use doget::{StatusCode, hooks::responses};
///
/// let (short, long) = responses(StatusCode::GONE).unwrap();
/// assert_eq!(short, "Gone");
/// assert_eq!(long, "URI no longer exists and has been permanently removed");
/// assert_eq!(responses(StatusCode::from(299)), None);
/// ```
pub fn responses(code: StatusCode) -> Option<(&'static str, &'static str)> {
    status::responses(code)
}

/// Accepts the expectation: `100 Continue` is sent when the handler first reads the body.
///
/// # Errors
///
/// Never; an override returns the final status in an [`Error`], and the method is not called.
pub fn handle_expect_100(_request: &Request<'_>) -> Result<()> {
    Ok(())
}

/// Called before each head ends, to add headers to it. The default leaves the head as it is.
pub fn end_headers<'c>(headers: ResponseHead<'c>) -> ResponseHead<'c> {
    headers
}

/// Sends the error page.
///
/// The server has logged the error and its causes before it calls the hook; an error that comes here on another way is
/// logged here. It also sees to the error's headers (`Allow`, `WWW-Authenticate`, `ETag`): a page of one's own has
/// those that it does not write itself.
///
/// `Connection: close` is sent where the connection is really closed. An error without texts of its own has those of
/// [`Handler::responses`]; an unknown status has `???`.
///
/// # Errors
///
/// A header of the error that is not valid.
pub fn send_error<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    response: Response<'_>,
    error: Error,
) -> Result<Sent> {
    let status = error.status();
    let (short, long) = handler.responses(status).unwrap_or(("???", "???"));
    let message = error.message_text().unwrap_or(short);
    let explain = explanation(&error, long);
    let headers = error_head(handler, request, response, &error, (message, short));
    if has_no_body(status) {
        return headers.finish();
    }
    let mut page = Vec::new();
    error_page::render(
        handler.settings().error_message_format,
        status,
        message,
        &explain,
        &mut page,
    );
    headers
        .send_header("Content-Type", handler.settings().error_content_type)
        .finish_with(page)
}

/// Sends the error as `application/problem+json` (RFC 9457): what `#[handler(problem)]` makes of the hook
/// [`send_error`](Handler::send_error). A client that likes HTML better, as a browser does, gets the page of
/// [`send_error`].
///
/// `title` is the status's reason phrase; `detail` has the error's message and long text, `type` its
/// [`problem_type`](Error::problem_type), and `errors` its [faults](Error::fault). Log and headers are those of
/// [`send_error`].
///
/// A hook of one's own can choose:
///
/// ```
/// use doget::{Error, Request, Response, Result, Sent, handler, hooks, testing};
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     #[route("/api/now")]
///     fn do_GET_now(&self) -> Result<String> {
///         Err(Error::service_unavailable().problem_type("/problems/no-clock"))
///     }
///
///     fn send_error(&self, request: &Request<'_>, response: Response<'_>, error: Error) -> Result<Sent> {
///         if request.path().starts_with("/api/") {
///             hooks::send_problem(self, request, response, error)
///         } else {
///             hooks::send_error(self, request, response, error)
///         }
///     }
/// }
///
/// let problem = testing::get("/api/now").send(&Site);
/// assert!(problem.text().starts_with("{\"type\":\"/problems/no-clock\""));
/// assert!(testing::get("/").send(&Site).text().starts_with("<!DOCTYPE HTML>"));
/// ```
///
/// # Errors
///
/// A header of the error that is not valid.
pub fn send_problem<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    response: Response<'_>,
    error: Error,
) -> Result<Sent> {
    let response = response.with_header("Vary", "Accept");
    let offers = [PROBLEM, "application/json", "text/html"];
    if request.accepts(&offers) == Some("text/html") {
        return send_error(handler, request, response, error);
    }
    let phrase = handler.responses(error.status()).map(|(short, _)| short);
    let short = phrase.unwrap_or("???");
    let message = error.message_text().unwrap_or(short);
    let headers = error_head(handler, request, response, &error, (message, short));
    if has_no_body(error.status()) {
        return headers.finish();
    }
    headers
        .send_header("Content-Type", PROBLEM)
        .finish_with(problem::render(&error, phrase))
}

/// Whether a response with this status has no body, whatever it is (RFC 9110 section 6.4.1).
fn has_no_body(status: StatusCode) -> bool {
    matches!(status.as_u16(), ..200 | 204 | 205 | 304)
}

/// The head of an error, and its lines in the log. The reason phrase is the message, or else the short text of the
/// status.
fn error_head<'c, H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    response: Response<'c>,
    error: &Error,
    (message, short): (&str, &str),
) -> ResponseHead<'c> {
    if !error.is_logged() {
        log_failure(handler, request, error);
    }
    // What is left of the request's body may close the connection too: nobody will read it now.
    request.exchange.close_if_unread();
    // A status line carries no character above U+00FF (ISO-8859-1): the page has the words then.
    let reason = if message.chars().all(|c| u32::from(c) <= 0xFF) {
        message
    } else {
        short
    };
    let mut headers = response.send_response_with(error.status(), reason);
    if error.closes() || request.close_connection() {
        headers = headers.send_header("Connection", "close");
    }
    for (name, value) in error.headers() {
        headers = headers.send_header(name, value);
    }
    headers
}

/// The long text of a page, and the faults of the request behind it.
fn explanation<'e>(error: &'e Error, long: &'e str) -> Cow<'e, str> {
    let explain = error.explain_text().unwrap_or(long);
    match error.faults() {
        [] => Cow::Borrowed(explain),
        faults => Cow::Owned(format!("{explain} ({})", FaultList(faults))),
    }
}

/// Logs an error that is answered with a page: `code 404, message File not found`, and each of its causes in a line of
/// its own.
pub(crate) fn log_failure<H: Handler + ?Sized>(handler: &H, request: &Request<'_>, error: &Error) {
    let status = error.status();
    let (short, _) = handler.responses(status).unwrap_or(("???", "???"));
    let message = error.message_text().unwrap_or(short);
    handler.log_error(
        request,
        format_args!("code {}, message {message}", status.as_u16()),
    );
    if !error.faults().is_empty() {
        handler.log_error(
            request,
            format_args!("faults: {}", FaultList(error.faults())),
        );
    }
    log_causes(handler, request, error);
}

/// Logs the whole chain of causes.
pub(crate) fn log_causes<H: Handler + ?Sized>(handler: &H, request: &Request<'_>, error: &Error) {
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        handler.log_error(request, format_args!("caused by: {source}"));
        cause = source.source();
    }
}

/// Logs a request whose response is over: `"GET / HTTP/1.1" 200 13`. The size is that of the body as it was sent;
/// `http.server` logs `-` there.
///
/// In a field a quote is written as `\x22` and a backslash as `\\`, so that no field ends early and what the client
/// sent can be read back; a field that is longer than 2 KiB is cut. In [`LogFormat::Combined`] the referer and the user
/// agent follow.
pub fn log_request<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    code: StatusCode,
    size: u64,
) {
    if !request.server().log().is_off() {
        write_access(handler, request, code, size);
    }
}

#[inline(never)]
fn write_access<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    code: StatusCode,
    size: u64,
) {
    let site = request.server();
    let client = (site.log_format() == LogFormat::Combined).then(|| {
        let field = |name| {
            request
                .headers()
                .get_latin1(name)
                .unwrap_or(Cow::Borrowed("-"))
        };
        (field("Referer"), field("User-Agent"))
    });
    // With a user the line has a part that is not the same for a client and a second.
    if handler.settings().standard_log && request.user().is_none() {
        let access = AccessLine {
            address: request.client(),
            no_address: no_address(request),
            request_line: request.requestline(),
            status: code.as_u16(),
            size,
            client: client
                .as_ref()
                .map(|(referer, agent)| (&**referer, &**agent)),
        };
        if access.log(site.log(), site.log_format()) {
            return;
        }
    }
    let line = Quoted(request.requestline());
    let code = code.as_u16();
    match client {
        Some((referer, agent)) => {
            let (referer, agent) = (Quoted(&referer), Quoted(&agent));
            handler.log_message(
                request,
                format_args!("\"{line}\" {code} {size} \"{referer}\" \"{agent}\""),
            );
        }
        None => handler.log_message(request, format_args!("\"{line}\" {code} {size}")),
    }
}

/// Logs an error: to the server's error log if it has one of its own, else as
/// [`log_message`](Handler::log_message).
pub fn log_error<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    args: fmt::Arguments<'_>,
) {
    let site = request.server();
    if site.error_log().is_same(site.log()) {
        handler.log_message(request, args);
    } else {
        line(handler, request, site.error_log(), args);
    }
}

/// Writes a line to the server's log: address, date and message. Control characters and backslashes of the message are
/// escaped.
pub fn log_message<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    args: fmt::Arguments<'_>,
) {
    line(handler, request, request.server().log(), args);
}

fn line<H: Handler + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    log: &crate::Log,
    args: fmt::Arguments<'_>,
) {
    if log.is_off() {
        return;
    }
    let address = handler.address_string(request);
    let now = SystemTime::now();
    let date = match request.server().log_format() {
        // Log tools want NCSA's date, with the zone.
        LogFormat::Combined => Cow::Owned(ncsa_date_time(now).as_str().to_owned()),
        LogFormat::Common => handler.log_date_time_string(now),
    };
    let address = Escaped(&address);
    let user = User(request.user());
    log.line(format_args!(
        "{address} - {user} [{date}] {}",
        EscapedLine(args)
    ));
}
