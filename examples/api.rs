//! A service of notes that describes itself. What a method takes, what it answers and how it fails stand in its types:
//! wrong input is one 400 with all its faults, every error is `application/problem+json`, and the document follows from
//! the types and the comments. <http://127.0.0.1:8000/docs> shows it to people.
//!
//! ```text
//! cargo run --release --example api
//! curl -H 'Content-Type: application/json' -d '{"title": "Milk", "tags": ["shop"]}' http://127.0.0.1:8000/notes
//! curl 'http://127.0.0.1:8000/notes?tag=shop&limit=10'
//! curl 'http://127.0.0.1:8000/notes?limit=0&page=x'
//! curl http://127.0.0.1:8000/openapi.json
//! ```

use doget::openapi::{Docs, Document, JsonSchema, OpenApi};
use doget::{
    Created, Fault, HttpServer, InputFault, Json, NoContent, Params, Place, Query, handler,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Note {
    /// Its number, by which it is found.
    id: u32,
    /// What it is about.
    title: String,
    /// Anything, or nothing.
    text: String,
    /// Words to find it by.
    tags: Vec<String>,
}

/// What a client says of a note.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Draft {
    /// What it is about.
    #[schemars(length(min = 1, max = 80), example = &"Milk")]
    title: String,
    /// Anything, or nothing.
    #[serde(default)]
    text: String,
    /// Words to find it by, at most 5: small letters, digits and hyphens.
    #[schemars(length(max = 5), inner(length(min = 1), regex(pattern = "^[a-z0-9-]+$")), example = ["shop"])]
    #[serde(default)]
    tags: Vec<String>,
}

/// A part of the list.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Page {
    /// The notes of this page, the oldest first.
    notes: Vec<Note>,
    /// How many there are on all pages.
    total: usize,
    /// Where the next page is, if there is one.
    next: Option<String>,
}

/// Which part of the list.
#[derive(Params)]
struct Listing {
    /// Only notes with this tag.
    tag: Option<String>,
    /// The first page is 1.
    #[param(default = 1, range = 1..=1_000_000)]
    page: u32,
    /// How many notes a page has.
    #[param(default = 20, range = 1..=100)]
    limit: u32,
}

#[derive(Debug, Fault)]
enum NoteError {
    /// There is no such note.
    #[status(404)]
    Unknown,
    /// There is no room for another note.
    #[status(409)]
    Full,
    /// The note is not as it has to be.
    #[status(422)]
    Invalid(#[faults] Vec<InputFault>),
}

/// How many notes there may be.
const ROOM: usize = 10_000;

struct Notes {
    notes: Mutex<BTreeMap<u32, Note>>,
    api: OpenApi,
}

/// Notes, kept in memory.
#[handler(problem)]
impl Notes {
    /// Lists the notes, page by page.
    #[route("/notes")]
    fn do_GET_notes(&self, Query(listing): Query<Listing>) -> Json<Page> {
        let notes = self.lock();
        let has_tag = |note: &&Note| match &listing.tag {
            Some(tag) => note.tags.contains(tag),
            None => true,
        };
        let found: Vec<&Note> = notes.values().filter(has_tag).collect();
        let (page, limit) = (listing.page, listing.limit);
        let first = (page as usize - 1).saturating_mul(limit as usize);
        let more = found.len() > first.saturating_add(limit as usize);
        let next = more.then(|| {
            let mut query = vec![
                ("page", (page + 1).to_string()),
                ("limit", limit.to_string()),
            ];
            query.extend(listing.tag.clone().map(|tag| ("tag", tag)));
            format!("/notes?{}", doget::uri::query(query))
        });
        Json(Page {
            notes: found
                .iter()
                .skip(first)
                .take(limit as usize)
                .map(|note| (*note).clone())
                .collect(),
            total: found.len(),
            next,
        })
    }

    /// Keeps a new note.
    #[route("/notes")]
    fn do_POST_note(&self, Json(draft): Json<Draft>) -> Result<Created<Json<Note>>, NoteError> {
        let draft = checked(draft)?;
        let mut notes = self.lock();
        if notes.len() >= ROOM {
            return Err(NoteError::Full);
        }
        let id = notes.last_key_value().map_or(1, |(last, _)| last + 1);
        let note = draft.with(id);
        notes.insert(id, note.clone());
        Ok(Created::at(format!("/notes/{id}"), Json(note)))
    }

    /// Sends one note.
    #[route("/notes/{id}")]
    fn do_GET_note(
        &self,
        /// The number of the note.
        id: u32,
    ) -> Result<Json<Note>, NoteError> {
        let notes = self.lock();
        Ok(Json(notes.get(&id).ok_or(NoteError::Unknown)?.clone()))
    }

    /// Changes a note.
    #[route("/notes/{id}")]
    fn do_PUT_note(
        &self,
        /// The number of the note.
        id: u32,
        Json(draft): Json<Draft>,
    ) -> Result<Json<Note>, NoteError> {
        let draft = checked(draft)?;
        let mut notes = self.lock();
        let note = notes.get_mut(&id).ok_or(NoteError::Unknown)?;
        *note = draft.with(id);
        Ok(Json(note.clone()))
    }

    /// Forgets a note.
    #[route("/notes/{id}")]
    fn do_DELETE_note(
        &self,
        /// The number of the note.
        id: u32,
    ) -> Result<NoContent, NoteError> {
        self.lock().remove(&id).ok_or(NoteError::Unknown)?;
        Ok(NoContent)
    }

    /// The document of all this, without itself.
    #[route("/openapi.json")]
    fn do_GET_openapi(&self) -> &OpenApi {
        &self.api
    }

    /// The same for tools that know OpenAPI 3.0 alone.
    #[route("/openapi-3.0.json")]
    fn do_GET_openapi_3_0(&self) -> Document<'_> {
        self.api.v3_0()
    }

    /// The page that shows it.
    #[route("/docs")]
    fn do_GET_docs(&self) -> Docs<'_> {
        self.api.page()
    }
}

impl Notes {
    fn new() -> Self {
        Self {
            notes: Mutex::default(),
            api: OpenApi::of::<Self>("Notes", env!("CARGO_PKG_VERSION")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Note>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Draft {
    fn with(self, id: u32) -> Note {
        let Self { title, text, tags } = self;
        Note {
            id,
            title,
            text,
            tags,
        }
    }
}

/// The draft, or all that is wrong with it.
fn checked(draft: Draft) -> Result<Draft, NoteError> {
    let mut faults = Vec::new();
    if !(1..=80).contains(&draft.title.chars().count()) {
        faults.push(InputFault::new(
            Place::Body,
            "/title",
            "from 1 to 80 characters",
        ));
    }
    if draft.tags.len() > 5 {
        faults.push(InputFault::new(Place::Body, "/tags", "at most 5"));
    }
    for (position, tag) in draft.tags.iter().enumerate().take(5) {
        let in_tag = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if tag.is_empty() || !tag.bytes().all(in_tag) {
            let pointer = format!("/tags/{position}");
            let rule = "small letters, digits and hyphens";
            faults.push(InputFault::new(Place::Body, pointer, rule));
        }
    }
    match faults.is_empty() {
        true => Ok(draft),
        false => Err(NoteError::Invalid(faults)),
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Notes::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use doget::testing::{self, Answer, TestRequest};

    /// Sends a request, and finds an answer that its method does not declare.
    #[track_caller]
    fn send(notes: &Notes, request: TestRequest) -> Answer {
        let answer = request.send(notes);
        assert_eq!(answer.undeclared(), None);
        answer
    }

    fn draft(title: &str, tags: &[&str]) -> Draft {
        Draft {
            title: title.to_owned(),
            text: String::new(),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        }
    }

    #[test]
    fn a_note_comes_and_goes() {
        let notes = Notes::new();
        let created = send(
            &notes,
            testing::post("/notes").json(&draft("Milk", &["shop"])),
        );
        assert_eq!(created.status(), 201);
        let place = created.header("Location").unwrap_or_default();
        let note: Note = send(&notes, testing::get(place)).json();
        assert_eq!((note.id, &*note.title), (1, "Milk"));
        let changed = send(&notes, testing::put(place).json(&draft("Tea", &[])));
        assert_eq!(changed.json::<Note>().title, "Tea");
        assert_eq!(send(&notes, testing::delete(place)).status(), 204);
        assert_eq!(send(&notes, testing::delete(place)).status(), 404);
    }

    #[test]
    fn the_list_has_pages() {
        let notes = Notes::new();
        for number in 0..5 {
            send(
                &notes,
                testing::post("/notes").json(&draft(&format!("{number}"), &["a"])),
            );
        }
        let first: Page = send(&notes, testing::get("/notes?limit=3&tag=a")).json();
        assert_eq!((first.notes.len(), first.total), (3, 5));
        let next = first.next.unwrap_or_default();
        assert_eq!(next, "/notes?page=2&limit=3&tag=a");
        let second: Page = send(&notes, testing::get(&next)).json();
        assert_eq!((second.notes.len(), second.next), (2, None));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let notes = Notes::new();
        let query = send(&notes, testing::get("/notes?limit=0&page=x"));
        assert_eq!(query.status(), 400);
        let body = send(
            &notes,
            testing::post("/notes").json(&draft("", &["two words"])),
        );
        assert_eq!(body.status(), 422);
        for (answer, faults) in [(query, ["limit", "page"]), (body, ["/title", "/tags/0"])] {
            assert_eq!(
                answer.header("Content-Type"),
                Some("application/problem+json")
            );
            for fault in faults {
                assert!(
                    answer.text().contains(&format!("\"{fault}\"")),
                    "{answer:?}"
                );
            }
        }
    }
}
