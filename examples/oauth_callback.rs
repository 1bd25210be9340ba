//! The callback of an OAuth log-in, as a command-line program waits for it: for one request that counts, whatever else
//! a browser asks for meanwhile, and not for ever.
//!
//! ```text
//! cargo run --release --example oauth_callback
//! curl 'http://127.0.0.1:8000/callback?state=STATE&code=123'
//! ```

use doget::{Error, HttpServer, Request, Result, handler};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

struct Callback {
    /// What only this program and the authorization server know: who sends something else was not sent by it.
    state: String,
    codes: Sender<String>,
}

#[handler]
impl Callback {
    #[route("/callback")]
    fn do_GET_callback(&self, request: &Request<'_>) -> Result<&'static str> {
        let query = request.query();
        if query.get("state").as_deref() != Some(&*self.state) {
            return Err(Error::bad_request().explain("this is not the log-in that was begun"));
        }
        let code = query
            .get("code")
            .ok_or_else(|| Error::bad_request().explain("there is no code"))?;
        // Only the first one is taken.
        let _ = self.codes.send(code.into_owned());
        request.server().shutdown().graceful();
        Ok("You are logged in. You may close this page.\n")
    }
}

/// Unguessable, since `RandomState` is seeded by the system. A program with a random number generator takes that.
fn random() -> String {
    use std::hash::{BuildHasher, RandomState};
    let number = || RandomState::new().hash_one(());
    format!("{:016x}{:016x}", number(), number())
}

fn main() -> std::io::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or("8000".to_owned());
    let seconds = arguments
        .next()
        .map_or(300, |text| text.parse().expect("seconds"));
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    let address = server.local_addr()?;
    let (codes, received) = channel();
    let state = random();
    println!("http://{address}/");
    println!(
        "Open https://example.org/authorize?state={state}&redirect_uri=http://{address}/callback"
    );
    server.serve_for(Duration::from_secs(seconds), Callback { state, codes })?;
    match received.try_recv() {
        Ok(code) => {
            println!("The code is {code}");
            Ok(ExitCode::SUCCESS)
        }
        Err(_) => {
            println!("Nobody has logged in");
            Ok(ExitCode::FAILURE)
        }
    }
}
