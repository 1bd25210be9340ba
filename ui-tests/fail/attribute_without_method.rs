use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[route("/users")]
    fn users(&self) {}
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
