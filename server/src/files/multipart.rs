//! `multipart/byteranges` (RFC 9110 section 14.6), with its length known beforehand.

use super::contents::Contents;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::{self, Write};
use std::ops::Range;

/// Several ranges of a file as one body.
#[derive(Debug)]
pub(super) struct Multipart {
    boundary: String,
    /// What stands before each range.
    parts: Vec<(String, Range<u64>)>,
    end: String,
}

impl Multipart {
    pub(super) fn new(ranges: Vec<Range<u64>>, kind: &str, length: u64) -> Self {
        Self::with_boundary(boundary(), ranges, kind, length)
    }

    fn with_boundary(boundary: String, ranges: Vec<Range<u64>>, kind: &str, length: u64) -> Self {
        let mut line = "";
        let parts = ranges
            .into_iter()
            .map(|range| {
                let (first, last) = (range.start, range.end.saturating_sub(1));
                let head = format!(
                    "{line}--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: bytes {first}-{last}/{length}\r\n\r\n"
                );
                line = "\r\n";
                (head, range)
            })
            .collect();
        let end = format!("\r\n--{boundary}--\r\n");
        Self {
            boundary,
            parts,
            end,
        }
    }

    /// The value of `Content-Type`.
    pub(super) fn kind(&self) -> String {
        format!("multipart/byteranges; boundary={}", self.boundary)
    }

    /// How many bytes [`write`](Self::write) writes.
    pub(super) fn length(&self) -> u64 {
        let parts = self
            .parts
            .iter()
            .map(|(head, range)| head.len() as u64 + (range.end - range.start));
        parts.fold(self.end.len() as u64, u64::saturating_add)
    }

    /// Writes all parts. A file that became shorter is an error.
    pub(super) fn write(&self, file: &impl Contents, out: &mut impl Write) -> io::Result<()> {
        let mut room = vec![0; 64 << 10];
        for (head, range) in &self.parts {
            out.write_all(head.as_bytes())?;
            let mut at = range.start;
            while at < range.end {
                let most = usize::try_from(range.end - at).unwrap_or(usize::MAX);
                let most = most.min(room.len());
                let piece = room.get_mut(..most).unwrap_or_default();
                let got = file.read_at(piece, at)?;
                if got == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                out.write_all(piece.get(..got).unwrap_or_default())?;
                at += got as u64;
            }
        }
        out.write_all(self.end.as_bytes())
    }
}

/// 128 bits that nobody can have put into the file beforehand.
fn boundary() -> String {
    let random = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    impl Contents for &[u8] {
        fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
            let rest = self.get(usize::try_from(at).unwrap()..).unwrap_or_default();
            let most = rest.len().min(room.len());
            room[..most].copy_from_slice(&rest[..most]);
            Ok(most)
        }
    }

    #[test]
    fn the_form_of_rfc_9110() {
        let parts =
            Multipart::with_boundary("B".to_owned(), vec![0..2, 5..6, 9..10], "text/plain", 10);
        assert_eq!(parts.kind(), "multipart/byteranges; boundary=B");
        let mut body = Vec::new();
        parts.write(&&b"0123456789"[..], &mut body).unwrap();
        assert_eq!(
            String::from_utf8(body.clone()).unwrap(),
            "--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n\
             --B\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-5/10\r\n\r\n5\r\n\
             --B\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n9\r\n\
             --B--\r\n"
        );
        assert_eq!(parts.length(), body.len() as u64);
    }

    #[test]
    fn a_file_that_became_shorter_is_an_error() {
        let parts = Multipart::new(vec![0..2, 5..9], "text/plain", 10);
        let error = parts.write(&&b"012345"[..], &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn boundaries_differ() {
        assert_ne!(boundary(), boundary());
        assert_eq!(boundary().len(), 32);
    }
}
