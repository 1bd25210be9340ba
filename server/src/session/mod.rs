//! Sessions: what a server remembers of a browser between two requests, in a cookie that is signed or in a store.

mod current;
mod error;
mod record;
mod seal;
mod sessions;
mod store;

pub use current::Session;
pub use error::SessionError;
pub use sessions::{HasSessions, Sessions};
pub use store::{SessionId, SessionStore};
