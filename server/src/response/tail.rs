//! A large body, or a file, that follows the bytes of a response writer without being copied.

use std::borrow::Cow;
use std::fs::File;
use std::ops::Range;

/// What follows `bytes` and is not copied.
#[derive(Debug)]
pub(crate) enum Tail {
    /// Bytes of a body, from the position on.
    Bytes(Cow<'static, [u8]>, usize),
    /// A range of a file, and perhaps more of them.
    File {
        file: File,
        offset: u64,
        left: u64,
        further: Option<Box<FileRanges>>,
        /// The socket holds back what fills no segment, until the end.
        corked: bool,
    },
}

/// Ranges of a file, with text before each and behind the last: the body of a `multipart/byteranges` (RFC 9110
/// section 14.6), for [`finish_with_ranges`](crate::ResponseHead::finish_with_ranges).
#[derive(Debug)]
pub struct FileRanges {
    pub(crate) ranges: std::vec::IntoIter<(String, Range<u64>)>,
    pub(crate) end: String,
}

impl FileRanges {
    /// The ranges in the order in which they are sent, each with the text before it; `end` follows the last. A range
    /// whose end is before its start is empty.
    #[must_use]
    pub fn new(mut ranges: Vec<(String, Range<u64>)>, end: String) -> Self {
        for (_, range) in &mut ranges {
            range.end = range.end.max(range.start);
        }
        Self {
            ranges: ranges.into_iter(),
            end,
        }
    }

    /// How many bytes they are, texts included.
    #[must_use]
    pub fn length(&self) -> u64 {
        let ranges = self.ranges.as_slice().iter();
        let lengths = ranges.map(|(text, range)| text.len() as u64 + (range.end - range.start));
        lengths.fold(self.end.len() as u64, u64::saturating_add)
    }
}

impl Tail {
    pub(crate) fn file(file: File, offset: u64, left: u64) -> Self {
        Self::File {
            file,
            offset,
            left,
            further: None,
            corked: false,
        }
    }

    pub(crate) fn parts(file: File, parts: FileRanges) -> Self {
        Self::File {
            file,
            offset: 0,
            left: 0,
            further: Some(Box::new(parts)),
            corked: false,
        }
    }

    /// Goes on to the next range where one is through: its text is put behind `bytes`. False: there is none.
    pub(crate) fn go_on(&mut self, bytes: &mut Vec<u8>) -> bool {
        let Self::File {
            offset,
            left: left @ 0,
            further,
            ..
        } = self
        else {
            return false;
        };
        let Some(parts) = further else { return false };
        // One without a byte would look like the end.
        let next = parts
            .ranges
            .find(|(text, range)| !text.is_empty() || range.start < range.end);
        if let Some((text, range)) = next {
            bytes.extend_from_slice(text.as_bytes());
            (*offset, *left) = (range.start, range.end - range.start);
        } else {
            bytes.extend_from_slice(parts.end.as_bytes());
            *further = None;
        }
        true
    }

    pub(crate) fn left(&self) -> u64 {
        match self {
            Self::Bytes(bytes, at) => bytes.len().saturating_sub(*at) as u64,
            Self::File { left, further, .. } => {
                left.saturating_add(further.as_ref().map_or(0, |parts| parts.length()))
            }
        }
    }
}
