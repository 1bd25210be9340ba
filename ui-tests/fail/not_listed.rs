use doget::handler;

pub struct S;

#[handler(methods(GET))]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn do_PUT(&self) -> &'static str {
        "put"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
