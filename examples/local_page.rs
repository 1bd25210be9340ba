//! A tool with a local web page: it works, and the page in the browser shows how far it is and can stop it. The port
//! is any free one, and a secret in the address keeps out other users of the machine and pages of other sites.
//!
//! ```text
//! cargo run --release --example local_page
//! ```

use doget::{Error, Html, HttpServer, Request, Result, handler};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const PAGE: &str = r#"<!DOCTYPE html>
<title>At work</title>
<progress max="100"></progress>
<button>Stop</button>
<script>
    const [bar, button] = document.querySelectorAll("progress, button");
    const ask = async () => (bar.value = await (await fetch("progress")).text());
    const timer = setInterval(() => ask().catch(() => clearInterval(timer)), 500);
    button.onclick = () => fetch("stop", { method: "POST" });
</script>
"#;

struct Page {
    secret: String,
    percent: Arc<AtomicU32>,
}

#[handler]
impl Page {
    #[route("/{secret}/")]
    fn do_GET_page(&self, secret: &str) -> Result<Html<&'static str>> {
        self.check(secret)?;
        Ok(Html(PAGE))
    }

    #[route("/{secret}/progress")]
    fn do_GET_progress(&self, secret: &str) -> Result<String> {
        self.check(secret)?;
        Ok(self.percent.load(Ordering::Relaxed).to_string())
    }

    #[route("/{secret}/stop")]
    fn do_POST_stop(&self, secret: &str, request: &Request<'_>) -> Result<&'static str> {
        self.check(secret)?;
        request.server().shutdown().graceful();
        Ok("stopped")
    }
}

impl Page {
    fn check(&self, secret: &str) -> Result<()> {
        if secret == self.secret {
            Ok(())
        } else {
            Err(Error::not_found())
        }
    }
}

fn main() -> std::io::Result<()> {
    let server = HttpServer::bind("127.0.0.1:0")?;
    let address = server.local_addr()?;
    // `RandomState` is seeded by the system. A program with a random number generator takes that.
    let secret = format!("{:016x}", RandomState::new().hash_one(()));
    let percent = Arc::new(AtomicU32::new(0));
    println!("http://{address}/");
    println!("Open http://{address}/{secret}/");
    let shutdown = server.shutdown_handle();
    let running = server.spawn(Page {
        secret,
        percent: Arc::clone(&percent),
    })?;
    // The work: until it is done, or the page says that it is enough.
    while percent.load(Ordering::Relaxed) < 100 && !shutdown.wait_begun(Duration::from_millis(100))
    {
        percent.fetch_add(1, Ordering::Relaxed);
    }
    println!("{} percent done", percent.load(Ordering::Relaxed));
    running.shutdown().graceful();
    running.join();
    Ok(())
}
