//! [`SessionError`]: why a session cannot be changed.

use crate::Error;
use std::fmt;

/// Why a session cannot be set up or changed: the cause of a 500, but for [`Ended`](Self::Ended), which is 409.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// There is no key, or one has fewer than 32 bytes.
    Key,
    /// What is in it does not fit a cookie of 4096 bytes, or has more than 64 KiB in a store.
    TooLarge,
    /// The head of the response is written already, and a cookie can no longer be set.
    HeadWritten,
    /// Another request has ended the session meanwhile.
    Ended,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "sessions need a key of at least 32 random bytes, as `openssl rand -hex 32` makes them",
            Self::TooLarge => {
                "the session is too large: a cookie has room for some 3000 bytes, a store for 64 KiB; keep what is \
                 larger in a database, and its key in the session"
            }
            Self::HeadWritten => {
                "the session was changed behind the head of the response: change it before `end_headers()`"
            }
            Self::Ended => "the session has ended meanwhile",
        })
    }
}

impl std::error::Error for SessionError {}

/// A 500, or 409 where another request has ended the session.
impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended => Self::conflict().caused_by(error),
            _ => Self::internal(error),
        }
    }
}
