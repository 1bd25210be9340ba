use crate::http1::error::HeadError;
use crate::http1::py_repr::repr;

/// A protocol version (RFC 9110 section 2.5).
///
/// Numbers above 255, which only the lenient profile lets through, count as 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The number before the dot.
    pub major: u8,
    /// The number behind the dot.
    pub minor: u8,
}

impl Version {
    /// A request line without a version, served by the lenient profile only.
    pub const HTTP_09: Version = Version { major: 0, minor: 9 };
    /// HTTP/1.0.
    pub const HTTP_10: Version = Version { major: 1, minor: 0 };
    /// HTTP/1.1 (RFC 9112).
    pub const HTTP_11: Version = Version { major: 1, minor: 1 };
}

/// As `http.server` reads a version: `HTTP/`, two numbers of at most 10 digits, below 2.0.
pub(super) fn lenient(word: &str) -> Result<Version, HeadError> {
    let Some((number, (major, minor))) = word
        .strip_prefix("HTTP/")
        .and_then(|number| Some((number, number.split_once('.')?)))
    else {
        return Err(bad(word));
    };
    match (component(major), component(minor)) {
        (Some(major), Some(minor)) if major < 2 => Ok(Version { major, minor }),
        (Some(_), Some(_)) => Err(HeadError::new(
            505,
            format!("Invalid HTTP version ({number})"),
        )),
        _ => Err(bad(word)),
    }
}

/// RFC 9112 section 2.3: one digit each; a higher minor version is handled as the highest minor
/// we know (RFC 9110 section 2.5). HTTP/0.x never had a version word.
pub(super) fn strict(word: &str) -> Result<Version, HeadError> {
    match word.as_bytes() {
        b"HTTP/1.1" => Ok(Version::HTTP_11),
        b"HTTP/1.0" => Ok(Version::HTTP_10),
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'1',
            b'.',
            minor @ b'2'..=b'9',
        ] => Ok(Version {
            major: 1,
            minor: minor - b'0',
        }),
        _ => match lenient(word) {
            Ok(_) => Err(bad(word)),
            Err(error) => Err(error),
        },
    }
}

fn component(digits: &str) -> Option<u8> {
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse::<u64>().ok()?;
    Some(u8::try_from(number).unwrap_or(u8::MAX))
}

#[cold]
fn bad(word: &str) -> HeadError {
    HeadError::new(400, format!("Bad request version ({})", repr(word)))
}
