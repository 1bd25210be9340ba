//! [`Parts`] and [`Part`]: a body of `multipart/form-data`, part by part, in constant memory (RFC 7578, RFC 2046
//! section 5.1.1).

use super::head::{self, PartHead};
use super::limits::MultipartLimits;
use super::{boundary, file_name};
use crate::error::fault::Place;
use crate::request::body::read_buffered;
use crate::{Error, Result};
use memchr::memmem;
use std::fmt;
use std::io::{self, BufRead, Read};

/// Bytes that are read at once, and that the header of a part has room in.
const BUFFER: usize = 32 << 10;

/// Bytes before the first delimiter and behind the last one, at most.
const AROUND: usize = 1 << 10;

/// Blanks behind a delimiter, at most (RFC 2046 calls them transport padding).
const PADDING: usize = 16;

/// The most that the header of a part can have, whatever the limits say: it has to lie in the buffer.
const MAX_HEADER: usize = 8 << 10;

/// The parts of a body of `multipart/form-data`, one after the other: see
/// [`Request::multipart`](crate::Request::multipart). Feature `multipart`.
///
/// Nothing but a buffer of 32 KiB is kept, however large the body is. A body that is malformed or cut short, and one
/// beyond its [`MultipartLimits`], is an error, never a short file; every call after an error repeats it.
pub struct Parts<R> {
    reader: R,
    limits: MultipartLimits,
    /// CRLF, two dashes and the boundary.
    delimiter: memmem::Finder<'static>,
    buffer: Box<[u8]>,
    /// What was read and not yet taken.
    start: usize,
    end: usize,
    /// Up to here there is no delimiter.
    clear: usize,
    /// What stands at `clear` is a delimiter.
    at_delimiter: bool,
    state: State,
    /// Bytes that were read in all.
    read: u64,
    count: usize,
    head: PartHead,
    /// Bytes of the part that were given, and how many there may be.
    given: u64,
    limit: u64,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first delimiter: what stands here is nobody's.
    Preamble,
    /// In the data of a part.
    Data,
    /// Behind the last delimiter, and all of it was read.
    Done,
}

#[derive(Clone)]
enum Fault {
    Malformed(&'static str),
    CutShort,
    TooLarge(u64),
    TooManyParts(usize),
    PartTooLarge(String, u64),
    Other(io::ErrorKind),
}

impl<R: Read> Parts<R> {
    /// The parts of a body of this media type, which names the boundary.
    ///
    /// ```
    /// use doget::{MultipartLimits, Parts};
    ///
    /// let body = b"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nTea\r\n--b--\r\n";
    /// let mut parts = Parts::new(&body[..], "multipart/form-data; boundary=b", MultipartLimits::new())?;
    /// while let Some(mut part) = parts.next()? {
    ///     assert_eq!(part.name(), "title");
    ///     assert_eq!(part.text()?, "Tea");
    /// }
    /// # Ok::<(), doget::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 415 for another media type, 400 for one without a boundary.
    pub fn new(reader: R, content_type: &str, limits: MultipartLimits) -> Result<Self> {
        let boundary = boundary::of(content_type)?;
        let mut buffer = vec![0; BUFFER].into_boxed_slice();
        // As if a line had ended before: so the first delimiter is one like the others.
        if let Some(first) = buffer.get_mut(..2) {
            first.copy_from_slice(b"\r\n");
        }
        Ok(Self {
            reader,
            limits,
            delimiter: memmem::Finder::new(&[b"\r\n--", boundary.as_bytes()].concat()).into_owned(),
            buffer,
            start: 0,
            end: 2,
            clear: 0,
            at_delimiter: false,
            state: State::Preamble,
            read: 0,
            count: 0,
            head: PartHead::default(),
            given: 0,
            limit: AROUND as u64,
            fault: None,
        })
    }

    /// The next part; what was left of the one before is read and thrown away. `None` when the last delimiter was
    /// read, and the body to its end.
    ///
    /// # Errors
    ///
    /// 400 for a body that is malformed or cut short, 413 for one that is too large or has too many parts, and what the
    /// reader fails with.
    #[allow(
        clippy::should_implement_trait,
        reason = "a part borrows the parts, which no iterator allows"
    )]
    pub fn next(&mut self) -> Result<Option<Part<'_, R>>> {
        if self.state == State::Done {
            return Ok(None);
        }
        loop {
            let length = self.window()?.len();
            if length == 0 {
                break;
            }
            self.take(length)?;
        }
        if self.delimiter_is_last()? {
            self.read_to_end()?;
            self.state = State::Done;
            return Ok(None);
        }
        if self.count == self.limits.max_parts {
            return Err(self.fail(Fault::TooManyParts(self.limits.max_parts)).into());
        }
        self.count += 1;
        self.read_head()?;
        self.state = State::Data;
        self.given = 0;
        self.limit = self.limits.max_file_size;
        Ok(Some(Part { parts: self }))
    }

    /// Bytes of the part that are known not to be a delimiter; none at its end.
    fn window(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        while self.clear == self.start && !self.at_delimiter {
            self.search();
            if self.clear == self.start && !self.at_delimiter {
                self.fill()?;
            }
        }
        Ok(self.buffer.get(self.start..self.clear).unwrap_or_default())
    }

    /// Looks how far there is no delimiter.
    fn search(&mut self) {
        let ready = self.buffer.get(self.start..self.end).unwrap_or_default();
        match self.delimiter.find(ready) {
            Some(at) => {
                self.clear = self.start + at;
                self.at_delimiter = true;
            }
            None => {
                // The last bytes may be the start of one: from the last line end on that is near enough.
                let delimiter = self.delimiter.needle();
                let near = ready.len().saturating_sub(delimiter.len() - 1);
                let tail = ready.get(near..).unwrap_or_default();
                let open = memchr::memchr_iter(b'\r', tail)
                    .find(|at| delimiter.starts_with(tail.get(*at..).unwrap_or_default()));
                self.clear = self.start + near + open.unwrap_or(tail.len());
            }
        }
    }

    /// Gives bytes of the window away.
    fn take(&mut self, amount: usize) -> io::Result<()> {
        let amount = amount.min(self.clear - self.start);
        self.start += amount;
        self.given += amount as u64;
        if self.given <= self.limit {
            return Ok(());
        }
        Err(self.fail(match self.state {
            State::Preamble => Fault::Malformed("there is too much before the first delimiter"),
            _ => Fault::PartTooLarge(self.head.name.clone(), self.limit),
        }))
    }

    /// Reads more; there is room, since what is kept is less than half of the buffer.
    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            // While a delimiter or a header is read it lies behind, and is set anew after that.
            self.clear = self.clear.saturating_sub(self.start);
            self.end -= self.start;
            self.start = 0;
        }
        let read = match self
            .reader
            .read(self.buffer.get_mut(self.end..).unwrap_or_default())
        {
            Ok(0) => return Err(self.fail(Fault::CutShort)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => {
                self.fault = Some(Fault::Other(error.kind()));
                return Err(error);
            }
        };
        self.end += read;
        self.count_read(read)
    }

    fn count_read(&mut self, read: usize) -> io::Result<()> {
        self.read += read as u64;
        if self.read > self.limits.max_size {
            return Err(self.fail(Fault::TooLarge(self.limits.max_size)));
        }
        Ok(())
    }

    /// Takes the delimiter; whether it is the last one. The line end behind another one stays: it is that before the
    /// header.
    fn delimiter_is_last(&mut self) -> io::Result<bool> {
        self.start += self.delimiter.needle().len();
        self.at_delimiter = false;
        let mut padding = 0;
        loop {
            while self.end - self.start < padding + 2 {
                self.fill()?;
            }
            let behind = self.buffer.get(self.start..self.end).unwrap_or_default();
            match behind.get(padding..padding + 2) {
                Some(b"--") if padding == 0 => {
                    self.start += 2;
                    self.clear = self.start;
                    return Ok(true);
                }
                Some(b"\r\n") => {
                    self.start += padding;
                    self.clear = self.start;
                    return Ok(false);
                }
                Some([b' ' | b'\t', _]) if padding < PADDING => padding += 1,
                _ => {
                    return Err(self.fail(Fault::Malformed(
                        "a delimiter is not followed by a line end",
                    )));
                }
            }
        }
    }

    /// Reads the header, from the line end before it to the empty line.
    fn read_head(&mut self) -> io::Result<()> {
        const END: &[u8] = b"\r\n\r\n";
        let most = self.limits.max_part_header_size.min(MAX_HEADER);
        loop {
            let ready = self.buffer.get(self.start..self.end).unwrap_or_default();
            let within = ready
                .get(..ready.len().min(most + END.len()))
                .unwrap_or_default();
            if let Some(at) = memmem::find(within, END) {
                let block = ready.get(2..at + 2).unwrap_or_default();
                match head::read(block, &self.limits) {
                    Ok(head) => self.head = head,
                    Err(complaint) => return Err(self.fail(Fault::Malformed(complaint))),
                }
                // The line end of the empty line may begin a delimiter: a part can be empty.
                self.start += at + END.len() - 2;
                let is_empty = self.starts_with_delimiter()?;
                if !is_empty {
                    self.start += 2;
                }
                self.clear = self.start;
                self.at_delimiter = is_empty;
                return Ok(());
            }
            if within.len() == most + END.len() {
                return Err(self.fail(Fault::Malformed("the header of a part is too long")));
            }
            self.fill()?;
        }
    }

    /// Whether a delimiter follows at once.
    fn starts_with_delimiter(&mut self) -> io::Result<bool> {
        loop {
            let ready = self.buffer.get(self.start..self.end).unwrap_or_default();
            if ready.starts_with(self.delimiter.needle()) {
                return Ok(true);
            }
            if !self.delimiter.needle().starts_with(ready) {
                return Ok(false);
            }
            self.fill()?;
        }
    }

    /// What is behind the last delimiter, which nobody wants.
    fn read_to_end(&mut self) -> io::Result<()> {
        let mut behind = self.end - self.start;
        self.start = self.end;
        self.clear = self.end;
        while behind <= AROUND {
            let read = match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.fault = Some(Fault::Other(error.kind()));
                    return Err(error);
                }
            };
            behind += read;
            self.count_read(read)?;
        }
        Err(self.fail(Fault::Malformed(
            "there is too much behind the last delimiter",
        )))
    }

    fn check(&self) -> io::Result<()> {
        match &self.fault {
            Some(fault) => Err(fault.clone().into()),
            None => Ok(()),
        }
    }

    #[cold]
    fn fail(&mut self, fault: Fault) -> io::Error {
        self.fault = Some(fault.clone());
        fault.into()
    }
}

impl<R> fmt::Debug for Parts<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("state", &self.state)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// One part of a body: its name, what its header says, and its bytes as a [`Read`] and [`BufRead`].
pub struct Part<'p, R> {
    parts: &'p mut Parts<R>,
}

impl<R: Read> Part<'_, R> {
    /// The name of the field.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.parts.head.name
    }

    /// What a file can be called: of the client's name the part behind the last slash or backslash, without control
    /// characters and without dots and blanks at its ends, `_` in place of `<>:"|?*`. `None` if nothing is left, if
    /// that is a device of Windows, or if the client sent no name.
    ///
    /// It is made to be shown. Two clients can send the same name, so store files under names of your own.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        file_name::safe(self.raw_file_name()?)
    }

    /// The name of the file as the client sent it, escapes decoded. It can be a path, `../../etc/passwd` too: never
    /// join it to a directory.
    #[must_use]
    pub fn raw_file_name(&self) -> Option<&str> {
        self.parts.head.file_name.as_deref()
    }

    /// The media type that the client declares. What the bytes are is another question.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.parts.head.content_type.as_deref()
    }

    /// Lets this part have as many bytes, in place of [`MultipartLimits::max_file_size`].
    pub fn set_limit(&mut self, bytes: u64) {
        self.parts.limit = bytes;
    }

    /// The rest of the part as text.
    ///
    /// # Errors
    ///
    /// 413 beyond [`MultipartLimits::max_text_size`], 400 for what is not UTF-8, and what the reader fails with.
    pub fn text(&mut self) -> Result<String> {
        self.set_limit(self.parts.limits.max_text_size);
        let mut bytes = Vec::new();
        self.append_to(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| {
            let name = self.name().to_owned();
            Error::bad_request().fault(Place::Body, name, "text in UTF-8")
        })
    }

    /// Whether nothing is left of the part.
    pub(crate) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.fill_buf()?.is_empty())
    }

    /// The rest of the part, at the end of `bytes`.
    pub(crate) fn append_to(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let run = self.fill_buf()?;
            if run.is_empty() {
                return Ok(());
            }
            bytes.extend_from_slice(run);
            let length = run.len();
            self.parts.take(length)?;
        }
    }
}

impl<R: Read> BufRead for Part<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let parts = &mut *self.parts;
        let (given, limit) = (parts.given, parts.limit);
        let length = parts.window()?.len();
        if given.saturating_add(length as u64) > limit {
            let fault = Fault::PartTooLarge(parts.head.name.clone(), limit);
            return Err(parts.fail(fault));
        }
        parts.window()
    }

    fn consume(&mut self, amount: usize) {
        // It cannot fail: `fill_buf` gave no more than the limit.
        let _ = self.parts.take(amount);
    }
}

impl<R: Read> Read for Part<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl<R> fmt::Debug for Part<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.parts.head.name)
            .finish_non_exhaustive()
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed(complaint) => Error::bad_request()
                .message("Bad multipart body")
                .explain(complaint),
            Fault::CutShort => Error::bad_request()
                .message("Bad multipart body")
                .explain("the body ends before its last delimiter"),
            Fault::TooLarge(limit) => {
                Error::new(413).explain(format!("the body may have {limit} bytes"))
            }
            Fault::TooManyParts(limit) => {
                Error::new(413).explain(format!("the body may have {limit} parts"))
            }
            Fault::PartTooLarge(name, limit) => {
                Error::new(413).fault(Place::Body, name, format!("at most {limit} bytes"))
            }
            Fault::Other(kind) => io::Error::from(kind).into(),
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        let kind = match &fault {
            Fault::CutShort => io::ErrorKind::UnexpectedEof,
            Fault::Other(kind) => return (*kind).into(),
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, Error::from(fault))
    }
}
