//! The example `api`: typed parameters, typed answers, problems and a document.

use crate::{request, start};
use doget_tests::Client;

const JSON: &str = "Content-Type: application/json";

#[test]
fn api() {
    let child = start("api", &["0"]);
    let mut client = child.connect();

    let milk = br#"{"title":"Milk","tags":["shop"]}"#;
    let created = request(&mut client, "POST /notes", &[JSON], milk);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("Location"), Some("/notes/1"));
    let note = r#"{"id":1,"title":"Milk","text":"","tags":["shop"]}"#;
    assert_eq!(created.text(), note);
    assert_eq!(client.get("/notes/1").text(), note);
    let list = client.get("/notes?tag=shop&limit=10");
    assert_eq!(
        list.text(),
        format!(r#"{{"notes":[{note}],"total":1,"next":null}}"#)
    );

    problem(
        &mut client,
        "GET /notes?limit=0&page=x",
        b"",
        400,
        &["\"name\":\"limit\"", "\"name\":\"page\"", "from 1 to 100"],
    );
    problem(
        &mut client,
        "POST /notes",
        br#"{"title":""}"#,
        422,
        &["\"pointer\":\"/title\"", "from 1 to 80 characters"],
    );
    problem(&mut client, "POST /notes", b"{", 400, &["Bad Request"]);
    problem(
        &mut client,
        "GET /notes/2",
        b"",
        404,
        &["There is no such note"],
    );
    problem(
        &mut client,
        "PATCH /notes",
        b"",
        405,
        &["Method Not Allowed"],
    );

    let gone = request(&mut client, "DELETE /notes/1", &[], b"");
    assert_eq!((gone.status, gone.text()), (204, ""));
    assert_eq!(client.get("/notes/1").status, 404);

    let document = client.get("/openapi.json");
    assert_eq!(document.header("Content-Type"), Some("application/json"));
    for part in [
        "\"openapi\": \"3.1.0\"",
        "\"/notes/{id}\"",
        "There is no room for another note",
        "application/problem+json",
    ] {
        assert!(document.text().contains(part), "{part}");
    }
    let old = client.get("/openapi-3.0.json");
    assert!(old.text().contains("\"openapi\": \"3.0.3\""), "{old:?}");
    let page = client.get("/docs");
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert!(
        page.header("Content-Security-Policy")
            .unwrap()
            .starts_with("default-src 'none'; style-src 'sha256-")
    );
    assert!(page.text().contains("<a href=\"/openapi.json\">"));
}

/// Checks that the answer is a problem of this status, with these words in it.
#[track_caller]
fn problem(client: &mut Client, line: &str, body: &[u8], status: u16, words: &[&str]) {
    let answer = request(client, line, &[JSON], body);
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/problem+json")
    );
    for word in words {
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
    }
}
