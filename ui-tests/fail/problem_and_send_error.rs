use doget::{Error, Request, Response, Result, Sent, handler};

pub struct S;

#[handler(problem)]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn send_error(&self, request: &Request<'_>, response: Response<'_>, error: Error) -> Result<Sent> {
        doget::hooks::send_error(self, request, response, error)
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
