//! Sockets and what the system says of them: listeners, pollers, accepting, how many connections there may be, plain
//! and TLS sockets.

pub(crate) mod abort;
pub(crate) mod acceptor;
pub(crate) mod connection_limit;
pub(crate) mod listener;
pub(crate) mod poller;
pub(crate) mod socket;
#[cfg(unix)]
pub(crate) mod socket_activation;
