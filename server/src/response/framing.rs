//! Which responses have a body, and how its length is told (RFC 9112 section 6.3, RFC 9110 section 8.6).
//!
//! | response | body | fields that frame it |
//! | --- | --- | --- |
//! | to `HEAD` | none | those of the answer to `GET` |
//! | 1xx, 204 | none | none |
//! | 205 | none | `Content-Length: 0`: clients frame a 205 as any other status |
//! | 304 | none | the `Content-Length` that a 200 would have, if the handler says it |
//! | any other | as the handler writes it | `Content-Length` or `Transfer-Encoding`, by [`ResponseFraming`] |

use crate::http1;
use crate::response::request_facts::RequestFacts;

/// How the length of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseFraming {
    /// By what is written before the buffer is full.
    Undecided,
    /// By `Content-Length`.
    Length(u64),
    /// By chunks.
    Chunked,
    /// By the end of the connection.
    ToEnd,
}

impl ResponseFraming {
    /// Of a body that is sent before its length is known.
    pub(crate) fn of_unknown_length(request: &RequestFacts) -> Self {
        if request.chunked {
            Self::Chunked
        } else {
            Self::ToEnd
        }
    }

    /// Of a body that has ended before its framing was decided: `declared` is the handler's `Content-Length`, `given`
    /// the number of bytes that it wrote.
    pub(crate) fn at_end(request: &RequestFacts, declared: Option<u64>, given: u64) -> Self {
        match declared {
            Some(declared) => Self::Length(declared),
            // A HEAD that nothing was written to may not know the length that GET has (RFC 9110 section 8.6).
            None if request.head && given == 0 => Self::Undecided,
            None => Self::Length(given),
        }
    }
}

/// A status whose responses have no body, by the fields that stand for the body in the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bodiless {
    /// 1xx and 204 (RFC 9110 section 8.6).
    WithoutFields,
    /// 205 (RFC 9110 section 15.3.6); `http.server` gives it no body either.
    ZeroLength,
    /// 304 (RFC 9110 section 15.4.5).
    DeclaredLength,
}

impl Bodiless {
    #[inline(always)]
    fn of(status: u16) -> Option<Self> {
        match status {
            100..=199 | 204 => Some(Self::WithoutFields),
            205 => Some(Self::ZeroLength),
            304 => Some(Self::DeclaredLength),
            _ => None,
        }
    }
}

/// Whether a response with this status never has a body.
#[inline(always)]
pub(crate) fn is_bodiless_status(status: u16) -> bool {
    Bodiless::of(status).is_some()
}

/// Whether the response has no body, whatever the handler writes. One that writes head and framing itself is trusted.
#[inline(always)]
pub(crate) fn is_bodiless(request: &RequestFacts, status: u16) -> bool {
    !request.own && (request.head || is_bodiless_status(status))
}

/// Writes the fields that frame the body. `declared`: the length is the handler's word.
#[inline(always)]
pub(crate) fn write_fields(
    out: &mut Vec<u8>,
    framing: ResponseFraming,
    status: u16,
    declared: bool,
) {
    match (Bodiless::of(status), framing) {
        (None, ResponseFraming::Length(length)) => write_length(out, length),
        (None, ResponseFraming::Chunked) => {
            out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
        (None, ResponseFraming::ToEnd | ResponseFraming::Undecided) => {}
        (Some(Bodiless::ZeroLength), _) => out.extend_from_slice(b"Content-Length: 0\r\n"),
        (Some(Bodiless::DeclaredLength), ResponseFraming::Length(length)) if declared => {
            write_length(out, length);
        }
        (Some(Bodiless::DeclaredLength | Bodiless::WithoutFields), _) => {}
    }
}

#[inline(always)]
fn write_length(out: &mut Vec<u8>, length: u64) {
    // Room for the rest of the head too.
    out.reserve(80);
    out.extend_from_slice(b"Content-Length: ");
    out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
    http1::push_line_end(out);
}

/// Ends a head with the length of its body as the last field, as most heads end; false, with nothing written, if the
/// length has more than eight digits.
#[inline(always)]
pub(crate) fn end_with_length(out: &mut Vec<u8>, length: u64) -> bool {
    const END: u128 = u32::from_le_bytes(*b"\r\n\r\n") as u128;
    let Some(digits) = eight_digits(length) else {
        return false;
    };
    // Zero has one digit, which is none of the leading ones.
    let leading = (digits.trailing_zeros() / 8).min(7);
    let text = u128::from(digits | 0x3030_3030_3030_3030) | (END << 64);
    // All of it is copied at once; then what is too much is cut off.
    let mut end = *b"Content-Length:                 ";
    if let Some(behind) = end.last_chunk_mut() {
        *behind = (text >> (8 * leading)).to_le_bytes();
    }
    out.extend_from_slice(&end);
    // Behind the name there is room for sixteen bytes; eight digits and the end take twelve.
    out.truncate(out.len() - 4 - leading as usize);
    true
}

/// The values of eight decimal digits, the first in the lowest byte; `None` if there are more. They are computed side
/// by side, each half of a number beside the other, by multiplication with the reciprocals of 100 and 10.
#[inline(always)]
fn eight_digits(number: u64) -> Option<u64> {
    if number > 99_999_999 {
        return None;
    }
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    Some(tens | ((twos - 10 * tens) << 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_every_size() {
        let powers = (0..20).map(|exponent| 10u64.pow(exponent));
        let around = powers.flat_map(|power| [power - 1, power, power + 1]);
        let others = (0..20_000).chain((0..100_000_000).step_by(9_973));
        for length in around.chain(others).chain([u64::MAX - 1, u64::MAX]) {
            let mut out = b"before".to_vec();
            write_length(&mut out, length);
            let line = format!("beforeContent-Length: {length}\r\n");
            assert_eq!(String::from_utf8(out).unwrap(), line);
            let mut out = b"before".to_vec();
            let expected = match end_with_length(&mut out, length) {
                true => line + "\r\n",
                false => "before".to_owned(),
            };
            assert_eq!(String::from_utf8(out).unwrap(), expected);
            assert_eq!(expected == "before", length > 99_999_999);
        }
    }

    #[test]
    fn a16_statuses_without_a_body() {
        let forbidden: Vec<u16> = (100..=999)
            .filter(|&code| is_bodiless_status(code))
            .collect();
        let expected: Vec<u16> = (100..200).chain([204, 205, 304]).collect();
        assert_eq!(forbidden, expected);
    }

    /// The table at the head of this file.
    #[test]
    fn the_fields_of_each_row() {
        use ResponseFraming::{Chunked, Length, ToEnd, Undecided};
        let fields = |framing, status, declared| {
            let mut out = Vec::new();
            write_fields(&mut out, framing, status, declared);
            String::from_utf8(out).unwrap()
        };
        for status in [100, 103, 204] {
            for framing in [Length(7), Chunked, ToEnd, Undecided] {
                assert_eq!(fields(framing, status, true), "", "{status} {framing:?}");
            }
        }
        for framing in [Length(7), Chunked, ToEnd, Undecided] {
            assert_eq!(fields(framing, 205, true), "Content-Length: 0\r\n");
        }
        assert_eq!(fields(Length(7), 304, true), "Content-Length: 7\r\n");
        assert_eq!(fields(Length(7), 304, false), "");
        assert_eq!(fields(Chunked, 304, false), "");
        assert_eq!(fields(Length(7), 200, false), "Content-Length: 7\r\n");
        assert_eq!(
            fields(Chunked, 200, false),
            "Transfer-Encoding: chunked\r\n"
        );
        assert_eq!(fields(ToEnd, 200, false), "");
    }
}
