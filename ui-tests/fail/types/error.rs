use doget::{Response, Sent, handler};

pub struct S;

pub struct Mine;

#[handler]
impl S {
    fn do_GET(&self) -> Result<String, Mine> {
        Err(Mine)
    }

    fn do_PUT(&self, response: Response<'_>) -> Result<Sent, Mine> {
        drop(response);
        Err(Mine)
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
