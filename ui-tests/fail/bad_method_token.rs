use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[method("A B")]
    fn a_b(&self) -> &'static str {
        "a b"
    }

    #[method("")]
    fn empty(&self) -> &'static str {
        "empty"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
