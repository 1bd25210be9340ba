//! What a client does on one connection: all of it follows from the seed and the connection's number.

use crate::dice::Dice;
use crate::task::{Deed, Id, Task};
use std::io::Write;
use std::ops::Range;

/// How a client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Way {
    Tcp,
    /// With a small buffer for what comes: the server soon has to wait.
    Narrow,
    Unix,
    Tls,
    /// TLS over a Unix domain socket.
    UnixTls,
}

#[derive(Clone, Debug)]
pub(crate) enum Framing {
    None,
    Length,
    /// In chunks of at most this size.
    Chunked(usize),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) task: Task,
    pub(crate) head_only: bool,
    /// HTTP/1.0.
    pub(crate) old: bool,
    pub(crate) connection: Option<&'static str>,
    pub(crate) framing: Framing,
    /// `Expect: 100-continue`.
    pub(crate) expects: bool,
    /// The body is sent only once it is asked for.
    pub(crate) waits: bool,
    /// Where its bytes are in those of the connection: the whole, and where the body begins.
    pub(crate) bytes: Range<usize>,
    pub(crate) body_at: usize,
}

/// What a client does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Sends on, up to this byte.
    Send(usize),
    /// Sends nothing for so many milliseconds.
    Pause(u64),
    /// Neither sends nor reads for so many milliseconds.
    Stall(u64),
    /// Waits for so many answers.
    Answers(usize),
    /// Waits for the 100 of the request with this number.
    Invitation(usize),
    /// Waits for so many bytes, or for the answers to the first so many requests.
    Bytes(usize, usize),
    /// Sends the end, and reads on.
    Finish,
    Close,
    Reset,
}

pub(crate) struct Plan {
    pub(crate) way: Way,
    pub(crate) asks: Vec<Ask>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) acts: Vec<Act>,
}

impl Ask {
    pub(crate) fn method(&self) -> &'static str {
        if self.head_only {
            "HEAD"
        } else {
            self.task.deed.method()
        }
    }

    fn new(seed: u64, id: Id, style: &Style, dice: &mut Dice) -> Self {
        let deed = style.deed(dice);
        let task = Task {
            deed,
            id,
            seed: seed ^ dice.next(),
        };
        let old = style.old && dice.once_in(3);
        let framing = match dice.roll(3) {
            _ if !deed.has_body() => Framing::None,
            0 if !old => Framing::Chunked(1 + dice.size(task.upload().len().max(1))),
            _ => Framing::Length,
        };
        let expects = !old && deed.has_body() && !task.upload().is_empty() && dice.once_in(4);
        Self {
            task,
            head_only: !deed.has_body() && !deed.breaks_off() && dice.once_in(8),
            old,
            connection: match dice.roll(20) {
                0 if style.closes => Some("close"),
                1 => Some("Keep-Alive"),
                _ if old => Some("keep-alive"),
                _ => None,
            },
            framing,
            expects,
            waits: expects && dice.once_in(2),
            bytes: 0..0,
            body_at: 0,
        }
    }

    /// Writes itself behind what there is.
    fn write(&mut self, to: &mut Vec<u8>) {
        let start = to.len();
        let version = if self.old { "1.0" } else { "1.1" };
        let target = self.task.target();
        let mut line = |text: String| to.extend_from_slice(text.as_bytes());
        line(format!(
            "{} {target} HTTP/{version}\r\nHost: chaos\r\n",
            self.method()
        ));
        if let Some(connection) = self.connection {
            line(format!("Connection: {connection}\r\n"));
        }
        if self.expects {
            line("Expect: 100-continue\r\n".to_owned());
        }
        match self.framing {
            Framing::None => {}
            Framing::Length => line(format!("Content-Length: {}\r\n", self.task.upload().len())),
            Framing::Chunked(_) => line("Transfer-Encoding: chunked\r\n".to_owned()),
        }
        line("\r\n".to_owned());
        self.body_at = to.len();
        match self.framing {
            Framing::None => {}
            Framing::Length => to.extend_from_slice(self.task.upload()),
            Framing::Chunked(size) => {
                for chunk in self.task.upload().chunks(size) {
                    let _ = write!(to, "{:x}\r\n", chunk.len());
                    to.extend_from_slice(chunk);
                    to.extend_from_slice(b"\r\n");
                }
                to.extend_from_slice(b"0\r\n\r\n");
            }
        }
        self.bytes = start..to.len();
    }
}

/// What the requests of a connection have in common.
struct Style {
    /// Some of them end the connection.
    closes: bool,
    /// Some are of HTTP/1.0.
    old: bool,
    /// Small ones alone.
    small: bool,
}

impl Style {
    fn deed(&self, dice: &mut Dice) -> Deed {
        const SMALL: &[Deed] = &[Deed::Instant, Deed::Instant, Deed::Burn, Deed::Missing];
        const FATAL: &[Deed] = &[
            Deed::PanicBefore,
            Deed::PanicWithin,
            Deed::FailWithin,
            Deed::Short,
            Deed::ShortFile,
            Deed::Trip,
        ];
        const USUAL: &[Deed] = &[
            Deed::Instant,
            Deed::Instant,
            Deed::Burn,
            Deed::Sleep,
            Deed::Blocking,
            Deed::Big,
            Deed::Stream,
            Deed::File,
            Deed::File,
            Deed::Missing,
            Deed::Ignore,
            Deed::Refuse,
            Deed::Talk,
            Deed::Half,
            Deed::Echo,
            Deed::Duplex,
            Deed::Collect,
        ];
        if self.closes && dice.once_in(if self.small { 40 } else { 10 }) {
            dice.pick(FATAL)
        } else {
            dice.pick(if self.small { SMALL } else { USUAL })
        }
    }
}

impl Plan {
    pub(crate) fn new(seed: u64, connection: u32) -> Self {
        let dice = &mut Dice::of(seed, connection.into());
        let way = match dice.roll(10) {
            0..=2 => Way::Tcp,
            3 => Way::Narrow,
            4..=6 if cfg!(unix) => Way::Unix,
            4..=6 => Way::Tcp,
            9 if cfg!(unix) => Way::UnixTls,
            _ => Way::Tls,
        };
        let small = dice.once_in(8);
        let style = Style {
            closes: dice.once_in(2),
            old: dice.once_in(4),
            small,
        };
        let count = if small {
            20 + dice.roll(120)
        } else {
            1 + dice.roll(12)
        };
        let mut bytes = Vec::new();
        let asks: Vec<Ask> = (0..count)
            .map(|number| {
                let number = number as u32;
                let mut ask = Ask::new(seed, Id { connection, number }, &style, dice);
                ask.write(&mut bytes);
                ask
            })
            .collect();
        let acts = acts(&asks, small, dice);
        Self {
            way,
            asks,
            bytes,
            acts,
        }
    }
}

/// How the requests are sent: together or one after the other, in pieces, with pauses; and how the client ends.
fn acts(asks: &[Ask], small: bool, dice: &mut Dice) -> Vec<Act> {
    let mut acts = Vec::new();
    // Requests that are sent before the answers to those before them have come.
    let most = if small { 150 } else { 6 };
    let ahead = dice.pick(&[1, 2, most, most]);
    let cuts = dice.pick(&[0, 0, 2, 5, 400]);
    let mut sent = 0;
    let mut next = 0;
    while next < asks.len() {
        let group = &asks[next..asks.len().min(next + 1 + dice.roll(ahead))];
        for (at, ask) in group.iter().enumerate() {
            if ask.waits {
                send(sent..ask.body_at, cuts, dice, &mut acts);
                sent = ask.body_at;
                acts.push(Act::Invitation(next + at));
            }
        }
        next += group.len();
        let end = asks[next - 1].bytes.end;
        send(sent..end, cuts, dice, &mut acts);
        sent = end;
        if next < asks.len() && !dice.once_in(8) {
            acts.push(Act::Answers(next));
        }
    }
    leave(asks, sent, dice, &mut acts);
    acts
}

/// Sends these bytes, in pieces.
fn send(bytes: Range<usize>, cuts: usize, dice: &mut Dice, acts: &mut Vec<Act>) {
    let mut places: Vec<usize> = (0..dice.roll(cuts + 1))
        .map(|_| bytes.start + dice.roll(bytes.len().max(1)))
        .collect();
    places.sort_unstable();
    places.dedup();
    // Many pieces are for small requests.
    if bytes.len() > 5_000 {
        places.truncate(5);
    }
    for place in places {
        if place > bytes.start {
            acts.push(Act::Send(place));
        }
        match dice.roll(12) {
            0 => acts.push(Act::Pause(dice.roll(3) as u64)),
            1 => acts.push(Act::Stall(dice.roll(6) as u64)),
            _ => {}
        }
    }
    acts.push(Act::Send(bytes.end));
    if dice.once_in(6) {
        acts.push(Act::Stall(dice.roll(12) as u64));
    }
}

/// How the client ends: behind its last request, or sooner.
fn leave(asks: &[Ask], sent: usize, dice: &mut Dice, acts: &mut Vec<Act>) {
    let how = dice.roll(16);
    if how < 10 {
        acts.push(Act::Finish);
        return;
    }
    // Somewhere on the way.
    let at = 1 + dice.roll(sent);
    let place = acts
        .iter()
        .position(|act| matches!(act, Act::Send(to) if *to >= at));
    acts.truncate(place.unwrap_or(acts.len()));
    acts.push(Act::Send(at));
    let whole = asks.iter().take_while(|ask| ask.bytes.end <= at).count();
    if dice.once_in(2) {
        acts.push(Act::Bytes(1 + dice.size(500_000), whole));
    }
    acts.push(match how {
        10..=11 => Act::Finish,
        12..=13 => Act::Close,
        _ => Act::Reset,
    });
}
