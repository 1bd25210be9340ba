//! The one decision about where a request's body ends (RFC 9112 section 6.3).

use crate::http1::error::HeadError;
use crate::http1::py_repr::repr;
use crate::http1::version::Version;

/// How a request's body is delimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestFraming {
    /// There is no body.
    #[default]
    None,
    /// As many bytes as Content-Length says.
    Length(u64),
    /// Chunked transfer coding (RFC 9112 section 7.1).
    Chunked,
}

/// The header fields that framing depends on, as they are met.
#[derive(Debug, Default)]
pub(super) struct FramingFields<'b> {
    length: Option<&'b [u8]>,
    coding: Option<&'b [u8]>,
    repeated_length: bool,
    repeated_coding: bool,
}

impl<'b> FramingFields<'b> {
    pub(super) fn content_length(&mut self, value: &'b [u8]) {
        self.repeated_length |= self.length.replace(value).is_some();
    }

    pub(super) fn transfer_encoding(&mut self, value: &'b [u8]) {
        self.repeated_coding |= self.coding.replace(value).is_some();
    }

    /// Nothing says that there is a body.
    pub(super) fn is_empty(&self) -> bool {
        self.length.is_none() && self.coding.is_none()
    }

    /// RFC 9112 section 6.3, refusing wherever two readers could differ (RFC 9112 section 11.2).
    pub(super) fn decide(&self, version: Version) -> Result<RequestFraming, HeadError> {
        match (self.length, self.coding) {
            (None, None) => Ok(RequestFraming::None),
            (Some(_), Some(_)) => Err(HeadError::bad(
                "Bad framing",
                "Content-Length and Transfer-Encoding in one request",
            )),
            (Some(_), None) if self.repeated_length => Err(HeadError::bad(
                "Bad framing",
                "more than one Content-Length",
            )),
            (Some(value), None) => length(value).map(RequestFraming::Length).ok_or_else(|| {
                HeadError::bad(
                    "Bad Content-Length",
                    "a length is a single number in digits that fits 64 bits",
                )
            }),
            (None, Some(_)) if self.repeated_coding => Err(HeadError::bad(
                "Bad framing",
                "more than one Transfer-Encoding",
            )),
            // RFC 9112 section 6.1: a client that speaks 1.0 cannot mean it.
            (None, Some(_)) if version < Version::HTTP_11 => Err(HeadError::bad(
                "Bad framing",
                "Transfer-Encoding in a request before HTTP/1.1",
            )),
            (None, Some(value)) if value.eq_ignore_ascii_case(b"chunked") => {
                Ok(RequestFraming::Chunked)
            }
            (None, Some(value)) => Err(unsupported(value)),
        }
    }
}

/// `1*DIGIT` (RFC 9110 section 8.6) that fits; too many digits are refused unconverted.
fn length(value: &[u8]) -> Option<u64> {
    const DIGITS: usize = 20;
    if value.is_empty() || value.len() > DIGITS {
        return None;
    }
    value.iter().try_fold(0u64, |number, &b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// RFC 9112 section 6.1: 501 for a coding that is real but not ours, 400 for what is no coding
/// or does not end in `chunked`.
#[cold]
fn unsupported(value: &[u8]) -> HeadError {
    let mut codings = value.split(|&b| b == b',').map(<[u8]>::trim_ascii).rev();
    let chunked_last = codings
        .next()
        .is_some_and(|last| last.eq_ignore_ascii_case(b"chunked"));
    let mut known = None;
    for coding in codings {
        known = [&b"gzip"[..], b"deflate", b"compress"]
            .into_iter()
            .find(|known| coding.eq_ignore_ascii_case(known));
        if known.is_none() {
            break;
        }
    }
    match known {
        Some(coding) if chunked_last => {
            let coding = repr(&String::from_utf8_lossy(coding));
            HeadError::new(501, format!("Unsupported transfer coding ({coding})"))
        }
        _ => HeadError::bad(
            "Bad Transfer-Encoding",
            "the only transfer coding is `chunked`",
        ),
    }
}
