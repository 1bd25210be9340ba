//! [`Message`]: what a peer sent.

use crate::live::protocol::close::{Close, CloseCode};
use crate::live::protocol::decoder::Kind;

/// A message that is one's own: what a loop gets ([`BlockingSocket::next`](crate::live::BlockingSocket::next)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageBuf {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl MessageBuf {
    /// The same, borrowed.
    #[must_use]
    pub fn as_message(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(bytes) => Message::Binary(bytes),
        }
    }

    pub(crate) fn of(kind: Kind, bytes: Vec<u8>) -> Option<Self> {
        Some(match kind {
            Kind::Text => Self::Text(String::from_utf8(bytes).ok()?),
            Kind::Binary => Self::Binary(bytes),
        })
    }
}

/// A whole message of a peer. It borrows from the buffer that it was read to, so it cannot be kept: what is to stay is
/// copied out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'m> {
    /// Text; it is UTF-8 for sure.
    Text(&'m str),
    /// Bytes.
    Binary(&'m [u8]),
}

impl<'m> Message<'m> {
    /// The text.
    ///
    /// # Errors
    ///
    /// The message is binary: the error closes the socket with 1003.
    pub fn text(self) -> Result<&'m str, Close> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Binary(_) => Err(Close::from(CloseCode::UNSUPPORTED).reason("text is expected")),
        }
    }

    /// The bytes of either kind.
    #[must_use]
    pub fn bytes(self) -> &'m [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The text, read as JSON.
    ///
    /// # Errors
    ///
    /// The message is no such JSON: the error closes the socket with 1003 if it is binary, else with 1008.
    #[cfg(feature = "json")]
    pub fn json<T: serde::Deserialize<'m>>(self) -> Result<T, Close> {
        serde_json::from_str(self.text()?)
            .map_err(|error| Close::from(CloseCode::POLICY).reason(error.to_string()))
    }

    pub(crate) fn of(kind: Kind, bytes: &'m [u8]) -> Option<Self> {
        Some(match kind {
            Kind::Text => Self::Text(std::str::from_utf8(bytes).ok()?),
            Kind::Binary => Self::Binary(bytes),
        })
    }
}
