//! The connection as a handler that streams sees it.

use crate::Limits;
use crate::connection::transport::Transport;
use crate::engine::net::abort::AbortSignal;
use crate::engine::net::socket::Socket;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The connection of a handler that streams: it waits, within the deadlines.
pub(super) struct Blocking<'t> {
    pub(super) socket: &'t Socket,
    limits: &'t Limits,
    cut: &'t AbortSignal,
    read: Mutex<Meter>,
    written: Mutex<Meter>,
}

/// What a peer made of the time in which it alone was waited for. Time that the handler takes for itself is not
/// counted: a stream that has little to say is not a client that takes little.
#[derive(Default)]
struct Meter {
    waited: Duration,
    moved: u64,
    /// Since when somebody waits, if anybody does.
    since: Option<Instant>,
}

impl Meter {
    fn waits(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    fn waited(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// How long the peer may go on at its rate so far.
    fn budget(&self, grace: Duration, rate: u32) -> Duration {
        let now = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        (grace + at_rate(self.moved, rate)).saturating_sub(self.waited + now)
    }
}

impl<'t> Blocking<'t> {
    pub(super) fn new(socket: &'t Socket, limits: &'t Limits, cut: &'t AbortSignal) -> Self {
        Self {
            socket,
            limits,
            cut,
            read: Mutex::default(),
            written: Mutex::default(),
        }
    }

    /// Waits for the socket until the peer has been silent or too slow for too long. False: it has been. Then the
    /// socket is to be tried once more, since it may have moved without a word: Linux reports room only when a third
    /// of what waited has gone.
    fn wait(&self, write: bool) -> io::Result<bool> {
        let timeout = self.silence(write).min(self.budget(write));
        match self.socket.wait(write, timeout, self.cut) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(false),
            waited => waited.map(|()| true),
        }
    }

    /// How long the peer may be silent.
    fn silence(&self, write: bool) -> Duration {
        if write {
            self.limits.send_timeout
        } else {
            self.limits.body_timeout
        }
    }

    fn budget(&self, write: bool) -> Duration {
        let limits = self.limits;
        let mut meter = self.meter(write);
        meter.waits();
        if write {
            meter.budget(limits.send_rate_grace, limits.min_send_rate)
        } else {
            meter.budget(limits.body_rate_grace, limits.min_body_rate)
        }
    }

    fn meter(&self, write: bool) -> MutexGuard<'_, Meter> {
        let meter = if write { &self.written } else { &self.read };
        meter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moved(&self, write: bool, size: usize) {
        let mut meter = self.meter(write);
        meter.waited();
        meter.moved += size as u64;
    }

    /// Something came, but nothing for the reader: as long as there is time.
    #[cfg(feature = "tls")]
    fn goes_on_reading(&self) -> io::Result<()> {
        if self.cut.is_cut() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.budget(false).is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl Transport for Blocking<'_> {
    #[cfg(all(unix, feature = "cgi"))]
    fn watch(&self, awaits: bool) -> Option<crate::connection::transport::Watch<'_>> {
        use std::os::fd::AsFd as _;
        if !awaits {
            self.meter(false).waited();
        }
        Some(crate::connection::transport::Watch {
            socket: self.socket.as_fd(),
            at_hand: self.socket.has_more(),
            cut: self.cut.as_fd(),
            silence: self.silence(false),
            budget: if awaits {
                self.budget(false)
            } else {
                Duration::MAX
            },
        })
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut in_time = true;
        loop {
            match self.socket.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !in_time {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    in_time = self.wait(false)?;
                }
                #[cfg(feature = "tls")]
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.goes_on_reading()?
                }
                Ok(size) => {
                    self.moved(false, size);
                    return Ok(size);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        let mut in_time = true;
        let mut records = self.socket.record_bytes_sent();
        while !(first.is_empty() && second.is_empty()) {
            match self.socket.write_both(first, second) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // A part of a record counts as well.
                    let sent = self.socket.record_bytes_sent();
                    in_time |= std::mem::replace(&mut records, sent) != sent;
                    if !in_time {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    in_time = self.wait(true)?;
                }
                Err(error) => return Err(error),
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(size) => {
                    in_time = true;
                    self.moved(true, size);
                    let head = size.min(first.len());
                    first = first.get(head..).unwrap_or_default();
                    second = second.get(size - head..).unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}

/// The time that so many bytes may take.
pub(super) fn at_rate(bytes: u64, rate: u32) -> Duration {
    match rate {
        0 => Duration::from_secs(u32::MAX.into()),
        rate => Duration::from_millis(bytes.saturating_mul(1000) / u64::from(rate)),
    }
}
