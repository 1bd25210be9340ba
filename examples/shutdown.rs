//! Ending the server, by Ctrl-C or from a handler: it takes no more connections, answers what runs, and
//! `serve_forever` returns.
//!
//! ```text
//! cargo run --release --example shutdown
//! curl -X POST http://127.0.0.1:8000/shutdown
//! ```

use doget::{HttpServer, Request, handler};

struct Hello;

#[handler]
impl Hello {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "Hello, World!\n"
    }

    #[route("/shutdown")]
    fn do_POST_shutdown(&self, request: &Request<'_>) -> &'static str {
        request.server().shutdown().graceful();
        "Goodbye!\n"
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    server.shutdown_handle().on_signals()?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Hello)?;
    println!("the server has ended");
    Ok(())
}
