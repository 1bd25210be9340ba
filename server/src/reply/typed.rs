//! Answers whose status is in their type: [`Status`], [`Created`], [`NoContent`].

use crate::reply::answers::{AnswerInfo, Answers};
use crate::reply::{NOT_A_STATUS, Reply, WITHOUT_BODY};
use crate::semantics::uri;
use crate::{Response, Result, Sent, StatusCode};
use std::borrow::Cow;

/// An answer with the status `N`, from 200 to 599.
///
/// What [`with_status`](Reply::with_status) says when the program runs, this says in the type: it is known to whoever
/// reads the method, and to a description of it. 204, 205 and 304 have no body: with one, it does not compile.
///
/// ```
/// use doget::{Html, Status, handler, testing};
///
/// struct Jobs;
///
/// #[handler]
/// impl Jobs {
///     fn do_POST(&self) -> Status<202, Html<&'static str>> {
///         Status(Html("<p>It will be done."))
///     }
/// }
///
/// assert_eq!(testing::post("/").send(&Jobs).status(), 202);
/// ```
///
/// ```compile_fail,E0080
/// # use doget::{Status, handler};
/// # struct Jobs;
/// #[handler]
/// impl Jobs {
///     fn do_POST(&self) -> Status<204, String> {
///         Status("this would not be sent".to_owned())
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status<const N: u16, T>(pub T);

impl<const N: u16, T: Reply> Reply for Status<N, T> {
    const ANSWERS: &'static Answers = &Answers::NONE.within(&[T::ANSWERS]).with_status(N);
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = match (T::FAULT, N) {
        (None, 0..200 | 600..) => Some(NOT_A_STATUS),
        (None, 204 | 205 | 304) if T::BODY => Some(WITHOUT_BODY),
        (fault, _) => fault,
    };

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.0.reply(response.with_status(N))
    }
}

/// 201 Created: there is a new resource, and `Location` says where (RFC 9110 section 15.3.2).
///
/// The address cannot be forgotten, since [`at`](Self::at) is the only way to make one. It is escaped as that of a
/// [`Redirect`](crate::Redirect).
///
/// ```
/// use doget::{Created, handler, testing};
///
/// struct Notes;
///
/// #[handler]
/// impl Notes {
///     #[route("/notes")]
///     fn do_POST_note(&self, text: String) -> Created<String> {
///         Created::at("/notes/1", text)
///     }
/// }
///
/// let answer = testing::post("/notes").body("milk").send(&Notes);
/// assert_eq!(answer.status(), 201);
/// assert_eq!(answer.header("Location"), Some("/notes/1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created<T> {
    location: Cow<'static, str>,
    reply: T,
}

impl<T> Created<T> {
    /// The resource is at `location`, and `reply` tells of it.
    pub fn at(location: impl Into<Cow<'static, str>>, reply: T) -> Self {
        Self {
            location: location.into(),
            reply,
        }
    }
}

impl<T: Reply> Reply for Created<T> {
    const ANSWERS: &'static Answers = &Answers::NONE
        .within(&[T::ANSWERS])
        .with_status(201)
        .with_header("Location");
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let response = response
            .with_status(StatusCode::CREATED)
            .with_header("Location", uri::reference(&self.location));
        self.reply.reply(response)
    }
}

/// 204 No Content: it was done, and there is nothing to say.
///
/// ```
/// use doget::{NoContent, handler, testing};
///
/// struct Notes;
///
/// #[handler]
/// impl Notes {
///     #[route("/notes/{id}")]
///     fn do_DELETE_note(&self, id: u32) -> Option<NoContent> {
///         (id == 1).then_some(NoContent)
///     }
/// }
///
/// assert_eq!(testing::delete("/notes/1").send(&Notes).status(), 204);
/// assert_eq!(testing::delete("/notes/2").send(&Notes).status(), 404);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

impl Reply for NoContent {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(204)]);
    const BODY: bool = false;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response.send_response(StatusCode::NO_CONTENT).finish()
    }
}
