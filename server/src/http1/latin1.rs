//! ISO-8859-1: byte n is U+00n, so decoding cannot fail. `http.server` reads heads so.

use std::borrow::Cow;

/// Decodes without allocating where the bytes are ASCII.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match ascii(bytes) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

pub(super) fn push(bytes: &[u8], out: &mut String) {
    match ascii(bytes) {
        Some(text) => out.push_str(text),
        None => out.extend(bytes.iter().map(|&byte| char::from(byte))),
    }
}

fn ascii(bytes: &[u8]) -> Option<&str> {
    if bytes.is_ascii() {
        std::str::from_utf8(bytes).ok()
    } else {
        None
    }
}
