use doget::{HttpServer, handler};

struct Hello;

#[handler]
impl Hello {
    fn do_GET(&self) -> &'static str {
        "Hello, World!"
    }
}

fn main() -> std::io::Result<()> {
    HttpServer::bind("localhost:8000")?.serve_forever(Hello)
}
