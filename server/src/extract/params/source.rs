//! [`ParamSource`]: the names and values that one place of a request has, found but not yet decoded.

use crate::Error;
use crate::error::fault::Place;
use crate::extract::describe::ParamInfo;
#[cfg(feature = "multipart")]
use crate::extract::multipart::upload::Upload;
use crate::http1::HeaderFields;
use std::borrow::Cow;

/// Pairs that a query, a form or the cookies of a request can have. Each field of a type looks for its name among all
/// of them, so their number bounds what a client can make that cost.
pub(crate) const MAX_PAIRS: usize = 1000;

/// Pairs that are kept without allocation.
const INLINE: usize = 8;

/// A name and its value, as they were sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pair<'s> {
    name: &'s [u8],
    value: &'s [u8],
    name_is_escaped: bool,
    value_is_escaped: bool,
    /// There is no `=`.
    pub(crate) is_bare: bool,
}

impl<'s> Pair<'s> {
    /// A name and a value in which nothing is escaped.
    pub(crate) fn plain(name: &'s [u8], value: &'s [u8]) -> Self {
        Self {
            name,
            value,
            ..Self::default()
        }
    }

    fn is_named(&self, name: &str) -> bool {
        if self.name_is_escaped {
            return decoded(self.name).is_some_and(|known| known == name);
        }
        self.name == name.as_bytes()
    }

    /// The name, for a client to read.
    fn shown(&self) -> String {
        if self.name_is_escaped
            && let Some(name) = decoded(self.name)
        {
            return name;
        }
        String::from_utf8_lossy(self.name).into_owned()
    }

    /// The value; `None` if it is not UTF-8.
    pub(crate) fn text(&self) -> Option<Cow<'s, str>> {
        if self.value_is_escaped {
            return decoded(self.value).map(Cow::Owned);
        }
        std::str::from_utf8(self.value).ok().map(Cow::Borrowed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}

/// The text without its escapes, a `+` being a blank; `None` if it is not UTF-8 then.
fn decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match tail {
                [high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    bytes.push(digit(*high) << 4 | digit(*low));
                    rest = tail;
                }
                // As the URL standard has it: what is no escape stands for itself.
                _ => bytes.push(b'%'),
            },
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

/// The pairs of one place, in order.
#[derive(Debug)]
pub(crate) struct PairTable<'s> {
    place: Place,
    first: [Pair<'s>; INLINE],
    count: usize,
    more: Vec<Pair<'s>>,
}

impl<'s> PairTable<'s> {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            first: [Pair::default(); INLINE],
            count: 0,
            more: Vec::new(),
        }
    }

    /// The pairs of a query or of a form.
    ///
    /// # Errors
    ///
    /// 400 for more than [`MAX_PAIRS`].
    pub(crate) fn urlencoded(place: Place, text: &'s [u8]) -> Result<Self, Error> {
        let mut table = Self::new(place);
        let mut rest = text;
        while !rest.is_empty() {
            let (pair, tail) = first_pair(rest);
            rest = tail;
            if !(pair.name.is_empty() && pair.is_bare) {
                table.push(pair)?;
            }
        }
        Ok(table)
    }

    pub(crate) fn push(&mut self, pair: Pair<'s>) -> Result<(), Error> {
        if let Some(slot) = self.first.get_mut(self.count) {
            *slot = pair;
            self.count += 1;
            return Ok(());
        }
        if INLINE + self.more.len() == MAX_PAIRS {
            return Err(too_many(self.place));
        }
        self.more.push(pair);
        Ok(())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pair<'s>> {
        let first = self.first.get(..self.count).unwrap_or_default();
        first.iter().chain(&self.more)
    }
}

#[cold]
fn too_many(place: Place) -> Error {
    Error::bad_request().fault(place, "", format!("at most {MAX_PAIRS} names with values"))
}

/// The pair before the first `&`, and what is behind that. One pass over the bytes: a search for each of the four
/// signs takes longer, since names and values are short.
#[inline]
fn first_pair(text: &[u8]) -> (Pair<'_>, &[u8]) {
    let mut equals = None;
    // An escape in the name, one in the value.
    let (mut before, mut behind) = (false, false);
    let mut end = text.len();
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'&' => {
                end = at;
                break;
            }
            b'=' if equals.is_none() => {
                equals = Some(at);
                before = behind;
                behind = false;
            }
            b'%' | b'+' => behind = true,
            _ => {}
        }
    }
    let part = text.get(..end).unwrap_or_default();
    let rest = text.get(end + 1..).unwrap_or_default();
    let pair = match equals {
        Some(at) => Pair {
            name: part.get(..at).unwrap_or_default(),
            value: part.get(at + 1..).unwrap_or_default(),
            name_is_escaped: before,
            value_is_escaped: behind,
            is_bare: false,
        },
        None => Pair {
            name: part,
            value: &[],
            name_is_escaped: behind,
            value_is_escaped: false,
            is_bare: true,
        },
    };
    (pair, rest)
}

/// The names and values of one place of a request. [`Params::read`](crate::Params::read) takes its fields from it.
#[derive(Debug)]
pub struct ParamSource<'s> {
    place: Place,
    values: Values<'s>,
    #[cfg(feature = "multipart")]
    files: Vec<(&'static str, Upload)>,
}

#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "it lives on the stack for one call, and a box would cost an allocation for each query"
)]
enum Values<'s> {
    Pairs(PairTable<'s>),
    Headers(HeaderFields<'s>),
}

/// What a place has for a parameter that can be given once.
pub(crate) enum Found<'s> {
    Absent,
    One(Pair<'s>),
    Several,
}

impl<'s> ParamSource<'s> {
    pub(crate) fn pairs(table: PairTable<'s>) -> Self {
        Self {
            place: table.place,
            values: Values::Pairs(table),
            #[cfg(feature = "multipart")]
            files: Vec::new(),
        }
    }

    pub(crate) fn headers(fields: HeaderFields<'s>) -> Self {
        Self {
            place: Place::Header,
            values: Values::Headers(fields),
            #[cfg(feature = "multipart")]
            files: Vec::new(),
        }
    }

    /// The same with the files of a form.
    #[cfg(feature = "multipart")]
    pub(crate) fn with_files(mut self, files: Vec<(&'static str, Upload)>) -> Self {
        self.files = files;
        self
    }

    /// The files of this name, in order.
    #[cfg(feature = "multipart")]
    pub(crate) fn take_files(&mut self, name: &str) -> Vec<Upload> {
        let named = self.files.extract_if(.., |(known, _)| *known == name);
        named.map(|(_, file)| file).collect()
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The value of a parameter that can be given once.
    #[inline]
    pub(crate) fn one(&self, info: &ParamInfo) -> Found<'s> {
        match &self.values {
            Values::Pairs(table) => {
                let mut found = table.iter().filter(|pair| pair.is_named(info.name));
                self.single(info, found.next().copied(), || found.next().is_some())
            }
            Values::Headers(fields) => {
                let mut found = fields.get_all_bytes(info.header);
                let first = found.next().map(|value| Pair::plain(&[], value));
                self.single(info, first, || found.next().is_some())
            }
        }
    }

    fn single(
        &self,
        info: &ParamInfo,
        first: Option<Pair<'s>>,
        another: impl FnOnce() -> bool,
    ) -> Found<'s> {
        match first {
            None => Found::Absent,
            // A browser sends the cookie of the longest path first (RFC 6265 section 5.4), and cookies of one name are
            // not a fault. But the prefixes promise that there is one.
            Some(pair) if self.place == Place::Cookie && !is_prefixed(info.name) => {
                Found::One(pair)
            }
            Some(pair) => {
                if another() {
                    Found::Several
                } else {
                    Found::One(pair)
                }
            }
        }
    }

    /// All values of a parameter that can be given more than once, in order.
    pub(crate) fn all(&self, info: &ParamInfo) -> Vec<Pair<'s>> {
        match &self.values {
            Values::Pairs(table) => {
                let named = table.iter().filter(|pair| pair.is_named(info.name));
                named.copied().collect()
            }
            Values::Headers(fields) => {
                let lines = fields.get_all_bytes(info.header);
                let items = lines.flat_map(list_items);
                items.map(|item| Pair::plain(&[], item)).collect()
            }
        }
    }

    /// Whether there is a value of this name.
    pub(crate) fn has(&self, info: &ParamInfo) -> bool {
        match &self.values {
            Values::Pairs(table) => table.iter().any(|pair| pair.is_named(info.name)),
            Values::Headers(fields) => fields.contains(info.header),
        }
    }

    /// The names that none of these parameters has. Every request has header fields and cookies of others, so there is
    /// none of those.
    pub(crate) fn unknown(&self, is_known: impl Fn(&str) -> bool) -> Vec<String> {
        match &self.values {
            Values::Pairs(table) if self.place != Place::Cookie => table
                .iter()
                .map(Pair::shown)
                .filter(|name| !is_known(name))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Whether a name promises that the cookie was set by this host, or over TLS (RFC 6265bis section 4.1.3).
fn is_prefixed(name: &str) -> bool {
    name.starts_with("__Host-") || name.starts_with("__Secure-")
}

/// The members of a list in a header field (RFC 9110 section 5.6.1). A comma in a quoted string separates nothing.
fn list_items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    value
        .split(move |byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b',' => return !quoted,
                _ => {}
            }
            false
        })
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
}
