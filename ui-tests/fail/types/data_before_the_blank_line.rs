use std::io::Write;

use doget::{Response, Sent, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, response: Response<'_>) -> doget::Result<Sent> {
        let mut headers = response.send_response(200);
        write!(headers, "hello")?;
        headers.finish()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
