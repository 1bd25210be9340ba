use doget::handler;

pub struct S;

#[handler(method(GET), strict, 7)]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
