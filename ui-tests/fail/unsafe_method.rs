use doget::handler;

pub struct S;

#[handler]
impl S {
    unsafe fn do_GET(&self) -> &'static str {
        "hello"
    }

    unsafe fn version_string(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
