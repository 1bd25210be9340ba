//! Conditions and preferences for a handler of one's own, without any feature.

use doget::{ETag, Request, Response, Result, Sent, Validators, handler};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A note with versions, which can be replaced and made.
struct Note(Mutex<Option<u32>>);

impl Note {
    fn validators(version: Option<u32>) -> Validators {
        match version {
            Some(version) => Validators::new()
                .etag(ETag::strong(format!("v{version}")))
                .last_modified(UNIX_EPOCH + Duration::from_millis(784_111_777_900)),
            None => Validators::missing(),
        }
    }
}

#[handler]
impl Note {
    #[route("/note")]
    fn do_GET_note(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let validators = Self::validators(*self.0.lock().unwrap());
        if request.is_not_modified(&validators)? {
            return response
                .send_response(304)
                .send_validators(&validators)
                .finish();
        }
        response
            .send_response(200)
            .send_validators(&validators)
            .finish_with(b"note")
    }

    #[route("/note")]
    fn do_PUT_note(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut version = self.0.lock().unwrap();
        request.is_not_modified(&Self::validators(*version))?;
        *version = Some(version.map_or(1, |version| version + 1));
        response
            .send_response(204)
            .send_validators(&Self::validators(*version))
            .finish()
    }

    #[route("/future")]
    fn do_GET_future(&self, response: Response<'_>) -> Result<Sent> {
        let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
        let validators = Validators::new().last_modified(tomorrow);
        response
            .send_response(200)
            .send_validators(&validators)
            .finish_with(b"")
    }

    #[route("/media")]
    fn do_GET_media(&self, request: &mut Request<'_>) -> String {
        format!(
            "{:?}",
            request.accepts(&["text/html; charset=utf-8", "application/json"])
        )
    }

    #[route("/coding")]
    fn do_GET_coding(&self, request: &mut Request<'_>) -> String {
        format!("{:?}", request.accepts_encoding(&["br", "gzip"]))
    }
}

fn serve(version: Option<u32>) -> TestServer {
    TestServer::new(Note(Mutex::new(version)))
}

fn ask(server: &TestServer, line: &str, fields: &str) -> Answer {
    server.one(format!(
        "{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{fields}\r\n"
    ))
}

#[test]
fn a_handler_answers_304_and_412() {
    let server = serve(Some(7));
    let answer = ask(&server, "GET /note", "");
    assert_eq!(
        answer.names(),
        ["Server", "Date", "ETag", "Last-Modified", "Content-Length"]
    );
    assert_eq!(answer.header("ETag"), Some("\"v7\""));
    assert_eq!(answer.header("Last-Modified"), Some(THEN));
    for (fields, status) in [
        ("If-None-Match: \"v7\"\r\n", 304),
        ("If-None-Match: W/\"v7\"\r\n", 304),
        ("If-None-Match: \"v6\"\r\nIf-None-Match: \"v7\"\r\n", 304),
        ("If-None-Match: *\r\n", 304),
        ("If-None-Match: \"v6\"\r\n", 200),
        ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304),
        ("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200),
        (
            "If-None-Match: \"v6\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            200,
        ),
        ("If-Match: \"v7\"\r\n", 200),
        ("If-Match: W/\"v7\"\r\n", 412),
        (
            "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
            412,
        ),
        (
            "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            200,
        ),
    ] {
        let answer = ask(&server, "GET /note", fields);
        assert_eq!(answer.status, status, "{fields}");
        assert_eq!(answer.header("ETag"), Some("\"v7\""), "{fields}");
        assert_eq!(answer.body.is_empty(), status == 304, "{fields}");
    }
}

#[test]
fn two_who_change_the_same_do_not_overwrite_each_other() {
    let server = serve(None);
    assert_eq!(ask(&server, "PUT /note", "If-Match: *\r\n").status, 412);
    assert_eq!(
        ask(&server, "PUT /note", "If-None-Match: *\r\n").status,
        204
    );
    let second = ask(&server, "PUT /note", "If-None-Match: *\r\n");
    assert_eq!(
        (second.status, second.header("ETag")),
        (412, Some("\"v1\""))
    );
    let changed = ask(&server, "PUT /note", "If-Match: \"v1\"\r\n");
    assert_eq!(
        (changed.status, changed.header("ETag")),
        (204, Some("\"v2\""))
    );
    assert_eq!(
        ask(&server, "PUT /note", "If-Match: \"v1\"\r\n").status,
        412
    );
    let late = format!("If-Modified-Since: {THEN}\r\n");
    assert_eq!(
        ask(&server, "PUT /note", &late).status,
        204,
        "only GET and HEAD ask that"
    );
}

#[test]
fn a_date_of_the_future_is_told_as_now() {
    let server = serve(None);
    let answer = ask(&server, "GET /future", "");
    assert_eq!(answer.header("Last-Modified"), answer.header("Date"));
}

#[test]
fn a_handler_chooses_by_accept() {
    let server = serve(None);
    for (fields, media) in [
        ("", "Some(\"text/html; charset=utf-8\")"),
        ("Accept: application/json\r\n", "Some(\"application/json\")"),
        (
            "Accept: text/html;q=0.2\r\nAccept: */*;q=0.3\r\n",
            "Some(\"application/json\")",
        ),
        ("Accept: image/*\r\n", "None"),
    ] {
        assert_eq!(ask(&server, "GET /media", fields).text(), media, "{fields}");
    }
    for (fields, coding) in [
        ("", "None"),
        ("Accept-Encoding: gzip, br\r\n", "Some(\"br\")"),
        ("Accept-Encoding: gzip, br;q=0.5\r\n", "Some(\"gzip\")"),
        ("Accept-Encoding: *;q=0.1, br;q=0\r\n", "Some(\"gzip\")"),
        ("Accept-Encoding: gzip;q=0.5, identity\r\n", "None"),
        ("Accept-Encoding: zstd\r\n", "None"),
    ] {
        assert_eq!(
            ask(&server, "GET /coding", fields).text(),
            coding,
            "{fields}"
        );
    }
}
