//! [`Error`]: `send_error` as a value, and the words for errors that have no status.

use crate::StatusCode;
use std::borrow::Cow;
use std::fmt;
use std::io;

/// What handlers return: [`Sent`](crate::Sent), or an [`Error`] that becomes an error page.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An answer that is an error: `http.server`'s `send_error` as a value.
///
/// A handler that returns it before anything was sent gets the error page of
/// [`send_error`](crate::handler::hooks::send_error); afterwards the connection is cut, so that the client sees
/// that the response is not whole.
///
/// `message` takes the place of the status's reason phrase, `explain` that of its long text
/// (behaviour rule ERR-01). What [`source`](std::error::Error::source) holds is logged and never sent.
///
/// ```
/// use doget::{Error, StatusCode};
///
/// let error = Error::new(404).message("No such user").header("Cache-Control", "no-store");
/// assert_eq!(error.status(), StatusCode::NOT_FOUND);
/// assert_eq!(error.to_string(), "404 No such user");
/// ```
#[derive(Debug)]
pub struct Error(Box<ErrorParts>);

#[derive(Debug)]
struct ErrorParts {
    status: StatusCode,
    message: Option<Cow<'static, str>>,
    explain: Option<Cow<'static, str>>,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    source: Option<Cause>,
    close: bool,
}

impl Error {
    /// An error page with this status and its standard texts.
    pub fn new(status: impl Into<StatusCode>) -> Self {
        Self(Box::new(ErrorParts {
            status: status.into(),
            message: None,
            explain: None,
            headers: Vec::new(),
            source: None,
            close: false,
        }))
    }

    /// A 500 whose cause is logged, but not shown to the client.
    ///
    /// ```
    /// let error = "x".parse::<u8>().map_err(doget::Error::internal).unwrap_err();
    /// assert_eq!(error.status().as_u16(), 500);
    /// ```
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR).caused_by(source)
    }

    /// The text in place of the reason phrase, in the status line and in the page.
    #[must_use]
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// The text in place of the status's long text, in the page.
    #[must_use]
    pub fn explain(mut self, explain: impl Into<Cow<'static, str>>) -> Self {
        self.0.explain = Some(explain.into());
        self
    }

    /// A header to send with the page, such as `WWW-Authenticate` with a 401.
    #[must_use]
    pub fn header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.headers.push((name.into(), value.into()));
        self
    }

    /// What went wrong, for the log.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Closes the connection after the page, and says so with `Connection: close`.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.0.close = true;
        self
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The text in place of the reason phrase, if one was given.
    pub fn message_text(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The text in place of the long text, if one was given.
    pub fn explain_text(&self) -> Option<&str> {
        self.0.explain.as_deref()
    }

    /// The headers to send with the page, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// Whether the connection is closed after the page.
    pub fn closes(&self) -> bool {
        self.0.close
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.message {
            Some(message) => write!(f, "{} {message}", self.0.status.as_u16()),
            None => self.0.status.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

/// A client's faults keep their status; everything else is a 500.
///
/// The errors of [`Request::body`](crate::Request::body) carry the status that fits: 400 for a body that is malformed
/// or was cut short, 408 for one that did not arrive in time, 413 for one that is too large.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::internal(error),
        }
    }
}

impl From<Cause> for Error {
    fn from(source: Cause) -> Self {
        match source.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => match source.downcast::<io::Error>() {
                Ok(error) => Self::from(*error),
                Err(source) => Self::internal(source),
            },
        }
    }
}

impl From<StatusCode> for Error {
    fn from(status: StatusCode) -> Self {
        Self::new(status)
    }
}

/// What may stand in the `Err` of a handler's result.
///
/// It is implemented for every `E` that [`Error`] can be made from: write `impl From<YourError> for doget::Error`
/// and choose the status there.
///
/// ```
/// struct NoStock;
///
/// impl From<NoStock> for doget::Error {
///     fn from(_: NoStock) -> Self {
///         doget::Error::new(409).message("Out of stock")
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `do_*` method cannot fail with `{Self}`: the server does not know which status to send",
    label = "this error has no status",
    note = "if `{Self}` is a type of yours, write `impl From<{Self}> for doget::Error`; if not, use `doget::Error` as the error \
            and `.map_err(doget::Error::internal)?`, which is a 500"
)]
pub trait IntoError {
    /// The error page to send.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E> IntoError for E
where
    Error: From<E>,
{
    fn into_error(self) -> Error {
        Error::from(self)
    }
}
