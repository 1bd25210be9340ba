//! [`Listing`]: the entries of a directory in their order.

use crate::files::listing::order::Order;
use crate::files::path::UrlPath;
use crate::files::root::Entry;

/// How many entries a listing has at most, if nothing else is said.
pub(in crate::files) const USUAL: usize = 10_000;

/// What can be done with the directory besides.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::files) struct Offers {
    /// It is to be had as an archive.
    pub(in crate::files) archive: bool,
    /// Files can be sent into it.
    pub(in crate::files) uploads: bool,
}

/// A directory's entries, ready to be written.
#[derive(Debug)]
pub(in crate::files) struct Listing<'p> {
    pub(super) path: &'p UrlPath,
    pub(super) entries: Vec<&'p Entry>,
    /// There are more than these.
    pub(super) more: bool,
    pub(super) order: Order,
    pub(super) offers: Offers,
}

impl<'p> Listing<'p> {
    pub(in crate::files) fn new(
        path: &'p UrlPath,
        entries: &'p [Entry],
        more: bool,
        order: Order,
        offers: Offers,
    ) -> Self {
        Self {
            path,
            entries: order.sort(entries),
            more,
            order,
            offers,
        }
    }
}
