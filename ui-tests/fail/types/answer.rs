use doget::{Response, Sent, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, response: Response<'_>) -> String {
        drop(response);
        String::new()
    }

    fn do_PUT(&self) -> doget::Result<Sent> {
        Err(doget::Error::new(404))
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
