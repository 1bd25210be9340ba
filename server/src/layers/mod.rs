//! Handlers around handlers, and what answers for them before they are asked.

pub(crate) mod allow_hosts;
#[cfg(feature = "files")]
pub(crate) mod cors;
