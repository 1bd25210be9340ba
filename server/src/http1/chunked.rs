//! Chunked transfer coding, both ways (RFC 9112 section 7.1).

use std::fmt;
use std::ops::Range;

use crate::http1::limits::ChunkLimits;
use crate::http1::request_line::is_tchar;

/// What ends a chunked body that has no trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Appends the line that goes before `len` bytes of chunk data; CR LF goes behind them.
///
/// A chunk of no bytes would end the body, so for 0 nothing is appended.
pub fn chunk_head(len: usize, out: &mut Vec<u8>) {
    if len == 0 {
        return;
    }
    let digits = (usize::BITS - len.leading_zeros()).div_ceil(4);
    out.extend((0..digits).rev().map(|place| {
        let digit = (len >> (place * 4)) as u8 & 0xf;
        if digit < 10 {
            b'0' + digit
        } else {
            b'a' + digit - 10
        }
    }));
    out.extend_from_slice(b"\r\n");
}

/// What one call of a decoder came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// How many bytes of the input were used up, framing and data together.
    pub consumed: usize,
    /// Where in the input the body bytes of this call are; may be empty.
    pub data: Range<usize>,
    /// Whether the body has ended; what follows `consumed` belongs to the next request.
    pub done: bool,
}

/// Why a chunked body was refused; answered with 400, and the connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkError(ChunkFault);

/// One byte: a decoder is moved about with every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChunkFault {
    Size,
    LineEnd,
    Extension,
    DataEnd,
    Trailer,
    LongLine,
    LongExtensions,
    LongTrailer,
    ManyTrailers,
}

impl ChunkError {
    /// The status code to answer with if nothing was sent yet: 400.
    pub fn status(&self) -> u16 {
        400
    }

    /// Which rule was broken.
    pub fn message(&self) -> &'static str {
        match self.0 {
            ChunkFault::Size => "a chunk size is 1 to 16 hexadecimal digits",
            ChunkFault::LineEnd => "a chunk line ends with CR LF",
            ChunkFault::Extension => "a chunk extension holds a control character",
            ChunkFault::DataEnd => "chunk data is followed by CR LF",
            ChunkFault::Trailer => "a trailer line is malformed",
            ChunkFault::LongLine => "a chunk line is too long",
            ChunkFault::LongExtensions => "too many chunk extensions",
            ChunkFault::LongTrailer => "the trailers are too long",
            ChunkFault::ManyTrailers => "too many trailers",
        }
    }

    /// The field of [`ChunkLimits`] that was exceeded, if one was.
    pub fn limit(&self) -> Option<&'static str> {
        match self.0 {
            ChunkFault::LongLine => Some("line"),
            ChunkFault::LongExtensions => Some("extensions"),
            ChunkFault::LongTrailer => Some("trailer_bytes"),
            ChunkFault::ManyTrailers => Some("trailer_fields"),
            _ => None,
        }
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        match self.limit() {
            Some(limit) => write!(f, " (limit `{limit}`)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ChunkError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChunkState {
    /// At the first digit of a size.
    Start,
    /// Behind a digit.
    Size,
    /// In whitespace between a size and its extension (BWS).
    Blank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    FinalLf,
    Done,
    Failed(ChunkFault),
}

/// A decoder of a chunked body, fed with whatever pieces arrive.
///
/// Framing is read to the letter in both profiles (RFC 9112 section 7.1): a proxy that read it otherwise would see
/// another request behind it. Extensions and trailers are checked, counted and dropped: nothing of a trailer can pass
/// for a header.
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    state: ChunkState,
    digits: u8,
    /// Bytes of the current line, and their bound.
    line: u32,
    longest_line: u32,
    /// What is left of the other bounds.
    extensions: u32,
    trailer_bytes: u32,
    trailer_fields: u32,
    /// The size being read, then the data bytes still to come.
    left: u64,
}

impl Default for ChunkedDecoder {
    fn default() -> Self {
        ChunkedDecoder::new(&ChunkLimits::default())
    }
}

impl ChunkedDecoder {
    /// A decoder at the start of a body.
    pub fn new(limits: &ChunkLimits) -> Self {
        let bound = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        ChunkedDecoder {
            state: ChunkState::Start,
            digits: 0,
            line: 0,
            longest_line: bound(limits.max_line_size),
            extensions: bound(limits.max_extensions_size),
            trailer_bytes: bound(limits.max_trailer_size),
            trailer_fields: bound(limits.max_trailer_fields),
            left: 0,
        }
    }

    /// Whether the body has ended.
    pub fn is_done(&self) -> bool {
        self.state == ChunkState::Done
    }

    /// Reads on, up to the end of the first run of data in `input`.
    ///
    /// Call again with what was not consumed. With input left and the body not done, each call
    /// consumes something; a call that gives no data and is not done has consumed it all.
    ///
    /// # Errors
    ///
    /// Any breach of the grammar or of a limit; the same again on each later call, so that a body
    /// cut by an error never looks ended.
    pub fn decode(&mut self, input: &[u8]) -> Result<Decoded, ChunkError> {
        if let ChunkState::Failed(fault) = self.state {
            return Err(ChunkError(fault));
        }
        let mut at = 0;
        while self.state != ChunkState::Done {
            let Some(&byte) = input.get(at) else { break };
            if self.state == ChunkState::Data {
                let here = (input.len() - at) as u64;
                let run = self.left.min(here);
                self.left -= run;
                // Not more than the rest of `input`, so it fits.
                let end = at + run as usize;
                if self.left == 0 {
                    self.state = ChunkState::DataCr;
                }
                return Ok(Decoded {
                    consumed: end,
                    data: at..end,
                    done: false,
                });
            }
            match self.framing(byte) {
                Ok(state) => self.state = state,
                Err(fault) => {
                    self.state = ChunkState::Failed(fault);
                    return Err(ChunkError(fault));
                }
            }
            at += 1;
        }
        Ok(Decoded {
            consumed: at,
            data: at..at,
            done: self.is_done(),
        })
    }

    /// Takes one byte that is not data.
    fn framing(&mut self, byte: u8) -> Result<ChunkState, ChunkFault> {
        match self.state {
            ChunkState::Start
            | ChunkState::Size
            | ChunkState::Blank
            | ChunkState::Extension
            | ChunkState::SizeLf => {
                self.line = self.line.saturating_add(1);
                if self.line > self.longest_line {
                    return Err(ChunkFault::LongLine);
                }
                self.size_line(byte)
            }
            ChunkState::DataCr if byte == b'\r' => Ok(ChunkState::DataLf),
            ChunkState::DataLf if byte == b'\n' => {
                self.line = 0;
                self.digits = 0;
                Ok(ChunkState::Start)
            }
            ChunkState::DataCr | ChunkState::DataLf => Err(ChunkFault::DataEnd),
            ChunkState::TrailerStart
            | ChunkState::TrailerName
            | ChunkState::TrailerValue
            | ChunkState::TrailerLf
            | ChunkState::FinalLf => {
                self.trailer_bytes = self
                    .trailer_bytes
                    .checked_sub(1)
                    .ok_or(ChunkFault::LongTrailer)?;
                self.trailer(byte)
            }
            state @ (ChunkState::Data | ChunkState::Done) => Ok(state),
            ChunkState::Failed(fault) => Err(fault),
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF`.
    fn size_line(&mut self, byte: u8) -> Result<ChunkState, ChunkFault> {
        match (self.state, byte) {
            (ChunkState::Start | ChunkState::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.digits += 1;
                if self.digits > 16 {
                    return Err(ChunkFault::Size);
                }
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                self.left = self.left << 4 | u64::from(digit);
                Ok(ChunkState::Size)
            }
            (ChunkState::Size | ChunkState::Extension, b'\r') => Ok(ChunkState::SizeLf),
            (ChunkState::Size | ChunkState::Blank, b';') => self.extension(),
            // RFC 9112 section 7.1.1: bad whitespace before an extension has to be put up with.
            (ChunkState::Size | ChunkState::Blank, b' ' | b'\t') => {
                self.extension().map(|_| ChunkState::Blank)
            }
            (ChunkState::Extension, b'\t' | b' '..=b'~' | 0x80..) => self.extension(),
            (ChunkState::Extension, b'\n') => Err(ChunkFault::LineEnd),
            (ChunkState::Extension, _) => Err(ChunkFault::Extension),
            (ChunkState::SizeLf, b'\n') => Ok(if self.left == 0 {
                ChunkState::TrailerStart
            } else {
                ChunkState::Data
            }),
            (ChunkState::SizeLf, _) | (ChunkState::Size, b'\n') => Err(ChunkFault::LineEnd),
            _ => Err(ChunkFault::Size),
        }
    }

    fn extension(&mut self) -> Result<ChunkState, ChunkFault> {
        self.extensions = self
            .extensions
            .checked_sub(1)
            .ok_or(ChunkFault::LongExtensions)?;
        Ok(ChunkState::Extension)
    }

    /// `*( field-line CRLF ) CRLF` (RFC 9112 section 7.1.2).
    fn trailer(&mut self, byte: u8) -> Result<ChunkState, ChunkFault> {
        match (self.state, byte) {
            (ChunkState::TrailerStart, b'\r') => Ok(ChunkState::FinalLf),
            (ChunkState::TrailerStart, _) if is_tchar(byte) => {
                self.trailer_fields = self
                    .trailer_fields
                    .checked_sub(1)
                    .ok_or(ChunkFault::ManyTrailers)?;
                Ok(ChunkState::TrailerName)
            }
            (ChunkState::TrailerName, b':') => Ok(ChunkState::TrailerValue),
            (ChunkState::TrailerName, _) if is_tchar(byte) => Ok(ChunkState::TrailerName),
            (ChunkState::TrailerValue, b'\r') => Ok(ChunkState::TrailerLf),
            (ChunkState::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => {
                Ok(ChunkState::TrailerValue)
            }
            (ChunkState::TrailerLf, b'\n') => Ok(ChunkState::TrailerStart),
            (ChunkState::FinalLf, b'\n') => Ok(ChunkState::Done),
            _ => Err(ChunkFault::Trailer),
        }
    }
}
