//! A client that does what its plan says, and what it got for that.

use crate::link::Link;
use crate::plan::{Act, Plan};
use crate::site::Servers;
use doget_tests::answer;
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After so long a connection hangs. Nothing that works takes a fraction of it.
const PATIENCE: Duration = Duration::from_secs(90);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The server ended it.
    Clean,
    /// The same over TLS, without the alert that says so.
    Torn,
    /// The server reset it.
    Reset,
    /// The client left first.
    Left,
}

/// What happened on a connection, as its client saw it.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) received: Vec<u8>,
    /// Bytes of requests that were sent.
    pub(crate) sent: usize,
    /// The client has sent its end.
    pub(crate) finished: bool,
    /// Something could not be sent, since the server was gone.
    pub(crate) broken: bool,
    /// The request whose body was not sent, since its answer came first.
    pub(crate) withheld: Option<usize>,
    pub(crate) end: End,
}

impl Evidence {
    fn nothing(end: End) -> Self {
        Self {
            received: Vec::new(),
            sent: 0,
            finished: false,
            broken: false,
            withheld: None,
            end,
        }
    }
}

/// Does what the plan says. `may_refuse`: the server may be about to end.
///
/// # Errors
///
/// There is no connection, or nothing happens on it any more.
pub(crate) fn visit(
    servers: &Servers,
    plan: &Plan,
    config: &Arc<ClientConfig>,
    may_refuse: bool,
) -> Result<Evidence, String> {
    let link = match Link::open(servers, plan.way, config) {
        Ok(link) => link,
        Err(_) if may_refuse => return Ok(Evidence::nothing(End::Reset)),
        Err(error) => return Err(format!("no connection: {error}")),
    };
    let mut visit = Visit {
        plan,
        link,
        act: 0,
        until: None,
        answers: 0,
        read_to: 0,
        evidence: Evidence::nothing(End::Left),
    };
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(end) = visit.step() {
            visit.evidence.end = end;
            return Ok(visit.evidence);
        }
    }
    Err(format!(
        "it hangs at act {} of {:?} with {} answers, {} bytes received, {} of {} sent",
        visit.act,
        plan.acts.len(),
        visit.answers,
        visit.evidence.received.len(),
        visit.evidence.sent,
        plan.bytes.len()
    ))
}

struct Visit<'p> {
    plan: &'p Plan,
    link: Link,
    /// The next one.
    act: usize,
    /// When the pause ends that it is in.
    until: Option<Instant>,
    /// How many answers have come, and where in what was received the next one begins.
    answers: usize,
    read_to: usize,
    evidence: Evidence,
}

/// What an act came to.
enum Done {
    Yes,
    NotYet,
    /// It waits for room to write.
    Full,
    Left,
}

impl Visit<'_> {
    /// Sends, reads, and waits if there was nothing to do. The end, if it has come.
    fn step(&mut self) -> Option<End> {
        let mut full = false;
        while let Some(&act) = self.plan.acts.get(self.act) {
            match self.perform(act) {
                Done::Yes => self.act += 1,
                Done::NotYet => break,
                Done::Full => {
                    full = true;
                    break;
                }
                Done::Left => return Some(End::Left),
            }
        }
        if self.link.flush().is_err() {
            self.evidence.broken = true;
        }
        let stalled = matches!(self.plan.acts.get(self.act), Some(Act::Stall(_)));
        if let Some(until) = self.until
            && stalled
        {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            return None;
        }
        match self.read() {
            Ok(0) => {
                let before = self.answers;
                self.count_answers();
                if self.answers == before {
                    let longest = Duration::from_millis(200);
                    let time = self.until.map_or(longest, |until| {
                        longest.min(until.saturating_duration_since(Instant::now()))
                    });
                    self.link.wait(full, time);
                }
                None
            }
            Ok(_) => None,
            Err(end) => {
                self.count_answers();
                if let Some(&Act::Invitation(number)) = self.plan.acts.get(self.act)
                    && self.answers > number
                {
                    self.evidence.withheld = Some(number);
                }
                Some(end)
            }
        }
    }

    fn perform(&mut self, act: Act) -> Done {
        match act {
            Act::Send(_) if self.evidence.broken => Done::Yes,
            Act::Send(to) => self.send(to),
            Act::Pause(time) | Act::Stall(time) => {
                let now = Instant::now();
                let until = *self.until.get_or_insert(now + Duration::from_millis(time));
                if now < until {
                    return Done::NotYet;
                }
                self.until = None;
                Done::Yes
            }
            Act::Answers(count) if self.answers >= count => Done::Yes,
            Act::Bytes(size, count)
                if self.answers >= count || self.evidence.received.len() >= size =>
            {
                Done::Yes
            }
            Act::Invitation(number) if self.answers > number => {
                self.evidence.withheld = Some(number);
                // Neither the body nor what is behind it.
                self.act = self.plan.acts.len() - 1;
                Done::NotYet
            }
            Act::Invitation(number) if self.answers == number && self.is_invited() => Done::Yes,
            Act::Answers(_) | Act::Bytes(..) | Act::Invitation(_) => Done::NotYet,
            Act::Finish if self.evidence.broken => Done::Yes,
            Act::Finish => match self.link.flush() {
                Ok(false) => Done::Full,
                Ok(true) if self.link.finish().is_ok() => {
                    self.evidence.finished = true;
                    Done::Yes
                }
                _ => {
                    self.evidence.broken = true;
                    Done::Yes
                }
            },
            Act::Close => Done::Left,
            Act::Reset => {
                self.link.reset();
                Done::Left
            }
        }
    }

    fn send(&mut self, to: usize) -> Done {
        while self.evidence.sent < to {
            match self.link.write(&self.plan.bytes[self.evidence.sent..to]) {
                Ok(size) => self.evidence.sent += size,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Done::Full,
                Err(_) => {
                    self.evidence.broken = true;
                    return Done::Yes;
                }
            }
        }
        match self.link.flush() {
            Ok(true) => Done::Yes,
            Ok(false) => Done::Full,
            Err(_) => {
                self.evidence.broken = true;
                Done::Yes
            }
        }
    }

    /// Reads what there is, and says how much; or how the connection ended.
    fn read(&mut self) -> Result<usize, End> {
        let received = &mut self.evidence.received;
        let before = received.len();
        // Not for ever: there may be something to send.
        for _ in 0..8 {
            let start = received.len();
            received.resize(start + (64 << 10), 0);
            let read = self.link.read(&mut received[start..]);
            received.truncate(start + *read.as_ref().unwrap_or(&0));
            match read {
                // What a failed write has told, a read does not tell again.
                Ok(0) if self.evidence.broken => return Err(End::Reset),
                Ok(0) => return Err(End::Clean),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(End::Torn);
                }
                Err(_) => return Err(End::Reset),
            }
        }
        Ok(received.len() - before)
    }

    fn count_answers(&mut self) {
        while let Some(ask) = self.plan.asks.get(self.answers) {
            let rest = &self.evidence.received[self.read_to..];
            let Ok((_, behind)) = answer::read(rest, ask.method(), false) else {
                return;
            };
            self.read_to += rest.len() - behind.len();
            self.answers += 1;
        }
    }

    /// Whether the next answer begins with a 100.
    fn is_invited(&self) -> bool {
        let rest = &self.evidence.received[self.read_to..];
        rest.starts_with(b"HTTP/1.1 100 ") && rest.windows(4).any(|four| four == b"\r\n\r\n")
    }
}
