//! [`Gate`]: what a gate says of a request.

use crate::{Reply, Response, Result, Sent, StatusCode};
use std::fmt;

type Answer<'h> = Box<dyn FnOnce(Response<'_>) -> Result<Sent> + 'h>;

/// What [`Layer::gate`](crate::Layer::gate) says of a request: it passes, or this is the answer. A refusal is an
/// [`Error`](crate::Error).
///
/// ```
/// use doget::{Error, Gate, Layer, Promised, Request, Result};
///
/// /// Answers `GET /ping`, and refuses everything that has no `X-Word`.
/// struct Word(String);
///
/// impl Layer for Word {
///     fn gate<'h>(&'h self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'h>> {
///         if request.path() == "/ping" {
///             return Ok(Gate::reply("pong"));
///         }
///         match request.headers().get("X-Word") {
///             Some(word) if word == self.0 => Ok(Gate::Pass),
///             _ => Err(Error::forbidden()),
///         }
///     }
/// }
/// ```
#[must_use = "the gate's answer decides what becomes of the request"]
pub enum Gate<'h> {
    /// The request goes on to the next gate, and then to the handler.
    Pass,
    /// This answers it. The handler is not called, and neither is [`Layer::around`](crate::Layer::around).
    Answer(Answer<'h>),
}

impl<'h> Gate<'h> {
    /// The answer is this.
    pub fn reply(reply: impl Reply + 'h) -> Self {
        Self::answer(|response| reply.reply(response))
    }

    /// The answer has this status and nothing else.
    pub fn status(status: impl Into<StatusCode>) -> Self {
        let status = status.into();
        Self::answer(move |response| response.send_response(status).finish())
    }

    /// This writes the answer.
    pub fn answer(write: impl FnOnce(Response<'_>) -> Result<Sent> + 'h) -> Self {
        Self::Answer(Box::new(write))
    }
}

impl fmt::Debug for Gate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "Pass",
            Self::Answer(_) => "Answer(..)",
        })
    }
}
