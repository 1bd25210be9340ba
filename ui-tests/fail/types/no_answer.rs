use std::io::Write;

use doget::{Response, Sent, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, response: Response<'_>) -> doget::Result<Sent> {
        let mut wfile = response.send_response(200).end_headers()?;
        write!(wfile, "hello")?;
        wfile.finish();
    }

    fn do_PUT(&self, response: Response<'_>) -> doget::Result<Sent> {
        
    }

    fn do_POST(&self) -> String {
        for word in ["a", "b"] {
            println!("{word}");
        }
    }

    fn do_DELETE(&self) -> String {
        diverges();
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

// The price of the check: a function that never returns cannot be told from others. `return diverges()` passes.
fn diverges() -> ! {
    panic!()
}

fn main() {}
