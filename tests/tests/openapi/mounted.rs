//! The description of a handler that is mounted somewhere: its addresses are those that clients have to ask for.

use doget::openapi::{Docs, Document, OpenApi};
use doget::testing::{self, Answer};
use doget::{Handler, Mount, handler};
use serde_json::{Value, json};

/// Notes, and their description.
struct Notes {
    api: OpenApi,
}

impl Notes {
    fn new() -> Self {
        Self {
            api: OpenApi::of::<Self>("Notes", "1"),
        }
    }
}

#[handler]
impl Notes {
    #[route("/newest")]
    fn do_GET_newest(&self) -> &'static str {
        "note"
    }

    #[route("/openapi.json")]
    fn do_GET_openapi(&self) -> &OpenApi {
        &self.api
    }

    #[route("/older/openapi.json")]
    fn do_GET_older(&self) -> Document<'_> {
        self.api.v3_0()
    }

    #[route("/docs")]
    fn do_GET_docs(&self) -> Docs<'_> {
        self.api.page()
    }
}

/// Notes below a prefix, and a description of everything below another.
struct Site {
    notes: Notes,
    about: About,
}

struct About(OpenApi);

#[handler]
impl About {
    #[route("/openapi.json")]
    fn do_GET_openapi(&self) -> &OpenApi {
        &self.0
    }
}

#[handler(mount("/notes" = self.notes: Notes, "/about" = self.about: About))]
impl Site {}

fn site() -> Site {
    Site {
        notes: Notes::new(),
        about: About(OpenApi::of::<Site>("Site", "1")),
    }
}

fn get(path: &str, handler: &impl Handler) -> Answer {
    let answer = testing::get(path).send(handler);
    assert_eq!(answer.status(), 200, "{path}");
    answer
}

fn document(path: &str, handler: &impl Handler) -> Value {
    serde_json::from_str(get(path, handler).text()).unwrap()
}

/// Each path of the document is one that is answered, behind the address of the server that the document names.
#[track_caller]
fn names_what_is_answered(path: &str, handler: &impl Handler) -> Value {
    let document = document(path, handler);
    let server = document["servers"][0]["url"].as_str().unwrap_or_default();
    let paths = document["paths"].as_object().unwrap();
    assert!(!paths.is_empty());
    for path in paths.keys() {
        get(&format!("{server}{path}"), handler);
    }
    document["servers"].clone()
}

#[test]
fn a_document_below_a_prefix_names_it() {
    let alone = Notes::new();
    let at_root = names_what_is_answered("/openapi.json", &alone);
    assert_eq!(at_root, Value::Null);
    let site = site();
    let below = json!([{"url": "/notes"}]);
    for path in ["/notes/openapi.json", "/notes/older/openapi.json"] {
        assert_eq!(names_what_is_answered(path, &site), below, "{path}");
    }
    // Its own document is not the site's, which has the prefix in its paths.
    assert_eq!(
        names_what_is_answered("/about/openapi.json", &site),
        Value::Null
    );
    let deeper = Mount::new("/v1", self::site());
    let at = names_what_is_answered("/v1/notes/openapi.json", &deeper);
    assert_eq!(at, json!([{"url": "/v1/notes"}]));
    let at = names_what_is_answered("/v1/about/openapi.json", &deeper);
    assert_eq!(at, json!([{"url": "/v1"}]));
}

/// One handler at two places, asked in turns: each has its own document, tag and page.
#[test]
fn a_handler_at_two_places_has_two_documents() {
    struct Twice {
        notes: Notes,
    }

    #[handler(mount("/a" = self.notes: Notes, "/b" = self.notes: Notes))]
    impl Twice {}

    let twice = Twice {
        notes: Notes::new(),
    };
    for _ in 0..2 {
        for place in ["/a", "/b"] {
            for path in ["/openapi.json", "/older/openapi.json", "/docs"] {
                let path = format!("{place}{path}");
                let answer = get(&path, &twice);
                assert!(answer.text().contains(place), "{path}");
                let tag = answer.header("ETag").unwrap();
                let again = testing::get(&path)
                    .header("If-None-Match", tag)
                    .send(&twice);
                assert_eq!(again.status(), 304, "{path}");
            }
        }
    }
    let tags = ["/a/openapi.json", "/b/openapi.json"]
        .map(|path| get(path, &twice).header("ETag").unwrap().to_owned());
    assert_ne!(tags[0], tags[1]);
}

#[test]
fn the_page_below_a_prefix_leads_below_it() {
    let site = site();
    let answer = get("/notes/docs", &site);
    let page = answer.text();
    assert!(page.contains("href=\"/notes/openapi.json\""), "{page}");
    assert!(
        page.contains("http://localhost:8000/notes/newest"),
        "{page}"
    );
    // As the client spelled it, which is no markup.
    let answer = get("/%6eotes/docs", &site);
    assert!(answer.text().contains("href=\"/%6eotes/openapi.json\""));
}

/// What the program says stands.
#[test]
fn a_server_that_was_named_is_the_only_one() {
    let mut site = site();
    site.notes.api = OpenApi::of::<Notes>("Notes", "1").server("https://a.example/n", "");
    let document = document("/notes/openapi.json", &site);
    assert_eq!(document["servers"], json!([{"url": "https://a.example/n"}]));
}
