//! doget with a certificate: `peer-doget-tls CERTIFICATE KEY PORT`.

use doget::{HttpServer, Log, Tls, handler};
use std::borrow::Cow;

static BYTES: [u8; 100 << 10] = [b'x'; 100 << 10];

struct Secure;

#[handler]
impl Secure {
    #[route("/plaintext")]
    fn do_GET_plaintext(&self) -> &'static str {
        "Hello, World!"
    }

    #[route("/1k")]
    fn do_GET_1k(&self) -> Cow<'static, [u8]> {
        Cow::Borrowed(&BYTES[..1 << 10])
    }

    #[route("/100k")]
    fn do_GET_100k(&self) -> Cow<'static, [u8]> {
        Cow::Borrowed(&BYTES)
    }
}

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [certificate, key, port] = &*words else {
        panic!("usage: peer-doget-tls CERTIFICATE KEY PORT");
    };
    HttpServer::bind(format!("127.0.0.1:{port}"))?
        .tls(Tls::from_pem_files(certificate, key)?)
        .log(Log::off())
        .serve_forever(Secure)
}
