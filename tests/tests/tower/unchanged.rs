//! What handlers have on doget's own server: layers, typed inputs, OpenAPI.

use crate::everywhere;
use crate::executor::{There, ask, get, post};
use doget::openapi::OpenApi;
use doget::{Form, Params, Query, RequestId, SecurityHeaders, handler};

#[derive(Params)]
struct Words {
    /// What is said.
    #[param(length = 1..=5)]
    text: String,
}

struct Typed(OpenApi);

/// Says again what it is told.
#[handler(described)]
impl Typed {
    /// By the query.
    #[route("/query")]
    fn do_GET_query(&self, Query(words): Query<Words>) -> String {
        words.text
    }

    /// By a form.
    #[route("/form")]
    fn do_POST_form(&self, Form(words): Form<Words>) -> String {
        words.text
    }

    /// What there is.
    #[route("/openapi.json")]
    fn do_GET_openapi(&self) -> &OpenApi {
        &self.0
    }
}

#[test]
fn layers_typed_inputs_and_openapi_are_as_on_the_own_server() {
    let typed = || Typed(OpenApi::of::<Typed>("Typed", "1"));
    let layered = || {
        doget::with(
            RequestId::new(),
            doget::with(SecurityHeaders::strict(), typed()),
        )
    };
    for (place, service) in everywhere(layered) {
        let (status, fields, text) = ask(&service, get("/query?text=tea"));
        assert_eq!((status, text.as_str()), (200, "tea"), "{place}");
        // Error pages have what layers promise, too.
        let (status, errors, _) = ask(&service, get("/query?text=too+long"));
        assert_eq!(status, 400, "{place}");
        for fields in [&fields, &errors] {
            assert_eq!(
                fields.get("x-content-type-options").unwrap(),
                "nosniff",
                "{place}"
            );
            assert!(fields.contains_key("x-request-id"), "{place}");
        }
        let form = |text: &str| {
            let mut request = post("/form", text);
            let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert("content-type", kind);
            request
        };
        assert_eq!(ask(&service, form("text=t%65a")).2, "tea", "{place}");
        let chunked = form("text=tea").map(|There(bytes, _)| There(bytes, false));
        assert_eq!(ask(&service, chunked).2, "tea", "{place}");
        assert_eq!(ask(&service, post("/form", "text=tea")).0, 415, "{place}");
        let (_, fields, text) = ask(&service, get("/openapi.json"));
        assert_eq!(
            fields.get("content-type").unwrap(),
            "application/json",
            "{place}"
        );
        assert_eq!(
            text,
            OpenApi::of::<Typed>("Typed", "1").to_json(),
            "{place}"
        );
    }
}
