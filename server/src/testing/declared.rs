//! Whether an answer is one that its method declares.

use crate::handler::registry::MethodInfo;
use crate::testing::answer::Answer;
use crate::{AnswerInfo, Answers};

impl Answer {
    /// What the method has not declared of this answer, in words; `None` if the types of the method say all of it, or
    /// leave it open ([`MethodInfo::answers`]).
    ///
    /// A status is declared by the return type, by the types of the parameters, or by `#[answers(..)]`. Media type and
    /// header fields are compared as far as the types say them. An answer that no method gave, such as a 405, has
    /// nothing undeclared.
    ///
    /// ```
    /// use doget::{Html, NoContent, Response, Result, Sent, Status, handler, testing};
    ///
    /// struct Pages;
    ///
    /// #[handler]
    /// impl Pages {
    ///     #[route("/pages/{number}")]
    ///     #[answers(Html<String>, Status<304, NoContent>)]
    ///     fn do_GET_page(&self, number: u32, response: Response<'_>) -> Result<Sent> {
    ///         match number {
    ///             1 => response.reply(Html("<p>one")),
    ///             2 => response.send_response(304).finish(),
    ///             _ => response.reply((418, "no page")),
    ///         }
    ///     }
    /// }
    ///
    /// assert_eq!(testing::get("/pages/1").send(&Pages).undeclared(), None);
    /// assert_eq!(testing::get("/pages/2").send(&Pages).undeclared(), None);
    /// let words = testing::get("/pages/3").send(&Pages).undeclared().unwrap();
    /// assert_eq!(words, "do_GET_page answers 418, and declares 200, 304, 404");
    /// ```
    #[must_use]
    pub fn undeclared(&self) -> Option<String> {
        let method = self.method()?;
        let answers = method.answers.filter(|answers| !answers.is_open())?;
        undeclared(self, &method, answers)
    }
}

fn undeclared(answer: &Answer, method: &MethodInfo, answers: &Answers) -> Option<String> {
    let (function, status) = (method.function, answer.status().as_u16());
    let list = answers.list();
    let fitting: Vec<&AnswerInfo> = list.iter().filter(|info| info.status == status).collect();
    if fitting.is_empty() {
        let mut declared: Vec<u16> = list.iter().map(|info| info.status).collect();
        declared.sort_unstable();
        declared.dedup();
        let declared: Vec<String> = declared.iter().map(u16::to_string).collect();
        let declared = declared.join(", ");
        return Some(format!(
            "{function} answers {status}, and declares {declared}"
        ));
    }
    let kind = answer.header("Content-Type");
    let has_type = |info: &&&AnswerInfo| match info.media_type {
        Some(media_type) => kind == Some(media_type),
        None => true,
    };
    let Some(info) = fitting.iter().find(has_type) else {
        let declared: Vec<&str> = fitting.iter().filter_map(|info| info.media_type).collect();
        let (kind, declared) = (kind.unwrap_or("no type"), declared.join(", "));
        return Some(format!(
            "{function} answers {status} with {kind}, and declares {declared}"
        ));
    };
    let missing = info.header.filter(|name| answer.header(name).is_none())?;
    Some(format!(
        "{function} answers {status} without {missing}, which it declares"
    ))
}
