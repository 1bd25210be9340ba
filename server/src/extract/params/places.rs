//! [`Query`], [`Headers`], [`Cookies`] and [`Form`]: where the values of a [`Params`] type stand.

use crate::error::fault::Place;
use crate::extract::describe::ParamGroup;
use crate::extract::form::{FORM_REFUSALS, Form};
use crate::extract::params::source::{PairTable, ParamSource};
use crate::extract::params::{Params, cookie, read, read_optional};
use crate::{AnswerInfo, Answers, FromRequest, OptionalFromRequest, Request, Result};
use std::borrow::Cow;

/// The query, as the fields of a [`Params`] type. Feature `params`.
///
/// ```
/// use doget::{Params, Query, handler, testing};
///
/// #[derive(Params)]
/// struct Search {
///     q: String,
///     #[param(default = 20, range = 1..=100)]
///     limit: u32,
/// }
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     #[route("/search")]
///     fn do_GET_search(&self, Query(search): Query<Search>) -> String {
///         format!("{} of {}", search.limit, search.q)
///     }
/// }
///
/// assert_eq!(testing::get("/search?q=tea+%26+milk").send(&Site).text(), "20 of tea & milk");
/// // Everything that is wrong, at once.
/// let refused = testing::get("/search?limit=1000").send(&Site);
/// assert_eq!(refused.status(), 400);
/// assert!(refused.text().contains("limit: a whole number from 1 to 100"));
/// assert!(refused.text().contains("q: missing"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

/// Header fields, as the fields of a [`Params`] type. Feature `params`.
///
/// A field `if_match` is the header field `If-Match`; another name is given with `#[param(name = "X-Request-Id")]`. A
/// `Vec` has the members of a list, which are separated by commas and may stand in several lines (RFC 9110 section
/// 5.6.1).
///
/// ```
/// use doget::{Headers, Params, handler, testing};
///
/// #[derive(Params)]
/// struct Client {
///     user_agent: Option<String>,
///     #[param(name = "X-Depth", default = 1)]
///     depth: u8,
/// }
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     fn do_GET(&self, Headers(client): Headers<Client>) -> String {
///         format!("{:?} {}", client.user_agent, client.depth)
///     }
/// }
///
/// let answer = testing::get("/").header("User-Agent", "curl").header("X-Depth", "3").send(&Site);
/// assert_eq!(answer.text(), r#"Some("curl") 3"#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headers<T>(pub T);

/// Cookies, as the fields of a [`Params`] type. Feature `params`. To set them there is [`SetCookie`](crate::SetCookie).
///
/// Values are taken as they were sent (RFC 6265 section 4.2): nothing is decoded, and quotes stay. Of two cookies of
/// one name it is the first, which has the longer path; but two whose name begins with `__Host-` or `__Secure-` are
/// 400, since the prefix promises one.
///
/// ```
/// use doget::{Cookies, Params, handler, testing};
///
/// #[derive(Params)]
/// struct Session {
///     #[param(name = "__Host-session")]
///     token: String,
/// }
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     // Without the `Option` a request without the cookie is 400.
///     fn do_GET(&self, session: Option<Cookies<Session>>) -> String {
///         match session {
///             Some(Cookies(session)) => format!("session {}", session.token),
///             None => "please sign in".to_owned(),
///         }
///     }
/// }
///
/// let answer = testing::get("/").header("Cookie", "theme=dark; __Host-session=31d4").send(&Site);
/// assert_eq!(answer.text(), "session 31d4");
/// assert_eq!(testing::get("/").send(&Site).text(), "please sign in");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cookies<T>(pub T);

/// The query as the bytes that were sent: in the request line each character is one.
pub(crate) fn raw_query<'c>(request: &Request<'c>) -> Cow<'c, [u8]> {
    let text = request.query_string();
    if text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    let bytes = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?'));
    Cow::Owned(bytes.collect())
}

/// What values are refused with.
pub(crate) const REFUSALS: &Answers = &Answers::new(&[AnswerInfo::error(400)]);

pub(crate) fn of_query(raw: &[u8]) -> Result<ParamSource<'_>> {
    PairTable::urlencoded(Place::Query, raw).map(ParamSource::pairs)
}

pub(crate) fn of_cookies<'c>(request: &Request<'c>) -> Result<ParamSource<'c>> {
    cookie::pairs(&request.headers()).map(ParamSource::pairs)
}

fn of_form(body: &[u8]) -> Result<ParamSource<'_>> {
    PairTable::urlencoded(Place::Body, body).map(ParamSource::pairs)
}

impl<'c, T: Params> FromRequest<'c> for Query<T> {
    const REFUSALS: &'static Answers = REFUSALS;
    const PARAMS: Option<ParamGroup> =
        Some(ParamGroup::new(Place::Query, T::FIELDS).exact(T::EXACT));

    #[inline]
    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        read(of_query(&raw_query(request))?).map(Self)
    }
}

/// It is absent if the query has none of the names.
impl<'c, T: Params> OptionalFromRequest<'c> for Query<T> {
    const REFUSALS: &'static Answers = REFUSALS;
    const PARAMS: Option<ParamGroup> = <Self as FromRequest<'c>>::PARAMS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        Ok(read_optional(of_query(&raw_query(request))?)?.map(Self))
    }
}

impl<'c, T: Params> FromRequest<'c> for Headers<T> {
    const REFUSALS: &'static Answers = REFUSALS;
    const PARAMS: Option<ParamGroup> = Some(ParamGroup::new(Place::Header, T::FIELDS));

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        read(ParamSource::headers(request.headers())).map(Self)
    }
}

/// They are absent if the request has none of the fields.
impl<'c, T: Params> OptionalFromRequest<'c> for Headers<T> {
    const REFUSALS: &'static Answers = REFUSALS;
    const PARAMS: Option<ParamGroup> = <Self as FromRequest<'c>>::PARAMS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        Ok(read_optional(ParamSource::headers(request.headers()))?.map(Self))
    }
}

impl<'c, T: Params> FromRequest<'c> for Cookies<T> {
    const REFUSALS: &'static Answers = REFUSALS;
    const PARAMS: Option<ParamGroup> = Some(ParamGroup::new(Place::Cookie, T::FIELDS));

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        read(of_cookies(request)?).map(Self)
    }
}

/// They are absent if the request has none of the names.
impl<'c, T: Params> OptionalFromRequest<'c> for Cookies<T> {
    const REFUSALS: &'static Answers = REFUSALS;
    const PARAMS: Option<ParamGroup> = <Self as FromRequest<'c>>::PARAMS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        Ok(read_optional(of_cookies(request)?)?.map(Self))
    }
}

/// With the feature `params` a form is also read as a type of yours.
///
/// ```
/// use doget::{Form, Params, handler, testing};
///
/// #[derive(Params)]
/// struct Login {
///     user: String,
///     #[param(length = 8..=128)]
///     password: String,
///     #[param(default = false)]
///     remember: bool,
/// }
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     fn do_POST(&self, Form(login): Form<Login>) -> String {
///         format!("{} {} {}", login.user, login.password.len(), login.remember)
///     }
/// }
///
/// let form = [("user", "ada"), ("password", "analytical"), ("remember", "on")];
/// assert_eq!(testing::post("/").form(form).send(&Site).text(), "ada 10 true");
/// ```
impl<'c, T: Params> FromRequest<'c> for Form<T> {
    const COLLECT: u64 = <Form as FromRequest<'c>>::COLLECT;
    const REFUSALS: &'static Answers = FORM_REFUSALS;
    const PARAMS: Option<ParamGroup> =
        Some(ParamGroup::new(Place::Body, T::FIELDS).exact(T::EXACT));

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        let body = Form::body(request)?;
        read(of_form(&body)?).map(Self)
    }
}

/// A form is absent if the body is empty and its type is not that of a form.
impl<'c, T: Params> OptionalFromRequest<'c> for Form<T> {
    const COLLECT: u64 = <Form as FromRequest<'c>>::COLLECT;
    const REFUSALS: &'static Answers = FORM_REFUSALS;
    const PARAMS: Option<ParamGroup> = <Self as FromRequest<'c>>::PARAMS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        if Form::is_absent(request)? {
            return Ok(None);
        }
        <Self as FromRequest<'_>>::from_request(request).map(Some)
    }
}
