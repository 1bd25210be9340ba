//! An admin page: its files lie in a directory, its methods stand beside them. Pages of other sites cannot use it:
//! `AllowHosts` refuses them where they come by a name of their own, and a form of theirs cannot send JSON.
//!
//! ```text
//! mkdir -p site && echo '<h1>Admin</h1>' >site/index.html
//! cargo run --release --example admin -- 8000 site
//! curl http://127.0.0.1:8000/
//! curl -X PUT -H 'Content-Type: application/json' -d '{"level": "debug"}' http://127.0.0.1:8000/settings
//! ```

use doget::{AllowHosts, FileHandler, HttpServer, Json, handler};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Info,
    Debug,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Settings {
    level: Level,
}

struct Admin {
    files: FileHandler,
    settings: Mutex<Settings>,
}

/// What has no method here is a file.
#[handler(base(self.files: FileHandler))]
impl Admin {
    #[route("/settings")]
    fn do_GET_settings(&self) -> Json<Settings> {
        Json(*self.settings.lock().unwrap())
    }

    #[route("/settings")]
    fn do_PUT_settings(&self, Json(new): Json<Settings>) -> Json<Settings> {
        *self.settings.lock().unwrap() = new;
        Json(new)
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or("8000".to_owned());
    let directory = arguments.next().unwrap_or(".".to_owned());
    let admin = Admin {
        files: FileHandler::new(directory)?.listing(false),
        settings: Mutex::new(Settings { level: Level::Info }),
    };
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    let hosts = AllowHosts::new(["localhost", "127.0.0.1"]);
    server.serve_forever(doget::with(hosts, admin))
}
