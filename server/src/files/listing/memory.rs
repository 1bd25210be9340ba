//! What listings that are being sent hold in memory, all together.

use crate::files::root::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a listing may always hold: so small ones are sent however many large ones there are, and threads bound their
/// number.
const FREE: usize = 64 << 10;

/// How many bytes are left for the entries of large listings.
#[derive(Debug)]
pub(in crate::files) struct ListingMemory(AtomicUsize);

impl Default for ListingMemory {
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

impl ListingMemory {
    pub(in crate::files) fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Takes what these entries need; `None` if that is not left. It is given back when the share is dropped.
    pub(in crate::files) fn share(&self, entries: &[Entry]) -> Option<Share<'_>> {
        let each = size_of::<Entry>() + size_of::<&Entry>();
        let names: usize = entries.iter().map(|entry| entry.name.allocated()).sum();
        let bytes = entries.len().saturating_mul(each).saturating_add(names);
        let taken = if bytes <= FREE { 0 } else { bytes };
        let left = |left: usize| left.checked_sub(taken);
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, left).ok()?;
        Some(Share {
            memory: self,
            taken,
        })
    }
}

/// What one listing holds.
#[derive(Debug)]
pub(in crate::files) struct Share<'m> {
    memory: &'m ListingMemory,
    taken: usize,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.memory.0.fetch_add(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entries(count: usize, length: usize) -> Vec<Entry> {
        let entry = |_| Entry {
            name: vec![b'a'; length][..].into(),
            link: true,
            facts: None,
        };
        (0..count).map(entry).collect()
    }

    #[test]
    fn what_large_listings_hold_is_counted_and_given_back() {
        let large = entries(10_000, 200);
        let memory = ListingMemory::new(10 << 20);
        let mut shares = Vec::new();
        while let Some(share) = memory.share(&large) {
            shares.push(share);
        }
        assert!((1..=5).contains(&shares.len()), "{}", shares.len());
        assert!(memory.share(&entries(100, 200)).is_some());
        shares.pop();
        assert!(memory.share(&large).is_some());
        drop(shares);
        assert_eq!(memory.0.into_inner(), 10 << 20);
    }
}
