//! Sessions in a signed cookie: a counter of visits, a log-in, a log-out, and messages that are shown once. Pages of
//! other sites cannot post here: `SameOrigin` refuses them (CSRF).
//!
//! ```text
//! SESSION_KEY=$(openssl rand -hex 32) cargo run --release --example session
//! ```
//!
//! Then open <http://127.0.0.1:8000/> in a browser. Sessions that the server keeps are in `examples/sqlite`.

use doget::{
    Error, Form, HasSessions, Html, HttpServer, Params, Passwords, Redirect, Result, SameOrigin,
    Session, Sessions, escape_html, handler,
};
use serde::{Deserialize, Serialize};

/// What is known of a browser.
#[derive(Default, Serialize, Deserialize)]
struct Visit {
    user: Option<String>,
    pages: u32,
}

#[derive(Params)]
struct Login {
    #[param(length = 1..=64)]
    user: String,
    #[param(length = 1..=128)]
    password: String,
}

struct Site {
    sessions: Sessions<Visit>,
    passwords: Passwords,
    same_origin: SameOrigin,
}

impl HasSessions<Visit> for Site {
    fn sessions(&self) -> &Sessions<Visit> {
        &self.sessions
    }
}

#[handler(layers(self.same_origin))]
impl Site {
    #[route("/")]
    fn do_GET_page(&self, mut session: Session<'_, Visit>) -> Result<Html<String>> {
        session.update(|visit| visit.pages += 1)?;
        let mut page = String::new();
        for message in session.take_flash()? {
            page += &format!("<p><em>{}</em>\n", escape_html(&message));
        }
        page += &format!("<p>Page {} of this session.\n", session.pages);
        page += &match &session.user {
            Some(user) => format!(
                "<p>Hello, {}!\n<form method=\"post\" action=\"/log-out\"><button>Log out</button></form>\n",
                escape_html(user)
            ),
            None => "<form method=\"post\" action=\"/log-in\">\n\
                     <input name=\"user\" placeholder=\"ada\">\n\
                     <input name=\"password\" type=\"password\" placeholder=\"lovelace\">\n\
                     <button>Log in</button>\n</form>\n"
                .to_owned(),
        };
        Ok(Html(page))
    }

    /// A hash takes a while: never on an event loop.
    #[blocking]
    #[route("/log-in")]
    fn do_POST_log_in(
        &self,
        mut session: Session<'_, Visit>,
        Form(login): Form<Login>,
    ) -> Result<Redirect> {
        if !self.passwords.verify(&login.user, &login.password)? {
            return Err(Error::forbidden().explain("wrong user or password"));
        }
        // Whatever was known of the session before is worth nothing now.
        session.renew()?;
        session.update(|visit| visit.user = Some(login.user))?;
        session.flash("You are logged in.")?;
        Ok(Redirect::see_other("/"))
    }

    #[route("/log-out")]
    fn do_POST_log_out(&self, session: Session<'_, Visit>) -> Result<Redirect> {
        session.destroy()?;
        Ok(Redirect::see_other("/"))
    }
}

fn main() -> doget::AnyResult<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let keys = std::env::var("SESSION_KEY").unwrap_or_default();
    // The first signs, the others verify: `new,old`.
    let sessions = Sessions::signed(keys.split(','))
        .map_err(|_| "set SESSION_KEY, as `openssl rand -hex 32` makes it")?;
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    Ok(server.serve_forever(Site {
        sessions,
        // A real program reads the hashes from a file that only it can read.
        passwords: Passwords::new([("ada", Passwords::hash("lovelace")?)])?,
        same_origin: SameOrigin::new(),
    })?)
}
