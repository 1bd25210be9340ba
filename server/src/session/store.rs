//! [`SessionStore`]: where sessions are kept, if not by the client.

use crate::Result;
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::SystemTime;

/// Where sessions are kept by the server: a database, for example. The client then has 256 random bits that name its
/// session, and nothing else.
///
/// A session can be ended here, whoever has a copy of the cookie, and it may be larger than a cookie. The sessions that
/// are over are the store's to remove.
///
/// Each function may be called by several threads at once. `examples/sqlite` in the repository has one for SQLite.
pub trait SessionStore: Send + Sync {
    /// What is kept under this id.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    fn load(&self, id: &SessionId) -> Result<Option<Vec<u8>>>;

    /// Keeps a session that has begun. There is none with this id.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    fn insert(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<()>;

    /// Puts this in place of what is kept under the id, and says whether there was something. If there was not, nothing
    /// may be kept: a session that one request has ended must not come back by another that runs at the same time.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    fn replace(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<bool>;

    /// Ends a session, if there is one of this id.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    fn remove(&self, id: &SessionId) -> Result<()>;
}

/// The name of a session in its store: a digest of what the client has and of the name of its cookie. So whoever reads
/// the store cannot take over a session, and of several [`Sessions`](crate::Sessions) that share a store none finds
/// those of another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    pub(super) fn of(cookie: &str, secret: &[u8; 32]) -> Self {
        // The secret has one length, so no other cookie and secret are the same bytes.
        let digest = Sha256::new().chain_update(secret).chain_update(cookie);
        let digest = digest.finalize();
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
