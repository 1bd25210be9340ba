//! [`Reply`]: what a `do_*` method may return without touching the [`Response`].

use crate::{Error, IntoError, Response, Result, Sent, StatusCode};
use std::borrow::Cow;

/// An answer as a value.
///
/// | type | answer |
/// | --- | --- |
/// | `&str`, `String`, `Cow<str>` | 200, `text/plain; charset=utf-8` |
/// | `&[u8]`, `[u8; N]`, `Vec<u8>`, `Cow<'static, [u8]>` | 200, `application/octet-stream` |
/// | [`Html<T>`](Html) | 200, `text/html; charset=utf-8` |
/// | [`StatusCode`] | that status; an error page from 400 on |
/// | `(StatusCode, T)` | `T` with that status |
/// | [`Redirect`] | a redirect |
/// | `Option<T>` | `T`, or 404 |
/// | `Result<T, E>` | `T`, or the error page of `E` |
///
/// Implement it for your own types:
///
/// ```
/// use doget::{Reply, Response, Result, Sent};
///
/// struct Csv(String);
///
/// impl Reply for Csv {
///     fn reply(self, response: Response<'_>) -> Result<Sent> {
///         response
///             .send_response(200)
///             .send_header("Content-Type", "text/csv")
///             .finish_with(self.0.into_bytes())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `do_*` method cannot answer with `{Self}`",
    label = "this is not a reply",
    note = "return `&str`, `String`, `Vec<u8>`, `Html<T>`, `StatusCode`, `(StatusCode, T)`, `Redirect`, `Option<T>` or `Result<T, E>`, or implement `doget::Reply`"
)]
pub trait Reply {
    /// Sends the answer.
    ///
    /// # Errors
    ///
    /// What the steps of [`Response`] report.
    fn reply(self, response: Response<'_>) -> Result<Sent>;
}

impl Response<'_> {
    /// Sends a whole answer: anything that a `do_*` method may return.
    ///
    /// # Errors
    ///
    /// Those of the reply.
    pub fn reply(self, reply: impl Reply) -> Result<Sent> {
        reply.reply(self)
    }
}

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

fn borrowed(response: Response<'_>, kind: &str, body: &[u8]) -> Result<Sent> {
    response
        .send_response(StatusCode::OK)
        .text_header("Content-Type", kind)
        .finish_with_slice(body)
}

fn owned(response: Response<'_>, kind: &str, body: impl Into<Cow<'static, [u8]>>) -> Result<Sent> {
    response
        .send_response(StatusCode::OK)
        .text_header("Content-Type", kind)
        .finish_with(body)
}

impl Reply for &str {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, TEXT, self.as_bytes())
    }
}

impl Reply for String {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        owned(response, TEXT, self.into_bytes())
    }
}

impl Reply for Cow<'_, str> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(text) => text.reply(response),
            Cow::Owned(text) => text.reply(response),
        }
    }
}

impl Reply for &[u8] {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, BYTES, self)
    }
}

impl<const N: usize> Reply for [u8; N] {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, BYTES, &self)
    }
}

impl<const N: usize> Reply for &[u8; N] {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, BYTES, self)
    }
}

impl Reply for Vec<u8> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        owned(response, BYTES, self)
    }
}

impl Reply for Cow<'_, [u8]> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(bytes) => bytes.reply(response),
            Cow::Owned(bytes) => bytes.reply(response),
        }
    }
}

/// A page: 200 with `text/html; charset=utf-8`. The text is sent as it is; escape what comes from outside, with
/// [`escape_html`](crate::escape_html) for example.
///
/// `T` is `&str`, also one of a field of the handler, `String`, `&String` or `Cow<str>`.
#[derive(Clone, Debug)]
pub struct Html<T>(pub T);

const HTML: &str = "text/html; charset=utf-8";

impl<T: HtmlText> Reply for Html<T> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.0.send(response)
    }
}

/// The text of a page. A bound on `Into<Cow<'static, str>>` would ask for a `&'static str` where a field of the handler is
/// borrowed.
#[diagnostic::on_unimplemented(
    message = "`Html` cannot send `{Self}`",
    label = "this is not the text of a page",
    note = "`Html` takes `&str`, `&String`, `String` or `Cow<str>`"
)]
pub trait HtmlText {
    #[doc(hidden)]
    fn send(self, response: Response<'_>) -> Result<Sent>;
}

impl HtmlText for &str {
    fn send(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, HTML, self.as_bytes())
    }
}

impl HtmlText for &String {
    fn send(self, response: Response<'_>) -> Result<Sent> {
        self.as_str().send(response)
    }
}

impl HtmlText for String {
    fn send(self, response: Response<'_>) -> Result<Sent> {
        owned(response, HTML, self.into_bytes())
    }
}

impl HtmlText for Cow<'_, str> {
    fn send(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(text) => text.send(response),
            Cow::Owned(text) => text.send(response),
        }
    }
}

/// From 400 on the error page, else that status without a body.
impl Reply for StatusCode {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        if self.as_u16() >= 400 {
            return Err(Error::new(self));
        }
        response.send_response(self).finish()
    }
}

impl<T: Reply> Reply for (StatusCode, T) {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.1.reply(response.with_status(self.0))
    }
}

/// A redirect to another address (RFC 9110 section 15.4).
///
/// ```
/// use doget::Redirect;
///
/// let moved = Redirect::permanent("/new/place");
/// let after_a_form = Redirect::see_other("/done");
/// ```
#[derive(Clone, Debug)]
pub struct Redirect {
    status: StatusCode,
    location: Cow<'static, str>,
}

impl Redirect {
    /// 307: the same request, there, this time.
    pub fn temporary(location: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::TEMPORARY_REDIRECT,
            location: location.into(),
        }
    }

    /// 308: the same request, there, from now on.
    pub fn permanent(location: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::PERMANENT_REDIRECT,
            location: location.into(),
        }
    }

    /// 303: a GET, there; what follows a form.
    pub fn see_other(location: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            location: location.into(),
        }
    }
}

impl Reply for Redirect {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(self.status)
            .send_header("Location", &self.location)
            .finish()
    }
}

/// `None` is 404.
impl<T: Reply> Reply for Option<T> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Some(reply) => reply.reply(response),
            None => Err(Error::new(StatusCode::NOT_FOUND)),
        }
    }
}

/// `Err` is the error page of the error.
impl<T: Reply, E: IntoError> Reply for Result<T, E> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.map_err(IntoError::into_error)?.reply(response)
    }
}
