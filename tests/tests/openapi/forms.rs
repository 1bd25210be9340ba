//! Forms with files in the document: their media type, their parts, and what those may be.

use doget::openapi::OpenApi;
use doget::{Form, Multipart, MultipartLimits, NoContent, Params, Upload, handler};
use serde_json::{Value, json};

/// A picture, and what is said of it.
#[derive(Params)]
#[params(exact, limits = MultipartLimits::new().max_size(4 << 20))]
struct Photo {
    /// What it shows.
    #[param(length = 1..=80)]
    title: String,
    /// The picture.
    #[param(limit = 2 << 20, kinds = ["image/png", "image/jpeg"])]
    photo: Upload,
    /// Sketches of it.
    #[param(length = 0..=3, limit = 1 << 10)]
    sketch: Vec<Upload>,
    /// What the photographer says, as a text.
    #[param(kinds = ["text/plain"])]
    note: Option<Upload>,
}

/// Without a file.
#[derive(Params)]
struct Words {
    /// What is said.
    text: String,
}

struct Album;

/// Pictures. Everything has to be described, so these parameters are what `described` knows.
#[handler(described)]
impl Album {
    /// Keeps a picture.
    #[route("/photos")]
    fn do_POST_photo(&self, Multipart(photo): Multipart<Photo>) -> NoContent {
        let Photo {
            title,
            photo,
            sketch,
            note,
        } = photo;
        let _ = (title, photo.len(), sketch.len(), note.is_some());
        NoContent
    }

    /// Says something, in parts.
    #[route("/words")]
    fn do_POST_words(&self, Multipart(words): Multipart<Words>) -> NoContent {
        let _ = words.text;
        NoContent
    }

    /// Says something, or nothing.
    #[route("/words")]
    fn do_PUT_words(&self, words: Option<Form<Words>>) -> NoContent {
        let _ = words.map(|Form(words)| words.text);
        NoContent
    }
}

fn body(document: &str, method: &str, path: &str) -> Value {
    let document: Value = serde_json::from_str(document).unwrap();
    document["paths"][path][method]["requestBody"].clone()
}

fn api() -> OpenApi {
    OpenApi::of::<Album>("Album", "1")
}

fn photo() -> Value {
    json!({
        "required": true,
        "content": { "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "title": {
                        "type": "string", "minLength": 1, "maxLength": 80, "description": "What it shows.",
                    },
                    "photo": {
                        "type": "string", "format": "binary", "maxLength": 2 << 20, "description": "The picture.",
                    },
                    "sketch": {
                        "type": "array",
                        "items": { "type": "string", "format": "binary", "maxLength": 1 << 10 },
                        "minItems": 0,
                        "maxItems": 3,
                        "description": "Sketches of it.",
                    },
                    "note": {
                        "type": "string",
                        "format": "binary",
                        "description": "What the photographer says, as a text.",
                    },
                },
                "required": ["title", "photo"],
                "additionalProperties": false,
            },
            "encoding": {
                "photo": { "contentType": "image/png, image/jpeg" },
                "note": { "contentType": "text/plain" },
            },
        } },
    })
}

#[test]
fn files_are_parts_of_bytes_with_their_types_and_bounds() {
    assert_eq!(body(&api().to_json(), "post", "/photos"), photo());
    assert_eq!(body(&api().v3_0().to_json(), "post", "/photos"), photo());
    let document: Value = serde_json::from_str(&api().to_json()).unwrap();
    let answers = document["paths"]["/photos"]["post"]["responses"]
        .as_object()
        .unwrap();
    let statuses: Vec<&String> = answers.keys().collect();
    assert_eq!(statuses, ["204", "400", "413", "415"]);
}

/// The parameter says what the body is, whether or not there is a file in it.
#[test]
fn a_form_of_parts_without_a_file_is_one_of_parts() {
    let media_types = |method| {
        let body = body(&api().to_json(), method, "/words");
        let content = body["content"].as_object().unwrap();
        let required = body["required"] == true;
        (content.keys().cloned().collect::<Vec<_>>(), required)
    };
    assert_eq!(
        media_types("post"),
        (vec!["multipart/form-data".to_owned()], true)
    );
    assert_eq!(
        media_types("put"),
        (vec!["application/x-www-form-urlencoded".to_owned()], false)
    );
}

#[test]
fn the_page_shows_what_a_file_may_be_and_how_to_send_it() {
    let html = api().page().to_html();
    for shown in [
        "<small>image/png, image/jpeg</small>",
        "<span class=\"chip\">at most 2097152 bytes</span>",
        "<i>'photo=@FILE'</i>",
        "<i>'sketch=@FILE'</i>",
    ] {
        assert!(html.contains(shown), "{shown} in {html}");
    }
}

/// What a field may be is a part of the contract.
#[test]
fn other_types_of_a_file_are_a_change() {
    let changes = |earlier: &str| {
        let earlier = api().to_json().replace("image/png, image/jpeg", earlier);
        let name = format!("doget-forms-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, earlier).unwrap();
        let result = api().compare(&path);
        std::fs::remove_file(&path).unwrap();
        let changes = result.unwrap_err();
        changes
            .iter()
            .map(|one| one.to_string().trim_start().to_owned())
            .collect::<Vec<_>>()
    };
    let words = "POST /photos: `photo` of the body may be image/png, image/jpeg now";
    assert_eq!(changes("image/png"), [words]);
    assert_eq!(
        changes("image/png, image/gif"),
        [format!("breaking  {words}")]
    );
}
