//! doget, as its other examples set it up.

use doget::{HttpServer, Log, Reply, Response, Result, Sent, handler};
use std::time::Duration;

struct Bench;

struct Typed<T>(&'static str, T);

impl<T: Into<std::borrow::Cow<'static, [u8]>>> Reply for Typed<T> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(200)
            .send_header("Content-Type", self.0)
            .finish_with(self.1)
    }
}

#[handler]
impl Bench {
    #[route("/plaintext")]
    fn do_GET_plaintext(&self) -> Typed<&'static [u8]> {
        Typed("text/plain", b"Hello, World!")
    }

    #[route("/json")]
    fn do_GET_json(&self) -> Typed<&'static [u8]> {
        Typed("application/json", br#"{"message":"Hello, World!"}"#)
    }

    #[route("/sleep")]
    fn do_GET_sleep(&self) -> &'static str {
        std::thread::sleep(Duration::from_millis(100));
        "slept"
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Typed<Vec<u8>> {
        Typed("application/octet-stream", body)
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut port, mut log) = (None, Log::off());
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--log" => log = Log::file(arguments.next().unwrap_or_default())?,
            _ => port = word.parse().ok(),
        }
    }
    let port: u16 =
        port.ok_or_else(|| std::io::Error::other("usage: peer-doget [--log FILE] PORT"))?;
    let server = HttpServer::bind(("127.0.0.1", port))?.log(log);
    server.serve_forever(Bench)
}
