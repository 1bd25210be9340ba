//! Sessions: what goes out for them, what comes in, and what does not count.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod around;
mod signed;
mod stored;

use doget::testing::{self, Answer, TestRequest};
use doget::{
    Error, HasSessions, Redirect, Request, Response, Result, Sent, Session, SessionError, Sessions,
    handler,
};
use serde::{Deserialize, Serialize};
use std::error::Error as _;
use std::io::Write as _;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Visit {
    count: u32,
    user: Option<String>,
}

struct Site {
    sessions: Sessions<Visit>,
}

impl HasSessions<Visit> for Site {
    fn sessions(&self) -> &Sessions<Visit> {
        &self.sessions
    }
}

/// The cause of an error, if it is one of sessions.
fn cause(error: &Error) -> String {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<SessionError>());
    format!("{cause:?} {}", error.status().as_u16())
}

#[handler]
impl Site {
    #[route("/look")]
    fn do_GET_look(&self, session: Session<'_, Visit>) -> String {
        format!("{} {:?} {}", session.count, session.user, session.is_new())
    }

    /// Looks, with a `Cache-Control` of its own.
    #[route("/cached")]
    fn do_GET_cached(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        session: Session<'_, Visit>,
    ) -> Result<Sent> {
        let control = request.query_string();
        let head = response
            .send_response(200)
            .send_header("Cache-Control", control.replace('+', " "));
        head.send_header("Vary", "Accept")
            .finish_with(session.count.to_string())
    }

    #[route("/count")]
    fn do_POST_count(&self, mut session: Session<'_, Visit>) -> Result<String> {
        session.update(|visit| {
            visit.count += 1;
            visit.count.to_string()
        })
    }

    #[route("/log-in")]
    fn do_POST_log_in(&self, mut session: Session<'_, Visit>) -> Result<Redirect> {
        session.renew()?;
        session.update(|visit| visit.user = Some("ada".to_owned()))?;
        session.flash("Welcome")?;
        session.flash("You have mail")?;
        Ok(Redirect::see_other("/look"))
    }

    #[route("/log-out")]
    fn do_POST_log_out(&self, session: Session<'_, Visit>) -> Result<Redirect> {
        session.destroy()?;
        Ok(Redirect::see_other("/"))
    }

    #[route("/flash")]
    fn do_GET_flash(&self, mut session: Session<'_, Visit>) -> Result<String> {
        Ok(session.take_flash()?.join(", "))
    }

    #[route("/fails")]
    fn do_POST_fails(&self, mut session: Session<'_, Visit>) -> Result<String> {
        session.update(|visit| visit.count += 1)?;
        Err(Error::new(409))
    }

    #[route("/panics")]
    fn do_POST_panics(&self, mut session: Session<'_, Visit>) -> Result<String> {
        session.update(|visit| visit.count += 1)?;
        panic!("on purpose");
    }

    /// Puts so many bytes there, and says what became of it.
    #[route("/fill/{size}")]
    fn do_POST_fill(&self, mut session: Session<'_, Visit>, size: usize) -> String {
        let filled = session.update(|visit| visit.user = Some("x".repeat(size)));
        let words = filled.map_or_else(|error| cause(&error), |()| "fits".to_owned());
        format!(
            "{words}, {} bytes",
            session.user.as_ref().map_or(0, String::len)
        )
    }

    /// Changes it behind the head.
    #[route("/behind")]
    fn do_POST_behind(
        &self,
        response: Response<'_>,
        mut session: Session<'_, Visit>,
    ) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        let error = session.update(|visit| visit.count = 9).unwrap_err();
        write!(body, "{}, {}", cause(&error), session.count)?;
        body.finish()
    }
}

fn signed() -> Site {
    Site {
        sessions: Sessions::signed([KEY]).unwrap(),
    }
}

/// Name and value of the cookie that an answer sets.
#[track_caller]
fn cookie(answer: &Answer) -> String {
    value(answer.header("Set-Cookie"))
}

/// Name and value of a `Set-Cookie`.
#[track_caller]
fn value(set: Option<&str>) -> String {
    let set = set.expect("a cookie is set");
    set.split(';').next().unwrap().to_owned()
}

fn with(request: TestRequest, cookie: &str) -> TestRequest {
    request.header("Cookie", cookie)
}

fn look(site: &Site, cookie: &str) -> String {
    with(testing::get("/look"), cookie)
        .send(site)
        .text()
        .to_owned()
}

const EMPTY: &str = "0 None true";
