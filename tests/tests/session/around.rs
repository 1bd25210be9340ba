//! Sessions and what is around them: caches, error pages, guards, other handlers, compression, parked requests.

use crate::{EMPTY, KEY, Site, Visit, cookie, look, signed, value, with};
use doget::live::{Live, Park};
use doget::{
    Authorized, Compress, Error, Handler, HasSessions, NoContent, Request, Response, Result,
    Scheme, Sent, Session, Sessions, Verify, handler, testing,
};
use doget_tests::test_server::TestServer;
use std::time::Duration;

/// An answer for one client must not be given to another one (CVE-2023-30861), nor set a cookie a second time.
#[test]
fn an_answer_for_which_a_session_was_looked_at_is_not_stored() {
    let site = signed();
    let fields = |answer: &testing::Answer| {
        let all = |name| answer.headers_named(name).collect::<Vec<_>>().join(" | ");
        (all("Cache-Control"), all("Vary"))
    };
    let plain = ("no-store".to_owned(), "Cookie".to_owned());
    assert_eq!(fields(&testing::get("/look").send(&site)), plain);
    assert_eq!(fields(&testing::head("/look").send(&site)), plain);
    assert_eq!(fields(&testing::post("/count").send(&site)), plain);
    assert_eq!(
        fields(&testing::get("/nothing").send(&site)),
        (String::new(), String::new())
    );
    for (own, expected) in [
        ("no-store", "no-store"),
        ("private", "private"),
        ("max-age=60,+Private", "max-age=60, Private"),
        ("max-age=60", "max-age=60 | no-store"),
        ("public,+max-age=60", "public, max-age=60 | no-store"),
        ("privately", "privately | no-store"),
    ] {
        let answer = testing::get(&format!("/cached?{own}")).send(&site);
        assert_eq!(
            fields(&answer),
            (expected.to_owned(), "Accept | Cookie".to_owned()),
            "{own}"
        );
    }
    // With a cookie to set, `private` is not enough.
    let brief = Site {
        sessions: Sessions::signed([KEY])
            .unwrap()
            .idle_timeout(Duration::from_secs(1000)),
    };
    let known = cookie(&testing::post("/count").send(&brief));
    let answer = with(testing::get("/cached?private"), &known).send(&site);
    assert!(answer.header("Set-Cookie").is_some());
    assert_eq!(fields(&answer).0, "private | no-store");
}

#[test]
fn a_change_goes_out_with_error_pages_too() {
    let server = TestServer::new(signed());
    let mut conn = server.connect();
    for (path, status) in [("/fails", 409), ("/panics", 500)] {
        let mut again = server.connect();
        again.send(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        ));
        let answer = again.answer("POST");
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        let known = value(answer.header("Set-Cookie"));
        conn.send(format!(
            "GET /look HTTP/1.1\r\nHost: a\r\nCookie: {known}\r\n\r\n"
        ));
        assert_eq!(conn.answer("GET").text(), "1 None false");
    }
    // Nothing of it is left for the next request of the connection.
    conn.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = conn.answer("GET");
    assert_eq!(
        (
            answer.status,
            answer.header("Set-Cookie"),
            answer.header("Vary")
        ),
        (404, None, None)
    );
}

#[test]
fn messages_are_read_once() {
    let site = signed();
    let known = cookie(&testing::post("/log-in").send(&site));
    let answer = with(testing::get("/flash"), &known).send(&site);
    assert_eq!(answer.text(), "Welcome, You have mail");
    let known = cookie(&answer);
    let answer = with(testing::get("/flash"), &known).send(&site);
    assert_eq!((answer.text(), answer.header("Set-Cookie")), ("", None));
    assert_eq!(look(&site, &known), "0 Some(\"ada\") false");
}

#[test]
fn a_change_behind_the_head_is_an_error() {
    let site = signed();
    let known = cookie(&testing::post("/count").send(&site));
    let answer = with(testing::post("/behind"), &known).send(&site);
    assert_eq!(answer.text(), "Some(HeadWritten) 500, 1");
    assert_eq!(answer.header("Set-Cookie"), None);
}

struct User(String);

/// A handler that knows its users by their sessions.
struct Club {
    sessions: Sessions<Visit>,
    gzip: Compress,
}

impl HasSessions<Visit> for Club {
    fn sessions(&self) -> &Sessions<Visit> {
        &self.sessions
    }
}

impl Verify<User> for Club {
    const SCHEME: Scheme = Scheme::Other("Form");

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        match &self.sessions.open(request)?.user {
            Some(name) => Ok(Some(User(name.clone()))),
            None => Err(Error::new(303).header("Location", "/log-in")),
        }
    }
}

#[handler(guard(User))]
impl Club {
    fn do_GET(&self) -> &'static str {
        "inside"
    }

    #[route("/me")]
    fn do_GET_me(&self, user: Authorized<User>, mut session: Session<'_, Visit>) -> Result<String> {
        session.update(|visit| visit.count += 1)?;
        Ok(format!("{} {}", user.0, session.count))
    }

    #[open]
    #[route("/log-in")]
    fn do_POST_log_in(&self, mut session: Session<'_, Visit>) -> Result<NoContent> {
        session.renew()?;
        session.update(|visit| visit.user = Some("ada".to_owned()))?;
        Ok(NoContent)
    }

    #[layer(self.gzip)]
    #[route("/long")]
    fn do_GET_long(&self) -> String {
        "long ".repeat(1000)
    }

    #[layer(self.gzip)]
    #[route("/long-count")]
    fn do_GET_long_count(&self, mut session: Session<'_, Visit>) -> Result<String> {
        session.update(|visit| visit.count += 1)?;
        Ok("long ".repeat(1000))
    }

    #[route("/parked")]
    fn do_GET_parked(&self, mut session: Session<'_, Visit>, park: Park) -> Result<Live> {
        session.update(|visit| visit.count += 1)?;
        let (live, parked) = park.within(Duration::from_secs(3600));
        // On another thread, at its leisure.
        std::thread::spawn(move || parked.reply("later"));
        Ok(live)
    }
}

fn club() -> Club {
    Club {
        sessions: Sessions::signed([KEY]).unwrap(),
        gzip: Compress::gzip(),
    }
}

/// The gate looks at the session, and the answer is another one for others: it has to say so, whoever wrote it.
#[test]
fn a_guard_may_ask_the_session() {
    let club = club();
    let answer = testing::get("/").send(&club);
    assert_eq!(
        (answer.status().as_u16(), answer.header("Location")),
        (303, Some("/log-in"))
    );
    assert_eq!(
        (answer.header("Vary"), answer.header("Cache-Control")),
        (Some("Cookie"), Some("no-store"))
    );
    let known = cookie(&testing::post("/log-in").send(&club));
    let answer = with(testing::get("/"), &known).send(&club);
    assert_eq!(answer.text(), "inside");
    assert_eq!(
        (answer.header("Vary"), answer.header("Cache-Control")),
        (Some("Cookie"), Some("no-store"))
    );
    assert_eq!(answer.header("Set-Cookie"), None);
    let answer = with(testing::get("/me"), &known).send(&club);
    assert_eq!(answer.text(), "ada 1");
    assert_eq!(
        with(testing::get("/me"), &cookie(&answer))
            .send(&club)
            .text(),
        "ada 2"
    );
}

/// Whoever passes requests on may know nothing of sessions.
struct Mount<H>(H);

impl<H: Handler> Handler for Mount<H> {
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.0.dispatch(request, response)
    }
}

#[test]
fn a_handler_that_is_dispatched_to_by_hand_has_its_sessions() {
    let club = Mount(club());
    assert_eq!(testing::get("/").send(&club).status(), 303);
    let known = cookie(&testing::post("/log-in").send(&club));
    let answer = with(testing::get("/"), &known).send(&club);
    assert_eq!(
        (answer.text(), answer.header("Vary")),
        ("inside", Some("Cookie"))
    );
    let answer = with(testing::get("/me"), &known).send(&club);
    assert_eq!(answer.headers_named("Set-Cookie").count(), 1);
}

/// Beside a secret, a length tells what is guessed of it (BREACH).
#[test]
fn an_answer_that_sets_a_session_is_not_compressed() {
    let club = club();
    let known = cookie(&testing::post("/log-in").send(&club));
    let ask = |path: &str| {
        let request = with(testing::get(path), &known).header("Accept-Encoding", "gzip");
        let answer = request.send(&club);
        assert_eq!(answer.status(), 200);
        answer.header("Content-Encoding").map(str::to_owned)
    };
    assert_eq!(ask("/long").as_deref(), Some("gzip"));
    assert_eq!(ask("/long-count"), None);
}

#[test]
fn a_parked_request_sets_its_cookie_when_it_is_answered() {
    let server = TestServer::new(club());
    let mut conn = server.connect();
    conn.send("POST /log-in HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    let answer = conn.answer("POST");
    let known = value(answer.header("Set-Cookie"));
    conn.send(format!(
        "GET /parked HTTP/1.1\r\nHost: a\r\nCookie: {known}\r\n\r\n"
    ));
    let answer = conn.answer("GET");
    assert_eq!(answer.text(), "later");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let known = value(answer.header("Set-Cookie"));
    conn.send(format!(
        "GET /me HTTP/1.1\r\nHost: a\r\nCookie: {known}\r\n\r\n"
    ));
    assert_eq!(conn.answer("GET").text(), "ada 2");
}

#[test]
fn an_empty_session_is_the_default() {
    assert_eq!(look(&signed(), ""), EMPTY);
}
