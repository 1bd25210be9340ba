//! How handlers are tested: `doget::testing` runs them on requests in memory, without a port; and their methods are
//! still methods.
//!
//! ```text
//! cargo test --example testing
//! ```

use doget::{Error, HttpServer, Json, Result, StatusCode, handler};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Note {
    text: String,
}

#[derive(Default)]
struct Notes(Mutex<Vec<Note>>);

#[handler]
impl Notes {
    #[route("/notes")]
    fn do_POST_note(&self, Json(note): Json<Note>) -> Result<(StatusCode, String)> {
        if note.text.is_empty() {
            return Err(Error::unprocessable_content().explain("a note has a text"));
        }
        let mut notes = self.0.lock().unwrap();
        notes.push(note);
        Ok((StatusCode::CREATED, format!("/notes/{}", notes.len() - 1)))
    }

    #[route("/notes/{number}")]
    fn do_GET_note(&self, number: usize) -> Option<Json<Note>> {
        self.0.lock().unwrap().get(number).cloned().map(Json)
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Notes::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use doget::testing;

    fn note(text: &str) -> Note {
        Note {
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_note_that_is_posted_can_be_read() {
        let notes = Notes::default();
        let posted = testing::post("/notes").json(&note("buy milk")).send(&notes);
        assert_eq!(posted.status(), 201, "{posted:?}");
        let answer = testing::get(posted.text()).send(&notes);
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
        assert_eq!(answer.json::<Note>(), note("buy milk"));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let notes = Notes::default();
        let empty = testing::post("/notes").json(&note("")).send(&notes);
        assert_eq!(empty.status(), 422);
        assert!(empty.text().contains("a note has a text"));
        let untyped = testing::post("/notes").body("{}").send(&notes);
        assert_eq!(untyped.status(), 415);
        assert_eq!(testing::get("/notes/0").send(&notes).status(), 404);
    }

    #[test]
    fn methods_are_methods() {
        let notes = Notes::default();
        assert!(notes.do_GET_note(0).is_none());
        let (status, location) = notes.do_POST_note(Json(note("x"))).unwrap();
        assert_eq!((status.as_u16(), &*location), (201, "/notes/0"));
    }
}
