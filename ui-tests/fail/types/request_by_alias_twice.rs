use doget::{Request, handler};

type Req<'r, 'c> = &'r mut Request<'c>;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, one: Req<'_, '_>, two: &Request<'_>) -> &'static str {
        let _ = (one, two);
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
