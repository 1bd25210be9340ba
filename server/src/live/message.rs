//! [`Message`]: what a peer sent.

use crate::live::protocol::close::{Close, CloseCode};
use crate::live::protocol::decoder::Kind;

/// A message that is one's own: what a loop gets ([`BlockingSocket::next`](crate::live::BlockingSocket::next)).
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// The text, as [`Message::text`] gives it. In a loop the error is handed to
    /// [`BlockingSocket::close`](crate::live::BlockingSocket::close):
    ///
    /// ```
    /// use doget::live::WebSocket;
    /// use doget::{Request, Response, Result, Sent, handler};
    ///
    /// struct Shout;
    ///
    /// #[handler]
    /// impl Shout {
    ///     #[blocking]
    ///     fn do_GET(&self, socket: WebSocket, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///         let mut socket = socket.accept(request, response)?;
    ///         while let Some(message) = socket.next()? {
    ///             match message.text() {
    ///                 Ok(text) => socket.send(text.to_uppercase())?,
    ///                 Err(close) => return socket.close(close),
    ///             }
    ///         }
    ///         socket.finish()
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The message is binary.
    pub fn text(&self) -> Result<&str, Close> {
        self.as_message().text()
    }

    /// The bytes of either kind.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.as_message().bytes()
    }

    /// The text, read as JSON.
    ///
    /// # Errors
    ///
    /// As those of [`Message::json`].
    #[cfg(feature = "json")]
    pub fn json<'m, T: serde::Deserialize<'m>>(&'m self) -> Result<T, Close> {
        self.as_message().json()
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
