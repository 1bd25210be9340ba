//! A method for those who know the token: `DELETE` with it, 403 without it.
//!
//! ```text
//! cargo run --release --example delete
//! curl -X DELETE -H 'Authorization: Bearer secret' http://127.0.0.1:8000/notes/1
//! ```

use doget::{Error, HttpServer, Request, Result, StatusCode, handler};
use std::collections::HashMap;
use std::sync::Mutex;

struct Notes(Mutex<HashMap<u64, String>>);

#[handler]
impl Notes {
    #[route("/notes/{id}")]
    fn do_GET_note(&self, id: u64) -> Option<String> {
        self.0.lock().unwrap().get(&id).cloned()
    }

    #[route("/notes/{id}")]
    fn do_DELETE_note(&self, id: u64, request: &Request<'_>) -> Result<StatusCode> {
        if request.headers().get("Authorization") != Some("Bearer secret") {
            return Err(Error::new(403).explain("this needs the bearer token"));
        }
        match self.0.lock().unwrap().remove(&id) {
            Some(_) => Ok(StatusCode::NO_CONTENT),
            None => Err(Error::new(404)),
        }
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    let notes = HashMap::from([(1, "buy milk\n".to_owned())]);
    server.serve_forever(Notes(Mutex::new(notes)))
}
