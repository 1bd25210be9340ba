#![deny(warnings)]
//! Layers and a guard together, in a generic block with a base and a cfg.

use doget::{Authorized, Layer, Limit, Request, RequestId, Result, Scheme, StatusCode, Verify, handler};

struct Inner;

#[handler]
impl Inner {
    fn do_GET(&self) -> &'static str {
        "inner"
    }
}

struct User;

struct Outer<L> {
    inner: Inner,
    layer: L,
    ids: RequestId,
    parts: Parts,
}

struct Parts {
    tries: Limit,
}

impl<L> Verify<User> for Outer<L> {
    const SCHEME: Scheme = Scheme::Bearer("outer");
    const BLOCKS: bool = true;

    fn verify(&self, _: &Request<'_>) -> Result<Option<User>> {
        Ok(None)
    }
}

#[handler(base(self.inner: Inner), layers(self.ids, self.layer), guard(User))]
impl<L: Layer> Outer<L> {
    #[open]
    #[layer(self.parts.tries)]
    #[route("/{id}")]
    fn do_PUT_one(&self, id: u32, text: String) -> String {
        format!("{id}{text}")
    }

    #[cfg(not(all()))]
    #[layer(self.nowhere)]
    fn do_DELETE(&self) -> &'static str {
        "gone"
    }

    fn do_POST(&self, _user: Authorized<User>) -> &'static str {
        "posted"
    }

    #[cfg(all())]
    fn log_request(&self, _: &Request<'_>, _: StatusCode, _: u64) {}
}

fn main() {
    let outer = Outer {
        inner: Inner,
        layer: (),
        ids: RequestId::new(),
        parts: Parts {
            tries: Limit::per_second(1),
        },
    };
    assert_eq!(doget::testing::get("/").send(&outer).status(), 401);
    assert_eq!(doget::testing::post("/").body("").send(&outer).status(), 401);
    let put = doget::testing::TestRequest::new("PUT", "/7").body("x");
    assert_eq!(put.send(&outer).text(), "7x");
}
