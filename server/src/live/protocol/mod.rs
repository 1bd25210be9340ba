//! WebSocket (RFC 6455) and Server-Sent Events as bytes: no sockets, no clocks, no threads.

pub(crate) mod close;
pub(crate) mod decoder;
pub(crate) mod event;
pub(crate) mod frame;
pub(crate) mod handshake;
mod mask;
mod sha1;
#[cfg(test)]
mod tests;
mod utf8;
