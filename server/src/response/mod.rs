//! The response as a sequence of types: [`Response`] → [`ResponseHead`] → [`Body`] → [`Sent`].
//!
//! Each state is consumed by the step to the next, so a header after the blank line, data before it, two
//! responses and no response do not compile. None of the states has a `Drop`: what a handler leaves unfinished
//! the server finishes, in one place ([`exchange`](crate::exchange)).

#[cfg(feature = "tracing")]
mod answered;
mod breaking;
#[cfg(feature = "compress")]
pub(crate) mod coding;
#[cfg(feature = "compress")]
mod coding_writer;
mod debug;
pub(crate) mod encoded_fields;
pub(crate) mod error_page;
mod field_lines;
pub(crate) mod first_lines;
pub(crate) mod framing;
#[cfg(feature = "live")]
mod going_live;
mod head_end;
pub(crate) mod header_value;
pub(crate) mod html_text;
mod instead;
mod interim;
pub(crate) mod into_body;
pub(crate) mod misuse;
mod other_hooks;
mod own_fields;
mod pending;
pub(crate) mod problem;
pub(crate) mod promised;
mod request_facts;
pub(crate) mod sent_size;
#[cfg(feature = "session")]
mod session_fields;
pub(crate) mod tail;
pub(crate) mod template;
mod validators;
mod version;
mod whole_body;
pub(crate) mod writer;

use crate::connection::state::ExchangeState;
use crate::handler::Handler;
use crate::handler::settings::Settings;
use crate::http1;
use crate::response::header_value::{HeaderEncoder, HeaderValue};
use crate::response::promised::Promised;
use crate::response::writer::ResponseWriter;
use crate::{Error, Result, StatusCode};
use std::io::{self, Write};
use std::time::SystemTime;

/// A response whose status is not chosen yet: the first of the four types that a response passes through.
///
/// [`send_response`](Self::send_response) chooses the status; [`reply`](Self::reply) sends a whole answer;
/// [`send_error`](Self::send_error) an error page. A `Response` that is dropped sends nothing by itself: the handler
/// then returns an `Err`, which becomes the error page.
///
/// ```
/// use doget::{Request, Response, Result, Sent};
/// use std::io::Write;
///
/// fn greet(request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
///     let mut wfile = response
///         .send_response(200)
///         .send_header("Content-Type", "text/plain")
///         .end_headers()?;
///     writeln!(wfile, "you asked for {}", request.target())?;
///     wfile.finish()
/// }
/// ```
#[must_use = "a `do_*` method has to answer: `send_response`, `reply` or `send_error`"]
pub struct Response<'c> {
    pub(crate) writer: &'c mut ResponseWriter,
    pub(crate) exchange: &'c ExchangeState<'c>,
    pub(crate) hooks: &'c dyn Handler,
    /// The settings of `hooks`, kept here because asking for them is a virtual call.
    settings: &'static Settings,
    /// The status of [`with_status`](Self::with_status), which replaces the one that is chosen next.
    pub(crate) forced: Option<StatusCode>,
}

impl<'c> Response<'c> {
    pub(crate) fn new(
        writer: &'c mut ResponseWriter,
        exchange: &'c ExchangeState<'c>,
        hooks: &'c dyn Handler,
        settings: &'static Settings,
    ) -> Self {
        Self {
            writer,
            exchange,
            hooks,
            settings,
            forced: None,
        }
    }

    /// The handler that the server called. Its hooks are those of this response. If that handler passed the request on
    /// to an inner one, the inner one logs through this, so that all lines of the log and all error pages come from the
    /// outer handler.
    ///
    /// ```
    /// use doget::{Request, Response, Result, Sent};
    ///
    /// fn answer(request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///     response.handler().log_error(request, format_args!("the cache is cold"));
    ///     response.reply("hello")
    /// }
    /// ```
    pub fn handler(&self) -> &'c dyn Handler {
        self.hooks
    }

    /// The time in the `Date` of this response. It is at most a second old.
    pub fn time(&self) -> SystemTime {
        self.writer.first_lines.now()
    }

    /// Fixes the status beforehand: a [`Reply`](crate::Reply) then answers with it instead of its own.
    ///
    /// ```
    /// use doget::{Reply, Response, Result, Sent, StatusCode};
    ///
    /// fn created(response: Response<'_>, page: impl Reply) -> Result<Sent> {
    ///     page.reply(response.with_status(StatusCode::CREATED))
    /// }
    /// ```
    pub fn with_status(mut self, status: impl Into<StatusCode>) -> Self {
        self.forced.get_or_insert(status.into());
        self
    }

    /// Gives a header beforehand: it takes the place of one of that name that a [`Reply`](crate::Reply) has itself,
    /// but for `Set-Cookie`, `Vary`, `Link` and `WWW-Authenticate`, which add up. The first of a name stands. An
    /// error that comes instead of the reply does not have it.
    ///
    /// `Content-Length`, `Transfer-Encoding` and `Connection` cannot be given so: they belong to the body that is not
    /// known yet. As in [`ResponseHead::send_header`], a fault surfaces when the head is ended.
    ///
    /// ```
    /// use doget::{Reply, Response, Result, Sent};
    ///
    /// fn kept(response: Response<'_>, page: impl Reply) -> Result<Sent> {
    ///     page.reply(response.with_header("Cache-Control", "max-age=60"))
    /// }
    /// ```
    pub fn with_header(self, name: &str, value: impl HeaderValue) -> Self {
        if ["Content-Length", "Transfer-Encoding", "Connection"]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
        {
            self.writer.refuse(format!(
                "{name} cannot be given before the response: send it with the head"
            ));
            return self;
        }
        value.encode(HeaderEncoder::forced(
            &mut *self.writer,
            self.exchange,
            name,
        ));
        self
    }

    /// Promises a header: whatever answers the request in the end has it, also an error page. A field of that name that
    /// the answer has itself wins; see [`Promised`](crate::Promised).
    ///
    /// ```
    /// use doget::{Error, Response, Result, Sent};
    ///
    /// fn teapot(response: Response<'_>) -> Result<Sent> {
    ///     let _ = response.promise("X-Pot", "tea");
    ///     Err(Error::new(418))
    /// }
    /// ```
    pub fn promise(self, name: &str, value: &str) -> Self {
        let promised = self.writer.pending.standing();
        promised.header(name, value);
        if let Some(fault) = promised.take_fault() {
            self.writer.fault.get_or_insert(fault);
        }
        self
    }

    /// What is promised for the whole request.
    pub(crate) fn promised(&mut self) -> &mut Promised {
        self.writer.pending.standing()
    }

    /// Chooses the status, with the reason phrase of the handler's
    /// [`responses`](crate::Handler::responses) table; `Server` and `Date` follow it.
    ///
    /// Nothing is sent yet. A status outside 100 to 999 is an error in [`end_headers`](ResponseHead::end_headers).
    pub fn send_response(self, status: impl Into<StatusCode>) -> ResponseHead<'c> {
        self.begin(status.into(), None, true)
    }

    /// As [`send_response`](Self::send_response), with a reason phrase of your own (RFC 9112 section 4).
    pub fn send_response_with(
        self,
        status: impl Into<StatusCode>,
        message: &str,
    ) -> ResponseHead<'c> {
        self.begin(status.into(), Some(message), true)
    }

    /// As [`send_response`](Self::send_response), but without `Server` and `Date`.
    pub fn send_response_only(self, status: impl Into<StatusCode>) -> ResponseHead<'c> {
        self.begin(status.into(), None, false)
    }

    /// Answers with an error page: `Err` of an [`Error`] with this status, for a handler to return.
    ///
    /// ```
    /// use doget::{Response, Result, Sent};
    ///
    /// fn gone(response: Response<'_>) -> Result<Sent> {
    ///     response.send_error(410, "It is no longer here", None)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Always: the error is the answer. The server writes the page with the handler's
    /// [`send_error`](crate::Handler::send_error) hook.
    pub fn send_error<'t>(
        self,
        status: impl Into<StatusCode>,
        message: impl Into<Option<&'t str>>,
        explain: impl Into<Option<&'t str>>,
    ) -> Result<Sent> {
        let mut error = Error::new(status);
        if let Some(message) = message.into() {
            error = error.message(message.to_owned());
        }
        if let Some(explain) = explain.into() {
            error = error.explain(explain.to_owned());
        }
        Err(error)
    }

    /// Leaves the request unanswered: the answer comes later.
    #[cfg(feature = "live")]
    pub(crate) fn leave_open(self) -> Sent {
        self.writer.finished();
        Sent { _private: () }
    }

    #[inline]
    fn begin(self, status: StatusCode, message: Option<&str>, full: bool) -> ResponseHead<'c> {
        let Self {
            writer,
            exchange,
            hooks,
            settings,
            forced,
        } = self;
        begin_head(
            writer,
            hooks,
            settings,
            forced.unwrap_or(status),
            message,
            full,
        );
        ResponseHead {
            writer,
            exchange,
            hooks,
        }
    }
}

// Not a method of `Response`, which would have to pass through memory.
#[inline(never)]
fn begin_head(
    writer: &mut ResponseWriter,
    hooks: &dyn Handler,
    settings: &'static Settings,
    status: StatusCode,
    message: Option<&str>,
    full: bool,
) {
    writer.begin(status);
    if !writer.request().bare {
        writer.first_lines.look_at_clock();
        let standard = full && message.is_none() && settings.standard_head;
        if !(standard
            && writer
                .first_lines
                .repeat(status, settings, &mut writer.bytes))
        {
            let keep = standard.then_some(settings);
            first_lines(
                writer,
                hooks,
                settings.protocol_version,
                message,
                full,
                keep,
            );
        }
    }
}

/// Writes the status line, and if the head is `full` also `Server` and `Date`. `keep` says that no hook has a part in
/// these lines: the responses of the same second then begin with the same bytes, which are copied.
#[inline(never)]
fn first_lines(
    writer: &mut ResponseWriter,
    hooks: &dyn Handler,
    version: &str,
    message: Option<&str>,
    full: bool,
    keep: Option<&'static Settings>,
) {
    let (start, status) = (writer.bytes.len(), writer.status);
    let reason = message.unwrap_or_else(|| hooks.responses(status).map_or("", |texts| texts.0));
    let line = http1::status_line(&mut writer.bytes, version, status.as_u16(), reason);
    writer.record(line);
    if full {
        let server = hooks.version_string();
        if !server.is_empty() {
            let line = http1::field(&mut writer.bytes, "Server", &server);
            writer.record(line);
        }
        let date = hooks.date_time_string(writer.first_lines.now());
        let line = http1::field(&mut writer.bytes, "Date", date.as_str());
        writer.record(line);
    }
    if let (Some(settings), None) = (keep, &writer.fault) {
        let lines = writer.bytes.get(start..).unwrap_or_default();
        writer.first_lines.keep(status, settings, lines);
    }
}

/// A response whose status is chosen and whose head is still open.
///
/// Faults in headers surface in [`end_headers`](Self::end_headers), so that calls can be chained.
#[must_use = "a head that is not ended sends nothing: call `end_headers()` or `finish()`"]
pub struct ResponseHead<'c> {
    pub(crate) writer: &'c mut ResponseWriter,
    pub(crate) exchange: &'c ExchangeState<'c>,
    pub(crate) hooks: &'c dyn Handler,
}

impl<'c> ResponseHead<'c> {
    /// Adds a header field. Names keep their spelling, repeats are sent as repeats.
    ///
    /// A `Content-Length` is kept to: a longer body is cut to that length, and after a shorter one the connection is
    /// closed.
    /// `Connection: close` and `keep-alive` decide what happens after the response (RFC 9112 section 9.6).
    /// `Transfer-Encoding` is the server's own and is refused, as are names that are no token and values with a CR, LF,
    /// NUL or another control (RFC 9110 section 5): [`end_headers`](Self::end_headers) returns the error and nothing is
    /// sent.
    ///
    /// The value is text or a number, or anything that is `Display` within a [`Displayed`](crate::Displayed).
    #[inline]
    pub fn send_header(self, name: &str, value: impl HeaderValue) -> Self {
        value.encode(HeaderEncoder::new(&mut *self.writer, self.exchange, name));
        self
    }

    /// Adds a header field if there is a value for it.
    pub fn send_header_if(self, name: &str, value: Option<impl HeaderValue>) -> Self {
        match value {
            Some(value) => self.send_header(name, value),
            None => self,
        }
    }

    /// The status of this response.
    pub fn status(&self) -> StatusCode {
        self.writer.status
    }

    /// Adds `Content-Type`.
    pub fn content_type(self, value: impl HeaderValue) -> Self {
        self.send_header("Content-Type", value)
    }

    /// The `Content-Type` of a reply. It says nothing about the framing, so the look at each header's name is saved.
    pub(crate) fn media_type(self, kind: &'static str) -> Self {
        if !self.writer.request().bare {
            http1::own_content_type(&mut self.writer.bytes, kind);
        }
        self
    }

    /// Sends the lines of the head so far, in one write. They cannot be taken back: an error afterwards closes the
    /// connection, since an error page can no longer be sent.
    ///
    /// # Errors
    ///
    /// A header that is not valid; a client that is gone.
    pub fn flush_headers(self) -> Result<Self> {
        #[cfg(feature = "session")]
        self.writer.put_sessions(self.exchange);
        if !self.writer.pending.is_empty() {
            #[cfg(feature = "compress")]
            self.writer.forget_coding();
            self.writer.put_pending(true);
        }
        if let Some(fault) = self.writer.fault.take() {
            return Err(fault);
        }
        self.writer.flush_head(self.exchange)?;
        Ok(self)
    }

    /// Ends the head. The size of the body decides how it is framed (RFC 9112 section 6): a body within
    /// [`Limits::response_buffer_size`](crate::Limits::response_buffer_size) gets its `Content-Length`, a longer one
    /// is chunked on HTTP/1.1 and ends with the connection on HTTP/1.0.
    ///
    /// # Errors
    ///
    /// The first header that is not valid. Nothing was sent then, and the error becomes a 500 page.
    pub fn end_headers(self) -> Result<Body<'c>> {
        let (writer, exchange) = self.end()?;
        Ok(Body { writer, exchange })
    }

    /// Ends the response without a body.
    ///
    /// # Errors
    ///
    /// As [`end_headers`](Self::end_headers).
    pub fn finish(self) -> Result<Sent> {
        self.end_headers()?.finish()
    }

    /// Ends the head of a response behind which the connection is live.
    #[cfg(feature = "live")]
    pub(crate) fn go_live(self) -> Result<Sent> {
        let (writer, exchange) = self.end()?;
        writer.close_live_head(exchange);
        Ok(Sent { _private: () })
    }

    /// The same for a connection that this thread keeps: the head leaves at once.
    #[cfg(feature = "live")]
    pub(crate) fn go_live_here(self) -> Result<&'c mut ResponseWriter> {
        let (writer, exchange) = self.end()?;
        writer.close_live_head(exchange);
        writer.flush_head(exchange)?;
        Ok(writer)
    }

    /// Runs the handler's hook, and ends the head.
    #[inline]
    fn end(self) -> Result<(&'c mut ResponseWriter, &'c ExchangeState<'c>)> {
        let Self {
            writer,
            exchange,
            hooks,
        } = self;
        let pending = !writer.pending.is_empty();
        if pending {
            let status = StatusCode::NOT_MODIFIED;
            let begin = |writer: &mut _| {
                begin_head(writer, hooks, hooks.settings(), status, None, true);
            };
            if writer.pending.has_version() {
                writer.settle_version(exchange, begin)?;
            }
            writer.put_pending(false);
        }
        // What the hook gives back can only be the head that it was given.
        let _ = hooks.end_headers(ResponseHead {
            writer: &mut *writer,
            exchange,
            hooks,
        });
        #[cfg(feature = "session")]
        writer.put_sessions(exchange);
        if pending {
            writer.put_pending(true);
        }
        writer.end_head()?;
        Ok((writer, exchange))
    }
}

/// A response whose head is ended: an [`io::Write`] for the body.
///
/// Writes go to a buffer first. What does not fit is written to the client, and the handler waits for it if the
/// client is slow; [`flush`](Write::flush) writes at once. Where no body may follow (HEAD, 204, 304), writes are
/// counted and thrown away. [`finish`](Self::finish) ends the response: a body that is dropped without it cuts the
/// connection.
#[must_use = "a body that is not finished is cut off: end with `finish()`"]
pub struct Body<'c> {
    writer: &'c mut ResponseWriter,
    exchange: &'c ExchangeState<'c>,
}

impl Body<'_> {
    /// Ends the body and the response.
    ///
    /// # Errors
    ///
    /// Fewer bytes than the `Content-Length` header said; a client that is gone.
    pub fn finish(self) -> Result<Sent> {
        self.writer.finish(self.exchange)?;
        Ok(Sent { _private: () })
    }
}

impl Write for Body<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.writer.write(data, self.exchange)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush(self.exchange)
    }
}

/// The proof that a response was sent. Only [`Body::finish`], [`ResponseHead::finish`] and what builds on them make
/// one.
#[derive(Debug)]
pub struct Sent {
    _private: (),
}

#[cfg(feature = "live")]
impl Sent {
    /// For a method that had its connection for itself.
    pub(crate) fn of_live() -> Self {
        Self { _private: () }
    }
}
