//! The endpoints that HTTP benchmarks ask for. No log unless a file is named.
//! ```text
//! cargo run --release --example benchmark -- [--log FILE] [PORT]
//! curl http://127.0.0.1:8000/plaintext
//! ```

use doget::{HttpServer, Json, Log, Request, Response, Result, Sent, handler};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::thread::sleep;
use std::time::Duration;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

#[derive(Deserialize, Serialize)]
struct Order {
    id: u64,
    customer: String,
    email: String,
    items: Vec<Item>,
    note: String,
}

#[derive(Deserialize, Serialize)]
struct Item {
    name: String,
    count: u64,
    cents: u64,
}

#[derive(Serialize)]
struct Receipt {
    order: Order,
    count: u64,
    cents: u64,
}

struct Benchmark;

#[handler]
impl Benchmark {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "This server is here to be measured.\n"
    }

    #[route("/plaintext")]
    fn do_GET_plaintext(&self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(200)
            .send_header("Content-Type", "text/plain")
            .finish_with(b"Hello, World!")
    }

    #[route("/json")]
    fn do_GET_json(&self) -> Json<Message> {
        let message = "Hello, World!";
        Json(Message { message })
    }

    #[route("/json")]
    fn do_POST_json(&self, Json(order): Json<Order>) -> Json<Receipt> {
        let items = &order.items;
        let count = items.iter().map(|item| item.count).sum();
        let cents = items.iter().map(|item| item.count * item.cents).sum();
        Json(Receipt {
            order,
            count,
            cents,
        })
    }

    /// Passes the body over, whatever its size.
    #[route("/upload")]
    fn do_POST_upload(&self, request: &mut Request<'_>) -> Result<String> {
        let (body, mut length) = (request.body(), 0);
        loop {
            let piece = body.fill_buf()?.len();
            if piece == 0 {
                return Ok(length.to_string());
            }
            length += piece;
            body.consume(piece);
        }
    }

    /// Has more as long as somebody reads.
    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> Result<Sent> {
        let mut wfile = response.send_response(200).end_headers()?;
        loop {
            wfile.write_all(&[b'x'; 16 << 10])?;
        }
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// Computes, for about a tenth of a millisecond.
    #[route("/compute")]
    fn do_GET_compute(&self) -> String {
        let mix = |hash: u64, number: u64| (hash ^ number).wrapping_mul(0x0100_0000_01b3);
        format!("{:016x}\n", (0..100_000).fold(0, mix))
    }

    #[route("/sleep")]
    fn do_GET_sleep(&self) -> &'static str {
        sleep(Duration::from_millis(100));
        "Good morning!\n"
    }

    #[route("/block")]
    fn do_GET_block(&self) -> &'static str {
        sleep(Duration::from_secs(5));
        "Good morning!\n"
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let (log, port) = match &arguments[1..] {
        [flag, file, port] if flag == "--log" => (Log::file(file)?, &**port),
        [port] => (Log::off(), &**port),
        _ => (Log::off(), "8000"),
    };
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?.log(log);
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Benchmark)
}
