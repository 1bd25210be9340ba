//! The handler of both examples, as it would stand on doget's own server: what is below it is said in `main` alone.

use doget::{Request, Response, Result, Sent, handler};
use std::io::Write as _;
use std::time::Duration;

/// Eight lines of "tea", by gzip.
pub const CATALOGUE: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff+IM\xe4*\xc1\x83\x013\x06\x95w \x00\x00\x00";

/// Blocking Rust.
#[derive(Debug)]
pub struct Shop;

#[handler]
impl Shop {
    #[route("/items/{number}")]
    fn do_GET_item(&self, number: u32) -> String {
        format!("item {number}\n")
    }

    /// What of the request has come through.
    #[route("/whoami")]
    fn do_GET_whoami(&self, request: &Request<'_>) -> String {
        let fields = request.headers();
        let cookie = fields.get("Cookie").unwrap_or("none");
        let tags: Vec<&str> = fields.get_all("X-Tag").collect();
        let host = request.authority().unwrap_or("none");
        let address = request.client_address().ip();
        let address = address.map_or("unknown".to_owned(), |ip| ip.to_string());
        let query = request.query_string();
        format!("{address} asks {host} with {cookie}, query {query:?}, tags {tags:?}\n")
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// Compressed beforehand: text by its type, and bytes all the same.
    #[route("/catalogue")]
    fn do_GET_catalogue(&self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(200)
            .send_header("Content-Type", "text/plain; charset=utf-8")
            .send_header("Content-Encoding", "gzip")
            .send_header("Vary", "Accept-Encoding")
            .finish_with(CATALOGUE)
    }

    /// Fields that stand twice.
    #[route("/login")]
    fn do_POST_login(&self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(303)
            .send_header("Location", "/whoami")
            .send_header("Set-Cookie", "session=1; HttpOnly; Secure")
            .send_header("Set-Cookie", "theme=dark")
            .finish_with("")
    }

    /// A line each tenth of a second, until nobody listens.
    #[route("/ticks")]
    fn do_GET_ticks(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let shutdown = request.server().shutdown().clone();
        let mut body = response.send_response(200).end_headers()?;
        while body.is_connected() && !shutdown.wait_begun(Duration::from_millis(100)) {
            body.write_all(b"tick\n")?;
            body.flush()?;
        }
        body.finish()
    }

    /// Where balancers and the web adapter ask whether the program is up (`AWS_LWA_READINESS_CHECK_PATH=/readyz`).
    #[route("/readyz")]
    fn do_GET_readyz(&self) -> &'static str {
        "ready\n"
    }
}
