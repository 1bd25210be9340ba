//! A body of any size in constant memory: the reader `request.body()` gives it as it arrives, and a broken upload is
//! an error, never a short count.
//!
//! ```text
//! cargo run --release --example stream_upload
//! curl -T some-large-file http://127.0.0.1:8000/
//! ```

use doget::{HttpServer, Request, Result, handler};
use std::io;

struct Upload;

#[handler]
impl Upload {
    fn do_PUT(&self, request: &mut Request<'_>) -> Result<String> {
        let bytes = io::copy(request.body(), &mut io::sink())?;
        Ok(format!("{bytes} bytes\n"))
    }

    fn do_POST(&self, request: &mut Request<'_>) -> Result<String> {
        self.do_PUT(request)
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Upload)
}
