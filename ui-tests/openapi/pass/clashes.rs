//! Names of the user's in scope are not those of the expansion: blanket traits with methods of the same name.

use doget::{Html, handler};

#[allow(dead_code)]
trait Everything {
    fn input(&self) {}
    fn output(&self) {}
    fn about(&self) {}
    fn operation(&self) {}
    fn path_parameter(&self) {}
    fn block(&self) {}
    fn base(&self) {}
}

impl<T> Everything for T {}

#[allow(dead_code)]
struct Operation;
#[allow(dead_code)]
struct Api;

struct S;

#[handler]
impl S {
    #[route("/a/{id}")]
    fn do_POST_a(&self, id: u32, body: String) -> Html<String> {
        Html(format!("{id} {body}"))
    }
}

fn main() {
    let api = doget::openapi::OpenApi::of::<S>("S", "1");
    assert!(api.to_json().contains("/a/{id}"));
}
