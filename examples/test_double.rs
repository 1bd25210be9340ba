//! A test double of a service that your program talks to: it serves on a free port, answers as you say, and keeps the
//! requests for you to look at.
//!
//! ```text
//! cargo run --release --example test_double
//! ```

use doget::{HttpServer, Log, Request, Running, StatusCode, handler};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as the double got it: its line and its body.
type Received = (String, String);

struct Collector(Arc<Mutex<Vec<Received>>>);

#[handler]
impl Collector {
    #[route("/{*path}")]
    fn do_POST_any(&self, path: &str, request: &Request<'_>, body: String) -> StatusCode {
        let received = (request.requestline().to_owned(), body);
        self.0.lock().unwrap().push(received);
        match path {
            "broken" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::CREATED,
        }
    }
}

/// The service, as long as this lives.
struct Double {
    server: Running,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Double {
    fn start() -> io::Result<Self> {
        let received = Arc::default();
        let server = HttpServer::bind("127.0.0.1:0")?
            .log(Log::off())
            .spawn(Collector(Arc::clone(&received)))?;
        Ok(Self { server, received })
    }

    fn address(&self) -> SocketAddr {
        self.server.local_addr().expect("an address of TCP")
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// What is tested: it tells a service that something has happened, and says whether the service took it.
fn notify(service: SocketAddr, path: &str, text: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(service)?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {service}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}",
        text.len(),
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 201 "))
}

fn main() -> io::Result<()> {
    let double = Double::start()?;
    assert!(notify(double.address(), "/builds", "7 is green")?);
    assert!(!notify(double.address(), "/broken", "8 is red")?);
    for (line, body) in double.received() {
        println!("{line}: {body}");
    }
    Ok(())
}
