use doget::{Request, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn log_request(&self, _: &Request<'_>, _: u8, _: u64) {
        
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
