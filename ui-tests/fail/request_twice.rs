use doget::{Request, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, one: &Request<'_>, two: &mut Request<'_>) -> &'static str {
        let _ = (one, two);
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
