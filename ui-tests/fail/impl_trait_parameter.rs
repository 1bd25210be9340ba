use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, text: impl Into<String>) -> String {
        text.into()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
