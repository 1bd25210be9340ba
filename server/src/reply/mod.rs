//! [`Reply`]: what a `do_*` method may return without touching the [`Response`].

pub(crate) mod answers;
mod body;
pub(crate) mod cached;
pub(crate) mod html;
pub(crate) mod redirect;
#[cfg(feature = "params")]
pub(crate) mod set_cookie;
pub(crate) mod typed;

use crate::reply::answers::{AnswerInfo, Answers};
use crate::reply::body::{borrowed, owned};
use crate::{Error, HeaderValue, IntoError, Response, Result, Sent, StatusCode};
use std::borrow::Cow;

/// A value that can be sent as a whole answer, with status, headers and body.
///
/// | type | answer |
/// | --- | --- |
/// | `&str`, `String`, `Cow<str>` | 200, `text/plain; charset=utf-8` |
/// | `&[u8]`, `[u8; N]`, `Vec<u8>`, `Cow<'static, [u8]>` | 200, `application/octet-stream` |
/// | [`Html<T>`](crate::Html) | 200, `text/html; charset=utf-8` |
/// | [`StatusCode`] | that status; an error page from 400 on |
/// | `(StatusCode, T)`, `(u16, T)` | `T` with that status |
/// | `([(name, value); N], T)` | `T` with these headers, as by [`with_header`](Self::with_header) |
/// | `(StatusCode, [(name, value); N], T)` | both; `u16` as the status here too |
/// | [`Redirect`](crate::Redirect) | a redirect |
/// | [`Status<N, T>`](crate::Status), [`Created<T>`](crate::Created), [`NoContent`](crate::NoContent) | `T` with a status that is part of the type |
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
///
/// A type can say what it answers, so that the registry, tests and documents know it:
///
/// ```
/// use doget::{AnswerInfo, Answers, Reply, Response, Result, Sent, Status};
///
/// struct Csv(String);
///
/// impl Reply for Csv {
///     const ANSWERS: &'static Answers =
///         &Answers::new(&[AnswerInfo::new(200).media_type("text/csv").description("The table.")]);
///
///     fn reply(self, response: Response<'_>) -> Result<Sent> {
///         response.send_response(200).send_header("Content-Type", "text/csv").finish_with(self.0)
///     }
/// }
///
/// let accepted = Status::<202, Csv>::ANSWERS.list();
/// assert_eq!((accepted[0].status, accepted[0].media_type), (202, Some("text/csv")));
/// assert!(Status::<204, Csv>::FAULT.is_some()); // as a return type this does not compile
/// ```
#[diagnostic::on_unimplemented(
    message = "a `do_*` method cannot answer with `{Self}`",
    label = "this is not a reply",
    note = "return `&str`, `String`, `Vec<u8>`, `Html<T>`, `StatusCode`, `(StatusCode, T)`, \
            `(StatusCode, [(name, value); N], T)`, `Redirect`, `Option<T>` or `Result<T, E>`, with the feature `json` \
            a `Json<T>` of what serde can write, or a type of your own that implements `doget::Reply`"
)]
pub trait Reply {
    /// The answers that this type is known to give. The default says that the program decides it when it runs.
    const ANSWERS: &'static Answers = &Answers::OPEN;

    /// Whether the answers have a body. Statuses without one do not compile around a type that has one.
    const BODY: bool = true;

    /// What is wrong with this type as an answer. `#[handler]` makes it a compile error at the return type.
    const FAULT: Option<&'static str> = None;

    /// Sends this value as the response.
    ///
    /// # Errors
    ///
    /// The methods of [`Response`] return theirs: a header that is not valid, a client that is gone.
    fn reply(self, response: Response<'_>) -> Result<Sent>;

    /// The same answer with one more header. The header replaces one of the same name that the answer has itself;
    /// `Set-Cookie`, `Vary`, `Link` and `WWW-Authenticate` are added instead. An error page that is sent in place of
    /// the answer does not have the header.
    ///
    /// ```
    /// use doget::{Html, Reply, StatusCode};
    ///
    /// fn welcome() -> impl Reply {
    ///     Html("<h1>Welcome</h1>")
    ///         .with_status(StatusCode::CREATED)
    ///         .with_header("Set-Cookie", "seen=yes; HttpOnly; SameSite=Lax")
    ///         .with_header("Cache-Control", "no-store")
    /// }
    /// # struct S;
    /// # #[doget::handler] impl S { fn do_GET(&self) -> impl Reply { welcome() } }
    /// # let answer = doget::testing::exchange(&S, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    /// # let answer = String::from_utf8(answer).unwrap();
    /// # assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    /// # assert!(answer.contains("\r\nSet-Cookie: seen=yes; HttpOnly; SameSite=Lax\r\n"), "{answer}");
    /// # assert!(answer.contains("\r\nCache-Control: no-store\r\n"), "{answer}");
    /// ```
    fn with_header<V: HeaderValue>(self, name: &'static str, value: V) -> WithHeader<Self, V>
    where
        Self: Sized,
    {
        WithHeader::new(self, name, value)
    }

    /// The same answer with another status.
    fn with_status(self, status: impl Into<StatusCode>) -> WithStatus<Self>
    where
        Self: Sized,
    {
        WithStatus::new(self, status.into())
    }
}

/// An answer with one more header: the type that [`Reply::with_header`] returns.
#[derive(Clone, Debug)]
pub struct WithHeader<R, V> {
    reply: R,
    name: &'static str,
    value: V,
}

impl<R, V> WithHeader<R, V> {
    fn new(reply: R, name: &'static str, value: V) -> Self {
        Self { reply, name, value }
    }
}

impl<R: Reply, V: HeaderValue> Reply for WithHeader<R, V> {
    const ANSWERS: &'static Answers = &Answers::NONE.within(&[R::ANSWERS]).any_media_type();
    const BODY: bool = R::BODY;
    const FAULT: Option<&'static str> = R::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.reply
            .reply(response.with_header(self.name, self.value))
    }
}

/// An answer with another status: the type that [`Reply::with_status`] returns.
#[derive(Clone, Debug)]
pub struct WithStatus<R> {
    reply: R,
    status: StatusCode,
}

impl<R> WithStatus<R> {
    fn new(reply: R, status: StatusCode) -> Self {
        Self { reply, status }
    }
}

impl<R: Reply> Reply for WithStatus<R> {
    const BODY: bool = R::BODY;
    const FAULT: Option<&'static str> = R::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.reply.reply(response.with_status(self.status))
    }
}

impl Response<'_> {
    /// Sends a whole answer: anything that a `do_*` method may return.
    ///
    /// # Errors
    ///
    /// Those of [`Reply::reply`] of this value.
    pub fn reply(self, reply: impl Reply) -> Result<Sent> {
        reply.reply(self)
    }
}

/// [`Reply::FAULT`] of a status that there is not, or that is no last answer.
const NOT_A_STATUS: &str = "a status is a number from 200 to 599";

/// [`Reply::FAULT`] of a body that would not be sent (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
const WITHOUT_BODY: &str = "204, 205 and 304 are sent without a body, and this answer has one: return `NoContent`, \
                            or choose another status";

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

impl Reply for &str {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(TEXT)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, TEXT, self.as_bytes())
    }
}

impl Reply for String {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(TEXT)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        owned(response, TEXT, self.into_bytes())
    }
}

impl Reply for Cow<'_, str> {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(TEXT)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(text) => text.reply(response),
            Cow::Owned(text) => text.reply(response),
        }
    }
}

impl Reply for &[u8] {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(BYTES)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, BYTES, self)
    }
}

impl<const N: usize> Reply for [u8; N] {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(BYTES)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, BYTES, &self)
    }
}

impl<const N: usize> Reply for &[u8; N] {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(BYTES)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        borrowed(response, BYTES, self)
    }
}

impl Reply for Vec<u8> {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(BYTES)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        owned(response, BYTES, self)
    }
}

impl Reply for Cow<'_, [u8]> {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(BYTES)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(bytes) => bytes.reply(response),
            Cow::Owned(bytes) => bytes.reply(response),
        }
    }
}

/// From 400 on the error page of the status, else the status without a body.
impl Reply for StatusCode {
    const BODY: bool = false;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        if self.as_u16() >= 400 {
            return Err(Error::new(self));
        }
        response.send_response(self).finish()
    }
}

impl<T: Reply> Reply for (StatusCode, T) {
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.1.reply(response.with_status(self.0))
    }
}

impl<T: Reply> Reply for (u16, T) {
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.1.reply(response.with_status(self.0))
    }
}

impl<T: Reply, V: HeaderValue, const N: usize> Reply for ([(&str, V); N], T) {
    const ANSWERS: &'static Answers = &Answers::NONE.within(&[T::ANSWERS]).any_media_type();
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let (headers, reply) = self;
        reply.reply(headers.iter().fold(response, |response, (name, value)| {
            response.with_header(name, value)
        }))
    }
}

impl<T: Reply, V: HeaderValue, const N: usize> Reply for (StatusCode, [(&str, V); N], T) {
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let (status, headers, reply) = self;
        (headers, reply).reply(response.with_status(status))
    }
}

impl<T: Reply, V: HeaderValue, const N: usize> Reply for (u16, [(&str, V); N], T) {
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let (status, headers, reply) = self;
        (headers, reply).reply(response.with_status(status))
    }
}

/// `None` is 404.
impl<T: Reply> Reply for Option<T> {
    const ANSWERS: &'static Answers =
        &Answers::new(&[AnswerInfo::error(404)]).within(&[T::ANSWERS]);
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        match self {
            Some(reply) => reply.reply(response),
            None => Err(Error::new(StatusCode::NOT_FOUND)),
        }
    }
}

/// `Err` is the error page of the error.
impl<T: Reply, E: IntoError> Reply for Result<T, E> {
    const ANSWERS: &'static Answers = &Answers::OPEN.within(&[T::ANSWERS]);
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.map_err(IntoError::into_error)?.reply(response)
    }
}
