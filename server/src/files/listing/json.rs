//! JSON: an object with the path, whether entries were left out, and the entries.

use crate::files::listing::contents::Listing;
use crate::files::listing::date::Dates;
use crate::files::listing::entry::{link, size};
use crate::files::path::{encode, plain};
use crate::files::root::{Entry, FileKind};
use crate::semantics::json_string::push_string;
use std::fmt::Write as _;

pub(super) fn head(listing: &Listing<'_>, into: &mut String) {
    into.push_str("{\"path\":\"/");
    for segment in listing.place.segments() {
        encode(segment, into);
        into.push('/');
    }
    // A string takes whatever is written to it, here and below.
    let _ = write!(into, "\",\"truncated\":{},\"entries\":[", listing.more);
}

/// The name is for reading, with U+FFFD for bytes that are not UTF-8; the link is the one to follow.
pub(super) fn row(index: usize, entry: &Entry, dates: &mut Dates, into: &mut String) {
    if index > 0 {
        into.push(',');
    }
    into.push_str("\n{\"name\":");
    push_string(&String::from_utf8_lossy(&entry.name), into);
    into.push_str(",\"href\":\"");
    link(entry, plain(&entry.name), into);
    let kind = match entry.facts.map(|facts| facts.kind) {
        Some(FileKind::Directory) => "directory",
        Some(FileKind::File | FileKind::Special) => "file",
        None => "link",
    };
    let _ = write!(into, "\",\"type\":\"{kind}\",\"link\":{}", entry.link);
    match size(entry) {
        Some(size) => {
            let _ = write!(into, ",\"size\":{size}");
        }
        None => into.push_str(",\"size\":null"),
    }
    into.push_str(",\"modified\":\"");
    if dates.push(entry, 'T', true, into) {
        into.push_str("Z\"}");
    } else {
        into.pop();
        into.push_str("null}");
    }
}
