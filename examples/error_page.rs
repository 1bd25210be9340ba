//! Error pages of one's own: another page for browsers, JSON for clients that ask for it.
//!
//! ```text
//! cargo run --release --example error_page
//! curl http://127.0.0.1:8000/nothing
//! curl -H 'Accept: application/json' http://127.0.0.1:8000/nothing
//! ```

use doget::{Error, HttpServer, Json, Request, Response, Result, Sent, handler, hooks};
use serde::Serialize;

#[derive(Serialize)]
struct Problem {
    code: u16,
    error: String,
}

struct Site;

#[handler]
impl Site {
    const ERROR_MESSAGE_FORMAT: &str = "<!DOCTYPE html>
<title>{code}</title>
<h1>Sorry: {message}</h1>
<p>{explain}
";
    const ERROR_CONTENT_TYPE: &str = "text/html; charset=utf-8";

    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "Ask for something that is not here.\n"
    }

    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        let accept = request.headers().get("Accept").unwrap_or_default();
        if !accept.contains("application/json") {
            return hooks::send_error(self, request, response, error);
        }
        let (code, error) = (error.status().as_u16(), error.to_string());
        response
            .with_status(code)
            .reply(Json(Problem { code, error }))
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Site)
}
