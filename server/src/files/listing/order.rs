//! The order of entries.

use crate::Pairs;
use crate::files::listing::entry::{date, is_directory, size};
use crate::files::root::Entry;
use crate::files::version::Modified;
use std::borrow::Cow;
use std::cmp::Ordering;

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

    /// Directories first; then by the column. Entries that are equal there follow by name, without regard to case.
    pub(super) fn sort(self, entries: &[Entry]) -> Vec<&Entry> {
        let folded: Vec<_> = entries.iter().map(|entry| folded(&entry.name)).collect();
        // Names of one directory often begin alike: what tells them apart comes behind that.
        let alike = common_prefix(&folded);
        // Backwards it is the same numbers, each bit the other way round.
        let turned = |number: u64| if self.descending { !number } else { number };
        let mut keyed: Vec<Keyed<'_, '_>> = entries
            .iter()
            .zip(&folded)
            .map(|(entry, name)| {
                let column = match self.column {
                    Column::Name => 0,
                    // Nothing goes before everything.
                    Column::Size => size(entry).map_or(0, |size| size.saturating_add(1)),
                    Column::Date => date(entry).map_or(0, in_order),
                };
                // A date that is the same to the second may differ below it, which counts more than the name.
                let start = match self.column {
                    Column::Date => 0,
                    Column::Name | Column::Size => start(name, alike),
                };
                Keyed {
                    key: (!is_directory(entry), turned(column), turned(start)),
                    name,
                    entry,
                }
            })
            .collect();
        keyed.sort_unstable_by(|a, b| {
            a.key.cmp(&b.key).then_with(|| {
                let exactly = match self.column {
                    Column::Date => date(a.entry).cmp(&date(b.entry)),
                    Column::Name | Column::Size => Ordering::Equal,
                };
                let ordering = exactly
                    .then_with(|| a.name.cmp(b.name))
                    .then_with(|| (*a.entry.name).cmp(&*b.entry.name));
                if self.descending {
                    ordering.reverse()
                } else {
                    ordering
                }
            })
        });
        keyed.into_iter().map(|keyed| keyed.entry).collect()
    }
}

/// What two entries are compared by: what is cheap to compare, and what decides if that is the same.
struct Keyed<'n, 'e> {
    /// Whether it is no directory, its column, and the beginning of its name.
    key: (bool, u64, u64),
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

/// The eight bytes behind the common prefix as a number that is ordered as they are; a shorter name goes before a
/// longer one.
fn start(name: &[u8], alike: usize) -> u64 {
    let rest = name.get(alike..).unwrap_or_default();
    let mut bytes = [0; 8];
    for (byte, of_name) in bytes.iter_mut().zip(rest) {
        *byte = *of_name;
    }
    u64::from_be_bytes(bytes)
}

/// A time as a number that is ordered as times are, to the second.
fn in_order(modified: Modified) -> u64 {
    modified.seconds.cast_unsigned() ^ (1 << 63)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::files::root::{FileKind, Metadata};
    use proptest::prelude::*;

    /// As the rule says it.
    fn plainly(order: Order, entries: &[Entry]) -> Vec<&Entry> {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by(|a, b| {
            let by_name = folded(&a.name)
                .cmp(&folded(&b.name))
                .then_with(|| (*a.name).cmp(&*b.name));
            let ordering = match order.column {
                Column::Name => by_name,
                Column::Size => size(a).cmp(&size(b)).then(by_name),
                Column::Date => date(a).cmp(&date(b)).then(by_name),
            };
            let ordering = if order.descending {
                ordering.reverse()
            } else {
                ordering
            };
            is_directory(b).cmp(&is_directory(a)).then(ordering)
        });
        sorted
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let name =
            proptest::collection::vec(prop::sample::select(b"abAB-0\xff\xc3\xa4".to_vec()), 1..12);
        let prefix = prop::sample::select(vec!["", "file-", "\u{c4}"]);
        let facts = (0..3_u64, -1..2_i64, 0..2_u32, prop::bool::ANY).prop_map(
            |(length, seconds, nanos, directory)| Metadata {
                kind: if directory {
                    FileKind::Directory
                } else {
                    FileKind::File
                },
                length,
                modified: Modified { seconds, nanos },
                changed: Modified { seconds, nanos },
                inode: 0,
                #[cfg(all(unix, feature = "cgi"))]
                executable: false,
            },
        );
        let entry = (name, proptest::option::of(facts));
        let entries = proptest::collection::vec(entry, 0..40);
        (prefix, entries).prop_map(|(prefix, entries)| {
            let entries = entries.into_iter();
            // A directory has no name twice.
            let mut known = std::collections::BTreeSet::new();
            let entries = entries.filter(|(name, _)| known.insert(name.clone()));
            let entries = entries.map(|(name, facts)| Entry {
                name: (&[prefix.as_bytes(), &name].concat()[..]).into(),
                link: facts.is_none(),
                facts,
            });
            entries.collect::<Vec<_>>()
        })
    }

    proptest! {
        #[test]
        fn the_order_is_the_one_of_the_rule(entries in entries(), descending: bool) {
            for column in [Column::Name, Column::Size, Column::Date] {
                let order = Order { column, descending };
                let names = |sorted: Vec<&Entry>| sorted.into_iter().cloned().collect::<Vec<_>>();
                prop_assert_eq!(names(order.sort(&entries)), names(plainly(order, &entries)));
            }
        }
    }
}
