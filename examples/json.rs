//! JSON in, JSON out. A body that is not what `Message` expects gets 400 with the reason, before the method is called.
//!
//! ```text
//! cargo run --release --example json
//! curl -H 'Content-Type: application/json' -d '{"message": "hi"}' http://127.0.0.1:8000/
//! ```

use doget::{HttpServer, Json, handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Message {
    message: String,
}

#[derive(Serialize)]
struct Received {
    received: String,
}

struct Echo;

#[handler]
impl Echo {
    fn do_POST(&self, Json(body): Json<Message>) -> Json<Received> {
        Json(Received {
            received: body.message,
        })
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Echo)
}
