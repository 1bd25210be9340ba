//! [`Fault`]: an error type whose statuses the compiler knows.

use crate::Error;
use crate::reply::answers::Answers;
use std::fmt;

/// An error type whose answers are known at compile time.
///
/// `#[derive(Fault)]` writes it, together with `From<E> for doget::Error`: the type is then an error of a method, and
/// `?` works on it in methods that return [`doget::Result`](crate::Result). See [`Fault`](macro@crate::Fault) for the
/// attributes.
///
/// ```
/// use doget::{AnswerInfo, Answers, Error, Fault};
///
/// /// Written by hand, for a type whose status depends on more than its variant.
/// struct Refused {
///     hidden: bool,
/// }
///
/// impl From<Refused> for Error {
///     fn from(fault: Refused) -> Self {
///         fault.error()
///     }
/// }
///
/// impl Fault for Refused {
///     const ANSWERS: &'static Answers = &Answers::new(&[AnswerInfo::error(403), AnswerInfo::error(404)]);
///
///     fn error(self) -> Error {
///         if self.hidden { Error::not_found() } else { Error::forbidden() }
///     }
/// }
///
/// assert_eq!(Error::from(Refused { hidden: true }).status(), 404);
/// ```
#[diagnostic::on_unimplemented(
    message = "the statuses of `{Self}` are not known at compile time",
    label = "this error type is not described",
    note = "write `#[derive(doget::Fault)]` and `#[status(..)]` on its variants"
)]
pub trait Fault: Sized {
    /// The error pages that it can become.
    const ANSWERS: &'static Answers;

    /// The error page that it becomes: the same as `doget::Error::from`.
    fn error(self) -> Error;
}

/// Whatever status the program gives it.
impl Fault for Error {
    const ANSWERS: &'static Answers = &Answers::OPEN;

    fn error(self) -> Error {
        self
    }
}

/// What the log says of a fault that `#[derive(Fault)]` has made an error of: which one it was, and why.
#[derive(Debug)]
pub struct FaultCause {
    name: &'static str,
    text: Option<String>,
    source: Option<super::Cause>,
}

impl FaultCause {
    /// `name`: that of the variant.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            text: None,
            source: None,
        }
    }

    /// What the client reads.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    /// What the fault comes from.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for FaultCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{}: {text}", self.name),
            None => f.write_str(self.name),
        }
    }
}

impl std::error::Error for FaultCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(&**source as &(dyn std::error::Error + 'static))
    }
}
