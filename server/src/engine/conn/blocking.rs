//! The connection as a handler that streams sees it.

use crate::connection::time_limit::DeadlineCell;
#[cfg(feature = "live")]
use crate::connection::transport::Awaited;
use crate::connection::transport::Transport;
use crate::engine::conn::meter::Meter;
use crate::engine::conn::pace::Pace;
use crate::engine::net::poller::{Poller, SystemPoller};
use crate::engine::net::socket::Socket;
use crate::engine::shared::Shared;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The connection of a handler that streams: it waits, within the deadlines.
pub(super) struct Blocking<'t> {
    pub(super) socket: &'t Socket,
    shared: &'t Shared,
    read: Mutex<Meter>,
    written: Mutex<Meter>,
    unwritten: AtomicU64,
    /// Of the request in hand.
    deadline: DeadlineCell,
    /// Where the socket is registered, if it is and the handler may wait for it.
    poller: Option<&'t SystemPoller>,
    waits: AtomicU32,
    muted: AtomicBool,
}

/// The wait behind so many others is the first of which the loop hears nothing.
const LOUD_WAITS: u32 = 1;

impl<'t> Blocking<'t> {
    pub(super) fn new(socket: &'t Socket, shared: &'t Shared) -> Self {
        Self {
            socket,
            shared,
            read: Mutex::default(),
            written: Mutex::default(),
            unwritten: AtomicU64::new(0),
            deadline: DeadlineCell::new(),
            poller: None,
            waits: AtomicU32::new(0),
            muted: AtomicBool::new(false),
        }
    }

    /// The same where a handler may wait, whose loop should not.
    pub(super) fn registered(
        socket: &'t Socket,
        shared: &'t Shared,
        poller: &'t SystemPoller,
    ) -> Self {
        Self {
            poller: Some(poller),
            ..Self::new(socket, shared)
        }
    }

    /// Whether the socket has to be registered anew, for its loop to hear of it again.
    pub(super) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    /// What the socket has to say is for the handler now. Each edge would wake the loop as well, which has no use for
    /// it. Not at the first wait: most handlers that wait for their socket do so once, on the loop.
    fn keep_for_the_handler(&self) {
        if let Some(poller) = self.poller
            && self.waits.fetch_add(1, Ordering::Relaxed) == LOUD_WAITS
            && poller.mute(self.socket)
        {
            self.muted.store(true, Ordering::Relaxed);
        }
    }

    /// Waits for the socket until the peer has been silent or too slow for too long. False: it has been. Then the
    /// socket is to be tried once more, since it may have moved without a word: Linux reports room only when a third
    /// of what waited has gone.
    fn wait(&self, write: bool) -> io::Result<bool> {
        let patience = self.patience(write);
        let step = self.shared.clock.step(patience);
        self.keep_for_the_handler();
        match self.socket.wait(write, step, &self.shared.cut) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(step < patience),
            waited => waited.map(|()| true),
        }
    }

    fn patience(&self, write: bool) -> Duration {
        let pace = if write {
            Pace::of_response(&self.shared.limits)
        } else {
            Pace::of_body(&self.shared.limits)
        };
        let now = self.shared.clock.now();
        let patience = self.meter(write).wait(pace, now);
        self.deadline.shorten(patience, now)
    }

    fn meter(&self, write: bool) -> MutexGuard<'_, Meter> {
        let meter = if write { &self.written } else { &self.read };
        meter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something came, but nothing for the reader: as long as there is time.
    #[cfg(feature = "tls")]
    fn goes_on_reading(&self) -> io::Result<()> {
        self.fail_if_cut()?;
        if self.patience(false).is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl Transport for Blocking<'_> {
    #[cfg(all(unix, feature = "cgi"))]
    fn watch(&self, awaits: bool) -> Option<crate::connection::transport::Watch<'_>> {
        use std::os::fd::AsFd as _;
        self.keep_for_the_handler();
        let budget = if awaits {
            self.patience(false)
        } else {
            self.meter(false).pause(&self.shared.clock);
            Duration::MAX
        };
        Some(crate::connection::transport::Watch {
            socket: self.socket.as_fd(),
            at_hand: self.socket.has_more(),
            cut: self.shared.cut.as_fd(),
            budget,
        })
    }

    fn is_connected(&self) -> bool {
        !self.shared.cut.is_cut() && !self.socket.has_ended()
    }

    fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    fn bound(&self, deadline: Option<Instant>) {
        self.deadline.set(deadline);
    }

    fn unwritten(&self) -> u64 {
        self.unwritten.load(Ordering::Relaxed)
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fail_if_cut()?;
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
                    self.meter(false).moved(size, &self.shared.clock);
                    return Ok(size);
                }
                Err(error) => return Err(error),
            }
        }
    }

    #[cfg(feature = "live")]
    fn wait_input(&self, within: Duration) -> io::Result<Awaited> {
        let Shared {
            clock, cut, ending, ..
        } = self.shared;
        let began = clock.now();
        loop {
            self.fail_if_cut()?;
            if ending.is_cut() {
                return Ok(Awaited::ServersEnd);
            }
            if self.socket.has_more() {
                return Ok(Awaited::Input);
            }
            let left = within.saturating_sub(clock.now().duration_since(began));
            if left.is_zero() {
                return Ok(Awaited::Nothing);
            }
            let step = clock.step(left);
            self.keep_for_the_handler();
            match self.socket.wait_for_input(step, [cut, ending]) {
                Ok(true) => return Ok(Awaited::Input),
                Ok(false) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        let written = self.write_all(&mut first, &mut second);
        let left = (first.len() + second.len()) as u64;
        self.unwritten.store(left, Ordering::Relaxed);
        written
    }
}

impl Blocking<'_> {
    /// From the server's end on nothing is read or written any more, whether or not there would be a wait.
    fn fail_if_cut(&self) -> io::Result<()> {
        if self.shared.cut.is_cut() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    fn write_all(&self, first: &mut &[u8], second: &mut &[u8]) -> io::Result<()> {
        let mut in_time = true;
        let mut records = self.socket.record_bytes_sent();
        while !(first.is_empty() && second.is_empty()) {
            self.fail_if_cut()?;
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
                    self.meter(true).moved(size, &self.shared.clock);
                    let head = size.min(first.len());
                    *first = first.get(head..).unwrap_or_default();
                    *second = second.get(size - head..).unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}
