//! The access log in a file, without the requests of a health check. A full or slow disk never holds up a request.
//!
//! ```text
//! cargo run --release --example log_to_file -- 8000 access.log
//! curl http://127.0.0.1:8000/; cat access.log
//! ```

use doget::{HttpServer, Log, Request, StatusCode, handler, hooks};

struct Hello;

#[handler]
impl Hello {
    fn do_GET(&self) -> &'static str {
        "Hello, World!\n"
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        if request.path() != "/health" {
            hooks::log_request(self, request, code, size);
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or("8000".to_owned());
    let file = arguments.next().unwrap_or("access.log".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?.log(Log::file(file)?);
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Hello)
}
