//! [`Cached`]: an answer that clients may keep, and ask for again by its version.

use crate::reply::Reply;
use crate::reply::answers::{AnswerInfo, Answers};
use crate::{ETag, Response, Result, Sent, Validators};
use std::borrow::Cow;
use std::time::SystemTime;

/// An answer that clients may keep: it has a version, and a GET or HEAD of who has that version already is answered
/// with 304 and no body (RFC 9110 section 13).
///
/// The version is a tag, which is a digest of the body unless [`etag`](Self::etag) gives it, and the time of the last
/// change if [`last_modified`](Self::last_modified) says it. `If-Match` and `If-Unmodified-Since` that fail are 412.
/// All this holds for an answer of 200; one with another status of success has the validators, and an error nothing of
/// it. To other methods the conditions are nothing that is looked at here, since what they ask for is done by now: see
/// [`Request::is_not_modified`](crate::Request::is_not_modified).
///
/// `Cache-Control` is `no-cache` unless [`max_age`](Self::max_age) or [`cache_control`](Self::cache_control) says
/// otherwise: the client keeps the answer and asks each time.
///
/// The body is made in any case, so this saves bytes and not the work; `is_not_modified` can save both. A body that is
/// written piece by piece has no digest.
///
/// ```
/// use doget::{Cached, Html, handler, testing};
///
/// struct Page;
///
/// #[handler]
/// impl Page {
///     #[route("/news")]
///     fn do_GET_news(&self) -> Cached<Html<String>> {
///         Cached::new(Html("<p>No news.".to_owned())).max_age(60)
///     }
/// }
///
/// let first = testing::get("/news").send(&Page);
/// assert_eq!(first.header("Cache-Control"), Some("max-age=60"));
/// let tag = first.header("ETag").unwrap();
/// let again = testing::get("/news").header("If-None-Match", tag).send(&Page);
/// assert_eq!(again.status(), 304);
/// assert_eq!(again.text(), "");
/// ```
#[derive(Clone, Debug)]
#[must_use = "return it, or reply with it"]
pub struct Cached<T> {
    reply: T,
    version: Validators,
    cache_control: Cow<'static, str>,
}

impl<T> Cached<T> {
    /// This answer, with the digest of its body as its tag.
    pub fn new(reply: T) -> Self {
        Self {
            reply,
            version: Validators::new(),
            cache_control: Cow::Borrowed("no-cache"),
        }
    }

    /// The tag of the version, in place of the digest.
    pub fn etag(mut self, tag: ETag) -> Self {
        self.version = self.version.etag(tag);
        self
    }

    /// When the answer was last changed; to the second.
    pub fn last_modified(mut self, time: SystemTime) -> Self {
        self.version = self.version.last_modified(time);
        self
    }

    /// The answer need not be asked for again for so many seconds: `Cache-Control: max-age`.
    pub fn max_age(self, seconds: u32) -> Self {
        self.cache_control(format!("max-age={seconds}"))
    }

    /// The value of `Cache-Control` (RFC 9111 section 5.2), such as `private, max-age=60`. With an empty value the
    /// field is not sent.
    pub fn cache_control(mut self, value: impl Into<Cow<'static, str>>) -> Self {
        self.cache_control = value.into();
        self
    }
}

/// What an answer with a version is, beside what it is without.
pub(crate) const CONDITIONAL: &[AnswerInfo] = &[
    AnswerInfo::new(304).description("The client has this version already."),
    AnswerInfo::error(412),
];

impl<T: Reply> Reply for Cached<T> {
    const ANSWERS: &'static Answers = &Answers::new(CONDITIONAL).within(&[T::ANSWERS]);
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response.writer.pending.set_version(self.version);
        let response = match &*self.cache_control {
            "" => response,
            value => response.with_header("Cache-Control", value),
        };
        self.reply.reply(response)
    }
}
