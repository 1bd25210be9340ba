//! The smallest server: one method, one line of text.
//!
//! ```text
//! cargo run --release --example hello
//! curl http://127.0.0.1:8000/
//! ```

use doget::{HttpServer, handler};

struct Hello;

#[handler]
impl Hello {
    fn do_GET(&self) -> &'static str {
        "Hello, World!\n"
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Hello)
}
