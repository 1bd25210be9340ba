use std::borrow::Cow;
use std::fmt;

/// Why a request head was refused, with what to answer.
///
/// `message` and `explain` are for the error page's fields of these names; an absent one stands for the status's own
/// text. Every refusal ends the connection: nothing behind the faulty head can be trusted to be a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadError {
    status: u16,
    message: Option<Cow<'static, str>>,
    explain: Option<Cow<'static, str>>,
    limit: Option<&'static str>,
    silent: bool,
}

impl HeadError {
    pub(super) fn new(status: u16, message: impl Into<Cow<'static, str>>) -> Self {
        HeadError {
            status,
            message: Some(message.into()),
            explain: None,
            limit: None,
            silent: false,
        }
    }

    pub(super) fn bad(message: &'static str, explain: &'static str) -> Self {
        HeadError::new(400, message).explained(explain)
    }

    /// 414 goes out with the status's own texts, as from `http.server`.
    pub(super) fn uri_too_long(limit: &'static str) -> Self {
        HeadError {
            status: 414,
            message: None,
            explain: None,
            limit: Some(limit),
            silent: false,
        }
    }

    /// A line without a word is answered with nothing, as by `http.server`.
    pub(super) fn no_request() -> Self {
        HeadError {
            silent: true,
            ..HeadError::new(400, "No request line")
        }
    }

    pub(super) fn explained(mut self, explain: impl Into<Cow<'static, str>>) -> Self {
        self.explain = Some(explain.into());
        self
    }

    pub(super) fn of_limit(mut self, limit: &'static str) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The status code to answer with: 400, 414, 431, 501 or 505.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The message for the status line and the page; `None` for the status's own.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The explanation for the page; `None` for the status's own.
    pub fn explain(&self) -> Option<&str> {
        self.explain.as_deref()
    }

    /// The field of [`HeadLimits`](super::HeadLimits) that was exceeded, if one was.
    pub fn limit(&self) -> Option<&'static str> {
        self.limit
    }

    /// Whether to close without an answer and without a log line (lenient profile only).
    pub fn silent(&self) -> bool {
        self.silent
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => f.write_str(message)?,
            None => f.write_str("URI Too Long")?,
        }
        if let Some(explain) = &self.explain {
            write!(f, ": {explain}")?;
        }
        if let Some(limit) = self.limit {
            write!(f, " (limit `{limit}`)")?;
        }
        Ok(())
    }
}

impl std::error::Error for HeadError {}
