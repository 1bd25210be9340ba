//! What heads of responses have in common, taken as it was read before.
//!
//! A server says most of a head in every response: the status, `Server`, `Date`, the type of the body. To compare bytes
//! with those that stood in their place before is cheaper than to read them: no name is looked up, and no value is
//! allocated. Single lines are known again, and once all from the first on were, so is the beginning of a head.

use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};

/// Places of a head that are remembered, from its first field on.
const PLACES: usize = 8;

/// A longer line is not remembered: what is kept by each thread stays small.
const LONGEST: usize = 128;

/// Fewer fields are as quickly read.
const FEWEST: usize = 2;

/// See the module.
#[derive(Default)]
pub(super) struct KnownHeads {
    lines: [Option<KnownLine>; PLACES],
    beginning: Option<Beginning>,
}

struct KnownLine {
    line: Vec<u8>,
    name: HeaderName,
    value: HeaderValue,
}

/// The first lines of a head.
pub(super) struct Beginning {
    pub(super) bytes: Vec<u8>,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The place behind it.
    pub(super) place: usize,
    /// The client spoke HTTP/2, and `headers` has what is for such.
    pub(super) multiplexed: bool,
}

/// A field, and whether it is known.
pub(super) type ReadLine = (HeaderName, HeaderValue, bool);

impl KnownHeads {
    /// What these bytes begin with, if the last head did too.
    pub(super) fn beginning(&self, bytes: &[u8], multiplexed: bool) -> Option<&Beginning> {
        let known = self.beginning.as_ref();
        known.filter(|known| known.multiplexed == multiplexed && bytes.starts_with(&known.bytes))
    }

    /// Remembers the lines of a head of which each was known.
    #[cold]
    pub(super) fn keep(&mut self, beginning: impl FnOnce() -> Beginning, place: usize) {
        if (FEWEST..=PLACES).contains(&place) {
            self.beginning = Some(beginning());
        }
    }

    /// The field that stands in this place of a head. `None`: it is none.
    pub(super) fn read(&mut self, place: usize, line: &[u8]) -> Option<ReadLine> {
        let kept = self.lines.get_mut(place);
        if let Some(Some(known)) = &kept
            && known.line == line
        {
            return Some((known.name.clone(), known.value.clone(), true));
        }
        let (name, value) = read(line)?;
        // Cookies are a client's own, and kept nowhere.
        if let Some(kept) = kept
            && line.len() <= LONGEST
            && name != SET_COOKIE
        {
            let mut bytes = kept.take().map_or_else(Vec::new, |known| known.line);
            bytes.clear();
            bytes.extend_from_slice(line);
            *kept = Some(KnownLine {
                line: bytes,
                name: name.clone(),
                value: value.clone(),
            });
        }
        Some((name, value, false))
    }
}

fn read(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = memchr::memchr(b':', line)?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = HeaderName::from_bytes(name).ok()?;
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    Some((name, HeaderValue::from_bytes(value).ok()?))
}
