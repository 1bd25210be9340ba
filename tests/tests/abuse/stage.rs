//! A server with a canary, and clients that mean no good.

use doget::Parsing;
use doget::{Limits, Request, Response, Result, Sent, handler};
use doget_tests::answer::Answer;
use doget_tests::test_server::{TestServer, read_all};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What no hostile request may reach.
#[derive(Clone, Default)]
pub(crate) struct Canary(Arc<AtomicU32>);

impl Canary {
    fn sing(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// Nobody has reached it.
    #[track_caller]
    pub(crate) fn is_silent(&self) {
        assert_eq!(self.0.load(Ordering::SeqCst), 0, "the canary was reached");
    }
}

macro_rules! stages {
    ($($name:ident $profile:ident),*) => {$(
        struct $name(Canary);

        #[handler]
        impl $name {
            const PARSING: Parsing = Parsing::$profile;

            fn do_GET(&self, request: &Request<'_>) -> String {
                if request.path() == "/canary" {
                    self.0.sing();
                }
                request.path().to_owned()
            }

            fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
                let mut body = Vec::new();
                if request.path() != "/unread" {
                    request.body().read_to_end(&mut body)?;
                }
                response.reply(body)
            }
        }
    )*};
}

stages! { Strictly Strict, Leniently Lenient }

/// Servers of both profiles.
pub(crate) fn both() -> [(TestServer, Canary); 2] {
    both_limited(Limits::default())
}

/// Servers of both profiles with other limits.
pub(crate) fn both_limited(limits: Limits) -> [(TestServer, Canary); 2] {
    let (one, two) = (Canary::default(), Canary::default());
    [
        (
            TestServer::limited(Strictly(one.clone()), limits.clone()),
            one,
        ),
        (TestServer::limited(Leniently(two.clone()), limits), two),
    ]
}

/// The default profile.
pub(crate) fn strict() -> (TestServer, Canary) {
    let canary = Canary::default();
    (TestServer::new(Strictly(canary.clone())), canary)
}

/// The default profile with other limits.
pub(crate) fn limited(limits: Limits) -> (TestServer, Canary) {
    let canary = Canary::default();
    (
        TestServer::limited(Strictly(canary.clone()), limits),
        canary,
    )
}

pub(crate) const CANARY: &str = "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n";

/// Sent whole, a byte at a time, and cut before and behind these places.
#[track_caller]
pub(crate) fn in_pieces(
    server: &TestServer,
    bytes: &[u8],
    places: &[usize],
    check: impl Fn(Vec<u8>),
) {
    let mut sizes = vec![usize::MAX];
    if bytes.len() <= 40_000 {
        sizes.push(1);
    }
    for size in sizes {
        let mut conn = server.connect();
        conn.send_in(bytes, size);
        conn.finish();
        check(conn.rest());
    }
    for place in places {
        for place in place.saturating_sub(1)..=place + 1 {
            let (one, two) = bytes.split_at(place.min(bytes.len()));
            let mut conn = server.connect();
            conn.send(one);
            conn.send(two);
            conn.finish();
            check(conn.rest());
        }
    }
}

/// One error page of one of these statuses, the end of the connection, and nothing reached.
#[track_caller]
pub(crate) fn refused(
    (server, canary): &(TestServer, Canary),
    bytes: impl AsRef<[u8]>,
    statuses: &[u16],
) {
    refused_around((server, canary), bytes, statuses, &[]);
}

/// The same, cut at these places too.
#[track_caller]
pub(crate) fn refused_around(
    (server, canary): (&TestServer, &Canary),
    bytes: impl AsRef<[u8]>,
    statuses: &[u16],
    places: &[usize],
) {
    let shown = bytes.as_ref().get(..200).unwrap_or(bytes.as_ref());
    let shown = shown.escape_ascii().to_string();
    let bytes = [bytes.as_ref(), CANARY.as_bytes()].concat();
    in_pieces(server, &bytes, places, |raw| {
        let answers = read_all(&raw, &["POST", "POST"]);
        assert_eq!(answers.len(), 1, "{shown}: {answers:?}");
        assert!(
            statuses.contains(&answers[0].status),
            "{shown}: {answers:?}"
        );
        assert!(answers[0].closes(), "{shown}");
    });
    canary.is_silent();
    alive(server);
}

/// The server answers as if nothing had been.
#[track_caller]
pub(crate) fn alive(server: &TestServer) -> Answer {
    let answer = server.get("/alive");
    assert_eq!((answer.status, answer.text()), (200, "/alive"));
    answer
}

/// A POST with these header lines and this body.
pub(crate) fn post(lines: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n{body}")
}
