//! A value from the query string.
//!
//! ```text
//! cargo run --release --example query
//! curl 'http://127.0.0.1:8000/?name=Ada'
//! ```

use doget::{HttpServer, Pairs, handler};

struct Greeter;

#[handler]
impl Greeter {
    fn do_GET(&self, query: Pairs<'_>) -> String {
        let name = query.get("name").unwrap_or("World".into());
        format!("Hello, {name}!\n")
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Greeter)
}
