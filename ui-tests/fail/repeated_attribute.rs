use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/a")]
    #[route("/b")]
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[method("PUT")]
    #[method("POST")]
    fn put(&self) -> &'static str {
        "put"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
