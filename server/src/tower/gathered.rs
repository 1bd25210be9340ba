//! Bytes of a request's body that wait: for the rest of it, or for a handler to read them.
//!
//! Pieces of the engine below are kept as they came and copied once, to where they are read. A small piece is copied at
//! once, since it may be a part of much more memory, which it would hold.

use bytes::Bytes;
use std::collections::VecDeque;

/// A smaller piece is copied.
const SMALL: usize = 8 << 10;

/// Copies of small pieces stand in memory of this size, so that little of it is moved as it grows.
const RUN: usize = 64 << 10;

/// See the module.
#[derive(Default)]
pub(super) struct Gathered {
    pieces: VecDeque<Bytes>,
    /// Small pieces behind those.
    run: Vec<u8>,
    /// Bytes of the run that were read.
    read: usize,
    /// Bytes in `pieces`.
    size: usize,
}

impl Gathered {
    pub(super) fn len(&self) -> usize {
        self.size + self.run.len() - self.read
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it takes of memory.
    pub(super) fn held(&self) -> usize {
        self.size + self.run.capacity()
    }

    pub(super) fn push(&mut self, piece: Bytes) {
        if piece.len() < SMALL {
            return self.copy(&piece);
        }
        self.close_run();
        self.size += piece.len();
        self.pieces.push_back(piece);
    }

    pub(super) fn copy(&mut self, bytes: &[u8]) {
        if self.run.len() + bytes.len() > RUN {
            self.close_run();
        }
        self.run.extend_from_slice(bytes);
    }

    fn close_run(&mut self) {
        let mut run = Bytes::from(std::mem::take(&mut self.run));
        let run = run.split_off(std::mem::take(&mut self.read));
        if !run.is_empty() {
            self.size += run.len();
            self.pieces.push_back(run);
        }
    }

    /// Takes all of the other's, behind its own.
    pub(super) fn append(&mut self, other: &mut Self) {
        if self.is_empty() {
            self.clear();
            std::mem::swap(self, other);
            return;
        }
        while let Some(piece) = other.pieces.pop_front() {
            self.push(piece);
        }
        self.copy(other.run.get(other.read..).unwrap_or_default());
        other.clear();
    }

    /// Moves all of it behind `out`. Says how much that was.
    pub(super) fn move_to(&mut self, out: &mut Vec<u8>) -> usize {
        let size = self.len();
        if out.is_empty() && self.read == 0 && self.run.len() == size {
            std::mem::swap(out, &mut self.run);
        } else {
            out.reserve_exact(size);
            for piece in &self.pieces {
                out.extend_from_slice(piece);
            }
            out.extend_from_slice(self.run.get(self.read..).unwrap_or_default());
        }
        self.clear();
        size
    }

    /// Reads from the front; 0 where there is nothing, or no room.
    pub(super) fn read(&mut self, to: &mut [u8]) -> usize {
        let mut at = 0;
        while let Some(rest) = to.get_mut(at..).filter(|rest| !rest.is_empty()) {
            let piece = self.pieces.front_mut();
            let from = match &piece {
                Some(piece) => piece,
                None => self.run.get(self.read..).unwrap_or_default(),
            };
            let size = from.len().min(rest.len());
            if let (Some(to), Some(from)) = (rest.get_mut(..size), from.get(..size)) {
                to.copy_from_slice(from);
            }
            at += size;
            match piece {
                Some(piece) => {
                    self.size -= size;
                    if size == piece.len() {
                        self.pieces.pop_front();
                    } else {
                        bytes::Buf::advance(piece, size);
                    }
                }
                None if size == 0 => break,
                None => self.read += size,
            }
        }
        if self.is_empty() {
            self.clear();
        }
        at
    }

    /// The run's memory is kept.
    fn clear(&mut self) {
        self.pieces.clear();
        self.run.clear();
        (self.read, self.size) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of these sizes, each byte another one than its neighbours.
    fn gathered(sizes: &[usize]) -> (Gathered, Vec<u8>) {
        let (mut gathered, mut all) = (Gathered::default(), Vec::new());
        for size in sizes {
            let piece: Vec<u8> = (0..*size).map(|n| ((all.len() + n) % 251) as u8).collect();
            all.extend_from_slice(&piece);
            gathered.push(piece.into());
        }
        (gathered, all)
    }

    const SIZES: [&[usize]; 6] = [
        &[],
        &[0, 10],
        &[10, SMALL, 10, 10, 3 * SMALL],
        &[SMALL, SMALL, 1],
        &[SMALL - 1; 40],
        &[RUN, 1, RUN],
    ];

    #[test]
    fn all_of_it_comes_out_in_order() {
        for sizes in SIZES {
            let (mut one, all) = gathered(sizes);
            let mut out = b"before".to_vec();
            assert_eq!((one.len(), one.move_to(&mut out)), (all.len(), all.len()));
            assert!(out.strip_prefix(b"before") == Some(&all));
            assert!(one.is_empty());
            let (mut one, all) = gathered(sizes);
            let mut out = Vec::new();
            one.move_to(&mut out);
            assert!(out == all);
        }
    }

    #[test]
    fn it_is_read_in_any_steps_while_more_comes() {
        for sizes in SIZES {
            for step in [1000, SMALL, 3 * RUN] {
                let (mut one, first) = gathered(sizes);
                let (mut buffer, mut out) = (vec![0; step], Vec::new());
                let got = one.read(&mut buffer);
                out.extend_from_slice(&buffer[..got]);
                let (mut more, second) = gathered(sizes);
                one.append(&mut more);
                assert!(more.is_empty());
                while !one.is_empty() {
                    let got = one.read(&mut buffer);
                    assert!(got > 0);
                    out.extend_from_slice(&buffer[..got]);
                }
                assert!(out == [first, second].concat());
                assert_eq!(one.read(&mut buffer), 0);
            }
        }
    }

    #[test]
    fn a_small_piece_holds_no_more_than_itself() {
        let mut gathered = Gathered::default();
        for _ in 0..100 {
            gathered.push(Bytes::from(vec![0; 1 << 20]).slice(..100));
        }
        assert_eq!(gathered.len(), 10_000);
        assert!(gathered.held() <= 20_000);
    }
}
