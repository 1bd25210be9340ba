use std::borrow::Cow;
use std::fmt;

use crate::http1::latin1;
use crate::http1::span::Span;

/// Where one header field lies in the bytes of its head.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSpan {
    pub(super) name: Span,
    pub(super) value: Span,
}

/// The header fields of a request, in order, with names as they were sent.
///
/// Names are looked up without regard to letter case (RFC 9110 section 5.1). Values come without
/// the whitespace around them.
#[derive(Clone, Copy)]
pub struct HeaderFields<'h> {
    spans: &'h [FieldSpan],
    bytes: &'h [u8],
}

impl<'h> HeaderFields<'h> {
    pub(super) fn new(spans: &'h [FieldSpan], bytes: &'h [u8]) -> Self {
        HeaderFields { spans, bytes }
    }

    /// The first value of `name`; `None` if there is none or it is not UTF-8.
    pub fn get(&self, name: &str) -> Option<&'h str> {
        std::str::from_utf8(self.get_bytes(name)?).ok()
    }

    /// The first value of `name` as it was sent.
    pub fn get_bytes(&self, name: &str) -> Option<&'h [u8]> {
        self.get_all_bytes(name).next()
    }

    /// The first value of `name`, decoded as ISO-8859-1, as `http.server` reads values.
    pub fn get_latin1(&self, name: &str) -> Option<Cow<'h, str>> {
        self.get_bytes(name).map(latin1::decode)
    }

    /// All values of `name` in order; those that are not UTF-8 are left out.
    pub fn get_all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'h str> + use<'h, 'n> {
        self.get_all_bytes(name)
            .filter_map(|value| std::str::from_utf8(value).ok())
    }

    /// All values of `name` in order, as they were sent.
    pub fn get_all_bytes<'n>(&self, name: &'n str) -> impl Iterator<Item = &'h [u8]> + use<'h, 'n> {
        let HeaderFields { spans, bytes } = *self;
        spans
            .iter()
            .filter(move |field| {
                field.name.len() == name.len()
                    && field
                        .name
                        .bytes(bytes)
                        .eq_ignore_ascii_case(name.as_bytes())
            })
            .map(move |field| field.value.bytes(bytes))
    }

    /// Whether there is a field of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.get_bytes(name).is_some()
    }

    /// How many fields there are; repeated ones count each.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Names and values in the order they were sent.
    pub fn iter(&self) -> HeaderFieldsIter<'h> {
        HeaderFieldsIter {
            spans: self.spans.iter(),
            bytes: self.bytes,
        }
    }
}

impl<'h> IntoIterator for HeaderFields<'h> {
    type Item = (&'h str, &'h [u8]);
    type IntoIter = HeaderFieldsIter<'h>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'h> IntoIterator for &HeaderFields<'h> {
    type Item = (&'h str, &'h [u8]);
    type IntoIter = HeaderFieldsIter<'h>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for HeaderFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(
                self.iter()
                    .map(|(name, value)| (name, latin1::decode(value))),
            )
            .finish()
    }
}

/// What [`HeaderFields::iter`] gives.
#[derive(Clone)]
pub struct HeaderFieldsIter<'h> {
    spans: std::slice::Iter<'h, FieldSpan>,
    bytes: &'h [u8],
}

impl<'h> Iterator for HeaderFieldsIter<'h> {
    type Item = (&'h str, &'h [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.spans.next()?;
        let name = std::str::from_utf8(field.name.bytes(self.bytes)).unwrap_or_default();
        Some((name, field.value.bytes(self.bytes)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.spans.size_hint()
    }
}

impl ExactSizeIterator for HeaderFieldsIter<'_> {}

impl fmt::Debug for HeaderFieldsIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HeaderFields {
            spans: self.spans.as_slice(),
            bytes: self.bytes,
        }
        .fmt(f)
    }
}
