//! Sessions that the server keeps, in SQLite: a log-out ends them, whoever has a copy of the cookie.
//!
//! ```text
//! cd examples/sqlite && cargo run --release -- 8000 sessions.db
//! ```

use doget::{HasSessions, HttpServer, Redirect, Result, SameOrigin, Session, Sessions, handler};
use doget_sqlite_example::SqliteStore;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is known of a browser.
#[derive(Default, Serialize, Deserialize)]
struct Visit {
    pages: u32,
}

struct Site {
    sessions: Sessions<Visit>,
    same_origin: SameOrigin,
}

impl HasSessions<Visit> for Site {
    /// SQLite writes to a disk: what has a session runs on a thread.
    const BLOCKS: bool = true;

    fn sessions(&self) -> &Sessions<Visit> {
        &self.sessions
    }
}

#[handler(layers(self.same_origin))]
impl Site {
    fn do_GET(&self, mut session: Session<'_, Visit>) -> Result<String> {
        session.update(|visit| visit.pages += 1)?;
        Ok(format!("page {} of this session\n", session.pages))
    }

    #[route("/log-out")]
    fn do_POST_log_out(&self, session: Session<'_, Visit>) -> Result<Redirect> {
        session.destroy()?;
        Ok(Redirect::see_other("/"))
    }
}

fn main() -> doget::AnyResult<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or("8000".to_owned());
    let file = arguments.next().unwrap_or("sessions.db".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    Ok(server.serve_forever(Site {
        sessions: Sessions::stored(SqliteStore::open(Path::new(&file))?),
        same_origin: SameOrigin::new(),
    })?)
}
