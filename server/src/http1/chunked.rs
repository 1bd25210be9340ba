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
pub struct ChunkError(Fault);

/// One byte: a decoder is moved about with every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
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
            Fault::Size => "a chunk size is 1 to 16 hexadecimal digits",
            Fault::LineEnd => "a chunk line ends with CR LF",
            Fault::Extension => "a chunk extension holds a control character",
            Fault::DataEnd => "chunk data is followed by CR LF",
            Fault::Trailer => "a trailer line is malformed",
            Fault::LongLine => "a chunk line is too long",
            Fault::LongExtensions => "too many chunk extensions",
            Fault::LongTrailer => "the trailers are too long",
            Fault::ManyTrailers => "too many trailers",
        }
    }

    /// The field of [`ChunkLimits`] that was exceeded, if one was.
    pub fn limit(&self) -> Option<&'static str> {
        match self.0 {
            Fault::LongLine => Some("line"),
            Fault::LongExtensions => Some("extensions"),
            Fault::LongTrailer => Some("trailer_bytes"),
            Fault::ManyTrailers => Some("trailer_fields"),
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
enum State {
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
    Failed(Fault),
}

/// A decoder of a chunked body, fed with whatever pieces arrive.
///
/// Framing is read to the letter in both profiles (abuse cases A05 to A07). Extensions and
/// trailers are checked, counted and dropped: nothing of a trailer can pass for a header.
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    state: State,
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
            state: State::Start,
            digits: 0,
            line: 0,
            longest_line: bound(limits.line),
            extensions: bound(limits.extensions),
            trailer_bytes: bound(limits.trailer_bytes),
            trailer_fields: bound(limits.trailer_fields),
            left: 0,
        }
    }

    /// Whether the body has ended.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
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
        if let State::Failed(fault) = self.state {
            return Err(ChunkError(fault));
        }
        let mut at = 0;
        while self.state != State::Done {
            let Some(&byte) = input.get(at) else { break };
            if self.state == State::Data {
                let here = (input.len() - at) as u64;
                let run = self.left.min(here);
                self.left -= run;
                // Not more than the rest of `input`, so it fits.
                let end = at + run as usize;
                if self.left == 0 {
                    self.state = State::DataCr;
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
                    self.state = State::Failed(fault);
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
    fn framing(&mut self, byte: u8) -> Result<State, Fault> {
        match self.state {
            State::Start | State::Size | State::Blank | State::Extension | State::SizeLf => {
                self.line = self.line.saturating_add(1);
                if self.line > self.longest_line {
                    return Err(Fault::LongLine);
                }
                self.size_line(byte)
            }
            State::DataCr if byte == b'\r' => Ok(State::DataLf),
            State::DataLf if byte == b'\n' => {
                self.line = 0;
                self.digits = 0;
                Ok(State::Start)
            }
            State::DataCr | State::DataLf => Err(Fault::DataEnd),
            State::TrailerStart
            | State::TrailerName
            | State::TrailerValue
            | State::TrailerLf
            | State::FinalLf => {
                self.trailer_bytes = self
                    .trailer_bytes
                    .checked_sub(1)
                    .ok_or(Fault::LongTrailer)?;
                self.trailer(byte)
            }
            state @ (State::Data | State::Done) => Ok(state),
            State::Failed(fault) => Err(fault),
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF`.
    fn size_line(&mut self, byte: u8) -> Result<State, Fault> {
        match (self.state, byte) {
            (State::Start | State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.digits += 1;
                if self.digits > 16 {
                    return Err(Fault::Size);
                }
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                self.left = self.left << 4 | u64::from(digit);
                Ok(State::Size)
            }
            (State::Size | State::Extension, b'\r') => Ok(State::SizeLf),
            (State::Size | State::Blank, b';') => self.extension(),
            // RFC 9112 section 7.1.1: bad whitespace before an extension has to be put up with.
            (State::Size | State::Blank, b' ' | b'\t') => self.extension().map(|_| State::Blank),
            (State::Extension, b'\t' | b' '..=b'~' | 0x80..) => self.extension(),
            (State::Extension, b'\n') => Err(Fault::LineEnd),
            (State::Extension, _) => Err(Fault::Extension),
            (State::SizeLf, b'\n') => Ok(if self.left == 0 {
                State::TrailerStart
            } else {
                State::Data
            }),
            (State::SizeLf, _) | (State::Size, b'\n') => Err(Fault::LineEnd),
            _ => Err(Fault::Size),
        }
    }

    fn extension(&mut self) -> Result<State, Fault> {
        self.extensions = self
            .extensions
            .checked_sub(1)
            .ok_or(Fault::LongExtensions)?;
        Ok(State::Extension)
    }

    /// `*( field-line CRLF ) CRLF` (RFC 9112 section 7.1.2).
    fn trailer(&mut self, byte: u8) -> Result<State, Fault> {
        match (self.state, byte) {
            (State::TrailerStart, b'\r') => Ok(State::FinalLf),
            (State::TrailerStart, _) if is_tchar(byte) => {
                self.trailer_fields = self
                    .trailer_fields
                    .checked_sub(1)
                    .ok_or(Fault::ManyTrailers)?;
                Ok(State::TrailerName)
            }
            (State::TrailerName, b':') => Ok(State::TrailerValue),
            (State::TrailerName, _) if is_tchar(byte) => Ok(State::TrailerName),
            (State::TrailerValue, b'\r') => Ok(State::TrailerLf),
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => Ok(State::TrailerValue),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::FinalLf, b'\n') => Ok(State::Done),
            _ => Err(Fault::Trailer),
        }
    }
}
