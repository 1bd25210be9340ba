//! Whether what a client got, what was run and what was logged is what the model allows.

use crate::model::{Arrival, Cause, Expectation, Reply, Says, unchunked};
use crate::plan::{Ask, Plan, Way};
use crate::site::{Line, Setup};
use crate::visit::{End, Evidence};
use doget_tests::answer::{self, Answer, Flaw};

/// What became of a request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// It was not sent.
    NotAsked,
    /// Its whole answer came; this is its line in the log.
    Answered { line: Line, ran: bool },
    /// It did not.
    Lost(Lost),
}

#[derive(Clone, Debug)]
pub(crate) struct Lost {
    pub(crate) cause: Cause,
    /// Bytes of its answer's body that came.
    least: u64,
    /// What the answer would have been: its status, and bytes of its body.
    would: Vec<(u16, u64)>,
}

/// The longest error page.
const PAGE: u64 = 2_000;

/// What became of each request of a connection, or what is wrong with it.
pub(crate) fn judge(plan: &Plan, evidence: &Evidence, setup: &Setup) -> Result<Vec<Fate>, String> {
    let (answers, rest) = read_answers(plan, evidence)?;
    let mut case = Case {
        plan,
        evidence,
        setup,
        rest,
        over: None,
        unread: false,
    };
    let mut fates = Vec::new();
    for (number, ask) in plan.asks.iter().enumerate() {
        let fate = case
            .fate(number, ask, answers.get(number), answers.len())
            .map_err(|wrong| format!("request {number}, {}: {wrong}", ask.task.target()))?;
        fates.push(fate);
    }
    case.end(&fates)?;
    Ok(fates)
}

/// The whole answers, and what is left behind them.
fn read_answers<'e>(
    plan: &Plan,
    evidence: &'e Evidence,
) -> Result<(Vec<Answer>, &'e [u8]), String> {
    let mut rest = evidence.received.as_slice();
    let mut answers = Vec::new();
    for ask in &plan.asks {
        match answer::read(rest, ask.method(), evidence.end == End::Clean) {
            Ok((answer, behind)) => {
                rest = behind;
                answers.push(answer);
            }
            Err(Flaw::Incomplete) => break,
            Err(Flaw::Malformed(what)) => {
                return Err(format!("answer {}: {what}", answers.len()));
            }
        }
    }
    if answers.len() == plan.asks.len() && !rest.is_empty() {
        return Err(format!("{} bytes behind the last answer", rest.len()));
    }
    Ok((answers, rest))
}

struct Case<'c> {
    plan: &'c Plan,
    evidence: &'c Evidence,
    setup: &'c Setup,
    /// What was received behind the last whole answer.
    rest: &'c [u8],
    /// Why there is nothing more to expect.
    over: Option<Cause>,
    /// The answer before left a body unread that was too long, and could not say so.
    unread: bool,
}

impl Case<'_> {
    fn fate(
        &mut self,
        number: usize,
        ask: &Ask,
        answer: Option<&Answer>,
        answers: usize,
    ) -> Result<Fate, String> {
        let arrival = Arrival::of(ask, &self.plan.bytes, self.evidence.sent);
        let withheld = self.evidence.withheld == Some(number);
        let expected = Expectation::of(ask, number, arrival, withheld, self.setup);
        if let Some(answer) = answer {
            return self.answered(ask, (arrival, withheld), &expected, answer);
        }
        let begun = if number == answers { self.rest } else { &[] };
        if arrival == Arrival::Nothing {
            return match (begun.is_empty(), self.over) {
                (false, _) => Err("an answer to what was not sent".to_owned()),
                // Not sent, since the server ended the connection.
                (true, Some(cause)) => Ok(lost(cause)),
                (true, None) if self.unread => Ok(lost(Cause::BehindUnread)),
                (true, None) if self.is_cut_by_the_end() => Ok(lost(Cause::ServerEnded)),
                (true, None) if self.waited() && !self.evidence.finished => {
                    Err("not sent, and nothing said that the connection would end".to_owned())
                }
                (true, None) => Ok(Fate::NotAsked),
            };
        }
        if let Some(cause) = self.over {
            return if begun.is_empty() {
                Ok(match cause {
                    // It may have been answered, and its answer lost with the one before.
                    Cause::ServerEnded => Fate::Lost(Lost {
                        cause,
                        least: 0,
                        would: would_be(ask, &expected),
                    }),
                    _ => lost(cause),
                })
            } else {
                Err(format!("an answer begins in spite of {cause:?}"))
            };
        }
        self.missing(ask, arrival, &expected, begun)
    }

    /// A whole answer has come.
    fn answered(
        &mut self,
        ask: &Ask,
        (arrival, withheld): (Arrival, bool),
        expected: &Expectation,
        answer: &Answer,
    ) -> Result<Fate, String> {
        if let Some(cause) = self.over {
            return Err(format!("an answer in spite of {cause:?}: {answer:?}"));
        }
        if matches!(arrival, Arrival::Nothing | Arrival::Head) {
            return Err(format!("an answer to no whole head: {answer:?}"));
        }
        if let Some(whole) = expected.broken
            && (self.plan.way == Way::Unix || doget_tests::is_below_wine())
            && answer.to_end
            && whole.starts_with(&answer.body)
        {
            // There is no reset that would show it.
            self.over = Some(Cause::BehindBrokenOff);
            return Ok(Fate::Lost(Lost {
                cause: Cause::BrokenOff,
                least: answer.body.len() as u64,
                would: would_be(ask, expected),
            }));
        }
        let found = expected.replies.iter().find(|reply| {
            reply.status == answer.status && (ask.head_only || is_body(reply, &answer.body))
        });
        let Some(reply) = found else {
            return Err(format!("another answer than it should be: {answer:?}"));
        };
        if answer.header("X-Id") != Some(ask.task.words().as_str()) {
            return Err(format!("the answer to another request: {answer:?}"));
        }
        check_interim(ask, answer)?;
        match (reply.says, answer.closes()) {
            (Says::Close, false) => return Err(format!("it does not say close: {answer:?}")),
            (Says::Nothing, true) => return Err(format!("it says close: {answer:?}")),
            (_, true) => self.over = Some(Cause::BehindClose),
            (_, false) => {}
        }
        let keeps = answer
            .header("Connection")
            .is_some_and(|value| value == "keep-alive");
        if keeps != (ask.old && !answer.closes()) {
            return Err(format!("keep-alive: {answer:?}"));
        }
        if withheld && self.over.is_none() {
            self.over = Some(Cause::NotInvited);
        }
        self.unread = expected.ends_unsaid;
        let line = Line {
            status: answer.status,
            size: answer.body.len() as u64,
        };
        Ok(Fate::Answered {
            line,
            ran: reply.ran,
        })
    }

    /// No whole answer has come, and so far nothing says why.
    fn missing(
        &mut self,
        ask: &Ask,
        arrival: Arrival,
        expected: &Expectation,
        begun: &[u8],
    ) -> Result<Fate, String> {
        let least = self.begun(ask, expected, begun)?;
        let mut lost = Lost {
            cause: Cause::ClientLeft,
            least,
            would: would_be(ask, expected),
        };
        if !self.waited() {
            if expected.is_last() {
                self.over = Some(if expected.broken.is_some() {
                    Cause::BehindBrokenOff
                } else {
                    Cause::BehindClose
                });
            }
            return Ok(Fate::Lost(lost));
        }
        if self.unread && begun.is_empty() {
            self.over = Some(Cause::BehindUnread);
            return Ok(self::lost(Cause::BehindUnread));
        }
        if arrival == Arrival::Head && begun.is_empty() && self.evidence.finished {
            return Ok(self::lost(Cause::HeadCutShort));
        }
        if expected.broken.is_some() {
            let is_cut = self.is_cut_by_the_end() && begun.is_empty();
            self.over = Some(Cause::BehindBrokenOff);
            lost.cause = if is_cut {
                Cause::ServerEnded
            } else {
                Cause::BrokenOff
            };
            return Ok(Fate::Lost(lost));
        }
        // What its answer had begun with is finished, and what it had not begun is not answered any more.
        if self.is_cut_by_the_end() && begun.is_empty() {
            self.over = Some(Cause::ServerEnded);
            lost.cause = Cause::ServerEnded;
            return Ok(Fate::Lost(lost));
        }
        Err(format!(
            "no whole answer, and no cause for that: {} bytes of one came, the end was {:?}",
            begun.len(),
            self.evidence.end
        ))
    }

    /// The client stayed to the end of the connection.
    fn waited(&self) -> bool {
        self.evidence.end != End::Left
    }

    /// The connection may have ended with its server.
    fn is_cut_by_the_end(&self) -> bool {
        self.waited() && self.setup.ends
    }

    /// Checks the beginning of an answer, and says how many bytes of its body there are.
    fn begun(&self, ask: &Ask, expected: &Expectation, begun: &[u8]) -> Result<u64, String> {
        let Ok((head, behind)) = answer::read(begun, "HEAD", false) else {
            return Ok(0);
        };
        if head.header("X-Id") != Some(ask.task.words().as_str()) {
            return Err(format!("the answer to another request begins: {head:?}"));
        }
        let body = match head.header("Transfer-Encoding") {
            Some(_) => unchunked(behind),
            None => behind.to_vec(),
        };
        let replies = expected
            .replies
            .iter()
            .filter(|reply| reply.status == head.status);
        let broken = expected.broken.filter(|_| head.status == 200);
        let mut bodies = replies.map(|reply| reply.body).chain(broken.map(Some));
        let fits = |whole: Option<&[u8]>| whole.is_none_or(|whole| whole.starts_with(&body));
        if bodies.any(fits) {
            Ok(body.len() as u64)
        } else {
            Err(format!("another answer than it should be begins: {head:?}"))
        }
    }

    /// Whether the connection ended as it should.
    fn end(&self, fates: &[Fate]) -> Result<(), String> {
        let is_lost = |by: Cause| {
            fates.iter().any(|fate| match fate {
                Fate::Lost(lost) => lost.cause == by,
                _ => false,
            })
        };
        let broken = is_lost(Cause::BrokenOff);
        let secure = matches!(self.plan.way, Way::Tls | Way::UnixTls);
        match self.evidence.end {
            End::Left => Ok(()),
            End::Clean if broken && secure => {
                Err("close_notify behind an answer that broke off".to_owned())
            }
            End::Clean => Ok(()),
            End::Reset | End::Torn if broken => Ok(()),
            _ if self.is_cut_by_the_end() => Ok(()),
            end => Err(format!("the end was {end:?}, and no answer broke off")),
        }
    }
}

fn lost(cause: Cause) -> Fate {
    Fate::Lost(Lost {
        cause,
        least: 0,
        would: Vec::new(),
    })
}

fn is_body(reply: &Reply, body: &[u8]) -> bool {
    match reply.body {
        Some(whole) => whole == body,
        None => body.len() as u64 <= PAGE && body.starts_with(b"<!DOCTYPE HTML>"),
    }
}

/// Nothing but one 100, and that only for those who ask for it.
fn check_interim(ask: &Ask, answer: &Answer) -> Result<(), String> {
    match answer.interim.as_slice() {
        [] => Ok(()),
        [100] if ask.expects => Ok(()),
        interim => Err(format!("interim answers: {interim:?}")),
    }
}

fn would_be(ask: &Ask, expected: &Expectation) -> Vec<(u16, u64)> {
    let size = |body: Option<&[u8]>| match body {
        _ if ask.head_only => 0,
        Some(body) => body.len() as u64,
        None => PAGE,
    };
    let replies = expected.replies.iter();
    let mut would: Vec<_> = replies
        .map(|reply| (reply.status, size(reply.body)))
        .collect();
    would.extend(expected.broken.map(|body| (200, body.len() as u64)));
    // A client that leaves within the body of its request.
    if ask.task.deed.has_body() {
        would.push((400, PAGE));
    }
    would
}

impl Fate {
    /// Whether what ran and what was logged is what has to be.
    pub(crate) fn check(&self, runs: u32, lines: &[Line]) -> Result<(), String> {
        let seen = || format!("{self:?}: run {runs} times, logged as {lines:?}");
        let right = runs <= 1
            && lines.len() <= 1
            && match self {
                Self::NotAsked => runs == 0 && lines.is_empty(),
                Self::Answered { line, ran } => lines == [*line] && (runs == 1 || !ran),
                Self::Lost(lost) => lost.is_right(runs, lines),
            };
        if right { Ok(()) } else { Err(seen()) }
    }
}

impl Lost {
    fn is_right(&self, runs: u32, lines: &[Line]) -> bool {
        let fits = |line: &Line| {
            let mut would = self.would.iter();
            would.any(|&(status, most)| {
                line.status == status && (self.least..=most).contains(&line.size)
            })
        };
        match self.cause {
            Cause::BrokenOff => runs == 1 && lines.len() == 1 && lines.iter().all(fits),
            // One that ran has a line; one that did not may have been refused.
            Cause::ClientLeft | Cause::ServerEnded => {
                lines.iter().all(fits)
                    && match lines {
                        [] => runs == 0,
                        lines => runs == 1 || lines.iter().all(|line| line.status >= 400),
                    }
            }
            _ => runs == 0 && lines.is_empty(),
        }
    }
}
