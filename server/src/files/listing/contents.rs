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

/// Where a directory is, as clients see it.
#[derive(Clone, Copy, Debug)]
pub(in crate::files) struct Place<'p> {
    /// What the files are below: a mount, and a prefix.
    pub(in crate::files) above: &'p UrlPath,
    /// The directory, below that.
    pub(in crate::files) path: &'p UrlPath,
}

impl Place<'_> {
    /// All names on the way.
    pub(super) fn segments(&self) -> impl Iterator<Item = &[u8]> {
        self.above.segments().chain(self.path.segments())
    }
}

/// A directory's entries, ready to be written.
#[derive(Debug)]
pub(in crate::files) struct Listing<'p> {
    pub(super) place: Place<'p>,
    pub(super) entries: Vec<&'p Entry>,
    /// There are more than these.
    pub(super) more: bool,
    pub(super) order: Order,
    pub(super) offers: Offers,
}

impl<'p> Listing<'p> {
    pub(in crate::files) fn new(
        place: Place<'p>,
        entries: &'p [Entry],
        more: bool,
        order: Order,
        offers: Offers,
    ) -> Self {
        Self {
            place,
            entries: order.sort(entries),
            more,
            order,
            offers,
        }
    }
}
