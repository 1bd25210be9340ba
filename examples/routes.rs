//! Paths with parameters. What does not parse is 404, another method is 405 with `Allow`, `HEAD` and `OPTIONS` come by
//! themselves.
//!
//! ```text
//! cargo run --release --example routes
//! curl http://127.0.0.1:8000/users/7
//! curl -i -X PATCH http://127.0.0.1:8000/users/7
//! ```

use doget::{HttpServer, StatusCode, handler};

struct Users;

#[handler]
impl Users {
    #[route("/users/me")]
    fn do_GET_me(&self) -> &'static str {
        "this is you\n"
    }

    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u64) -> String {
        format!("user {id}\n")
    }

    #[route("/users/{id}")]
    fn do_PUT_user(&self, id: u64, name: String) -> (StatusCode, String) {
        (StatusCode::CREATED, format!("user {id} is {name}\n"))
    }

    #[route("/files/{*path}")]
    fn do_GET_file(&self, path: &str) -> String {
        format!("file {path}\n")
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Users)
}
