//! [`Form`]: bodies of forms.

use crate::extract::BODY_REFUSALS;
use crate::{AnswerInfo, Answers, Error, FromRequest, OptionalFromRequest, Pairs, Request, Result};

/// A body of the type `application/x-www-form-urlencoded`, as its pairs. 415 for another type.
///
/// With the feature `params`, `Form<T>` has the fields of a type of yours in place of the pairs.
///
/// ```
/// use doget::{Form, handler, testing};
///
/// struct Login;
///
/// #[handler]
/// impl Login {
///     fn do_POST(&self, form: Form) -> String {
///         format!("welcome, {}", form.get("name").unwrap_or("stranger"))
///     }
/// }
///
/// let answer = testing::exchange(
///     &Login,
///     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
///       Content-Length: 9\r\n\r\nname=J+M%",
/// );
/// assert!(answer.ends_with(b"welcome, J M%"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T = FormPairs>(pub T);

/// The pairs of a [`Form`], decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPairs(Vec<(String, String)>);

/// What a form is refused with: what every body is, and another type.
pub(crate) const FORM_REFUSALS: &Answers =
    &Answers::new(&[AnswerInfo::error(415)]).within(&[BODY_REFUSALS]);

impl Form {
    /// The first value of this name, decoded; `None` if the form has no such name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// All names with their values, decoded, in the order in which the client sent them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The body as it was sent.
    ///
    /// # Errors
    ///
    /// 415 for a body of another type, and those of a body that is collected.
    pub(crate) fn body(request: &mut Request<'_>) -> Result<Vec<u8>> {
        if !is_form(request) {
            return Err(
                Error::new(415).explain("the body has to be application/x-www-form-urlencoded")
            );
        }
        <Vec<u8> as FromRequest<'_>>::from_request(request)
    }

    /// Whether the body is empty and says nothing of a form.
    pub(crate) fn is_absent(request: &mut Request<'_>) -> Result<bool> {
        Ok(!is_form(request) && request.body().is_empty()?)
    }
}

impl<'c> FromRequest<'c> for Form {
    const COLLECT: u64 = <Vec<u8> as FromRequest<'c>>::COLLECT;
    const REFUSALS: &'static Answers = FORM_REFUSALS;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        let body = Self::body(request)?;
        let text = std::str::from_utf8(&body).map_err(|error| {
            Error::new(400)
                .explain("the body is not UTF-8")
                .caused_by(error)
        })?;
        let pairs = Pairs::new(text).map(|(name, value)| (name.into_owned(), value.into_owned()));
        Ok(Self(FormPairs(pairs.collect())))
    }
}

/// A form is absent if the body is empty and its type is not that of a form.
impl<'c> OptionalFromRequest<'c> for Form {
    const COLLECT: u64 = <Form as FromRequest<'c>>::COLLECT;
    const REFUSALS: &'static Answers = FORM_REFUSALS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        if Self::is_absent(request)? {
            return Ok(None);
        }
        <Form as FromRequest<'_>>::from_request(request).map(Some)
    }
}

/// Whether the body says that it is a form.
fn is_form(request: &Request<'_>) -> bool {
    let kind = request.headers().get("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
