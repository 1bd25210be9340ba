use doget::handler;

pub struct S;

#[handler]
impl S {
    const METHODS: &[&str] = &["GET"];

    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn dispatch(&self) {
        
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
