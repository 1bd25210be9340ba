//! One binary, three lives: a server of its own, a Lambda function in process, and one behind AWS's web adapter.

use doget::{Log, Request, handler, tower};

/// The handler.
#[derive(Debug)]
pub struct Shop;

#[handler]
impl Shop {
    #[route("/items/{number}")]
    fn do_GET_item(&self, number: u32) -> String {
        format!("item {number}\n")
    }

    #[route("/seen")]
    fn do_GET_seen(&self, request: &Request<'_>) -> String {
        let cookie = request.headers().get("Cookie").unwrap_or("none");
        let host = request.authority().unwrap_or("none");
        let query = request.query_string();
        format!("{} {host} {query} {cookie}\n", request.path())
    }

    #[route("/echo")]
    fn do_POST_echo(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// Where the web adapter asks whether the program is up (`AWS_LWA_READINESS_CHECK_PATH=/readyz`).
    #[route("/readyz")]
    fn do_GET_readyz(&self) -> &'static str {
        "ready\n"
    }
}

/// The handler as Lambda has it: one request at a time, so no thread, and HTTPS in front.
pub fn service() -> tower::Service {
    tower::service(Shop).log(Log::stderr()).https(true).inline()
}
