//! Scripts behind a guard, and below a prefix: who asked, and where they are.

use crate::site::{Scripts, ask, variable};
use doget::{Basic, CgiHandler, Request, Result, Scheme, Verify, handler, same_secret};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::borrow::Cow;

struct User(String);

/// `BLOCKS`: whether the guard is asked by the gate, or by the method's thread.
struct Guarded<const BLOCKS: bool> {
    scripts: CgiHandler,
}

impl<const BLOCKS: bool> Verify<User> for Guarded<BLOCKS> {
    const SCHEME: Scheme = Scheme::Basic("test");
    const BLOCKS: bool = BLOCKS;

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        let Some(basic) = Basic::of(request) else {
            return Ok(None);
        };
        let is_right = same_secret(basic.password(), "secret");
        Ok(is_right.then(|| User(basic.name().to_owned())))
    }

    fn user_name<'u>(&self, user: &'u User) -> Option<Cow<'u, str>> {
        Some(Cow::Borrowed(&user.0))
    }
}

#[handler(base(self.scripts: CgiHandler), guard(User))]
impl<const BLOCKS: bool> Guarded<BLOCKS> {}

const KEYS: [&str; 3] = ["AUTH_TYPE", "REMOTE_USER", "HTTP_AUTHORIZATION"];

fn told(answer: &Answer) -> String {
    KEYS.map(|name| variable(answer, name).unwrap_or("-").to_owned())
        .join(" ")
}

fn verified<const BLOCKS: bool>() {
    let scripts = Scripts::usual();
    let server = TestServer::new(Guarded::<BLOCKS> {
        scripts: scripts.handler(),
    });
    let env = |fields: &str| ask(&server, "GET /cgi-bin/env", fields, "");
    assert_eq!(env("").status, 401);
    // ada:secret, ada:wrong, and somebody who has a line end in the name
    let answer = env("Authorization: bAsIc YWRhOnNlY3JldA==\r\n");
    assert_eq!(
        (answer.status, told(&answer)),
        (200, "Basic ada -".to_owned())
    );
    assert_eq!(env("Authorization: Basic YWRhOndyb25n\r\n").status, 401);
    let answer = env("Authorization: Basic YQpiOnNlY3JldA==\r\n");
    assert!(answer.status == 401 || told(&answer) == "- - -");
    // A field of the client's own is no user.
    let answer = env("Authorization: Basic YWRhOnNlY3JldA==\r\nRemote-User: root\r\n");
    assert_eq!(told(&answer), "Basic ada -");
}

#[test]
fn a_user_whom_a_guard_has_verified_reaches_scripts() {
    verified::<false>();
    verified::<true>();
}

struct Site {
    scripts: CgiHandler,
}

#[handler(mount("/old site" = self.scripts: CgiHandler))]
impl Site {
    fn do_GET(&self) -> &'static str {
        "another handler's"
    }
}

#[test]
fn scripts_below_a_prefix_know_where_they_are() {
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/inner", "Location: /old%%20site/a.txt", "");
    scripts.shell("cgi-bin/outer", "Location: /elsewhere", "");
    let server = TestServer::new(Site {
        scripts: scripts.handler(),
    });
    let answer = ask(&server, "GET /old%20site/cgi-bin/env/more?x", "", "");
    for (name, value) in [
        ("SCRIPT_NAME", "/old site/cgi-bin/env"),
        ("PATH_INFO", "/more"),
        ("QUERY_STRING", "x"),
    ] {
        assert_eq!(variable(&answer, name), Some(value), "{name}");
    }
    assert_eq!(server.get("/old%20site/a.txt").text(), "hello\n");
    assert_eq!(
        ask(&server, "GET /cgi-bin/env", "", "").text(),
        "another handler's"
    );
    // A local redirect is one of the server: within the prefix it is followed, beyond it the client is told.
    assert_eq!(server.get("/old%20site/cgi-bin/inner").text(), "hello\n");
    let beyond = server.get("/old%20site/cgi-bin/outer");
    assert_eq!(
        (beyond.status, beyond.header("Location")),
        (302, Some("/elsewhere"))
    );
    let allow = ask(&server, "OPTIONS /old%20site/cgi-bin/env", "", "");
    assert_eq!(allow.header("Allow"), Some("GET, HEAD, POST, OPTIONS"));
}
