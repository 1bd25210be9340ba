//! WebSocket (RFC 6455) and Server-Sent Events as bytes: no sockets, no clocks, no threads.

pub(crate) mod close;
pub(crate) mod controls;
pub(crate) mod decoder;
#[cfg(feature = "live-deflate")]
pub(crate) mod deflate;
#[cfg(not(feature = "live-deflate"))]
#[path = "uncompressed.rs"]
pub(crate) mod deflate;
pub(crate) mod event;
#[cfg(feature = "live-deflate")]
pub(crate) mod extensions;
pub(crate) mod frame;
pub(crate) mod handshake;
mod mask;
mod sha1;
#[cfg(test)]
mod tests;
mod utf8;
