//! A layer of one's own, in ten lines: what is old is told to move, and every answer says which version it is.
//!
//! ```text
//! cargo run --release --example layer
//! curl -i http://127.0.0.1:8000/
//! curl -i http://127.0.0.1:8000/v1/anything
//! ```

use doget::{Error, Gate, HttpServer, Layer, Promised, Request, Result, handler};

/// Answers 410 to the paths of version 1.
struct Version2;

impl Layer for Version2 {
    /// On every answer, error pages included.
    fn promise(&self, _: &Request<'_>, promised: &mut Promised) {
        promised.header("X-Version", "2");
    }

    /// Before the body is read: this needs only the head.
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        match request.path().starts_with("/v1/") {
            true => Err(Error::gone().message("Version 1 is gone")),
            false => Ok(Gate::Pass),
        }
    }
}

struct Hello;

#[handler]
impl Hello {
    #[route("/")]
    fn do_GET_hello(&self) -> &'static str {
        "hello\n"
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(doget::with(Version2, Hello))
}
