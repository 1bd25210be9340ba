use doget::handler;

pub struct S;

#[handler(described)]
impl S {
    #[route("/users")]
    fn do_GET_users(&self) -> &'static str {
        "hello"
    }

    /// With a comment.
    #[route("/items")]
    fn do_GET_items(&self) -> &'static str {
        "hello"
    }

    #[doc(hidden)]
    #[route("/hidden")]
    fn do_GET_hidden(&self) -> &'static str {
        "in no document"
    }

    fn do_GET(&self) -> &'static str {
        "in no document"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
