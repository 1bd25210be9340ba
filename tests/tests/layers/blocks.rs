//! Layers that the macro puts around a block and around one of its methods.

use doget::testing::{self, TestRequest};
use doget::{
    Cors, Declared, Form, Layer, Limit, Request, RequestId, Response, Result, Sent, handler,
};
use std::sync::atomic::{AtomicU32, Ordering};

struct Many {
    cors: Cors<doget::ListedOrigins>,
    ids: RequestId,
    tries: Limit,
}

#[handler(layers(self.cors, self.ids))]
impl Many {
    #[layer(self.tries)]
    #[route("/login/{name}")]
    fn do_POST_login(
        &self,
        name: String,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let id = request.id().is_some();
        response.reply(format!("{name} {id}"))
    }

    #[layer(self.tries)]
    #[route("/form")]
    fn do_POST_form(&self, form: Form) -> Option<String> {
        form.get("a").map(ToOwned::to_owned)
    }

    fn do_GET(&self) -> &'static str {
        "page"
    }
}

fn many() -> Many {
    Many {
        cors: Cors::origins(["https://foo.com"]).unwrap(),
        ids: RequestId::new(),
        tries: Limit::per_minute(1),
    }
}

#[test]
fn a_layer_on_a_method_is_for_that_method_alone() {
    let site = many();
    let post = || {
        testing::post("/login/ada")
            .body("")
            .header("Origin", "https://foo.com")
    };
    let answer = post().send(&site);
    assert_eq!(answer.text(), "ada true");
    let refused = post().send(&site);
    assert_eq!(refused.status(), 429);
    for answer in [
        &answer,
        &refused,
        &testing::get("/")
            .header("Origin", "https://foo.com")
            .send(&site),
    ] {
        assert_eq!(
            answer.header("Access-Control-Allow-Origin"),
            Some("https://foo.com")
        );
        assert!(answer.header("X-Request-Id").is_some());
    }
    for _ in 0..3 {
        assert_eq!(testing::get("/").send(&site).text(), "page");
    }
    assert_eq!(
        testing::post("/form")
            .form([("a", "b")])
            .send(&many())
            .text(),
        "b"
    );
    assert_eq!(
        testing::post("/form")
            .form([("c", "b")])
            .send(&many())
            .status(),
        404
    );
    let preflight = TestRequest::new("OPTIONS", "/login/ada")
        .header("Origin", "https://foo.com")
        .header("Access-Control-Request-Method", "POST");
    assert_eq!(preflight.send(&site).status(), 204);
    assert_eq!(Many::METHODS.len(), 5);
}

/// The layers of a block hear of every answer, and its own hook still logs.
#[test]
fn layers_of_a_block_hear_what_was_sent() {
    #[derive(Default)]
    struct Seen(AtomicU32);
    impl Layer for Seen {
        const GATED: bool = false;
        fn sent(&self, _: &Request<'_>, code: doget::StatusCode, _: u64) {
            self.0.fetch_add(u32::from(code.as_u16()), Ordering::SeqCst);
        }
        fn is_logged(&self, request: &Request<'_>, _: doget::StatusCode) -> bool {
            request.path() != "/quiet"
        }
    }
    #[derive(Default)]
    struct Site {
        seen: Seen,
        logged: AtomicU32,
    }
    #[handler(layers(self.seen))]
    impl Site {
        #[route("/page")]
        fn do_GET_page(&self) -> &'static str {
            "page"
        }
        fn log_request(&self, _: &Request<'_>, _: doget::StatusCode, _: u64) {
            self.logged.fetch_add(1, Ordering::SeqCst);
        }
    }
    let site = Site::default();
    testing::get("/page").send(&site);
    testing::get("/quiet").send(&site);
    assert_eq!(site.seen.0.load(Ordering::SeqCst), 200 + 404);
    assert_eq!(site.logged.load(Ordering::SeqCst), 1);
}
