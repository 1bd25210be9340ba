//! Why a WebSocket ends (RFC 6455 section 7.4).

use std::borrow::Cow;
use std::fmt;

/// A status code that may be sent in a Close frame.
///
/// Codes that only stand for something that was never sent (1005, 1006, 1015) cannot be made; [`Closed`] tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: what the connection was for is done.
    pub const NORMAL: Self = Self(1000);
    /// 1001: the server ends, or the page is left.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the other side broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: a message of a kind that is not taken, such as binary where text is expected.
    pub const UNSUPPORTED: Self = Self(1003);
    /// 1007: text that is not UTF-8.
    pub const INVALID_DATA: Self = Self(1007);
    /// 1008: against the rules of this server; the code where no other fits.
    pub const POLICY: Self = Self(1008);
    /// 1009: a message that is too large.
    pub const TOO_BIG: Self = Self(1009);
    /// 1011: the server failed.
    pub const INTERNAL: Self = Self(1011);
    /// 1013: the server has too much to do, or the receiver takes too little; try again later.
    pub const TRY_AGAIN: Self = Self(1013);

    /// A code of your own protocol, from 3000 to 4999.
    ///
    /// ```
    /// use doget::live::CloseCode;
    ///
    /// const KICKED: CloseCode = CloseCode::own(4001);
    /// assert_eq!(KICKED.as_u16(), 4001);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use doget::live::CloseCode;
    ///
    /// const LOST: CloseCode = CloseCode::own(1006); // nobody may send this one
    /// ```
    ///
    /// # Panics
    ///
    /// With any other number; in a `const` that is an error of the compiler.
    #[must_use]
    pub const fn own(code: u16) -> Self {
        assert!(
            3000 <= code && code <= 4999,
            "a close code of your own is from 3000 to 4999"
        );
        Self(code)
    }

    /// The number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a peer may send this code (RFC 6455 section 7.4.1, and the registry of IANA).
pub(crate) fn may_be_received(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The end of a WebSocket as a handler asks for it: a code, and a reason for people who look for a fault.
///
/// A callback ends its socket by returning `Err` of it:
///
/// ```
/// use doget::live::{Close, CloseCode, Live, WebSocket};
///
/// fn upper_case(socket: WebSocket) -> Live {
///     socket.each(|peer, message| {
///         let text = message.text()?;
///         if text == "bye" {
///             return Err(Close::from(CloseCode::NORMAL).reason("see you"));
///         }
///         Ok(peer.send(text.to_uppercase()))
///     })
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub(crate) code: CloseCode,
    pub(crate) reason: Cow<'static, str>,
}

/// The most that fits a Close frame beside its code.
const REASON: usize = 123;

impl Close {
    /// The same with a reason. What goes beyond 123 bytes is cut off, since a Close frame has no room for it.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = reason.into();
        if self.reason.len() > REASON {
            let mut end = REASON;
            while !self.reason.is_char_boundary(end) {
                end -= 1;
            }
            self.reason = Cow::Owned(self.reason.get(..end).unwrap_or_default().to_owned());
        }
        self
    }
}

impl From<CloseCode> for Close {
    fn from(code: CloseCode) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(""),
        }
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reason.is_empty() {
            self.code.fmt(f)
        } else {
            write!(f, "{} {}", self.code, self.reason)
        }
    }
}

impl std::error::Error for Close {}

/// How a WebSocket ended: what [`Socket::on_close`](crate::live::Socket::on_close) is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    code: u16,
    reason: String,
    by_peer: bool,
}

impl Closed {
    /// The code of the Close frame. 1005: the peer's Close had none. 1006: the connection was lost without one.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The reason in the Close frame; often empty.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the peer closed first.
    #[must_use]
    pub fn by_peer(&self) -> bool {
        self.by_peer
    }

    /// Whether the connection ended without a Close from either side.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.code == 1006
    }

    pub(crate) fn lost() -> Self {
        Self {
            code: 1006,
            reason: String::new(),
            by_peer: false,
        }
    }

    pub(crate) fn of_server(close: &Close) -> Self {
        Self {
            code: close.code.as_u16(),
            reason: close.reason.clone().into_owned(),
            by_peer: false,
        }
    }

    /// By the payload of the peer's Close frame; the error is the code to answer it with.
    pub(crate) fn of_peer(payload: &[u8]) -> Result<Self, CloseCode> {
        let (code, reason) = match payload {
            [] => (1005, ""),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !may_be_received(code) {
                    return Err(CloseCode::PROTOCOL_ERROR);
                }
                let reason = std::str::from_utf8(reason).map_err(|_| CloseCode::INVALID_DATA)?;
                (code, reason)
            }
            [_] => return Err(CloseCode::PROTOCOL_ERROR),
        };
        Ok(Self {
            code,
            reason: reason.to_owned(),
            by_peer: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f11_the_codes_that_may_be_sent() {
        let allowed: Vec<u16> = (0..=u16::MAX)
            .filter(|&code| may_be_received(code))
            .collect();
        let expected: Vec<u16> = (1000..=1003)
            .chain(1007..=1014)
            .chain(3000..=4999)
            .collect();
        assert_eq!(allowed, expected);
    }

    #[test]
    fn a_reason_is_cut_at_a_character() {
        let close = Close::from(CloseCode::NORMAL).reason("ä".repeat(100));
        assert_eq!(close.reason.len(), 122);
        assert_eq!(
            Close::from(CloseCode::NORMAL).reason("x").to_string(),
            "1000 x"
        );
    }
}
