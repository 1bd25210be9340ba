//! [`Listing`]: the entries of a directory in their order.

use crate::files::listing::order::Order;
use crate::files::path::UrlPath;
use crate::files::root::Entry;

/// How many entries a listing has at most, if nothing else is said.
pub(in crate::files) const USUAL: usize = 10_000;

/// A directory's entries, ready to be written.
#[derive(Debug)]
pub(in crate::files) struct Listing<'p> {
    pub(super) path: &'p UrlPath,
    pub(super) entries: Vec<&'p Entry>,
    /// There are more than these.
    pub(super) more: bool,
    pub(super) order: Order,
}

impl<'p> Listing<'p> {
    pub(in crate::files) fn new(
        path: &'p UrlPath,
        entries: &'p [Entry],
        more: bool,
        order: Order,
    ) -> Self {
        Self {
            path,
            entries: order.sort(entries),
            more,
            order,
        }
    }
}
