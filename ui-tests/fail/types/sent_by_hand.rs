use doget::{Response, Sent, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, _response: Response<'_>) -> doget::Result<Sent> {
        Ok(())
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
