//! [`BodyReader`]: the body of a request, as a reader.

use crate::Error;
use crate::connection::state::ExchangeState;
use crate::error::deadline_exceeded::DeadlineExceeded;
use crate::http1::BodyDecoder;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::atomic::Ordering;

/// Bytes read at once from a connection, where they do not go to the caller's buffer at once.
const READ: usize = 16 << 10;

/// The same of a body that fills one read after the other: a larger read is fewer calls of the system.
const LARGEST_READ: usize = 128 << 10;

/// The first piece of memory for a body whose length was announced: more is taken as bytes arrive, never on the
/// client's word alone.
const FIRST: usize = 64 << 10;

/// The body of a request: see [`Request::body`](crate::Request::body).
///
/// Bytes come from three places, in this order: what the server decoded before the handler ran, what was read together
/// with the head, and the connection.
pub struct BodyReader<'c> {
    /// Decoded ahead of the handler.
    ready: Vec<u8>,
    ready_at: usize,
    /// Read together with the head, still framed; what is behind the body belongs to the next request.
    raw: &'c [u8],
    raw_at: usize,
    /// Read from the connection, still framed, up to `more_end`; behind it is room that was cleared once.
    more: Vec<u8>,
    more_at: usize,
    more_end: usize,
    /// Which of the two is being decoded.
    source: BodySource,
    /// Body bytes in it that were decoded and not yet taken.
    run: Range<usize>,
    decoder: BodyDecoder,
    exchange: &'c ExchangeState<'c>,
    /// The first fault; reads after it repeat it, so that a body never seems to end well after one.
    fault: Option<BodyError>,
    /// So many bytes more may be decoded: see [`limit`](Self::limit).
    allowed: u64,
}

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

#[derive(Clone, Copy)]
enum BodySource {
    Raw,
    More,
}

#[derive(Clone, Copy)]
enum BodyError {
    Malformed(&'static str),
    CutShort,
    TooSlow,
    TooLate,
    TooLarge,
    OverLimit,
    Other(io::ErrorKind),
}

impl<'c> BodyReader<'c> {
    pub(crate) fn new(
        ready: Vec<u8>,
        raw: &'c [u8],
        decoder: BodyDecoder,
        exchange: &'c ExchangeState<'c>,
    ) -> Self {
        let left = match decoder.remaining_hint() {
            Some(left) => left.saturating_sub(raw.len() as u64),
            // Nobody knows how much a chunked body still brings: its draining is bounded in time alone.
            None => u64::from(!decoder.is_done()),
        };
        exchange.unread.store(left, Ordering::Relaxed);
        Self {
            ready,
            ready_at: 0,
            raw,
            raw_at: 0,
            more: Vec::new(),
            more_at: 0,
            more_end: 0,
            source: BodySource::Raw,
            run: 0..0,
            decoder,
            exchange,
            fault: None,
            allowed: u64::MAX,
        }
    }

    /// The bytes that are still to come, if the length was announced.
    pub fn announced(&self) -> Option<u64> {
        let ready = (self.ready.len() - self.ready_at) as u64;
        self.decoder
            .remaining_hint()
            .map(|rest| rest + ready + self.run.len() as u64)
    }

    /// Lets the body have so many bytes and no more. False: it is known to have more.
    pub(crate) fn limit(&mut self, bytes: u64) -> bool {
        let there = (self.ready.len() - self.ready_at) as u64;
        if self.announced().unwrap_or(there) > bytes {
            return false;
        }
        // An announced length is kept to by the framing.
        if self.announced().is_none() {
            self.allowed = self.allowed.min(bytes.saturating_sub(there));
        }
        true
    }

    /// Whether the body has no byte. Only a chunked body has to be read for the answer.
    pub(crate) fn is_empty(&mut self) -> io::Result<bool> {
        match self.announced() {
            Some(length) => Ok(length == 0),
            None => Ok(self.fill_buf()?.is_empty()),
        }
    }

    /// Whether a fault of the client ended the body.
    pub(crate) fn is_broken(&self) -> bool {
        self.fault.is_some()
    }

    /// How many of the bytes read with the head belong to the body, as far as it was read.
    /// What was read with the head, and not used yet.
    #[cfg(feature = "live")]
    pub(crate) fn behind(&self) -> &'c [u8] {
        self.raw.get(self.raw_at..).unwrap_or_default()
    }

    pub(crate) fn used(&self) -> usize {
        self.raw_at
    }

    /// Whether all of the body was taken from the connection.
    pub(crate) fn is_done(&self) -> bool {
        self.decoder.is_done()
    }

    /// Whether bytes were read from the connection, of which some may be behind the body.
    pub(crate) fn has_read_behind(&self) -> bool {
        self.more_end > 0
    }

    /// Takes what was read behind the body.
    pub(crate) fn take_read_behind(&mut self) -> Vec<u8> {
        if self.more_end == 0 {
            return Vec::new();
        }
        self.more.truncate(self.more_end);
        self.more.drain(..self.more_at);
        (self.more_at, self.more_end) = (0, 0);
        std::mem::take(&mut self.more)
    }

    /// What decodes the rest.
    pub(crate) fn into_decoder(self) -> BodyDecoder {
        self.decoder
    }

    /// Makes room for a body, as far as its announced length can be trusted.
    pub(crate) fn reserve_for(&self, body: &mut Vec<u8>) {
        let announced = self.announced().unwrap_or(0);
        body.reserve(usize::try_from(announced).unwrap_or(FIRST).min(FIRST));
    }

    /// The whole body without a copy, where the server read it ahead.
    pub(crate) fn take_ready(&mut self) -> Option<Vec<u8>> {
        let whole = self.ready_at == 0
            && !self.ready.is_empty()
            && self.decoder.is_done()
            && self.run.is_empty();
        whole.then(|| std::mem::take(&mut self.ready))
    }

    /// Decodes until there is a run of body bytes, or the body ends. Chunk sizes and trailers may fill whole reads: one
    /// read is not always enough.
    fn advance(&mut self) -> io::Result<()> {
        loop {
            if let Some(fault) = self.fault {
                return Err(fault.into());
            }
            if !self.run.is_empty() || self.decoder.is_done() {
                return Ok(());
            }
            let (source, at) = match self.source {
                BodySource::Raw => (self.raw, &mut self.raw_at),
                BodySource::More => (
                    self.more.get(..self.more_end).unwrap_or_default(),
                    &mut self.more_at,
                ),
            };
            let input = source.get(*at..).unwrap_or_default();
            if input.is_empty() {
                self.fill()?;
                continue;
            }
            match self.decoder.decode(input) {
                Ok(decoded) => {
                    let size = decoded.data.len() as u64;
                    let Some(allowed) = self.allowed.checked_sub(size) else {
                        return Err(self.fail(BodyError::OverLimit));
                    };
                    self.allowed = allowed;
                    self.run = *at + decoded.data.start..*at + decoded.data.end;
                    *at += decoded.consumed;
                    if decoded.done {
                        self.exchange.unread.store(0, Ordering::Relaxed);
                    }
                }
                Err(error) => return Err(self.fail(BodyError::Malformed(error.message()))),
            }
        }
    }

    /// Reads from the connection into the own buffer. A body of announced length is never read beyond its end.
    fn fill(&mut self) -> io::Result<()> {
        self.source = BodySource::More;
        self.more_at = 0;
        let rest = self.decoder.remaining_hint();
        let rest = rest.map_or(usize::MAX, |rest| {
            usize::try_from(rest).unwrap_or(usize::MAX)
        });
        let mut more = std::mem::take(&mut self.more);
        let size = match more.len() {
            0 => READ,
            size if size == self.more_end => LARGEST_READ.min(2 * size),
            size => size,
        };
        let size = size.min(rest);
        if more.len() < size {
            more.resize(size, 0);
        }
        let read = self.receive(more.get_mut(..size).unwrap_or_default());
        self.more_end = *read.as_ref().unwrap_or(&0);
        self.more = more;
        read.map(drop)
    }

    /// Reads some bytes from the connection; there is at least one.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.exchange.is_late() {
            return Err(self.fail(BodyError::TooLate));
        }
        self.invite()?;
        match self.exchange.transport.read(buffer) {
            Ok(0) => Err(self.fail(BodyError::CutShort)),
            Ok(read) => {
                let left = self
                    .decoder
                    .remaining_hint()
                    .map_or(1, |left| left.saturating_sub(read as u64));
                self.exchange.unread.store(left, Ordering::Relaxed);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                let is_late = self.exchange.is_late();
                Err(self.fail(if is_late {
                    BodyError::TooLate
                } else {
                    BodyError::TooSlow
                }))
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                Err(self.fail(BodyError::CutShort))
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(self.fail(BodyError::TooLarge))
            }
            Err(error) => Err(self.fail(BodyError::Other(error.kind()))),
        }
    }

    /// Sends `100 Continue` to a client that waits for it. Reads do so by themselves. A caller that waits for the
    /// socket before its first read has to call this, or both sides wait.
    pub(crate) fn invite(&mut self) -> io::Result<()> {
        if self.exchange.awaits_continue.swap(false, Ordering::Relaxed)
            && !self.exchange.committed.load(Ordering::Relaxed)
            && let Err(error) = self.exchange.transport.write(CONTINUE, &[])
        {
            return Err(self.fail(BodyError::Other(error.kind())));
        }
        Ok(())
    }

    /// Whether a read gives bytes, or the end, without waiting for the client. This holds only for a body of announced
    /// length: the bytes at hand of a chunked body may all be framing.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn is_at_hand(&self) -> bool {
        self.has_run()
            || self.fault.is_some()
            || self.decoder.is_done()
            || self.raw_at < self.raw.len()
            || self.more_at < self.more_end
    }

    fn fail(&mut self, fault: BodyError) -> io::Error {
        self.fault = Some(fault);
        self.exchange.force_close();
        fault.into()
    }

    fn has_run(&self) -> bool {
        self.ready_at < self.ready.len() || !self.run.is_empty()
    }
}

/// [`Read::read`] of a reader that has a buffer.
#[inline]
pub(crate) fn read_buffered(reader: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
    let run = reader.fill_buf()?;
    let size = run.len().min(buffer.len());
    if let (Some(to), Some(from)) = (buffer.get_mut(..size), run.get(..size)) {
        to.copy_from_slice(from);
    }
    reader.consume(size);
    Ok(size)
}

impl BufRead for BodyReader<'_> {
    // Inlined into `read`, which calls it for each piece: 30 instructions less.
    #[inline(always)]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ready_at < self.ready.len() {
            return Ok(self.ready.get(self.ready_at..).unwrap_or_default());
        }
        self.advance()?;
        let source = match self.source {
            BodySource::Raw => self.raw,
            BodySource::More => &self.more,
        };
        Ok(source.get(self.run.clone()).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if self.ready_at < self.ready.len() {
            self.ready_at = self.ready.len().min(self.ready_at + amount);
        } else {
            self.run.start = self.run.end.min(self.run.start + amount);
        }
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let direct = !self.has_run()
            && self.fault.is_none()
            && self.raw_at == self.raw.len()
            && self.more_at == self.more_end;
        // A body of known length has no framing in it: read straight into the caller's buffer, without a copy. But not
        // a long one in small pieces, such as those of `io::copy`: a copy costs less than a call of the system.
        let is_small = |rest| (1..READ).contains(&buffer.len()) && (buffer.len() as u64) < rest;
        if let (true, Some(rest @ 1..)) = (direct, self.decoder.remaining_hint())
            && !is_small(rest)
        {
            let size = usize::try_from(rest)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let Some(buffer) = buffer.get_mut(..size).filter(|buffer| !buffer.is_empty()) else {
                return Ok(0);
            };
            let read = self.receive(buffer)?;
            let _ = self.decoder.decode(buffer.get(..read).unwrap_or_default());
            return Ok(read);
        }
        read_buffered(self, buffer)
    }
}

impl From<BodyError> for io::Error {
    fn from(fault: BodyError) -> Self {
        match fault {
            BodyError::Malformed(message) => io::Error::new(
                io::ErrorKind::InvalidData,
                Error::new(400)
                    .message("Bad request body")
                    .explain(message)
                    .close(),
            ),
            BodyError::CutShort => io::Error::new(
                io::ErrorKind::UnexpectedEof,
                Error::new(400)
                    .message("Request body cut short")
                    .explain("the client ended the connection before the body was whole")
                    .close(),
            ),
            BodyError::TooSlow => io::Error::new(
                io::ErrorKind::TimedOut,
                Error::new(408)
                    .explain("the request body came too slowly")
                    .close(),
            ),
            BodyError::TooLate => {
                io::Error::new(io::ErrorKind::TimedOut, DeadlineExceeded::of_request())
            }
            BodyError::TooLarge => io::Error::new(
                io::ErrorKind::FileTooLarge,
                Error::new(413)
                    .explain("the body is longer than what is collected before the handler runs")
                    .close(),
            ),
            BodyError::OverLimit => io::Error::new(
                io::ErrorKind::FileTooLarge,
                Error::new(413)
                    .explain("the body is longer than it may be here")
                    .close(),
            ),
            BodyError::Other(kind) => kind.into(),
        }
    }
}

impl fmt::Debug for BodyReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader")
            .field("announced", &self.announced())
            .finish_non_exhaustive()
    }
}
