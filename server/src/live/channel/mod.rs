//! What is published to many, or sent by one from elsewhere: frames that are made once, a ring of them, and how loops
//! hear of it. Nothing here knows a socket or a loop.

pub(crate) mod cursors;
pub(crate) mod frame;
pub(crate) mod handle;
pub(crate) mod home;
pub(crate) mod ring;
pub(crate) mod slot;
pub(crate) mod topic;
