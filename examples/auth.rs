//! Users with passwords: everything is closed but what says that it is open.
//!
//! ```text
//! cargo run --release --example auth
//! curl -i http://127.0.0.1:8000/
//! curl -i http://127.0.0.1:8000/me
//! curl -i --user ada:engine http://127.0.0.1:8000/me
//! ```
//!
//! A password goes over the wire as it is: serve this by TLS, or on this machine alone.

use doget::{
    Authorized, Basic, HttpServer, Limit, Passwords, Request, Result, Scheme, Verify, handler,
};

struct User(String);

struct Notes {
    passwords: Passwords,
    tries: Limit,
}

impl Verify<User> for Notes {
    const SCHEME: Scheme = Scheme::Basic("notes");
    /// A hash takes a while: never on an event loop.
    const BLOCKS: bool = true;

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        let Some(basic) = Basic::of(request) else {
            return Ok(None);
        };
        let is_right = self.passwords.verify(basic.name(), basic.password())?;
        Ok(is_right.then(|| User(basic.name().to_owned())))
    }
}

// Every method wants a user, and no client may try more than so many passwords a minute.
#[handler(layers(self.tries), guard(User))]
impl Notes {
    #[open]
    #[route("/")]
    fn do_GET_start(&self) -> &'static str {
        "everybody may read this\n"
    }

    #[route("/me")]
    fn do_GET_me(&self, user: Authorized<User>) -> String {
        format!("hello {}\n", user.0)
    }

    #[route("/notes")]
    fn do_GET_notes(&self) -> &'static str {
        "users may read this\n"
    }
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    // A real program reads the hashes from a file that only it can read.
    let notes = Notes {
        passwords: Passwords::new([("ada", Passwords::hash("engine")?)])?,
        tries: Limit::per_minute(60).burst(30),
    };
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(notes)?;
    Ok(())
}
