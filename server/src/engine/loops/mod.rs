//! The event loops: one poller, one table of connections and one timer wheel each, and the thread that owns it.

pub(crate) mod event_loop;
#[cfg(feature = "live")]
pub(crate) mod inbox;
pub(crate) mod last_connections;
#[cfg(feature = "live")]
mod live;
pub(crate) mod new_connections;
pub(crate) mod owner;
pub(crate) mod thread_buffers;
pub(crate) mod timer_wheel;
