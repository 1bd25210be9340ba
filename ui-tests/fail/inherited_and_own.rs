use doget::handler;

pub struct Base;

#[handler]
impl Base {
    fn do_GET(&self) -> &'static str {
        "base"
    }
}

pub struct S(Base);

#[handler(base(self.0: Base), inherits(GET))]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S(Base));
}

fn main() {}
