//! The document and the page as answers: nothing is served that no method serves.

use crate::shop::{Base, Shop};
use doget::testing;
use serde_json::Value;

#[test]
fn the_document_is_sent_by_a_method_and_is_not_in_itself() {
    let shop = Shop::new();
    let answer = testing::get("/openapi.json").send(&shop);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert_eq!(answer.header("Cache-Control"), Some("no-cache"));
    let tag = answer.header("ETag").unwrap().to_owned();
    let document: Value = serde_json::from_str(answer.text()).unwrap();
    for path in ["/openapi.json", "/openapi-3.0.json", "/docs"] {
        assert!(document["paths"][path].is_null(), "{path}");
    }
    let again = testing::get("/openapi.json").send(&shop);
    assert_eq!(again.header("ETag"), Some(&*tag));
    let old = testing::get("/openapi-3.0.json").send(&shop);
    assert_ne!(old.header("ETag"), Some(&*tag));
    let old: Value = serde_json::from_str(old.text()).unwrap();
    assert_eq!(old["openapi"], "3.0.3");
}

/// The document, its older version and the page are asked for again and again, by editors and by browsers.
#[test]
fn who_has_the_version_already_gets_304() {
    let shop = Shop::new();
    for path in ["/openapi.json", "/openapi-3.0.json", "/docs"] {
        let first = testing::get(path).send(&shop);
        let tag = first.header("ETag").unwrap().to_owned();
        let again = testing::get(path).header("If-None-Match", &tag).send(&shop);
        assert_eq!((again.status().as_u16(), again.text()), (304, ""), "{path}");
        assert_eq!(again.header("ETag"), Some(&*tag));
        assert_eq!(again.header("Cache-Control"), Some("no-cache"));
        assert_eq!(again.undeclared(), None);
        let other = testing::get(path)
            .header("If-None-Match", "\"other\"")
            .send(&shop);
        assert_eq!((other.status().as_u16(), other.text()), (200, first.text()));
        let failed = testing::get(path)
            .header("If-Match", "\"other\"")
            .send(&shop);
        assert_eq!(failed.status(), 412);
        assert_eq!(failed.undeclared(), None);
    }
}

#[test]
fn a_handler_without_such_a_method_serves_nothing() {
    for path in ["/openapi.json", "/docs", "/openapi.yaml", "/redoc"] {
        assert_ne!(testing::get(path).send(&Base).status(), 200, "{path}");
    }
}

#[test]
fn the_older_version_has_no_word_of_the_newer_one() {
    let text = Shop::new().api.v3_0().to_json();
    for word in [
        "\"null\"",
        "\"const\"",
        "\"examples\"",
        "\"prefixItems\"",
        "\"exclusiveMinimum\": 0",
    ] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert!(text.contains("\"nullable\": true"), "{text}");
}
