//! What a client says about the exchange itself: Connection and Expect.

use crate::http1::version::Version;

/// What a request expects before it sends its body (RFC 9110 section 10.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// Nothing, or nothing that counts: before HTTP/1.1 the field is ignored.
    #[default]
    None,
    /// `100-continue`.
    Continue,
    /// Something else; 417 is the answer.
    Unknown,
}

impl Expect {
    /// Takes in one more Expect line.
    pub(super) fn and(self, value: &[u8]) -> Self {
        elements(value).fold(self, |before, element| {
            if before != Expect::Unknown && element.eq_ignore_ascii_case(b"100-continue") {
                Expect::Continue
            } else {
                Expect::Unknown
            }
        })
    }
}

/// The connection options that concern persistence (RFC 9112 section 9.3). Lists, letter case and several lines count,
/// unlike in `http.server`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ConnectionOptions {
    close: bool,
    keep_alive: bool,
}

impl ConnectionOptions {
    /// Takes in one more Connection line.
    #[inline]
    pub(super) fn note(&mut self, value: &[u8]) {
        // What browsers and most other clients send.
        match value {
            b"keep-alive" => self.keep_alive = true,
            b"close" => self.close = true,
            _ => self.note_list(value),
        }
    }

    #[inline(never)]
    fn note_list(&mut self, value: &[u8]) {
        for option in elements(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    pub(super) fn keep_alive(self) -> bool {
        self.keep_alive
    }

    /// RFC 9112 section 9.3; `close` wins over `keep-alive`: the peer may be gone after the response.
    pub(super) fn persistent(self, version: Version) -> bool {
        if self.close {
            return false;
        }
        version >= Version::HTTP_11 || (self.keep_alive && version == Version::HTTP_10)
    }
}

/// The elements of a list (RFC 9110 section 5.6.1), empty ones left out.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|&b| b == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}
