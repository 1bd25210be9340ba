//! [`Request`]: the request line, the header fields and the body.

pub(crate) mod below;
pub(crate) mod body;
mod conditions;
mod forwarded;
use crate::connection::peer::Peer;
use crate::connection::server_info::ServerInfo;
use crate::connection::state::ExchangeState;
use crate::http1::{Head, HeaderFields, RequestFraming, TargetForm, Version};
use crate::request::body::BodyReader;
use crate::{Error, Limits, Result};
use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, Read};
use std::time::{Duration, Instant};

/// What a request knows of the connection that it came on.
pub(crate) struct ConnectionInfo<'c> {
    pub(crate) peer: &'c Peer,
    pub(crate) site: &'c ServerInfo,
    pub(crate) limits: &'c Limits,
    /// The connection is encrypted by TLS.
    pub(crate) is_tls: bool,
}

/// A request: its line, its header fields, and its [`body`](Self::body).
///
/// The accessors return references that live longer than the borrow of the request: as long as the handler runs. So a
/// field of the head can be used while the body is read.
///
/// ```
/// use doget::{Request, Result};
/// use std::io::Read;
///
/// fn upload(request: &mut Request<'_>) -> Result<String> {
///     let kind = request.headers().get("Content-Type").unwrap_or("text/plain");
///     let mut text = String::new();
///     request.body().read_to_string(&mut text)?;
///     Ok(format!("{} bytes of {kind}", text.len()))
/// }
/// ```
pub struct Request<'c> {
    pub(crate) head: &'c Head,
    /// Method and path are copied out of the head, since every request is asked for them more than once.
    method: &'c str,
    path: &'c str,
    pub(crate) bytes: &'c [u8],
    pub(crate) body: BodyReader<'c>,
    pub(crate) exchange: &'c ExchangeState<'c>,
    pub(crate) connection: &'c ConnectionInfo<'c>,
    /// See [`Route::index`](crate::Route::index).
    pub(crate) route: u32,
    /// How many bytes of the head's path are the prefix of a mount, which `path` is without.
    mount: usize,
    pub(crate) id: Option<&'c str>,
}

impl<'c> Request<'c> {
    pub(crate) fn new(
        head: &'c Head,
        bytes: &'c [u8],
        body: BodyReader<'c>,
        exchange: &'c ExchangeState<'c>,
        connection: &'c ConnectionInfo<'c>,
    ) -> Self {
        Self::with_words(
            head,
            (head.method(), head.path()),
            bytes,
            body,
            exchange,
            connection,
        )
    }

    /// The same where method and path are at hand already.
    pub(crate) fn with_words(
        head: &'c Head,
        (method, path): (&'c str, &'c str),
        bytes: &'c [u8],
        body: BodyReader<'c>,
        exchange: &'c ExchangeState<'c>,
        connection: &'c ConnectionInfo<'c>,
    ) -> Self {
        Self {
            head,
            method,
            path,
            bytes,
            body,
            exchange,
            connection,
            route: u32::MAX,
            mount: 0,
            id: None,
        }
    }

    /// The method, as sent: `http.server` calls it the command (RFC 9110 section 9.1). Empty if the request line was
    /// not understood.
    ///
    /// ```
    /// fn changes_nothing(request: &doget::Request<'_>) -> bool {
    ///     matches!(request.method(), "GET" | "HEAD" | "OPTIONS")
    /// }
    /// ```
    #[doc(alias = "command")]
    pub fn method(&self) -> &'c str {
        self.method
    }

    /// The target, as sent, with its query: `http.server` calls it the path. Percent-escapes are not decoded. Slashes
    /// at its start are collapsed to one, so that a redirect to the target stays on this host.
    ///
    /// To compare a path use [`path`](Self::path): the target of `/health?x` is not `/health`, and in a handler below a
    /// prefix it still has the prefix.
    ///
    /// ```
    /// use doget::{Request, handler, testing};
    ///
    /// struct Echo;
    ///
    /// #[handler]
    /// impl Echo {
    ///     fn do_GET(&self, request: &mut Request<'_>) -> String {
    ///         format!("{} of {}", request.path(), request.target())
    ///     }
    /// }
    ///
    /// let answer = testing::exchange(&Echo, b"GET /health?x HTTP/1.1\r\nHost: a\r\n\r\n");
    /// assert!(answer.ends_with(b"\r\n\r\n/health of /health?x"));
    /// ```
    pub fn target(&self) -> &'c str {
        self.head.effective_target()
    }

    /// The path of the target, without the query, as sent: percent-escapes are not decoded. Of `http://host/path` it is
    /// `/path`; of `*` it is `*`; of CONNECT it is the host and port.
    ///
    /// In a handler that is mounted below a prefix it is the path without that prefix ([`mount`](Self::mount)), and `/`
    /// for the prefix itself.
    ///
    /// ```
    /// fn is_health_check(request: &doget::Request<'_>) -> bool {
    ///     request.path() == "/health"
    /// }
    /// ```
    pub fn path(&self) -> &'c str {
        self.path
    }

    /// The path of the target, without query, percent-decoded once. Bytes that are not UTF-8 become U+FFFD. An
    /// escaped slash is a slash here: match segments on [`path`](Self::path) or with `#[route]` instead.
    pub fn decoded_path(&self) -> Cow<'c, str> {
        percent_encoding::percent_decode_str(self.path).decode_utf8_lossy()
    }

    /// The query: the part of the target behind its `?`, as sent. It is empty if the target has no `?`. A byte that is
    /// not ASCII is the character of Latin-1 with its number.
    pub fn query_string(&self) -> &'c str {
        self.head.query().unwrap_or_default()
    }

    /// The pairs of the query, in order, percent- and plus-decoded. Bytes that were sent as they are, and not as
    /// percent-escapes (curl does that), are decoded with the others.
    ///
    /// ```
    /// fn name<'c>(request: &doget::Request<'c>) -> Option<std::borrow::Cow<'c, str>> {
    ///     request.query().get("name")
    /// }
    /// ```
    pub fn query(&self) -> Pairs<'c> {
        Pairs::of_latin1(self.query_string())
    }

    /// The form of the target (RFC 9112 section 3.2).
    pub fn target_form(&self) -> TargetForm {
        self.head.form()
    }

    /// The host and port that the client asked for, in lower case: those of an absolute target, else those of `Host`
    /// (RFC 9112 section 3.2.2). `None` if the client named no host.
    pub fn authority(&self) -> Option<&'c str> {
        self.head.authority(self.bytes)
    }

    /// The version word, as sent, such as `HTTP/1.1`.
    pub fn request_version(&self) -> &'c str {
        self.head.request_version()
    }

    /// The version of the request as numbers, which can be compared with [`Version::HTTP_11`].
    pub fn version(&self) -> Version {
        self.head.version()
    }

    /// The request line, as sent, without its line end.
    pub fn requestline(&self) -> &'c str {
        self.head.requestline()
    }

    /// The header fields of the request, in the order in which the client sent them.
    pub fn headers(&self) -> HeaderFields<'c> {
        self.head.fields(self.bytes)
    }

    /// The other end of the connection, as the system names it: an IPv4 client of an IPv6 socket has an address such as
    /// `::ffff:127.0.0.1` ([`IpAddr::to_canonical`](std::net::IpAddr::to_canonical) makes `127.0.0.1` of it). Behind a
    /// proxy this is the proxy: see [`client`](Self::client).
    pub fn client_address(&self) -> &'c Peer {
        self.connection.peer
    }

    /// The server that this request came to: its address, and the handle that ends it.
    pub fn server(&self) -> &'c ServerInfo {
        self.connection.site
    }

    /// The position in [`Settings::methods`](crate::Settings::methods) of the method that answers, as the server's
    /// handler has said by [`Handler::route`](crate::Handler::route); `None` where it could not say.
    ///
    /// ```
    /// use doget::{Handler, Request};
    ///
    /// fn pattern(handler: &dyn Handler, request: &Request<'_>) -> Option<&'static str> {
    ///     handler.settings().methods.get(request.route_index()?)?.route
    /// }
    /// ```
    pub fn route_index(&self) -> Option<usize> {
        match self.route {
            u32::MAX => None,
            index => usize::try_from(index).ok(),
        }
    }

    /// The id that the layer [`RequestId`](crate::RequestId) gave this request.
    pub fn id(&self) -> Option<&'c str> {
        self.id
    }

    /// When the time is over that a layer [`Deadline`](crate::Deadline) gave this request, by the server's clock.
    ///
    /// How long to wait for something else is said by [`time_left`](Self::time_left).
    pub fn deadline(&self) -> Option<Instant> {
        self.exchange.deadline()
    }

    /// How much is left of the time that a layer [`Deadline`](crate::Deadline) gave this request: nothing, once that
    /// is over; `None` if none did.
    ///
    /// ```
    /// use doget::{Request, Result};
    /// use std::net::TcpStream;
    /// use std::time::Duration;
    ///
    /// fn ask(request: &Request<'_>, database: &TcpStream) -> Result<()> {
    ///     let left = request.time_left().unwrap_or(Duration::from_secs(10));
    ///     database.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
    ///     // ..
    ///     Ok(())
    /// }
    /// ```
    pub fn time_left(&self) -> Option<Duration> {
        let now = self.exchange.transport.now();
        let deadline = self.deadline()?;
        Some(deadline.saturating_duration_since(now))
    }

    /// The name of the user who asks, where the handler has verified one by now and says the name
    /// ([`Verify::user_name`](crate::Verify::user_name)). It stands in the line of the log, and scripts get it as
    /// `REMOTE_USER`.
    pub fn user(&self) -> Option<&'c str> {
        self.exchange.user().map(|user| &*user.name)
    }

    /// The limits that the server was started with.
    pub fn limits(&self) -> &'c Limits {
        self.connection.limits
    }

    /// The body: a [`Read`] and [`BufRead`](std::io::BufRead) that ends where the body ends.
    ///
    /// Chunks are decoded. A body that is malformed, was cut short or came too slowly is an error, never a clean end. A
    /// client that waits for `100 Continue` gets it at the first read. Reads wait for the client, within the deadlines
    /// of [`Limits`].
    ///
    /// For a large body that is passed on, [`fill_buf`](std::io::BufRead::fill_buf) lends pieces of up to 128 KiB where
    /// they were read. [`io::copy`](std::io::copy) copies each of them in steps of 8 KiB first.
    ///
    /// ```
    /// use doget::{Request, Result};
    /// use std::fs::File;
    /// use std::io::{BufRead, Write};
    ///
    /// fn keep(request: &mut Request<'_>, file: &mut File) -> Result<()> {
    ///     let body = request.body();
    ///     loop {
    ///         let piece = body.fill_buf()?;
    ///         if piece.is_empty() {
    ///             return Ok(());
    ///         }
    ///         file.write_all(piece)?;
    ///         let size = piece.len();
    ///         body.consume(size);
    ///     }
    /// }
    /// ```
    #[doc(alias = "rfile")]
    pub fn body(&mut self) -> &mut BodyReader<'c> {
        &mut self.body
    }

    /// Reads the body to its end into memory, at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// 413 for a longer body. 400 for a malformed body or one that was cut short, and 408 for a body that came too
    /// slowly.
    pub fn read_body(&mut self, limit: u64) -> Result<Vec<u8>> {
        self.body.collect(limit)
    }

    /// The length that the head announces for the body.
    pub(crate) fn announced_body(&self) -> Option<u64> {
        match self.head.framing() {
            RequestFraming::Length(length) => Some(length),
            RequestFraming::None => Some(0),
            RequestFraming::Chunked => None,
        }
    }

    /// Whether the connection is closed after the response.
    pub fn close_connection(&self) -> bool {
        self.exchange.closes()
    }

    /// Decides whether the connection is closed after the response. Where the protocol demands the close, the
    /// connection is closed in any case.
    pub fn set_close_connection(&mut self, close: bool) {
        self.exchange.set_close(close);
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("requestline", &self.requestline())
            .field("headers", &self.headers())
            .field("client_address", self.client_address())
            .finish_non_exhaustive()
    }
}

/// The pairs of a query or of an urlencoded form, in order, decoded: `+` is a blank, percent-escapes are decoded
/// once, bytes that are not UTF-8 become U+FFFD. A part without `=` has an empty value; empty parts are left out.
///
/// ```
/// let pairs: Vec<_> = doget::Pairs::new("name=J%C3%BCrgen&q=a+b&flag").collect();
/// assert_eq!(pairs[0], ("name".into(), "Jürgen".into()));
/// assert_eq!(pairs[1].1, "a b");
/// assert_eq!(pairs[2], ("flag".into(), "".into()));
/// ```
#[derive(Clone, Debug)]
pub struct Pairs<'c> {
    left: &'c str,
    /// Its characters stand for bytes.
    is_latin1: bool,
}

impl<'c> Pairs<'c> {
    /// The pairs of this text.
    pub fn new(text: &'c str) -> Self {
        Self {
            left: text,
            is_latin1: false,
        }
    }

    /// The pairs of a query as the request line has it: each character is a byte.
    fn of_latin1(query: &'c str) -> Self {
        Self {
            left: query,
            is_latin1: !query.is_ascii(),
        }
    }

    /// The first value of this name among the pairs that are left.
    ///
    /// ```
    /// let pairs = doget::Pairs::new("name=Ada&name=Grace");
    /// assert_eq!(pairs.get("name").as_deref(), Some("Ada"));
    /// assert_eq!(pairs.get("Name"), None);
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'c, str>> {
        self.clone()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

impl<'c> Iterator for Pairs<'c> {
    type Item = (Cow<'c, str>, Cow<'c, str>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.left.is_empty() {
            let (part, rest) = self.left.split_once('&').unwrap_or((self.left, ""));
            self.left = rest;
            if !part.is_empty() {
                let decode = if self.is_latin1 {
                    decode_latin1
                } else {
                    decode
                };
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                return Some((decode(name), decode(value)));
            }
        }
        None
    }
}

#[cold]
fn decode_latin1(text: &str) -> Cow<'_, str> {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(c) {
            Ok(byte @ 0x80..) => escaped.push_str(percent_encoding::percent_encode_byte(byte)),
            _ => escaped.push(c),
        }
    }
    Cow::Owned(decode(&escaped).into_owned())
}

fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let blanks = text.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&blanks).decode_utf8_lossy();
        Cow::Owned(decoded.into_owned())
    } else {
        percent_encoding::percent_decode_str(text).decode_utf8_lossy()
    }
}

/// A body that is collected whole: shared by the parameters that do so.
impl BodyReader<'_> {
    pub(crate) fn collect(&mut self, limit: u64) -> Result<Vec<u8>> {
        if self.announced().is_some_and(|length| length > limit) {
            return Err(Error::new(413)
                .message("Content Too Large")
                .explain(format!("the body may have {limit} bytes")));
        }
        if let Some(body) = self.take_ready() {
            return Ok(body);
        }
        let mut body = Vec::new();
        self.reserve_for(&mut body);
        let too_large = || Error::new(413).explain(format!("the body may have {limit} bytes"));
        if self.announced().is_none() {
            // Copied run by run: `read_to_end` would clear memory first and probe with small reads at the end.
            loop {
                let run = self.fill_buf()?;
                if run.is_empty() {
                    return Ok(body);
                }
                if (body.len() + run.len()) as u64 > limit {
                    return Err(too_large());
                }
                body.extend_from_slice(run);
                let taken = run.len();
                self.consume(taken);
            }
        }
        let read = Read::take(&mut *self, limit.saturating_add(1)).read_to_end(&mut body)?;
        if read as u64 > limit {
            return Err(too_large());
        }
        Ok(body)
    }
}
