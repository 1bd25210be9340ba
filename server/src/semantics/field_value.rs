//! The error of a text that is not the value of a header field.

use std::error::Error;
use std::fmt;

/// The error of a text that cannot be the value of a header field: of [`ETag`](crate::ETag),
/// [`HttpDate`](crate::HttpDate) and [`TraceParent`](crate::TraceParent) when they are parsed.
///
/// ```
/// use doget::ETag;
///
/// let error = "v7".parse::<ETag>().unwrap_err();
/// assert_eq!(error.to_string(), "this is no entity tag, such as \"v7\" or W/\"v7\", quotes included");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldValueError {
    expected: &'static str,
}

impl FieldValueError {
    /// `expected`: what the text should have been, behind "this is no".
    pub(crate) fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl fmt::Display for FieldValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no {}", self.expected)
    }
}

impl Error for FieldValueError {}
