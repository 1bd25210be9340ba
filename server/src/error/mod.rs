//! [`Error`]: `send_error` as a value, and the words for errors that have no status.

pub(crate) mod attempt;
pub(crate) mod deadline_exceeded;
pub(crate) mod declared;
pub(crate) mod fault;

use crate::StatusCode;
use crate::error::fault::{InputFault, Place};
use std::borrow::Cow;
use std::fmt;
use std::io;

/// The result of a handler's method: [`Sent`](crate::Sent), or an [`Error`] that is answered with an error page.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The result of a method in which every error is a 500: `?` takes an error of any type.
///
/// An [`Error`] keeps its status here, also if it is among the causes of another error. **A type of your own that has
/// a status by `From<YourError> for doget::Error` loses it here**, since it is only an error in a box: use [`Result`]
/// for those, and [`OrStatus`] for what has none.
///
/// ```
/// use doget::{AnyResult, Error, handler};
///
/// struct Sum;
///
/// #[handler]
/// impl Sum {
///     #[route("/{a}/{b}")]
///     fn do_GET_sum(&self, a: String, b: String) -> AnyResult<String> {
///         let a: u8 = a.parse()?; // 500, and the log says why
///         let b: u8 = b.parse().map_err(|_| Error::bad_request())?; // 400
///         Ok(a.checked_add(b).ok_or("too much")?.to_string()) // 500
///     }
/// }
///
/// let status = |path| {
///     let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
///     doget::testing::exchange(&Sum, request.as_bytes())[9..12].to_vec()
/// };
/// assert_eq!(status("/1/2"), b"200");
/// assert_eq!(status("/x/2"), b"500");
/// assert_eq!(status("/1/x"), b"400");
/// assert_eq!(status("/200/200"), b"500");
/// ```
pub type AnyResult<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An answer that is an error: `http.server`'s `send_error` as a value.
///
/// A handler that returns it before anything was sent gets the error page of
/// [`send_error`](crate::handler::hooks::send_error); afterwards the connection is cut, so that the client sees
/// that the response is not whole.
///
/// `message` takes the place of the status's reason phrase, `explain` that of its long text on the page. What
/// [`source`](std::error::Error::source) holds is logged and never sent.
///
/// ```
/// use doget::{Error, StatusCode};
///
/// let error = Error::new(404).message("No such user").header("Cache-Control", "no-store");
/// assert_eq!(error.status(), StatusCode::NOT_FOUND);
/// assert_eq!(error.to_string(), "404 No such user");
/// ```
///
/// Its `Debug` form has the causes and faults too, as a panic of `unwrap` and the end of `main` show it:
///
/// ```
/// let error = doget::Error::internal("x".parse::<u8>().unwrap_err());
/// assert_eq!(format!("{error:?}"), "500 Internal Server Error, caused by: invalid digit found in string");
/// ```
pub struct Error(Box<ErrorParts>);

struct ErrorParts {
    status: StatusCode,
    message: Option<Cow<'static, str>>,
    explain: Option<Cow<'static, str>>,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    faults: Vec<InputFault>,
    problem_type: Option<Cow<'static, str>>,
    source: Option<Cause>,
    close: bool,
    /// The log has this error already: it is not logged a second time.
    logged: bool,
}

impl Error {
    /// An error page with this status and its standard texts.
    pub fn new(status: impl Into<StatusCode>) -> Self {
        Self(Box::new(ErrorParts {
            status: status.into(),
            message: None,
            explain: None,
            headers: Vec::new(),
            faults: Vec::new(),
            problem_type: None,
            source: None,
            close: false,
            logged: false,
        }))
    }

    /// 400 Bad Request: the request is malformed, and sending it again will not help.
    ///
    /// ```
    /// let error = doget::Error::bad_request().message("No name");
    /// assert_eq!(error.to_string(), "400 No name");
    /// ```
    pub fn bad_request() -> Self {
        Self::new(StatusCode::BAD_REQUEST)
    }

    /// 401 Unauthorized, with this challenge as its `WWW-Authenticate`, without which a 401 is not valid (RFC 9110
    /// section 15.5.2).
    ///
    /// ```
    /// let error = doget::Error::unauthorized(r#"Basic realm="admin""#);
    /// assert_eq!(error.headers().next(), Some(("WWW-Authenticate", r#"Basic realm="admin""#)));
    /// ```
    pub fn unauthorized(challenge: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED).header("WWW-Authenticate", challenge)
    }

    /// 403 Forbidden: this client may not have the resource, and asking again will not help.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN)
    }

    /// 404 Not Found: there is no such resource, or the client is not to know of it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND)
    }

    /// 409 Conflict: the request does not fit the present state of the resource.
    pub fn conflict() -> Self {
        Self::new(StatusCode::CONFLICT)
    }

    /// 410 Gone: the resource was removed, and will not come back.
    pub fn gone() -> Self {
        Self::new(StatusCode::GONE)
    }

    /// 415 Unsupported Media Type: the body has a type that this method does not take.
    pub fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }

    /// 422 Unprocessable Content: the body can be read, but its contents are not valid.
    pub fn unprocessable_content() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_CONTENT)
    }

    /// 429 Too Many Requests: this client asks too often. A [`header`](Self::header) `Retry-After` says when it may ask
    /// again.
    pub fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS)
    }

    /// 503 Service Unavailable: the server cannot answer now. A [`header`](Self::header) `Retry-After` says when the
    /// client may try again.
    pub fn service_unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE)
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

    /// The server has no room for this now: 503, and `Retry-After` of a second.
    pub(crate) fn busy() -> Self {
        Self::service_unavailable().header("Retry-After", "1")
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

    /// A value of the request that is not as it has to be: where it stands, its name there, and what it has to be.
    /// Several can be added, so that the client reads all of them at once.
    ///
    /// The page shows them behind its long text, a problem body has them in `errors`, and the log in one line. The
    /// value itself is not among it, and does not belong into `detail`: it may be a password, or somebody else's text.
    ///
    /// ```
    /// use doget::{Error, Place};
    ///
    /// let error = Error::bad_request()
    ///     .fault(Place::Query, "limit", "a number from 1 to 100")
    ///     .fault(Place::Query, "page", "a number from 1 on");
    /// let faults: Vec<String> = error.faults().iter().map(ToString::to_string).collect();
    /// assert_eq!(faults, ["query limit: a number from 1 to 100", "query page: a number from 1 on"]);
    /// ```
    #[must_use]
    pub fn fault(
        mut self,
        place: Place,
        name: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.faults.push(InputFault::new(place, name, detail));
        self
    }

    /// As [`fault`](Self::fault), for faults that were collected before.
    #[must_use]
    pub fn with_faults(mut self, faults: impl IntoIterator<Item = InputFault>) -> Self {
        self.0.faults.extend(faults);
        self
    }

    /// The kind of the problem, as an address that its documentation may have (RFC 9457 section 3.1.1): programs tell
    /// by it what the status alone does not say. It stands in the body of `#[handler(problem)]`, and nowhere else.
    #[must_use]
    pub fn problem_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.0.problem_type = Some(uri.into());
        self
    }

    /// The cause of this error: it is logged, with its own causes, and never sent.
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

    /// The kind of the problem, if one was given.
    pub fn problem_type_text(&self) -> Option<&str> {
        self.0.problem_type.as_deref()
    }

    /// The headers to send with the page, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// The values of the request that are not as they have to be, in order.
    pub fn faults(&self) -> &[InputFault] {
        &self.0.faults
    }

    /// Whether the connection is closed after the page.
    pub fn closes(&self) -> bool {
        self.0.close
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.0.logged
    }

    pub(crate) fn set_logged(&mut self) {
        self.0.logged = true;
    }

    /// A copy of the answer for the client, without the cause.
    fn without_cause(&self) -> Self {
        Self(Box::new(ErrorParts {
            status: self.0.status,
            message: self.0.message.clone(),
            explain: self.0.explain.clone(),
            headers: self.0.headers.clone(),
            faults: self.0.faults.clone(),
            problem_type: self.0.problem_type.clone(),
            source: None,
            close: self.0.close,
            logged: false,
        }))
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

/// One line for people. Headers are left out: a cookie among them may be a secret.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if let Some(explain) = &self.0.explain {
            write!(f, " ({explain})")?;
        }
        for fault in &self.0.faults {
            write!(f, ", {fault}")?;
        }
        let mut causes = std::iter::successors(std::error::Error::source(self), |one| one.source());
        causes.try_for_each(|cause| write!(f, ", caused by: {cause}"))
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

/// Faults of the client have the status that fits them; every other error is a 500.
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

/// If the error is an [`Error`], or one is among its causes, that one is answered; else the answer is a 500. The whole
/// chain is logged.
impl From<Cause> for Error {
    fn from(source: Cause) -> Self {
        let source = match source.downcast::<Self>() {
            Ok(error) => return *error,
            Err(source) => source,
        };
        let source = match source.downcast::<io::Error>() {
            Ok(error) => return Self::from(*error),
            Err(source) => source,
        };
        let answer = answer_among(&*source).map(Self::without_cause);
        match answer {
            Some(answer) => answer.caused_by(source),
            None => Self::internal(source),
        }
    }
}

/// The first [`Error`] in a chain of causes, also within an [`io::Error`].
fn answer_among<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        let within = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<Error>());
        if let Some(answer) = error.downcast_ref::<Error>().or(within) {
            return Some(answer);
        }
        next = error.source();
    }
    None
}

/// As from a box: an [`Error`] that it holds, or that is among its causes, keeps its status.
#[cfg(feature = "anyhow")]
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        // Only where it stands outside: `downcast` throws away what is around it.
        if error.chain().next().is_some_and(|first| first.is::<Self>()) {
            return match error.downcast::<Self>() {
                Ok(error) => error,
                Err(error) => Self::internal(error),
            };
        }
        Self::from(Cause::from(error))
    }
}

impl From<StatusCode> for Error {
    fn from(status: StatusCode) -> Self {
        Self::new(status)
    }
}

/// An error type that a method of a handler can return.
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
    note = "where it happens, `.or_500()?` or `.or_status(400)?` gives it one (`use doget::OrStatus`), in a method \
            that returns `doget::Result<..>`",
    note = "`doget::AnyResult<..>` as the return type takes every error, as a 500; with the feature `anyhow`, \
            `anyhow::Result<..>` can stand",
    note = "for an error type of your own, `#[derive(doget::Fault)]` with `#[status(409)]` on its variants chooses \
            the status, or `impl From<..> for doget::Error`"
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

/// A status for what failed, where it fails: on every `Result` whose error can be boxed, and on `Option`.
///
/// The error becomes the cause: it is logged with its own causes, and not shown.
///
/// ```
/// use doget::{OrStatus, Result};
///
/// fn pages(text: &str, books: &[u32]) -> Result<u32> {
///     let number: usize = text.parse().or_status(400)?;
///     let pages = books.get(number).or_404()?;
///     let free: u32 = std::env::var("FREE").or_500()?.parse().or_500()?;
///     Ok(pages - free)
/// }
///
/// assert_eq!(pages("x", &[]).unwrap_err().status().as_u16(), 400);
/// assert_eq!(pages("7", &[]).unwrap_err().status().as_u16(), 404);
/// assert_eq!(pages("0", &[9]).unwrap_err().status().as_u16(), 500);
/// ```
pub trait OrStatus<T>: Sized {
    /// The value, or an error page with this status.
    ///
    /// # Errors
    ///
    /// There is no value: the error has this status, and the former error as its cause.
    fn or_status(self, status: impl Into<StatusCode>) -> Result<T>;

    /// The value, or 404.
    ///
    /// # Errors
    ///
    /// As [`or_status`](Self::or_status).
    fn or_404(self) -> Result<T> {
        self.or_status(StatusCode::NOT_FOUND)
    }

    /// The value, or 500. An [`Error`] in the error, or among its causes, keeps its status.
    ///
    /// # Errors
    ///
    /// As [`or_status`](Self::or_status).
    fn or_500(self) -> Result<T>;
}

impl<T, E: Into<Cause>> OrStatus<T> for std::result::Result<T, E> {
    fn or_status(self, status: impl Into<StatusCode>) -> Result<T> {
        self.map_err(|error| Error::new(status).caused_by(error))
    }

    fn or_500(self) -> Result<T> {
        self.map_err(|error| Error::from(error.into()))
    }
}

impl<T> OrStatus<T> for Option<T> {
    fn or_status(self, status: impl Into<StatusCode>) -> Result<T> {
        self.ok_or_else(|| Error::new(status))
    }

    fn or_500(self) -> Result<T> {
        self.ok_or_else(|| Error::internal("there is no value"))
    }
}

#[cfg(all(test, feature = "anyhow"))]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn chain(error: &Error) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = std::error::Error::source(error);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }

    fn refused() -> anyhow::Result<()> {
        Err(Error::conflict().header("X-Lock", "1").caused_by("locked"))?;
        Ok(())
    }

    #[test]
    fn an_error_of_anyhow_is_a_500_with_all_its_causes() {
        let number = "x".parse::<u8>().context("no number").context("no page");
        let error = number.map_err(Error::from);
        let error = error
            .err()
            .map(|error| (error.status().as_u16(), chain(&error)));
        let causes = ["no page", "no number", "invalid digit found in string"];
        assert_eq!(error, Some((500, causes.map(str::to_owned).to_vec())));
    }

    #[test]
    fn an_answer_in_anyhow_keeps_its_status() {
        for (error, causes) in [
            (refused(), &["locked"][..]),
            (
                refused().context("in the shop"),
                &["in the shop", "409 Conflict", "locked"],
            ),
        ] {
            let error = error.map_err(Error::from).err();
            let error = error.map(|error| {
                let headers = error.headers().count();
                (error.status().as_u16(), headers, chain(&error))
            });
            let causes = causes.iter().map(|&cause| cause.to_owned()).collect();
            assert_eq!(error, Some((409, 1, causes)));
        }
    }

    struct Shop;

    #[crate::handler(crate = crate)]
    impl Shop {
        fn do_GET(&self) -> anyhow::Result<String> {
            refused().context("in the shop")?;
            Ok(String::new())
        }
    }

    #[test]
    fn a_method_returns_the_result_of_anyhow() {
        let answer = crate::testing::exchange(&Shop, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(answer.starts_with(b"HTTP/1.1 409 "));
        assert!(!String::from_utf8_lossy(&answer).contains("shop"));
    }
}
