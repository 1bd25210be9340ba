//! What an exchange knows of the connection and the server below it, without a socket.

pub(crate) mod figures;
pub(crate) mod limits;
pub(crate) mod live_limits;
pub(crate) mod networks;
pub(crate) mod peer;
pub(crate) mod proxy_header;
pub(crate) mod server_info;
#[cfg(feature = "session")]
pub(crate) mod session_slots;
pub(crate) mod state;
pub(crate) mod time_limit;
pub(crate) mod transport;
pub(crate) mod trust;
pub(crate) mod verified_user;
