//! Chunked transfer coding, both ways (RFC 9112 section 7.1).

use std::fmt;
use std::ops::Range;

use super::limits::ChunkLimits;
use super::request_line::is_tchar;

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
pub struct ChunkError {
    message: &'static str,
    limit: Option<&'static str>,
}

impl ChunkError {
    const fn new(message: &'static str) -> Self {
        ChunkError {
            message,
            limit: None,
        }
    }

    const fn of_limit(message: &'static str, limit: &'static str) -> Self {
        ChunkError {
            message,
            limit: Some(limit),
        }
    }

    /// The status code to answer with if nothing was sent yet: 400.
    pub fn status(&self) -> u16 {
        400
    }

    /// Which rule was broken.
    pub fn message(&self) -> &'static str {
        self.message
    }

    /// The field of [`ChunkLimits`] that was exceeded, if one was.
    pub fn limit(&self) -> Option<&'static str> {
        self.limit
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)?;
        match self.limit {
            Some(limit) => write!(f, " (limit `{limit}`)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ChunkError {}

const BAD_SIZE: ChunkError = ChunkError::new("a chunk size is 1 to 16 hexadecimal digits");
const BAD_LINE_END: ChunkError = ChunkError::new("a chunk line ends with CR LF");
const BAD_EXTENSION: ChunkError = ChunkError::new("a chunk extension holds a control character");
const BAD_DATA_END: ChunkError = ChunkError::new("chunk data is followed by CR LF");
const BAD_TRAILER: ChunkError = ChunkError::new("a trailer line is malformed");
const LONG_LINE: ChunkError = ChunkError::of_limit("a chunk line is too long", "line");
const LONG_EXTENSIONS: ChunkError = ChunkError::of_limit("too many chunk extensions", "extensions");
const LONG_TRAILER: ChunkError = ChunkError::of_limit("the trailers are too long", "trailer_bytes");
const MANY_TRAILERS: ChunkError = ChunkError::of_limit("too many trailers", "trailer_fields");

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
    Failed(ChunkError),
}

/// A decoder of a chunked body, fed with whatever pieces arrive.
///
/// Framing is read to the letter in both profiles (abuse cases A05 to A07). Extensions and
/// trailers are checked, counted and dropped: nothing of a trailer can pass for a header.
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    limits: ChunkLimits,
    state: State,
    /// The size being read, then the data bytes still to come.
    left: u64,
    digits: u8,
    line: usize,
    extensions: usize,
    trailer_bytes: usize,
    trailer_fields: usize,
}

impl Default for ChunkedDecoder {
    fn default() -> Self {
        ChunkedDecoder::new(ChunkLimits::default())
    }
}

impl ChunkedDecoder {
    /// A decoder at the start of a body.
    pub fn new(limits: ChunkLimits) -> Self {
        ChunkedDecoder {
            limits,
            state: State::Start,
            left: 0,
            digits: 0,
            line: 0,
            extensions: 0,
            trailer_bytes: 0,
            trailer_fields: 0,
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
        if let State::Failed(error) = self.state {
            return Err(error);
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
                Err(error) => {
                    self.state = State::Failed(error);
                    return Err(error);
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
    fn framing(&mut self, byte: u8) -> Result<State, ChunkError> {
        match self.state {
            State::Start | State::Size | State::Blank | State::Extension | State::SizeLf => {
                self.line += 1;
                if self.line > self.limits.line {
                    return Err(LONG_LINE);
                }
                self.size_line(byte)
            }
            State::DataCr if byte == b'\r' => Ok(State::DataLf),
            State::DataLf if byte == b'\n' => {
                self.line = 0;
                self.digits = 0;
                Ok(State::Start)
            }
            State::DataCr | State::DataLf => Err(BAD_DATA_END),
            State::TrailerStart
            | State::TrailerName
            | State::TrailerValue
            | State::TrailerLf
            | State::FinalLf => {
                self.trailer_bytes += 1;
                if self.trailer_bytes > self.limits.trailer_bytes {
                    return Err(LONG_TRAILER);
                }
                self.trailer(byte)
            }
            state @ (State::Data | State::Done) => Ok(state),
            State::Failed(error) => Err(error),
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF`.
    fn size_line(&mut self, byte: u8) -> Result<State, ChunkError> {
        match (self.state, byte) {
            (State::Start | State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.digits += 1;
                if self.digits > 16 {
                    return Err(BAD_SIZE);
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
            (State::Extension, b'\n') => Err(BAD_LINE_END),
            (State::Extension, _) => Err(BAD_EXTENSION),
            (State::SizeLf, b'\n') => Ok(if self.left == 0 {
                State::TrailerStart
            } else {
                State::Data
            }),
            (State::SizeLf, _) | (State::Size, b'\n') => Err(BAD_LINE_END),
            _ => Err(BAD_SIZE),
        }
    }

    fn extension(&mut self) -> Result<State, ChunkError> {
        self.extensions += 1;
        if self.extensions > self.limits.extensions {
            return Err(LONG_EXTENSIONS);
        }
        Ok(State::Extension)
    }

    /// `*( field-line CRLF ) CRLF` (RFC 9112 section 7.1.2).
    fn trailer(&mut self, byte: u8) -> Result<State, ChunkError> {
        match (self.state, byte) {
            (State::TrailerStart, b'\r') => Ok(State::FinalLf),
            (State::TrailerStart, _) if is_tchar(byte) => {
                self.trailer_fields += 1;
                if self.trailer_fields > self.limits.trailer_fields {
                    return Err(MANY_TRAILERS);
                }
                Ok(State::TrailerName)
            }
            (State::TrailerName, b':') => Ok(State::TrailerValue),
            (State::TrailerName, _) if is_tchar(byte) => Ok(State::TrailerName),
            (State::TrailerValue, b'\r') => Ok(State::TrailerLf),
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => Ok(State::TrailerValue),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::FinalLf, b'\n') => Ok(State::Done),
            _ => Err(BAD_TRAILER),
        }
    }
}
