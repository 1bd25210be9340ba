//! What the log says of a live connection when it is over.

use crate::Request;
use std::fmt;
use std::num::NonZero;

/// What is kept of a request for the log, and what has gone by since.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The number of the route in four bytes, the head as far as lines have it, and the request's id.
    request: Box<[u8]>,
    /// Bytes from the peer, and to it.
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// The tick of its first turn.
    pub(crate) began: u32,
    /// The code of a WebSocket's Close, whoever sent it.
    pub(crate) code: Option<NonZero<u16>>,
}

/// Longer values are left out, and a longer request line is cut: this is kept as long as the connection lives.
const LONGEST: usize = 1024;

/// What lines have of a head beside its first line, or find the client's address by.
const FIELDS: [&str; 4] = ["X-Forwarded-For", "Forwarded", "Referer", "User-Agent"];

/// Milliseconds of a tick of the engine.
const TICK: u64 = 16;

impl Record {
    pub(crate) fn of(request: &Request<'_>) -> Self {
        let mut kept = request.route.to_le_bytes().to_vec();
        let version = request.request_version();
        let target = request.target();
        let target = target.get(..LONGEST).unwrap_or(target);
        kept.extend_from_slice(format!("{} {target} {version}\r\n", request.method()).as_bytes());
        let site = request.server();
        let is_standard = site.log_format() == crate::LogFormat::Common;
        let fields = request.headers();
        for (at, name) in FIELDS.into_iter().enumerate() {
            if at < 2 && site.trust.is_none() || at >= 2 && is_standard {
                continue;
            }
            for value in fields
                .get_all_bytes(name)
                .filter(|value| value.len() <= LONGEST)
            {
                kept.extend_from_slice(name.as_bytes());
                kept.extend_from_slice(b": ");
                kept.extend_from_slice(value);
                kept.extend_from_slice(b"\r\n");
            }
        }
        kept.extend_from_slice(b"\r\n");
        kept.extend_from_slice(request.id.unwrap_or_default().as_bytes());
        Self {
            request: kept.into_boxed_slice(),
            ..Self::default()
        }
    }

    /// The number of the route, and the head with the id behind it.
    pub(crate) fn request(&self) -> Option<(u32, &[u8])> {
        let (route, kept) = self.request.split_first_chunk()?;
        Some((u32::from_le_bytes(*route), kept))
    }

    /// The log says nothing of it.
    pub(crate) fn forget_request(&mut self) {
        self.request = Box::default();
    }

    /// How long it was live.
    pub(crate) fn lasted(&self, now: u32) -> Seconds {
        Seconds(u64::from(now.wrapping_sub(self.began)) * TICK)
    }
}

/// Milliseconds, to be read as seconds.
pub(crate) struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} s", self.0 / 1000, self.0 % 1000 / 10)
    }
}
