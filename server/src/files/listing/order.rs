//! The order of entries.

use super::{date, is_directory, size};
use crate::Pairs;
use crate::files::condition::Modified;
use crate::files::root::Entry;
use std::borrow::Cow;

/// What entries are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Column {
    #[default]
    Name,
    Size,
    Date,
}

impl Column {
    /// As the query has it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::Date => "date",
        }
    }
}

/// How entries are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::files) struct Order {
    pub(super) column: Column,
    pub(super) descending: bool,
}

impl Order {
    /// What the query says: `?sort=name|size|date&order=asc|desc`.
    pub(in crate::files) fn choose(query: &str) -> Self {
        let mut order = Self::default();
        for (name, value) in Pairs::new(query) {
            match (&*name, &*value) {
                ("sort", "name") => order.column = Column::Name,
                ("sort", "size") => order.column = Column::Size,
                ("sort", "date") => order.column = Column::Date,
                ("order", "asc") => order.descending = false,
                ("order", "desc") => order.descending = true,
                _ => {}
            }
        }
        order
    }

    /// The direction, as the query has it.
    pub(super) fn word(self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }

    /// Directories first; then by the column, and what is the same there by name without regard to case (rule DIR-05).
    pub(super) fn sort(self, entries: &[Entry]) -> Vec<&Entry> {
        let folded: Vec<_> = entries.iter().map(|entry| folded(&entry.name)).collect();
        // Names of one directory often begin alike: what tells them apart comes behind that.
        let alike = common_prefix(&folded);
        let mut keyed: Vec<Keyed<'_, '_>> = entries
            .iter()
            .zip(&folded)
            .map(|(entry, name)| {
                let first = match self.column {
                    Column::Name => 0,
                    // Nothing goes before everything.
                    Column::Size => size(entry).map_or(0, |size| u128::from(size) + 1),
                    Column::Date => date(entry).map_or(0, in_order),
                };
                Keyed {
                    is_file: !is_directory(entry),
                    first,
                    start: start(name, alike),
                    name,
                    entry,
                }
            })
            .collect();
        keyed.sort_unstable_by(|a, b| {
            let ordering = (a.first, a.start)
                .cmp(&(b.first, b.start))
                .then_with(|| a.name.cmp(b.name))
                .then_with(|| a.entry.name.cmp(&b.entry.name));
            let ordering = if self.descending {
                ordering.reverse()
            } else {
                ordering
            };
            a.is_file.cmp(&b.is_file).then(ordering)
        });
        keyed.into_iter().map(|keyed| keyed.entry).collect()
    }
}

/// What two entries are compared by, the cheap parts first.
struct Keyed<'n, 'e> {
    is_file: bool,
    /// The size or the date.
    first: u128,
    /// The beginning of the name, as a number.
    start: u64,
    name: &'n [u8],
    entry: &'e Entry,
}

/// How long the beginning is that all names have.
fn common_prefix(names: &[Cow<'_, [u8]>]) -> usize {
    let Some((first, others)) = names.split_first() else {
        return 0;
    };
    others.iter().fold(first.len(), |most, name| {
        let pairs = first.iter().zip(name.iter()).take(most);
        pairs.take_while(|(a, b)| a == b).count()
    })
}

/// The eight bytes behind the common prefix as a number that is ordered as they are; a shorter name goes before a longer one.
fn start(name: &[u8], alike: usize) -> u64 {
    let rest = name.get(alike..).unwrap_or_default();
    let mut bytes = [0; 8];
    for (byte, of_name) in bytes.iter_mut().zip(rest) {
        *byte = *of_name;
    }
    u64::from_be_bytes(bytes)
}

/// A time as a number that is ordered as times are, above 0.
fn in_order(modified: Modified) -> u128 {
    let seconds = u128::from(modified.seconds.cast_unsigned() ^ (1 << 63));
    (seconds << 32 | u128::from(modified.nanos)) + 1
}

/// A name without its case.
fn folded(name: &[u8]) -> Cow<'_, [u8]> {
    if name
        .iter()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        return Cow::Borrowed(name);
    }
    let lower = String::from_utf8_lossy(name).to_lowercase();
    Cow::Owned(lower.into_bytes())
}
