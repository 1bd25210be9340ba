//! What a turn of a live connection is given, and what comes of it.

use crate::connection::live_limits::LiveLimits;
use crate::live::protocol::deflate::Codec;
use std::fmt;
use std::num::NonZero;

/// What a turn of a live connection works with.
pub(crate) struct LiveContext<'t> {
    pub(crate) limits: &'t LiveLimits,
    /// What is to be written.
    pub(crate) out: &'t mut Vec<u8>,
    /// A large message that was gathered and has been served.
    pub(crate) served: Option<Served>,
    /// The thread's memory for messages that are compressed.
    pub(crate) codec: &'t mut Codec,
    /// A line for the log of errors.
    pub(crate) log: &'t dyn Fn(fmt::Arguments<'_>),
    /// The engine's tick.
    pub(crate) now: u32,
    /// How a WebSocket was closed, if it was.
    pub(crate) closed: Option<NonZero<u16>>,
}

/// The memory of a message that has been served.
pub(crate) enum Served {
    /// It goes back behind `out`, as it came, and needs no copy.
    Returned(Vec<u8>),
    /// The next message may have it.
    Free(Vec<u8>),
}

/// What comes of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiveNext {
    /// All of it is used: read on.
    Read,
    /// Write what is there, then come back with the rest.
    Again,
    /// A callback has to run, and was not admitted: come back with the rest, on another thread.
    Held,
    /// Write what is there, then end the connection.
    End,
}
