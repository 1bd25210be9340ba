//! The response by hand: status, headers, blank line, data, as `http.server` has it. A header after `end_headers` or a
//! response that is not finished does not compile; one that is longer or shorter than its `Content-Length` never
//! leaves as a good one.
//!
//! ```text
//! cargo run --release --example headers
//! curl -i http://127.0.0.1:8000/
//! ```

use doget::{HttpServer, Response, Result, Sent, handler};
use std::io::Write;

struct Page;

#[handler]
impl Page {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        let page = "<!DOCTYPE html>\n<title>Cached</title>\n<p>Good for an hour.\n";
        let mut wfile = response
            .send_response(200)
            .send_header("Content-Type", "text/html; charset=utf-8")
            .send_header("Content-Length", page.len())
            .send_header("Cache-Control", "public, max-age=3600")
            .send_header("X-Served-By", "the headers example")
            .end_headers()?;
        wfile.write_all(page.as_bytes())?;
        wfile.finish()
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Page)
}
