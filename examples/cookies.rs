//! A page to sign in to. The session is a cookie of the prefix `__Host-`: browsers take it from this host alone, over
//! TLS or from this machine, and send it with no request of another site's form or script.
//!
//! ```text
//! cargo run --release --example cookies
//! curl -c jar -d 'user=ada&password=lovelace' http://127.0.0.1:8000/sign-in
//! ```
//!
//! Then open <http://127.0.0.1:8000/> in a browser. (curl keeps the cookie, and sends it over TLS only.)

use doget::{
    Cookies, Error, Form, Html, HttpServer, Params, Redirect, Reply, Result, SetCookie,
    escape_html, handler,
};
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SESSION: &str = "__Host-session";
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Params)]
struct Session {
    #[param(name = "__Host-session", length = 32..=32)]
    token: String,
}

#[derive(Params)]
struct Login {
    #[param(length = 1..=64)]
    user: String,
    #[param(length = 1..=128)]
    password: String,
}

/// Who is signed in, by token, and until when.
#[derive(Default)]
struct Site {
    sessions: Mutex<HashMap<String, (String, Instant)>>,
}

impl Site {
    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, (String, Instant)>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn user(&self, session: Option<Cookies<Session>>) -> Option<String> {
        let Cookies(session) = session?;
        let sessions = self.sessions();
        let (user, end) = sessions.get(&session.token)?;
        (Instant::now() < *end).then(|| user.clone())
    }
}

/// 128 bits that nobody guesses. (On Windows the crate `getrandom` has them.)
fn token() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[handler]
impl Site {
    fn do_GET(&self, session: Option<Cookies<Session>>) -> impl Reply + use<> {
        let page = match self.user(session) {
            Some(user) => format!(
                "<p>Welcome, {}!\n<form method=\"post\" action=\"/sign-out\"><button>Sign out</button></form>\n",
                escape_html(&user)
            ),
            None => "<form method=\"post\" action=\"/sign-in\">\n\
                     <input name=\"user\" placeholder=\"ada\">\n\
                     <input name=\"password\" type=\"password\" placeholder=\"lovelace\">\n\
                     <button>Sign in</button>\n</form>\n"
                .to_owned(),
        };
        // What one user sees is kept for nobody.
        Html(page).with_header("Cache-Control", "no-store")
    }

    #[route("/sign-in")]
    fn do_POST_sign_in(&self, Form(login): Form<Login>) -> Result<(SetCookie, Redirect)> {
        // A real program compares with a hash that is slow to compute.
        if (&*login.user, &*login.password) != ("ada", "lovelace") {
            return Err(Error::forbidden().explain("wrong user or password"));
        }
        let token = token()?;
        let mut sessions = self.sessions();
        sessions.retain(|_, (_, end)| Instant::now() < *end);
        // A new token at each sign-in: one that somebody else has set is worth nothing.
        sessions.insert(token.clone(), (login.user, Instant::now() + HOUR));
        let cookie = SetCookie::new(SESSION, token)?.max_age(HOUR);
        Ok((cookie, Redirect::see_other("/")))
    }

    #[route("/sign-out")]
    fn do_POST_sign_out(&self, session: Option<Cookies<Session>>) -> Result<(SetCookie, Redirect)> {
        if let Some(Cookies(session)) = session {
            self.sessions().remove(&session.token);
        }
        Ok((SetCookie::remove(SESSION)?, Redirect::see_other("/")))
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Site::default())
}
