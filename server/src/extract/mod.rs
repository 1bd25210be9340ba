//! Parameters of `do_*` methods: what is taken from a request, and what from a path segment.

pub(crate) mod describe;
pub(crate) mod file_name;
pub(crate) mod form;
#[cfg(feature = "json")]
pub(crate) mod json;
#[cfg(feature = "multipart")]
pub(crate) mod multipart;
#[cfg(feature = "params")]
pub(crate) mod params;

use crate::extract::describe::ParamGroup;
use crate::http1::HeaderFields;
use crate::{AnswerInfo, Answers, Error, Pairs, Request, Result};
use std::borrow::Cow;
use std::str::FromStr;

/// A type that a `do_*` method can take as a parameter.
///
/// Parameters are found by their type. By-value ones are taken first, in the order in which they are written, then
/// `&Request` and `&mut Request`, which borrow the request for the rest of the call.
///
/// | parameter | what it is |
/// | --- | --- |
/// | `&Request<'_>`, `&mut Request<'_>` | the request |
/// | `Response<'_>` | the response, to be written by hand |
/// | `Vec<u8>`, `String` | the body; 400 if a `String` is not UTF-8, 413 beyond [`Limits::max_collected_body_size`](crate::Limits::max_collected_body_size) |
/// | [`Form`](crate::Form) | the body as urlencoded pairs |
/// | [`Pairs`] | the pairs of the query |
/// | [`HeaderFields`] | the header fields |
/// | one that a `{placeholder}` of the route names | that part of the path |
/// | `Option<T>` | `None` if it is absent: `T` is one of the body's types above, `Json`, or your own |
/// | `Result<T>` | the error that would be answered, for the method to decide |
///
/// Implement it for your own types:
///
/// ```
/// use doget::{Error, FromRequest, Request, Result, handler};
///
/// struct UserAgent<'c>(&'c str);
///
/// impl<'c> FromRequest<'c> for UserAgent<'c> {
///     fn from_request(request: &mut Request<'c>) -> Result<Self> {
///         let agent = request.headers().get("User-Agent");
///         agent.map(Self).ok_or_else(|| Error::new(400).message("No user agent"))
///     }
/// }
///
/// struct Mirror;
///
/// #[handler]
/// impl Mirror {
///     fn do_GET(&self, agent: UserAgent<'_>) -> String {
///         format!("you are {}", agent.0)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from a request",
    label = "this parameter has no source",
    note = "a parameter is `&Request`, `&mut Request`, `Response` (each once), one that a `{{placeholder}}` of the \
            route names, or a type that implements `doget::FromRequest`, such as `String`, `Vec<u8>` or `Form`"
)]
pub trait FromRequest<'c>: Sized {
    /// How many bytes of the body this type reads at most. The server reads as many before it calls the method, so that
    /// no thread waits for a slow client.
    const COLLECT: u64 = 0;

    /// Whether this type reads the body. A method can take one such parameter: the second would find nothing left, so
    /// it is refused at compile time. Set this to `true` if `from_request` reads the body while `COLLECT` is 0.
    ///
    /// ```compile_fail,E0080
    /// # use doget::{Form, handler};
    /// # struct Login;
    /// #[handler]
    /// impl Login {
    ///     // Both parameters read the body, and the second finds nothing left.
    ///     fn do_POST(&self, form: Form, raw: String) -> String {
    ///         raw
    ///     }
    /// }
    /// ```
    const BODY: bool = Self::COLLECT > 0;

    /// The error pages that `from_request` is known to become. The default says that it can be any.
    const REFUSALS: &'static Answers = &Answers::OPEN;

    /// The parameters that this type takes by name from the query, the header fields, the cookies or a form: for checks
    /// while compiling and for documents. `None` for a type that does not say so.
    const PARAMS: Option<ParamGroup> = None;

    /// Takes the value from the request.
    ///
    /// # Errors
    ///
    /// The error is answered with its page, and the method is not called.
    fn from_request(request: &mut Request<'c>) -> Result<Self>;
}

/// A type that may be absent, so that `Option` of it can be a parameter.
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` cannot be taken from a request",
    label = "the server does not know when this is absent",
    note = "implement `doget::OptionalFromRequest` for it"
)]
pub trait OptionalFromRequest<'c>: Sized {
    /// As [`FromRequest::COLLECT`].
    const COLLECT: u64 = 0;

    /// As [`FromRequest::BODY`].
    const BODY: bool = Self::COLLECT > 0;

    /// As [`FromRequest::REFUSALS`].
    const REFUSALS: &'static Answers = &Answers::OPEN;

    /// As [`FromRequest::PARAMS`].
    const PARAMS: Option<ParamGroup> = None;

    /// Takes the value; `None` only if it is absent.
    ///
    /// # Errors
    ///
    /// The value is there, but malformed. The error is answered with its page, and the method is not called.
    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>>;
}

impl<'c, T: OptionalFromRequest<'c>> FromRequest<'c> for Option<T> {
    const COLLECT: u64 = T::COLLECT;
    const BODY: bool = T::BODY;
    const REFUSALS: &'static Answers = T::REFUSALS;

    const PARAMS: Option<ParamGroup> = match T::PARAMS {
        Some(group) => Some(group.optional()),
        None => None,
    };

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        T::from_request(request)
    }
}

/// The method is called in any case, and decides what becomes of the error.
impl<'c, T: FromRequest<'c>> FromRequest<'c> for Result<T> {
    const COLLECT: u64 = T::COLLECT;
    const BODY: bool = T::BODY;
    const REFUSALS: &'static Answers = &Answers::NONE;

    const PARAMS: Option<ParamGroup> = T::PARAMS;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        Ok(T::from_request(request))
    }
}

/// How much of a body the server waits for on behalf of the types of this module: the default of
/// [`Limits::max_collected_body_size`](crate::Limits::max_collected_body_size). More is read when the method is called.
const AHEAD: u64 = 1 << 20;

/// What a body is refused with: it is malformed or cut short, or too large.
pub(crate) const BODY_REFUSALS: &Answers =
    &Answers::new(&[AnswerInfo::error(400), AnswerInfo::error(413)]);

impl<'c> FromRequest<'c> for Vec<u8> {
    const COLLECT: u64 = AHEAD;
    const REFUSALS: &'static Answers = BODY_REFUSALS;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        let limit = request.limits().max_collected_body_size;
        request.read_body(limit)
    }
}

impl<'c> FromRequest<'c> for String {
    const COLLECT: u64 = AHEAD;
    const REFUSALS: &'static Answers = BODY_REFUSALS;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        let body = <Vec<u8> as FromRequest<'_>>::from_request(request)?;
        String::from_utf8(body).map_err(|error| {
            Error::new(400)
                .explain("the body is not UTF-8")
                .caused_by(error)
        })
    }
}

/// An empty body is absent.
impl<'c> OptionalFromRequest<'c> for String {
    const COLLECT: u64 = AHEAD;
    const REFUSALS: &'static Answers = BODY_REFUSALS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        let text = <String as FromRequest<'_>>::from_request(request)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// An empty body is absent.
impl<'c> OptionalFromRequest<'c> for Vec<u8> {
    const COLLECT: u64 = AHEAD;
    const REFUSALS: &'static Answers = BODY_REFUSALS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        let body = <Vec<u8> as FromRequest<'_>>::from_request(request)?;
        Ok(Some(body).filter(|body| !body.is_empty()))
    }
}

impl<'c> FromRequest<'c> for HeaderFields<'c> {
    const REFUSALS: &'static Answers = &Answers::NONE;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        Ok(request.headers())
    }
}

impl<'c> FromRequest<'c> for Pairs<'c> {
    const REFUSALS: &'static Answers = &Answers::NONE;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        Ok(request.query())
    }
}

/// A type that a part of the path can be: everything that implements [`FromStr`], `&str` and `Cow<str>`.
///
/// The text is percent-decoded. What does not parse is 404: there is no such resource. `Via` tells the ways apart and
/// is inferred.
///
/// A text can have slashes, which are sent as `%2F`, and can begin with one. Do not join it to a directory: the type
/// for that is [`FileName`](crate::FileName). Dot segments (`.` and `..` between separators) are 404 with every type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a path segment",
    label = "not a path parameter type",
    note = "a path parameter is `&str`, `Cow<str>`, or a type that implements `std::str::FromStr`"
)]
pub trait FromParam<'p, Via>: Sized {
    /// Reads the value; `None` if the text is not a value of this type, which is answered with 404.
    fn from_param(text: &'p str) -> Option<Self>;
}

/// Marks types that are read with [`FromStr`]; inferred as `Via` of [`FromParam`].
#[derive(Debug)]
pub enum Parsed {}

/// Marks types that take the text as it is; inferred as `Via` of [`FromParam`].
#[derive(Debug)]
pub enum Verbatim {}

#[diagnostic::do_not_recommend]
impl<'p, T: FromStr> FromParam<'p, Parsed> for T {
    fn from_param(text: &'p str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<'p> FromParam<'p, Verbatim> for &'p str {
    fn from_param(text: &'p str) -> Option<Self> {
        Some(text)
    }
}

impl<'p> FromParam<'p, Verbatim> for Cow<'p, str> {
    fn from_param(text: &'p str) -> Option<Self> {
        Some(Cow::Borrowed(text))
    }
}
