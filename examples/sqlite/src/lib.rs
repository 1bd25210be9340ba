//! A [`SessionStore`] that keeps sessions in a table of SQLite.

use doget::{OrStatus, Result, SessionId, SessionStore};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// What is over is removed when this many sessions have begun since it was last.
const SWEEP: u32 = 1000;

/// Sessions in a table. One connection serves all threads, one after the other: SQLite lets one of them write anyway.
/// A program with much traffic takes a pool.
pub struct SqliteStore(Mutex<Database>);

struct Database {
    connection: Connection,
    begun: u32,
}

impl SqliteStore {
    /// The table in this file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// SQLite cannot open it.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        Self::new(Connection::open(path)?)
    }

    /// The table of this connection.
    ///
    /// # Errors
    ///
    /// SQLite cannot make the table.
    pub fn new(connection: Connection) -> rusqlite::Result<Self> {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE IF NOT EXISTS sessions (
                 id TEXT PRIMARY KEY, data BLOB NOT NULL, expires INTEGER NOT NULL
             ) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS sessions_expire ON sessions (expires);",
        )?;
        Ok(Self(Mutex::new(Database {
            connection,
            begun: 0,
        })))
    }

    /// How many sessions there are.
    ///
    /// # Errors
    ///
    /// SQLite cannot count them.
    pub fn count(&self) -> rusqlite::Result<u64> {
        let database = self.database();
        database
            .connection
            .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))
    }

    /// Removes the sessions that are over at this time.
    ///
    /// # Errors
    ///
    /// SQLite cannot remove them.
    pub fn sweep(&self, now: SystemTime) -> rusqlite::Result<usize> {
        sweep(&self.database().connection, now)
    }

    fn database(&self) -> MutexGuard<'_, Database> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sweep(connection: &Connection, now: SystemTime) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM sessions WHERE expires <= ?1", [seconds(now)])
}

fn seconds(time: SystemTime) -> i64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl SessionStore for SqliteStore {
    fn load(&self, id: &SessionId) -> Result<Option<Vec<u8>>> {
        let database = self.database();
        let mut statement = database
            .connection
            .prepare_cached("SELECT data FROM sessions WHERE id = ?1")
            .or_500()?;
        statement
            .query_row([id.as_str()], |row| row.get(0))
            .optional()
            .or_500()
    }

    fn insert(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<()> {
        let mut database = self.database();
        database.begun += 1;
        if database.begun >= SWEEP {
            database.begun = 0;
            sweep(&database.connection, SystemTime::now()).or_500()?;
        }
        database
            .connection
            .prepare_cached("INSERT INTO sessions (id, data, expires) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| {
                statement.execute(params![id.as_str(), data, seconds(expires)])
            })
            .or_500()
            .map(drop)
    }

    fn replace(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<bool> {
        self.database()
            .connection
            .prepare_cached("UPDATE sessions SET data = ?2, expires = ?3 WHERE id = ?1")
            .and_then(|mut statement| {
                statement.execute(params![id.as_str(), data, seconds(expires)])
            })
            .or_500()
            .map(|changed| changed > 0)
    }

    fn remove(&self, id: &SessionId) -> Result<()> {
        self.database()
            .connection
            .prepare_cached("DELETE FROM sessions WHERE id = ?1")
            .and_then(|mut statement| statement.execute([id.as_str()]))
            .or_500()
            .map(drop)
    }
}
