//! What a listing shows of an entry.

use crate::files::path::encode;
use crate::files::root::{Entry, FileKind};
use crate::files::version::Modified;
use std::borrow::Cow;
use std::fmt::Write as _;

pub(super) fn is_directory(entry: &Entry) -> bool {
    entry
        .facts
        .is_some_and(|facts| facts.kind == FileKind::Directory)
}

/// The size of a file; a directory has none that says anything.
pub(super) fn size(entry: &Entry) -> Option<u64> {
    let facts = entry.facts.filter(|facts| facts.kind == FileKind::File)?;
    Some(facts.length)
}

pub(super) fn date(entry: &Entry) -> Option<Modified> {
    entry.facts.map(|facts| facts.modified)
}

/// The link to an entry: the escaped bytes of its name. A colon and a slash are escaped, so no name is taken for a
/// scheme or a host. Programs that read listings know a name by such a link. The name as text is known if it is plain.
pub(super) fn link(entry: &Entry, plain: Option<&str>, into: &mut String) {
    match plain {
        Some(name) => into.push_str(name),
        None => encode(&entry.name, into),
    }
    if is_directory(entry) {
        into.push('/');
    }
}

/// What stands behind a name in a listing, as with `http.server`: a slash for a directory, `@` for a link.
pub(super) fn mark(entry: &Entry) -> &'static str {
    if entry.link {
        "@"
    } else if is_directory(entry) {
        "/"
    } else {
        ""
    }
}

/// A name as text that shows what is in it: controls, marks that change the direction of writing and bytes that are not
/// UTF-8 are written as escapes.
pub(super) fn visible(name: &[u8]) -> Cow<'_, str> {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~');
    if let Ok(text) = std::str::from_utf8(name)
        && (name.iter().all(printable) || !text.chars().any(is_deceptive))
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(name.len() + 16);
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if !is_deceptive(c) {
                shown.push(c);
            } else if c.is_ascii() {
                shown.extend(c.escape_default());
            } else {
                shown.extend(c.escape_unicode());
            }
        }
        for byte in chunk.invalid() {
            // A string takes whatever is written to it.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    Cow::Owned(shown)
}

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The path of these names as text, with a slash at both ends.
pub(super) fn visible_path<'n>(names: impl Iterator<Item = &'n [u8]>) -> String {
    let mut shown = String::from("/");
    for segment in names {
        shown.push_str(&visible(segment));
        shown.push('/');
    }
    shown
}
