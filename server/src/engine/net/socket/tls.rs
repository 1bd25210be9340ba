//! TLS between a socket and its connection: the handshake, records, the end.
//!
//! Nothing here waits. The handshake is a part of reading: until it is done a read finds nothing, as on a socket that
//! nobody has sent on, and the connection's deadline is that of the handshake. Memory is bounded by a few records in
//! each direction.

use crate::engine::net::socket::Socket;
use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes read from the socket at once: a record.
const READ: usize = 16 << 10;

/// Reads in one call that lead to no plaintext, before others get their turn.
const READS: usize = 16;

/// Plaintext that is encrypted at once, in whole records: what leaves together costs the fewest packets.
const PIECE: usize = 64 << 10;

/// The same behind a write for which there was no room: that many bytes more are held then.
const SMALL_PIECE: usize = 32 << 10;

/// A socket that speaks TLS.
#[derive(Debug)]
pub(crate) struct TlsSocket {
    pub(super) raw: Socket,
    /// Whoever holds the connection has it alone: nobody ever waits here.
    state: Mutex<TlsState>,
}

/// Why a read failed that did not fail for the socket's sake.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TlsFailure {
    /// The client speaks plain HTTP: what has come of it.
    PlainHttp(Vec<u8>),
    /// What it says is no TLS, or against its rules. It was told so by an alert.
    Violation,
}

#[derive(Debug)]
struct TlsState {
    phase: Phase,
    /// Read from the socket and not yet looked at, from `at` on.
    ahead: Vec<u8>,
    at: usize,
    /// Plaintext that waits to be read.
    plain: usize,
    /// The socket had nothing more when it was last read.
    drained: bool,
    /// The socket has ended.
    ended: bool,
    /// The client has said that it sends no more.
    finished: bool,
    /// The rules were broken.
    broken: bool,
    /// The handshake's end was told.
    told: bool,
    /// Plaintext that is encrypted, but has not all left: it counts as written when it has. What is written next
    /// begins with the same bytes.
    accepted: usize,
    /// Bytes of records that have left.
    sent: u64,
    /// What was encrypted last leaves together with what follows.
    corked: bool,
    /// The end of the handshake leaves together with what follows, since a request came with it.
    tickets: bool,
    /// There was no room for all that was written.
    slow: bool,
    /// What was written is not whole, and must not look so.
    cut: bool,
}

enum Phase {
    /// No byte has come yet.
    Fresh(Arc<ServerConfig>),
    /// In the handshake, or behind it.
    Open(Box<ServerConnection>),
    /// The client does not speak TLS: it is told so in plain text. What it sends is thrown away.
    Plain(Vec<u8>),
    /// Nothing more is written, and what comes is thrown away.
    Over,
}

/// Marked `#[cold]` although a TLS connection calls it often: this keeps the branches for TLS out of the hot path of
/// plain TCP.
impl TlsSocket {
    pub(crate) fn new(raw: Socket, config: Arc<ServerConfig>) -> Self {
        Self {
            raw,
            state: Mutex::new(TlsState {
                phase: Phase::Fresh(config),
                ahead: Vec::new(),
                at: 0,
                plain: 0,
                drained: true,
                ended: false,
                finished: false,
                broken: false,
                told: false,
                accepted: 0,
                sent: 0,
                corked: false,
                tickets: false,
                slow: false,
                cut: false,
            }),
        }
    }

    /// As a socket's. An error of kind `Interrupted`: records came, but nothing in them, and there may be more.
    #[cold]
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lock().read(&self.raw, buffer)
    }

    /// Whether a read would find something that the socket does not know of.
    #[cold]
    pub(crate) fn has_more(&self) -> bool {
        self.lock().has_more()
    }

    #[cold]
    pub(crate) fn has_input(&self) -> bool {
        self.has_more() || self.raw.has_input()
    }

    #[cold]
    pub(crate) fn write(&self, first: &[u8], second: &[u8], more: bool) -> io::Result<usize> {
        self.lock().write(&self.raw, first, second, more)
    }

    #[cold]
    pub(crate) fn send_file(&self, file: &File, offset: u64, left: u64) -> io::Result<usize> {
        self.lock().send_file(&self.raw, file, offset, left)
    }

    /// Says that nothing follows, if everything that was begun is whole. False: there is no room for that now.
    #[cold]
    pub(crate) fn notify_close(&self) -> bool {
        self.lock().notify_close(&self.raw)
    }

    /// The same, and ends the writing side. What is not whole is not said to be.
    pub(crate) fn finish(&self, is_whole: bool) {
        let mut state = self.lock();
        if is_whole && !state.notify_close(&self.raw) && state.corked {
            // It never will be.
            self.raw.reset();
        }
        state.cut |= !is_whole;
        state.phase = Phase::Over;
        self.raw.finish(is_whole);
    }

    pub(crate) fn reset(&self) {
        self.lock().cut = true;
        self.raw.reset();
    }

    /// Why the last read failed.
    pub(crate) fn fault(&self) -> Option<TlsFailure> {
        let state = self.lock();
        match &state.phase {
            Phase::Plain(bytes) => Some(TlsFailure::PlainHttp(bytes.clone())),
            _ => state.broken.then_some(TlsFailure::Violation),
        }
    }

    /// Whether the handshake has ended since this was last asked.
    #[cold]
    pub(crate) fn has_opened(&self) -> bool {
        let mut state = self.lock();
        let opened =
            matches!(&state.phase, Phase::Open(connection) if !connection.is_handshaking());
        opened && !std::mem::replace(&mut state.told, true)
    }

    #[cold]
    pub(crate) fn record_bytes_sent(&self) -> u64 {
        self.lock().sent
    }

    fn lock(&self) -> MutexGuard<'_, TlsState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TlsState {
    fn read(&mut self, raw: &Socket, buffer: &mut [u8]) -> io::Result<usize> {
        if let Phase::Fresh(config) = &self.phase {
            let config = Arc::clone(config);
            self.begin(raw, config)?;
        }
        if let Phase::Plain(_) | Phase::Over = self.phase {
            return raw.read(buffer);
        }
        self.flush_quietly(raw);
        let mut got = 0;
        let mut reads = 0;
        loop {
            got += self.take(buffer.get_mut(got..).unwrap_or_default())?;
            // Short, and nothing is hidden here: then the socket reports what comes next.
            let is_enough = got == buffer.len() || got > 0 && self.drained;
            let is_over = self.finished || self.broken || self.ended;
            if got > 0 && self.at == self.ahead.len() && (is_enough || is_over)
                || got == buffer.len()
            {
                return Ok(got);
            }
            if self.at < self.ahead.len() && !is_over {
                self.decrypt(raw);
            } else if self.finished {
                return Ok(0);
            } else if self.broken || self.ended {
                // Without the alert that says so, somebody may have cut off what follows (RFC 8446 section 6.1).
                return Err(io::ErrorKind::ConnectionReset.into());
            } else if reads == READS {
                return match got {
                    0 => Err(io::ErrorKind::Interrupted.into()),
                    got => Ok(got),
                };
            } else {
                reads += 1;
                match self.fetch(raw) {
                    Err(_) if got > 0 => return Ok(got),
                    fetched => fetched?,
                }
            }
        }
    }

    /// Looks at the first byte: a record of a handshake begins with 22, a request with a letter.
    fn begin(&mut self, raw: &Socket, config: Arc<ServerConfig>) -> io::Result<()> {
        self.fetch(raw)?;
        match self.ahead.first() {
            None => Err(io::ErrorKind::ConnectionReset.into()),
            Some(byte) if byte.is_ascii_alphabetic() => {
                self.phase = Phase::Plain(std::mem::take(&mut self.ahead));
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Some(_) => {
                let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
                // A piece is the limit.
                connection.set_buffer_limit(None);
                self.phase = Phase::Open(Box::new(connection));
                Ok(())
            }
        }
    }

    /// Reads the socket once.
    fn fetch(&mut self, raw: &Socket) -> io::Result<()> {
        let mut bytes = [0; READ];
        match raw.read(&mut bytes) {
            Ok(size) => {
                self.drained = size < READ;
                self.ended = size == 0;
                self.at = 0;
                self.ahead.clear();
                self.ahead
                    .extend_from_slice(bytes.get(..size).unwrap_or_default());
                Ok(())
            }
            Err(error) => {
                self.drained = true;
                // A socket tells an error once.
                self.ended = error.kind() != io::ErrorKind::WouldBlock;
                Err(error)
            }
        }
    }

    /// Decrypts some of what was read. There is no plaintext left when it is called, so there is room for more.
    fn decrypt(&mut self, raw: &Socket) {
        let Phase::Open(connection) = &mut self.phase else {
            return;
        };
        let handshakes = connection.is_handshaking();
        let mut rest = self.ahead.get(self.at..).unwrap_or_default();
        let before = rest.len();
        let taken = connection.read_tls(&mut rest);
        self.at += before - rest.len();
        match connection.process_new_packets() {
            Ok(state) => {
                self.plain = state.plaintext_bytes_to_read();
                self.finished = state.peer_has_closed();
                // What comes behind the end is ignored.
                self.broken = !self.finished && !matches!(taken, Ok(1..));
            }
            Err(_) => {
                self.plain = 0;
                self.broken = true;
            }
        }
        // Of version 1.3 these are tickets, which nobody waits for, and the response is not far.
        self.tickets = handshakes
            && self.plain > 0
            && !connection.is_handshaking()
            && connection.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if self.finished || self.broken {
            self.at = self.ahead.len();
        }
        if self.at == self.ahead.len() {
            // An idle connection keeps no buffer.
            self.ahead = Vec::new();
            self.at = 0;
        }
        if !self.tickets {
            self.flush_quietly(raw);
        }
    }

    /// Takes plaintext that is there.
    fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Phase::Open(connection) = &mut self.phase else {
            return Ok(0);
        };
        if self.plain == 0 || buffer.is_empty() {
            return Ok(0);
        }
        let size = match connection.reader().read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            read => read?,
        };
        self.plain = if size == 0 {
            0
        } else {
            self.plain.saturating_sub(size)
        };
        Ok(size)
    }

    fn has_more(&self) -> bool {
        match self.phase {
            Phase::Open(_) => {
                self.plain > 0
                    || self.at < self.ahead.len()
                    || !self.drained
                    || self.finished
                    || self.broken
                    || self.ended
            }
            _ => false,
        }
    }

    fn write(
        &mut self,
        raw: &Socket,
        first: &[u8],
        second: &[u8],
        more: bool,
    ) -> io::Result<usize> {
        let corked = std::mem::take(&mut self.corked);
        let tickets = std::mem::take(&mut self.tickets);
        if self.accepted == 0 {
            if !tickets && (!corked || more) {
                self.flush(raw)?;
            }
            let connection = match &mut self.phase {
                Phase::Open(connection) if !connection.is_handshaking() && !self.broken => {
                    connection
                }
                Phase::Plain(_) => return raw.write_both(first, second),
                _ => return Err(io::ErrorKind::BrokenPipe.into()),
            };
            let piece = if self.slow { SMALL_PIECE } else { PIECE };
            let first = first.get(..piece).unwrap_or(first);
            let second = second.get(..piece - first.len()).unwrap_or(second);
            let parts = [IoSlice::new(first), IoSlice::new(second)];
            let size = connection.writer().write_vectored(&parts)?;
            if more {
                self.corked = true;
                return Ok(size);
            }
            self.accepted = size;
        }
        self.flush(raw)?;
        Ok(std::mem::take(&mut self.accepted))
    }

    fn send_file(
        &mut self,
        raw: &Socket,
        file: &File,
        offset: u64,
        left: u64,
    ) -> io::Result<usize> {
        if self.accepted > 0 || !self.corked {
            self.flush(raw)?;
        }
        if self.accepted > 0 {
            return Ok(std::mem::take(&mut self.accepted));
        }
        let mut piece = [0; SMALL_PIECE];
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let read = super::read_at(file, piece.get_mut(..size).unwrap_or_default(), offset)?;
        match read {
            0 => Ok(0),
            read => self.write(raw, piece.get(..read).unwrap_or_default(), &[], false),
        }
    }

    fn notify_close(&mut self, raw: &Socket) -> bool {
        if self.cut || self.broken || self.accepted > 0 {
            return true;
        }
        match &mut self.phase {
            Phase::Open(connection) if !connection.is_handshaking() => {
                connection.send_close_notify();
            }
            _ => return true,
        }
        let flushed = self.flush(raw);
        self.corked &= flushed.is_err();
        !flushed.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Writes records that are ready, until there are none.
    fn flush(&mut self, raw: &Socket) -> io::Result<()> {
        if let Phase::Open(connection) = &mut self.phase {
            while connection.wants_write() {
                match connection.write_tls(&mut Records(raw)) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(size) => self.sent += size as u64,
                    Err(error) => {
                        self.slow |= error.kind() == io::ErrorKind::WouldBlock;
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// The same for what nobody waits for: what does not go now goes with the next call, and an error shows there.
    fn flush_quietly(&mut self, raw: &Socket) {
        let _ = self.flush(raw);
    }
}

/// What rustls writes its records to.
struct Records<'s>(&'s Socket);

impl Write for Records<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes, false)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match parts {
            [part] => self.0.write(part, false),
            parts => self.0.write_vectored(parts),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fresh(_) => "Fresh",
            Self::Open(_) => "Open",
            Self::Plain(_) => "Plain",
            Self::Over => "Over",
        })
    }
}
