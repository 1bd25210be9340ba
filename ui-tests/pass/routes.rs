#![deny(warnings)]
//! Patterns that stand beside each other.

use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/")]
    fn do_GET_root(&self) -> &'static str {
        "root"
    }

    #[route("/{*rest}")]
    fn do_GET_rest(&self, rest: &str) -> String {
        rest.into()
    }

    #[route("/a/{x}")]
    fn do_GET_ax(&self, x: &str) -> String {
        x.into()
    }

    #[route("/a/b")]
    fn do_GET_ab(&self) -> &'static str {
        "ab"
    }

    #[route("/a/{x}/")]
    fn do_GET_slash(&self, x: std::borrow::Cow<'_, str>) -> String {
        x.into()
    }

    #[route("/{x}/b")]
    fn do_PUT_xb(&self, x: String) -> String {
        x
    }

    #[route("/a/{x}")]
    fn do_POST_ax(&self, x: std::num::NonZeroU8) -> String {
        x.to_string()
    }

    #[route("/%7Bbraces%7D/%3Acolon")]
    #[method("GET")]
    #[blocking]
    fn braces(&self) -> &'static str {
        "braces"
    }
}

fn main() {}
