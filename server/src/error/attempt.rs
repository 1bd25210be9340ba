//! Errors of the system, with what was tried: `Address already in use` alone does not say which one.

use std::error::Error;
use std::fmt;
use std::io;

/// What was tried, and why it failed. Its source is the error of the system.
#[derive(Debug)]
struct FailedAttempt {
    what: String,
    source: io::Error,
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

impl Error for FailedAttempt {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Says what was tried when this error came. Its kind stays.
pub(crate) fn failed(what: impl fmt::Display, source: io::Error) -> io::Error {
    let what = what.to_string();
    io::Error::new(source.kind(), FailedAttempt { what, source })
}
