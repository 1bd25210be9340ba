//! Pieces of a response that is streamed, and how many of their bytes the engine below holds.
//!
//! An engine may take many pieces before it writes any: hyper takes up to 400 KiB, or 16 pieces, whichever is reached
//! first. It cannot be told to take less from here, since one that collects the whole body asks in the same way. But
//! while it holds some, further pieces can be small, so that it soon has 16 of them.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that the engine below holds before pieces become small.
const HELD: usize = 16 << 10;

/// Bytes of a small piece.
const SMALL: usize = 1 << 10;

/// See the module.
#[derive(Default)]
pub(super) struct Pieces {
    waiting: VecDeque<Bytes>,
    size: usize,
    /// Bytes of all pieces that are still somewhere.
    alive: Arc<AtomicUsize>,
}

/// The memory of a piece, counted as long as anybody has a part of it.
struct Counted {
    bytes: Vec<u8>,
    alive: Arc<AtomicUsize>,
}

impl Pieces {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.size += bytes.len();
        self.alive.fetch_add(bytes.len(), Ordering::Relaxed);
        let alive = Arc::clone(&self.alive);
        self.waiting
            .push_back(Bytes::from_owner(Counted { bytes, alive }));
    }

    /// The next piece for the engine below.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let first = self.waiting.front_mut()?;
        let alive = self.alive.load(Ordering::Relaxed);
        let held = alive.saturating_sub(self.size);
        let piece = if held >= HELD && first.len() > SMALL {
            first.split_to(SMALL)
        } else {
            self.waiting.pop_front()?
        };
        self.size -= piece.len();
        Some(piece)
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.size = 0;
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_small_while_others_are_held() {
        let mut pieces = Pieces::default();
        pieces.push(vec![b'a'; HELD]);
        pieces.push(vec![b'b'; HELD]);
        let first = pieces.pop().unwrap();
        assert_eq!(first.len(), HELD);
        let small = pieces.pop().unwrap();
        assert_eq!(small.len(), SMALL);
        // Written, and let go of: there is no reason to cut the rest into small ones.
        drop((first, small));
        assert_eq!(pieces.pop().unwrap().len(), HELD - SMALL);
        assert!(pieces.is_empty() && pieces.pop().is_none());
    }

    #[test]
    fn who_collects_gets_all_of_them() {
        let mut pieces = Pieces::default();
        let mut held = Vec::new();
        for _ in 0..8 {
            pieces.push(vec![b'a'; HELD + 1]);
            held.extend(std::iter::from_fn(|| pieces.pop()));
        }
        let size: usize = held.iter().map(Bytes::len).sum();
        assert_eq!(size, 8 * (HELD + 1));
    }
}
