//! The connection as a handler that streams sees it.

use crate::Limits;
use crate::connection::transport::Transport;
use crate::engine::net::abort::AbortSignal;
use crate::engine::net::socket::Socket;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The connection of a handler that streams: it waits, within the deadlines.
pub(super) struct Blocking<'t> {
    pub(super) socket: &'t Socket,
    limits: &'t Limits,
    cut: &'t AbortSignal,
    /// When reading began, and how much has come; the same for writing.
    read: Mutex<Option<(Instant, u64)>>,
    written: Mutex<Option<(Instant, u64)>>,
}

impl<'t> Blocking<'t> {
    pub(super) fn new(socket: &'t Socket, limits: &'t Limits, cut: &'t AbortSignal) -> Self {
        Self {
            socket,
            limits,
            cut,
            read: Mutex::new(None),
            written: Mutex::new(None),
        }
    }

    /// Waits for the socket, at most until the progress deadline or until the rate is too low.
    fn wait(&self, write: bool, progress: &Mutex<Option<(Instant, u64)>>) -> io::Result<()> {
        let (silence, budget) = self.patience(write, progress);
        self.socket.wait(write, silence.min(budget), self.cut)
    }

    /// How long the peer may be silent, and how long it may go on at its rate so far.
    fn patience(
        &self,
        write: bool,
        progress: &Mutex<Option<(Instant, u64)>>,
    ) -> (Duration, Duration) {
        let limits = self.limits;
        let (idle, grace, rate) = if write {
            (limits.write_progress, limits.write_grace, limits.write_rate)
        } else {
            (limits.body_progress, limits.body_grace, limits.body_rate)
        };
        let (began, moved) = *progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert((Instant::now(), 0));
        let budget = (grace + at_rate(moved, rate)).saturating_sub(began.elapsed());
        (idle, budget)
    }

    /// Something came, but nothing for the reader: as long as there is time.
    #[cfg(feature = "tls")]
    fn goes_on_reading(&self) -> io::Result<()> {
        if self.cut.is_cut() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut progress = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, moved) = *progress.get_or_insert((Instant::now(), 0));
        let time = self.limits.body_grace + at_rate(moved, self.limits.body_rate);
        if began.elapsed() > time {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    fn moved(progress: &Mutex<Option<(Instant, u64)>>, size: usize) {
        if let Some((_, moved)) = progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
        {
            *moved += size as u64;
        }
    }
}

impl Transport for Blocking<'_> {
    #[cfg(all(unix, feature = "cgi"))]
    fn watch(&self) -> Option<crate::connection::transport::Watch<'_>> {
        use std::os::fd::AsFd as _;
        let (silence, budget) = self.patience(false, &self.read);
        Some(crate::connection::transport::Watch {
            socket: self.socket.as_fd(),
            at_hand: self.socket.has_more(),
            cut: self.cut.as_fd(),
            silence,
            budget,
        })
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.socket.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait(false, &self.read)?
                }
                #[cfg(feature = "tls")]
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.goes_on_reading()?
                }
                Ok(size) => {
                    Self::moved(&self.read, size);
                    return Ok(size);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        while !(first.is_empty() && second.is_empty()) {
            match self.socket.write_both(first, second) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait(true, &self.written)?
                }
                Err(error) => return Err(error),
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(size) => {
                    Self::moved(&self.written, size);
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
