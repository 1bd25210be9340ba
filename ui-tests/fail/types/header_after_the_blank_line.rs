use doget::{Response, Sent, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, response: Response<'_>) -> doget::Result<Sent> {
        let wfile = response.send_response(200).end_headers()?;
        wfile.send_header("A", "b").finish()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
