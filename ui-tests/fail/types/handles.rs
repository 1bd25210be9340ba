use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn mount(_: impl doget::Handles<doget::method::PUT>) {}
    mount(S);
}

fn main() {}
