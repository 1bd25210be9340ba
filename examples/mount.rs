//! A program of several parts: an API and a directory of files below prefixes, and an admin page that is part of the
//! program, below a prefix and by a host of its own.
//!
//! ```text
//! cargo run --release --example mount -- 8000 public
//! curl http://localhost:8000/api/items/7
//! curl http://localhost:8000/files/
//! curl http://localhost:8000/admin/
//! curl http://admin.localhost:8000/
//! ```

use doget::{ByHost, Cached, Embedded, FileHandler, Html, HttpServer, Request, handler};

struct Api;

// It does not know where it is mounted.
#[handler]
impl Api {
    #[route("/items/{id}")]
    fn do_GET_item(&self, id: u32) -> Option<Cached<String>> {
        (id < 100).then(|| Cached::new(format!("item {id}\n")).max_age(60))
    }

    #[route("/items")]
    fn do_POST_item(&self, request: &Request<'_>) -> String {
        format!("it will be at {}/items/100\n", request.mount())
    }
}

struct Site {
    api: Api,
    files: FileHandler,
    admin: Embedded,
}

#[handler(mount("/api" = self.api: Api, "/files" = self.files: FileHandler, "/admin" = self.admin: Embedded))]
impl Site {
    #[route("/")]
    fn do_GET_home(&self) -> Html<&'static str> {
        Html("<p><a href=\"files/\">Files</a>, <a href=\"admin/\">admin</a>\n")
    }
}

fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let port = words.next().unwrap_or("8000".to_owned());
    let directory = words.next().unwrap_or(".".to_owned());
    let admin = doget::embed!("admin_page");
    let site = Site {
        api: Api,
        files: FileHandler::new(directory)?,
        admin: admin.clone(),
    };
    let server = HttpServer::bind(format!("localhost:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(ByHost::new().host("admin.localhost", admin).otherwise(site))
}
