//! `multipart/byteranges` (RFC 9110 section 14.6), with its length known beforehand.

use crate::FileRanges;
#[cfg(feature = "embed")]
use crate::semantics::range::part;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
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

    /// The body, of bytes that are in memory.
    #[cfg(feature = "embed")]
    pub(super) fn into_bytes(self, content: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        for (head, range) in &self.parts {
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(part(content, range));
        }
        body.extend_from_slice(self.end.as_bytes());
        body
    }

    /// The body.
    pub(super) fn into_parts(self) -> FileRanges {
        FileRanges::new(self.parts, self.end)
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

    #[test]
    fn the_form_of_rfc_9110() {
        let parts =
            Multipart::with_boundary("B".to_owned(), vec![0..2, 5..6, 9..10], "text/plain", 10);
        assert_eq!(parts.kind(), "multipart/byteranges; boundary=B");
        let parts = parts.into_parts();
        let length = parts.length();
        let content = "0123456789";
        let mut body = String::new();
        for (head, range) in parts.ranges {
            body += &head;
            body += &content[range.start as usize..range.end as usize];
        }
        body += &parts.end;
        assert_eq!(
            body,
            "--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n\
             --B\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-5/10\r\n\r\n5\r\n\
             --B\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n9\r\n\
             --B--\r\n"
        );
        assert_eq!(length, body.len() as u64);
    }

    #[test]
    fn boundaries_differ() {
        assert_ne!(boundary(), boundary());
        assert_eq!(boundary().len(), 32);
    }
}
