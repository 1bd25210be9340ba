//! [`Redirect`]: the client finds it elsewhere.

use crate::reply::Reply;
use crate::semantics::uri;
use crate::{Response, Result, Sent, StatusCode};
use std::borrow::Cow;

/// A redirect to another address (RFC 9110 section 15.4).
///
/// What an address cannot carry is escaped as a browser would, so that blanks and letters beyond ASCII arrive; what
/// is escaped already stays as it is. Text that somebody typed, in which a `?` or a `%` is only text, goes through
/// [`uri::segment`](crate::uri::segment) or [`uri::query`](crate::uri::query) first.
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
            .send_header("Location", uri::reference(&self.location))
            .finish()
    }
}
