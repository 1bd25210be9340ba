//! Redirects: for good, for now, and after a form.
//!
//! ```text
//! cargo run --release --example redirect
//! curl -iL http://127.0.0.1:8000/old
//! ```

use doget::{HttpServer, Redirect, handler};

struct Moved;

#[handler]
impl Moved {
    #[route("/old")]
    fn do_GET_old(&self) -> Redirect {
        Redirect::permanent("/new")
    }

    #[route("/today")]
    fn do_GET_today(&self) -> Redirect {
        Redirect::temporary("/new")
    }

    #[route("/new")]
    fn do_POST_new(&self) -> Redirect {
        Redirect::see_other("/new")
    }

    #[route("/new")]
    fn do_GET_new(&self) -> &'static str {
        "You are at the new place.\n"
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Moved)
}
