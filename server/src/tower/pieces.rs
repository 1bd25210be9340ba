//! Pieces of a response that is streamed, and how many of their bytes the engine below holds.
//!
//! An engine may take many pieces before it writes any: for a connection of HTTP/1 hyper takes up to 400 KiB, or 16
//! pieces, whichever is reached first. It cannot be told to take less from here, since one that collects the whole body
//! asks in the same way. But while it holds some, further ones can be small, so that it soon has 16 of them: a client
//! that does not read holds [`LARGE`] and twice [`LITTLE`] bytes here and there, however much the handler gives at
//! once. For HTTP/2 it takes no more than one piece beyond the stream's window, and each piece is a frame.

use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that are taken from a handler at once while the engine below holds few.
pub(super) const LARGE: usize = 64 << 10;

/// The same while it holds [`HELD`].
const LITTLE: usize = 4 << 10;

/// Bytes that the engine below holds before pieces become small.
const HELD: usize = 8 << 10;

/// Bytes of a small piece: so many are taken for one change of threads, and hyper takes them all.
const SMALL: usize = LITTLE / 16;

/// See the module.
pub(super) struct Pieces {
    waiting: Bytes,
    /// The waiting bytes leave in small pieces.
    are_small: bool,
    multiplexed: bool,
    /// Bytes of all pieces that are still somewhere.
    alive: Arc<AtomicUsize>,
}

/// The memory of a piece, counted as long as anybody has a part of it.
struct Counted {
    bytes: Vec<u8>,
    alive: Arc<AtomicUsize>,
}

impl Pieces {
    /// `multiplexed`: the client speaks HTTP/2.
    pub(super) fn new(multiplexed: bool) -> Self {
        Self {
            waiting: Bytes::new(),
            are_small: false,
            multiplexed,
            alive: Arc::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes some of these bytes, where none wait, and says how many.
    pub(super) fn take_some(&mut self, first: &[u8], second: &[u8]) -> usize {
        self.are_small = !self.multiplexed && self.alive.load(Ordering::Relaxed) >= HELD;
        let most = if self.are_small { LITTLE } else { LARGE };
        let first = first.get(..most).unwrap_or(first);
        let second = second.get(..most - first.len()).unwrap_or(second);
        let bytes = [first, second].concat();
        let size = bytes.len();
        if size > 0 {
            self.alive.fetch_add(size, Ordering::Relaxed);
            let alive = Arc::clone(&self.alive);
            self.waiting = Bytes::from_owner(Counted { bytes, alive });
        }
        size
    }

    /// The next piece for the engine below.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        if self.is_empty() {
            return None;
        }
        let piece = if self.are_small {
            self.waiting.split_to(self.waiting.len().min(SMALL))
        } else {
            std::mem::take(&mut self.waiting)
        };
        if self.is_empty() {
            // What is empty counts as held, too.
            self.clear();
        }
        Some(piece)
    }

    pub(super) fn clear(&mut self) {
        self.waiting = Bytes::new();
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
        let mut pieces = Pieces::new(false);
        let (first, second) = ([b'a'; 10], [b'b'; 3 * LARGE]);
        assert_eq!(pieces.take_some(&first, &second), LARGE);
        let large = pieces.pop().unwrap();
        assert_eq!(
            (&large[..10], large[10], large.len()),
            (&first[..], b'b', LARGE)
        );
        assert!(pieces.is_empty() && pieces.pop().is_none());
        assert_eq!(pieces.take_some(&[], &second), LITTLE);
        let small: Vec<_> = std::iter::from_fn(|| pieces.pop()).collect();
        assert_eq!((small.len(), small[0].len()), (16, SMALL));
        // Written, and let go of: there is no reason for small ones any more.
        drop((large, small));
        assert_eq!(pieces.take_some(&second, &[]), LARGE);
        assert_eq!(pieces.pop().unwrap().len(), LARGE);
        assert_eq!(pieces.take_some(&first, &[]), 10);
        assert_eq!(pieces.pop().unwrap(), &first[..]);
    }

    #[test]
    fn pieces_of_http2_are_not_cut() {
        let mut pieces = Pieces::new(true);
        let bytes = [b'a'; LARGE];
        let held: Vec<_> = (0..3)
            .map(|_| (pieces.take_some(&bytes, &[]), pieces.pop().unwrap()))
            .collect();
        assert!(
            held.iter()
                .all(|(size, piece)| (*size, piece.len()) == (LARGE, LARGE))
        );
    }

    #[test]
    fn who_collects_gets_all_of_them() {
        let mut pieces = Pieces::new(false);
        let bytes = [b'a'; 8 * LARGE];
        let (mut at, mut held) = (0, Vec::new());
        while at < bytes.len() {
            at += pieces.take_some(&bytes[at..], &[]);
            held.extend(std::iter::from_fn(|| pieces.pop()));
        }
        let size: usize = held.iter().map(Bytes::len).sum();
        assert_eq!(size, bytes.len());
    }
}
