//! [`Html`]: a page.

use crate::reply::Reply;
use crate::reply::answers::{AnswerInfo, Answers};
use crate::reply::body::{borrowed, owned};
use crate::{Response, Result, Sent};
use std::borrow::Cow;

/// An HTML page: 200 with `text/html; charset=utf-8`. The text is sent as it is. Text that comes from a client has to
/// be escaped first, with [`escape_html`](crate::escape_html) for example.
///
/// `T` is `&str`, also one of a field of the handler, `String`, `&String` or `Cow<str>`.
#[derive(Clone, Debug)]
pub struct Html<T>(pub T);

const HTML: &str = "text/html; charset=utf-8";

impl<T: HtmlText> Reply for Html<T> {
    const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::new(200).media_type(HTML)]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.0.send(response)
    }
}

/// The text of a page. A bound on `Into<Cow<'static, str>>` would ask for a `&'static str` where a field of the
/// handler is borrowed.
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
