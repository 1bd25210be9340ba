//! A document that is checked in: what changed, and whether it breaks a client.

use crate::shop::{api, document};
use serde_json::{Value, json};

/// The changes since a document that this makes of the shop's.
fn since(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut earlier = document();
    change(&mut earlier);
    let path = std::env::temp_dir().join(format!(
        "doget-openapi-{}-{:p}.json",
        std::process::id(),
        &earlier
    ));
    std::fs::write(&path, earlier.to_string()).unwrap();
    let result = api().compare(&path);
    std::fs::remove_file(&path).unwrap();
    match result {
        Ok(()) => Vec::new(),
        Err(changes) => changes
            .iter()
            .map(|one| one.to_string().trim_start().to_owned())
            .collect(),
    }
}

#[test]
fn the_same_document_has_no_changes() {
    assert_eq!(since(|_| {}), [""; 0]);
}

#[test]
fn operations_parameters_and_bodies() {
    let changes = since(|earlier| {
        let paths = earlier["paths"].as_object_mut().unwrap();
        paths.insert("/gone".to_owned(), json!({ "get": { "responses": {} } }));
        paths.remove("/go");
        let search = &mut paths["/search"]["get"];
        search["parameters"][0]["required"] = true.into();
        search["parameters"].as_array_mut().unwrap().remove(1);
        search["parameters"][2]["schema"]["maximum"] = 1000.into();
        search["summary"] = "Other words.".into();
        let login = &mut paths["/login"]["post"]["requestBody"]["content"];
        let form = &mut login["application/x-www-form-urlencoded"]["schema"];
        form["required"] = json!(["user"]);
        form["properties"]["days"]["type"] = "string".into();
    });
    assert_eq!(
        changes,
        [
            "breaking  GET /gone: the operation is gone",
            "breaking  GET /search: the maximum of the query parameter `limit` is 100 now",
            "GET /search: the query parameter `q` is optional now",
            "GET /search: the query parameter `tag` is new, and optional",
            "GET /search: the summary is another",
            "breaking  POST /login: `days` of the body was string and is integer",
            "breaking  POST /login: `password` of the body is always there now",
            "GET /go: the operation is new",
        ]
    );
}

#[test]
fn what_breaks_depends_on_who_writes_the_value() {
    let changes = since(|earlier| {
        let schemas = &mut earlier["components"]["schemas"];
        // It is in requests and in answers, since both ways agree.
        schemas["Kind"]["enum"] = json!(["express"]);
        schemas["Item"]["properties"]["weight"] = json!({ "type": "number" });
        let shelf = &mut earlier["paths"]["/shelf"]["post"];
        shelf["responses"].as_object_mut().unwrap().remove("202");
        shelf["responses"]["418"] = json!({ "description": "No." });
        shelf["operationId"] = "shelve".into();
        shelf["security"] = json!([{ "basic": [] }]);
    });
    for expected in [
        "breaking  POST /orders: `kind` of an item of `orders` of the answer 200 may be \"slow\" now",
        "POST /orders: `kind` of an item of `orders` of the body may be \"slow\" now",
        "breaking  POST /shelf: `weight` of the answer 200 is gone",
        "breaking  POST /shelf: the answer 202 is new",
        "POST /shelf: the answer 418 is gone",
        "POST /shelf: other credentials are asked for",
        "breaking  POST /shelf: its name was \"shelve\" and is \"post_shelf\", which generated clients see",
    ] {
        assert!(
            changes.iter().any(|one| one == expected),
            "{expected} in {changes:#?}"
        );
    }
}

#[test]
fn a_file_that_is_not_there_says_how_to_write_it() {
    let error = api().compare("/nowhere/openapi.json").unwrap_err();
    assert!(!error.is_breaking());
    let text = format!("{error:?}");
    assert!(
        text.contains("/nowhere/openapi.json cannot be compared"),
        "{text}"
    );
    assert!(text.contains("DOGET_OPENAPI=write"), "{text}");
}
