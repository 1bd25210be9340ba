//! Between a script and its client: one thread, one wait for everything that may happen, and a deadline for all of it.
//!
//! The script's pipes never block. So a script that reads nothing, writes before it reads, or ends at once, holds up
//! nobody.

use crate::Handler;
use crate::cgi::CgiLimits;
use crate::cgi::process::{Ended, LOOK, Process, timespec};
use crate::cgi::stderr::StderrLines;
use crate::cgi::stdin::ScriptInput;
use crate::{Body, Error, Request};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::io::Errno;
use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

/// Bytes that are read from a script at once.
const OUTPUT: usize = 32 << 10;

/// Bytes that are read of its standard error at once, and how often when it has ended.
const ERRORS: usize = 4 << 10;
const LAST_READS: usize = 16;

/// Bytes of a request body in hand.
const INPUT: usize = 16 << 10;

/// What a script has written is kept for this long, in case that more of it or its end follows: most answers then
/// leave in one piece, with their length.
const COALESCE: Duration = Duration::from_millis(2);

/// When the server ends, scripts have this long between the two signals.
const LAST: Duration = Duration::from_millis(300);

/// Tells a client that has sent its last byte, where the system does.
#[cfg(target_os = "linux")]
const FINISHED: PollFlags = PollFlags::RDHUP;
#[cfg(not(target_os = "linux"))]
const FINISHED: PollFlags = PollFlags::empty();

/// What a script has to do in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RelayStage {
    /// To end its header; what it writes of it gives it no more time.
    Header,
    /// To go on.
    Body,
}

/// What came of waiting.
pub(super) enum RelayEvent<'b> {
    /// The script wrote this.
    Output(&'b [u8]),
    /// It wrote nothing for the time that was asked for.
    Quiet,
    /// It has ended, and all that it wrote was read.
    Ended,
}

/// Why it goes no further.
#[derive(Debug)]
pub(super) enum RelayError {
    ClientLeft,
    ServerEnds,
    /// The script does nothing.
    Silent,
    /// The request's body.
    Body(Error),
    System(io::Error),
}

/// One running script, with all that is on its way from and to the client.
pub(super) struct Relay<'r, 'h> {
    process: Process,
    script: String,
    hooks: &'h dyn Handler,
    limits: &'r CgiLimits,
    lines: StderrLines,
    buffer: Vec<u8>,
    /// Bytes on their way to the script.
    pending: Vec<u8>,
    at: usize,
    /// More of them are to be read from the request.
    streams: bool,
    /// The client's socket has something to read.
    readable: bool,
    ended: bool,
    server_ends: bool,
    /// When the script last took something, and when it last took or gave something.
    fed: Instant,
    moved: Instant,
    /// When the script closed its output.
    closed: Option<Instant>,
    /// When the client sent its last byte.
    finished: Option<Instant>,
}

impl<'r, 'h> Relay<'r, 'h> {
    pub(super) fn new(
        process: Process,
        input: ScriptInput,
        script: &str,
        hooks: &'h dyn Handler,
        limits: &'r CgiLimits,
    ) -> Self {
        let now = Instant::now();
        let streams = !input.is_whole();
        Self {
            process,
            script: script.to_owned(),
            hooks,
            limits,
            lines: StderrLines::new(limits.max_stderr_lines),
            buffer: vec![0; OUTPUT],
            pending: match input {
                ScriptInput::Memory(bytes) => bytes,
                _ => Vec::new(),
            },
            at: 0,
            streams,
            readable: false,
            ended: false,
            server_ends: false,
            fed: now,
            moved: now,
            closed: None,
            finished: None,
        }
    }

    /// Waits until the script has written something or has ended, and moves everything else meanwhile. `quiet`: how
    /// long the caller wants to wait.
    pub(super) fn next(
        &mut self,
        request: &mut Request<'_>,
        stage: RelayStage,
        quiet: Option<Duration>,
    ) -> Result<RelayEvent<'_>, RelayError> {
        let begun = Instant::now();
        // The caller may have waited for a slow client, for minutes: that is no time of the script's, which could not
        // go on.
        self.moved = begun;
        loop {
            self.feed(request)?;
            let now = Instant::now();
            let wait = self.patience(request, now, stage)?;
            let wait = match quiet {
                Some(quiet) => wait.min(quiet.saturating_sub(begun.elapsed())),
                None => wait,
            };
            let ready = self.wait(request, wait)?;
            if ready.errors {
                self.read_errors(request);
            }
            if ready.output {
                match self.read_output()? {
                    Some(0) => self.closed = Some(Instant::now()),
                    Some(size) => {
                        let output = self.buffer.get(..size).unwrap_or_default();
                        return Ok(RelayEvent::Output(output));
                    }
                    None => {}
                }
            }
            let is_read = self.process.output.is_none() && self.process.errors.is_none();
            if self.ended && (is_read || !ready.output && !ready.errors) {
                // What a script leaves running may hold its output open: that does not count.
                return Ok(RelayEvent::Ended);
            }
            if self
                .closed
                .is_some_and(|closed| closed.elapsed() >= self.limits.exit_timeout)
            {
                // There is nothing more to read, whatever it does.
                return Ok(RelayEvent::Ended);
            }
            if quiet.is_some_and(|quiet| begun.elapsed() >= quiet) {
                return Ok(RelayEvent::Quiet);
            }
        }
    }

    /// Passes the script's output on to its end, or to the end of `left` bytes; says how many of those did not come.
    pub(super) fn send(
        &mut self,
        request: &mut Request<'_>,
        body: &mut Body<'_>,
        mut left: Option<u64>,
    ) -> Result<u64, RelayError> {
        let mut held = true;
        while left != Some(0) {
            match self.next(request, RelayStage::Body, held.then_some(COALESCE))? {
                RelayEvent::Output(output) => {
                    body.write_all(output).map_err(|_| RelayError::ClientLeft)?;
                    left = left.map(|left| left.saturating_sub(output.len() as u64));
                    held = true;
                }
                RelayEvent::Quiet => {
                    body.flush().map_err(|_| RelayError::ClientLeft)?;
                    held = false;
                }
                RelayEvent::Ended => return Ok(left.unwrap_or(0)),
            }
        }
        body.flush().map_err(|_| RelayError::ClientLeft)?;
        self.let_end(request)?;
        Ok(0)
    }

    /// Reads and throws away what the script writes, at most so many bytes; the client gets its head meanwhile.
    pub(super) fn discard(
        &mut self,
        request: &mut Request<'_>,
        body: &mut Body<'_>,
        most: u64,
    ) -> Result<(), RelayError> {
        let mut left = most;
        let mut held = true;
        loop {
            match self.next(request, RelayStage::Body, held.then_some(COALESCE))? {
                RelayEvent::Output(output) => match left.checked_sub(output.len() as u64) {
                    Some(rest) => left = rest,
                    None => return Ok(()),
                },
                RelayEvent::Quiet => {
                    body.flush().map_err(|_| RelayError::ClientLeft)?;
                    held = false;
                }
                RelayEvent::Ended => return Ok(()),
            }
        }
    }

    /// Nothing more is wanted of the script: it has a little time to end by itself.
    pub(super) fn let_end(&mut self, request: &mut Request<'_>) -> Result<(), RelayError> {
        let begun = Instant::now();
        loop {
            let left = self.limits.exit_timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            if let RelayEvent::Ended = self.next(request, RelayStage::Body, Some(left))? {
                return Ok(());
            }
        }
    }

    /// Ends the script, and logs how it ended and what it had to say.
    pub(super) fn end(&mut self, request: &Request<'_>) -> Ended {
        let patience = if self.server_ends {
            LAST.min(self.limits.exit_timeout)
        } else {
            self.limits.exit_timeout
        };
        let by_itself = self.ended || self.process.has_ended();
        let code = self.process.end(by_itself, patience);
        // A pipe holds no more than these.
        for _ in 0..LAST_READS {
            if !self.read_errors(request) {
                break;
            }
        }
        let (script, hooks) = (&self.script, self.hooks);
        self.lines
            .end(&mut |line| hooks.log_error(request, format_args!("CGI script {script}: {line}")));
        match code {
            None if by_itself => Ended::Code,
            Some(code) if by_itself => {
                if code != 0 {
                    // As `http.server` words it, so that what reads its logs reads ours (CGI-23).
                    hooks.log_error(request, format_args!("CGI script exit code {code}"));
                }
                if code < 0 {
                    Ended::Signal(-code)
                } else {
                    Ended::Code
                }
            }
            _ => {
                hooks.log_error(request, format_args!("CGI script {script} was stopped"));
                Ended::Stopped
            }
        }
    }

    /// Gives the script what there is of the request's body, as far as nobody has to wait.
    fn feed(&mut self, request: &mut Request<'_>) -> Result<(), RelayError> {
        while let Some(input) = &self.process.input {
            if let Some(bytes) = self
                .pending
                .get(self.at..)
                .filter(|bytes| !bytes.is_empty())
            {
                match rustix::io::write(input, bytes) {
                    Ok(size) => {
                        self.at += size;
                        self.fed = Instant::now();
                        self.moved = self.fed;
                    }
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return Ok(()),
                    // The script does not want it.
                    Err(_) => self.stop_feeding(),
                }
            } else if !self.streams {
                self.stop_feeding();
            } else if std::mem::take(&mut self.readable)
                || request.body().is_at_hand()
                || request
                    .exchange
                    .transport
                    .watch(true)
                    .is_none_or(|watch| watch.at_hand)
            {
                self.pending.resize(INPUT, 0);
                self.at = 0;
                let read = request.body().read(&mut self.pending);
                let size = match read {
                    Ok(size) => size,
                    Err(error) => return Err(RelayError::Body(error.into())),
                };
                self.pending.truncate(size);
                self.streams = size > 0;
                // The script's time begins when it has something to do.
                self.fed = Instant::now();
                self.moved = self.fed;
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    fn stop_feeding(&mut self) {
        self.process.input = None;
        self.pending = Vec::new();
        self.at = 0;
        self.streams = false;
    }

    /// The script has just closed its output: most end then, and it is not worth being woken for each pipe that they
    /// leave.
    fn is_ending(&self) -> bool {
        self.process.handle().is_some()
            && self
                .closed
                .is_some_and(|closed| closed.elapsed() < COALESCE)
    }

    fn awaits_client(&self) -> bool {
        self.streams && self.process.input.is_some() && self.at == self.pending.len()
    }

    /// How long may be waited before something has to have happened; `Err` if that is over.
    fn patience(
        &self,
        request: &mut Request<'_>,
        now: Instant,
        stage: RelayStage,
    ) -> Result<Duration, RelayError> {
        if self.ended {
            return Ok(Duration::ZERO);
        }
        let left = |since: Instant, most: Duration| {
            most.saturating_sub(now.saturating_duration_since(since))
        };
        let watch = request.exchange.transport.watch(self.awaits_client());
        let mut wait = if let (true, Some(watch)) = (self.awaits_client(), watch) {
            let wait = watch.budget;
            if wait.is_zero() {
                return Err(RelayError::Body(
                    Error::new(408)
                        .explain("the request body came too slowly")
                        .close(),
                ));
            }
            wait
        } else {
            match stage {
                RelayStage::Header => left(self.fed, self.limits.header_timeout),
                RelayStage::Body => left(self.moved, self.limits.idle_timeout),
            }
        };
        if wait.is_zero() {
            return Err(RelayError::Silent);
        }
        if let Some(closed) = self.closed {
            wait = wait.min(left(closed, self.limits.exit_timeout));
            if self.is_ending() {
                wait = wait.min(COALESCE);
            }
        }
        if let Some(finished) = self.finished {
            // While the script writes, a failed write tells us that the client is gone.
            wait = wait.min(left(
                finished.max(self.moved),
                self.limits.half_close_timeout,
            ));
            if wait.is_zero() {
                return Err(RelayError::ClientLeft);
            }
        }
        if self.process.handle().is_none() {
            wait = wait.min(LOOK);
        }
        Ok(wait)
    }

    /// Waits for everything at once.
    fn wait(&mut self, request: &mut Request<'_>, most: Duration) -> Result<Ready, RelayError> {
        let watch = request.exchange.transport.watch(self.awaits_client());
        let process = &self.process;
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(6);
        let output = place(
            &mut fds,
            process.output.as_ref().map(AsFd::as_fd),
            PollFlags::IN,
        );
        let errors = process.errors.as_ref().filter(|_| !self.is_ending());
        let errors = place(&mut fds, errors.map(AsFd::as_fd), PollFlags::IN);
        let handle = process.handle().filter(|_| !self.ended);
        let handle = place(&mut fds, handle, PollFlags::IN);
        let has_pending = self.at < self.pending.len();
        let input = if has_pending {
            PollFlags::OUT
        } else {
            // To hear that the script has closed it.
            PollFlags::empty()
        };
        let input = place(&mut fds, process.input.as_ref().map(AsFd::as_fd), input);
        let mut client = PollFlags::empty();
        if self.awaits_client() {
            client |= PollFlags::IN;
        }
        if self.finished.is_none() {
            client |= FINISHED;
        }
        let client = place(&mut fds, watch.map(|watch| watch.socket), client);
        let cut = place(&mut fds, watch.map(|watch| watch.cut), PollFlags::IN);
        match poll(&mut fds, Some(&timespec(most))) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Ready::default()),
            Err(error) => return Err(RelayError::System(error.into())),
        }
        let came = |place: Option<usize>| {
            place
                .and_then(|place| fds.get(place))
                .map_or(PollFlags::empty(), PollFd::revents)
        };
        let (client, cut) = (came(client), came(cut));
        let ready = Ready {
            output: !came(output).is_empty(),
            errors: !came(errors).is_empty(),
        };
        let input_is_closed = came(input).intersects(PollFlags::ERR | PollFlags::HUP);
        let has_ended = match handle {
            Some(_) => !came(handle).is_empty(),
            None => !self.ended && process.handle().is_none() && process.has_ended(),
        };
        if !cut.is_empty() {
            self.server_ends = true;
            return Err(RelayError::ServerEnds);
        }
        // Of a client that is gone both directions are closed; what it still has to say is read with its body.
        if client.intersects(PollFlags::ERR | PollFlags::HUP) {
            return Err(RelayError::ClientLeft);
        }
        self.ended |= has_ended;
        self.readable |= client.contains(PollFlags::IN);
        if client.contains(FINISHED) && !FINISHED.is_empty() && self.finished.is_none() {
            self.finished = Some(Instant::now());
        }
        if input_is_closed {
            self.stop_feeding();
        }
        Ok(ready)
    }

    /// `None`: there was nothing after all.
    fn read_output(&mut self) -> Result<Option<usize>, RelayError> {
        let Some(output) = &self.process.output else {
            return Ok(None);
        };
        match rustix::io::read(output, &mut self.buffer[..]) {
            Ok(0) => {
                self.process.output = None;
                Ok(Some(0))
            }
            Ok(size) => {
                self.moved = Instant::now();
                Ok(Some(size))
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(RelayError::System(error.into())),
        }
    }

    /// Some of what is there: a script that floods its standard error does not keep the rest from its turn. False:
    /// there was nothing.
    fn read_errors(&mut self, request: &Request<'_>) -> bool {
        let mut piece = [0; ERRORS];
        let Some(errors) = &self.process.errors else {
            return false;
        };
        match rustix::io::read(errors, &mut piece[..]) {
            Ok(0) => self.process.errors = None,
            Ok(size) => {
                let (script, hooks) = (&self.script, self.hooks);
                self.lines
                    .take(piece.get(..size).unwrap_or_default(), &mut |line| {
                        hooks.log_error(request, format_args!("CGI script {script}: {line}"));
                    });
                return true;
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => self.process.errors = None,
        }
        false
    }
}

/// Adds a descriptor to those that are waited for; says which one it is.
fn place<'f>(
    fds: &mut Vec<PollFd<'f>>,
    fd: Option<BorrowedFd<'f>>,
    flags: PollFlags,
) -> Option<usize> {
    let fd = fd?;
    fds.push(PollFd::from_borrowed_fd(fd, flags));
    Some(fds.len() - 1)
}

/// What there is to read.
#[derive(Default)]
struct Ready {
    output: bool,
    errors: bool,
}
