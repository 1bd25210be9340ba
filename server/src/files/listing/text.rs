//! Plain text: one name a line, as `ls -F` shows it.

use crate::files::listing::contents::Listing;
use crate::files::listing::entry::{mark, visible};
use crate::files::root::Entry;
use std::fmt::Write as _;

pub(super) fn row(entry: &Entry, into: &mut String) {
    into.push_str(&visible(&entry.name));
    into.push_str(mark(entry));
    into.push('\n');
}

pub(super) fn tail(listing: &Listing<'_>, into: &mut String) {
    if listing.more {
        // A string takes whatever is written to it.
        let shown = listing.entries.len();
        let _ = writeln!(into, "... and more: these are the first {shown} entries");
    }
}
