//! [`Redirect`]: the client finds it elsewhere.

use crate::reply::Reply;
use crate::reply::answers::{AnswerInfo, Answers};
use crate::semantics::uri;
use crate::{Response, Result, Sent, StatusCode};
use std::borrow::Cow;

/// A redirect to another address (RFC 9110 section 15.4).
///
/// Characters that a URI cannot carry are escaped as a browser would do it, so blanks and letters beyond ASCII arrive.
/// Escapes that the text has already stay as they are. Text that a user typed, in which a `?` or a `%` is only text,
/// has to go through [`uri::segment`](crate::uri::segment) or [`uri::query`](crate::uri::query) first.
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
    /// 307 Temporary Redirect: the client repeats this request, with its method and body, at `location`; the next time
    /// it asks here again.
    pub fn temporary(location: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::TEMPORARY_REDIRECT,
            location: location.into(),
        }
    }

    /// 308 Permanent Redirect: the client repeats this request, with its method and body, at `location`, and may
    /// remember that. Browsers do so for long: use it where the old address will never be needed again.
    pub fn permanent(location: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::PERMANENT_REDIRECT,
            location: location.into(),
        }
    }

    /// 303 See Other: the client sends a GET to `location`. This is the answer to a form, after which a reload of the
    /// page does not send the form again.
    pub fn see_other(location: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            location: location.into(),
        }
    }
}

impl Reply for Redirect {
    const ANSWERS: &'static Answers = &Answers::new(&[
        AnswerInfo::new(303).header("Location"),
        AnswerInfo::new(307).header("Location"),
        AnswerInfo::new(308).header("Location"),
    ]);
    const BODY: bool = false;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(self.status)
            .send_header("Location", uri::reference(&self.location))
            .finish()
    }
}
