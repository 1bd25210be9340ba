//! What a request may get, and which rule of BEHAVIOUR.md says so.

use crate::plan::{Ask, Framing};
use crate::site::Setup;
use crate::task::Deed;

/// Why a request has no answer, or none that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// Its client closed or reset the connection.
    ClientLeft,
    /// Its head was cut short by the end of what the client sent.
    HeadCutShort,
    /// An answer before it said that the connection closes.
    BehindClose,
    /// The body of the request before it was not read, and was too long to be thrown away.
    BehindUnread,
    /// It was not sent, since the body of the request before it was never invited.
    NotInvited,
    /// Its handler panicked or failed behind the first byte, or wrote less than it announced.
    BrokenOff,
    /// An answer before it broke off.
    BehindBrokenOff,
    /// The server ended before it had come whole: its connection had nothing to do, or was not accepted.
    ServerEnded,
}

impl Cause {
    pub(crate) const ALL: [Self; 8] = [
        Self::ClientLeft,
        Self::HeadCutShort,
        Self::BehindClose,
        Self::BehindUnread,
        Self::NotInvited,
        Self::BrokenOff,
        Self::BehindBrokenOff,
        Self::ServerEnded,
    ];

    /// The rules and cases of BEHAVIOUR.md that name it.
    pub(crate) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::ClientLeft => &["SRV-11"],
            Self::HeadCutShort => &["REQ-04", "HDR-13"],
            Self::BehindClose => &["CON-08"],
            Self::BehindUnread => &["CON-09"],
            Self::NotInvited => &["EXP-02"],
            Self::BrokenOff => &["DSP-05", "ERR-12", "RSP-08", "A33"],
            Self::BehindBrokenOff => &["DSP-05", "ERR-12"],
            Self::ServerEnded => &["SRV-12"],
        }
    }
}

/// How much of a request has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Nothing,
    /// Some of its head.
    Head,
    /// Its head, and so many bytes of its body, without their framing.
    Body(usize),
    Whole,
}

impl Arrival {
    pub(crate) fn of(ask: &Ask, bytes: &[u8], sent: usize) -> Self {
        if sent >= ask.bytes.end {
            Self::Whole
        } else if sent <= ask.bytes.start {
            Self::Nothing
        } else if sent < ask.body_at {
            Self::Head
        } else {
            Self::Body(match ask.framing {
                Framing::Chunked(_) => unchunked(&bytes[ask.body_at..sent]).len(),
                _ => sent - ask.body_at,
            })
        }
    }
}

/// The data of chunks, as far as they go.
pub(crate) fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end])
            .ok()
            .and_then(|size| usize::from_str_radix(size, 16).ok());
        let rest = &bytes[end + 2..];
        let Some(size @ 1..) = size else { break };
        data.extend_from_slice(&rest[..size.min(rest.len())]);
        let Some(behind) = rest.get(size + 2..) else {
            break;
        };
        bytes = behind;
    }
    data
}

/// Whether an answer says that the connection closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Close,
    Nothing,
    Either,
}

/// A whole answer that a request may get.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// `None`: a page.
    pub(crate) body: Option<&'static [u8]>,
    pub(crate) says: Says,
    /// The handler has been called.
    pub(crate) ran: bool,
}

/// What a request may get.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    /// One of these.
    pub(crate) replies: Vec<Reply>,
    /// An answer like this begins and breaks off.
    pub(crate) broken: Option<&'static [u8]>,
    /// The connection may end behind it although it did not say so.
    pub(crate) ends_unsaid: bool,
}

/// What a server may have read beyond the head: it is not unread.
const SLACK: usize = 256 << 10;

impl Expectation {
    /// `number`: how many requests of the connection went before. `withheld`: its body will never be sent.
    pub(crate) fn of(
        ask: &Ask,
        number: usize,
        arrival: Arrival,
        withheld: bool,
        setup: &Setup,
    ) -> Self {
        let task = ask.task;
        let mut kept = Kept::of(ask, number, setup);
        if setup.ends && kept.says == Says::Nothing {
            kept.says = Says::Either;
        }
        let page = |status| Reply {
            status,
            body: None,
            says: kept.says,
            ran: true,
        };
        let answer = |body| Reply {
            status: 200,
            body: Some(body),
            ..page(200)
        };
        let too_large = is_too_large(ask, setup);
        let mut expected = Self {
            replies: Vec::new(),
            broken: None,
            ends_unsaid: kept.ends_unsaid,
        };
        let reply = match task.deed {
            Deed::Missing => page(404),
            Deed::Refuse => page(403),
            Deed::PanicBefore | Deed::Trip => Reply {
                says: Says::Close,
                ..page(500)
            },
            Deed::Collect if too_large => Reply {
                ran: false,
                ..page(413)
            },
            deed if deed.breaks_off() => {
                expected.broken = Some(task.body());
                return expected;
            }
            deed if deed.has_body() && task.reads() > 0 => answer(&task.upload()[..task.reads()]),
            Deed::Half | Deed::Echo | Deed::Duplex | Deed::Collect => answer(b""),
            _ => answer(task.body()),
        };
        let reads = if too_large { 0 } else { task.reads() };
        match arrival {
            Arrival::Body(_) if withheld => {
                if reads == 0 {
                    expected.replies.push(reply);
                }
            }
            Arrival::Body(size) => {
                let says = Says::Either.unless(reply.says == Says::Close);
                if size >= reads && !reads_to_the_end(ask, setup) {
                    expected.replies.push(Reply { says, ..reply });
                }
                expected.replies.push(Reply {
                    says: Says::Close,
                    ran: false,
                    ..page(400)
                });
                if task.deed == Deed::Duplex {
                    expected.broken = Some(task.upload());
                }
                expected.ends_unsaid = true;
            }
            _ => expected.replies.push(reply),
        }
        expected
    }

    /// Whatever it gets, it is the last of its connection.
    pub(crate) fn is_last(&self) -> bool {
        self.replies.iter().all(|reply| reply.says == Says::Close)
    }
}

fn is_chunked(ask: &Ask) -> bool {
    matches!(ask.framing, Framing::Chunked(_))
}

/// The body is to be collected, and is longer than those may be.
fn is_too_large(ask: &Ask, setup: &Setup) -> bool {
    ask.task.deed == Deed::Collect
        && ask.task.upload().len() as u64 > setup.limits.max_collected_body_size
}

fn reads_to_the_end(ask: &Ask, setup: &Setup) -> bool {
    match ask.task.deed {
        Deed::Echo | Deed::Duplex => true,
        Deed::Collect => !is_too_large(ask, setup),
        _ => false,
    }
}

/// Whether a connection is kept behind a request that is answered as it wants to be.
struct Kept {
    says: Says,
    ends_unsaid: bool,
}

impl Kept {
    fn of(ask: &Ask, number: usize, setup: &Setup) -> Self {
        let limits = &setup.limits;
        let streamed = ask.task.is_streamed(limits.response_buffer_size);
        let wants = match ask.connection {
            Some(option) => option != "close",
            None => !ask.old,
        };
        // CON-02, CON-03, CON-07.
        if !wants || number + 1 >= limits.max_requests_per_connection as usize {
            return Self::says(Says::Close);
        }
        // CON-10: it ends with the connection.
        if ask.old && streamed {
            return Self::says(if ask.head_only {
                Says::Either
            } else {
                Says::Close
            });
        }
        Self::behind_body(ask, streamed, setup)
    }

    fn says(says: Says) -> Self {
        Self {
            says,
            ends_unsaid: false,
        }
    }

    /// CON-09: as far as a body that was not read decides. Where the head left before that, it could not say so.
    fn behind_body(ask: &Ask, streamed: bool, setup: &Setup) -> Self {
        let task = ask.task;
        if reads_to_the_end(ask, setup) || !task.deed.has_body() {
            return Self::says(Says::Nothing);
        }
        let drain = setup.limits.max_drain_size as usize;
        let reads = match task.deed {
            // As far as the limit, or not at all.
            Deed::Collect => 0,
            _ => task.reads(),
        };
        // How long a chunked one is, only reading shows.
        let invited = reads > 0 || task.deed == Deed::Collect && is_chunked(ask);
        if ask.expects && !invited {
            // EXP-02: it was not invited. Whoever did not wait may have been read already.
            return match (ask.waits, streamed) {
                (true, false) => Self::says(Says::Close),
                (_, streamed) => Self {
                    says: Says::Either,
                    ends_unsaid: streamed,
                },
            };
        }
        let left = task.upload().len() - reads;
        match ask.framing {
            Framing::Chunked(_) => Self {
                says: Says::Either,
                ends_unsaid: streamed,
            },
            Framing::Length if left > drain + SLACK && !streamed => Self::says(Says::Close),
            Framing::Length if left > drain => Self {
                says: Says::Either,
                ends_unsaid: streamed,
            },
            _ => Self::says(Says::Nothing),
        }
    }
}

impl Says {
    fn unless(self, closes: bool) -> Self {
        if closes { Self::Close } else { self }
    }
}
