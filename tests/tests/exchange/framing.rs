//! How responses are framed.

use doget::{Html, Limits, Redirect, Reply, Request, Response, Result, Sent, StatusCode, handler};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::fs::File;
use std::io::Write;

/// Answers in the way that the path names.
struct Ways;

impl Ways {
    fn answer(request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let size = request.query_string().parse().unwrap_or(0);
        let body = vec![b'x'; size];
        match request.path() {
            "/written" => {
                let mut wfile = response.send_response(200).end_headers()?;
                for piece in body.chunks(1000) {
                    wfile.write_all(piece)?;
                }
                wfile.finish()
            }
            "/at-once" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(&body)?;
                wfile.finish()
            }
            "/flushed" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.flush()?;
                wfile.write_all(&body)?;
                wfile.flush()?;
                wfile.flush()?;
                wfile.finish()
            }
            "/written-then-flushed" => {
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(&body)?;
                wfile.flush()?;
                wfile.finish()
            }
            "/declared" => {
                let mut wfile = response
                    .send_response(200)
                    .send_header("content-length", size)
                    .end_headers()?;
                for piece in body.chunks(700) {
                    wfile.write_all(piece)?;
                }
                wfile.finish()
            }
            "/whole" => response.send_response(200).finish_with(body),
            "/empty" => response.send_response(200).finish(),
            "/204" | "/205" | "/304" => {
                let status: u16 = request.path()[1..].parse().unwrap_or(0);
                let mut wfile = response.send_response(status).end_headers()?;
                wfile.write_all(&body)?;
                wfile.finish()
            }
            "/304-declared" => response
                .send_response(304)
                .send_header("Content-Length", 1234)
                .finish_with(body),
            "/head-declared" => response
                .send_response(200)
                .send_header("Content-Length", 1234)
                .finish_with(Vec::new()),
            "/early" => response
                .send_interim(103, [("Link", "</a.css>; rel=preload")])?
                .send_interim(102, [])?
                .reply("early"),
            _ => Err(doget::Error::new(404)),
        }
    }
}

#[handler]
impl Ways {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        Self::answer(request, response)
    }

    fn do_POST(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        Self::answer(request, response)
    }
}

fn request(method: &str, path: &str, version: &str) -> String {
    format!("{method} {path} HTTP/{version}\r\nHost: a\r\n\r\n")
}

#[test]
fn a_body_of_any_size_arrives_whole_in_every_way() {
    let server = TestServer::new(Ways);
    for way in ["written", "at-once", "flushed", "declared", "whole"] {
        for size in [0, 1, 999, 16_384, 16_385, 32_768, 65_536, 65_537, 200_000] {
            for version in ["1.0", "1.1"] {
                let answer = server.one(request("GET", &format!("/{way}?{size}"), version));
                assert_eq!(answer.body.len(), size, "{way} {version}");
                let known =
                    matches!(way, "declared" | "whole") || size <= 65_536 && way != "flushed";
                assert_eq!(
                    answer.header("Content-Length").is_some(),
                    known,
                    "{way} {size}"
                );
                let chunked = !known && version == "1.1";
                assert_eq!(answer.header("Transfer-Encoding").is_some(), chunked);
                assert_eq!(answer.to_end, !known && version == "1.0");
                assert_eq!(answer.closes(), version == "1.0");
            }
        }
    }
}

#[test]
fn the_size_that_is_held_back_is_a_limit() {
    let limits = Limits::new().response_buffer_size(10);
    let server = TestServer::limited(Ways, limits);
    assert_eq!(
        server.get("/written?10").header("Content-Length"),
        Some("10")
    );
    let answer = server.get("/written?11");
    assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
}

#[test]
fn a_client_of_http_1_0_that_asks_is_kept_where_the_length_is_known() {
    let server = TestServer::new(Ways);
    let kept = |path: &str| {
        let request = format!("GET {path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        let mut conn = server.connect();
        conn.send(request.repeat(2));
        let first = conn.answer("GET");
        let second = (!first.closes()).then(|| conn.answer("GET"));
        (first, second)
    };
    let (first, second) = kept("/written?100");
    assert_eq!(first.header("Connection"), Some("keep-alive"));
    assert_eq!(second.map(|answer| answer.body.len()), Some(100));
    let (first, second) = kept("/written?100000");
    assert!(first.to_end && second.is_none());
}

fn framing(answer: &Answer) -> [Option<&str>; 2] {
    [
        answer.header("Content-Length"),
        answer.header("Transfer-Encoding"),
    ]
}

#[test]
fn head_has_the_framing_of_get_and_no_body() {
    let server = TestServer::new(Ways);
    for way in ["written", "at-once", "flushed", "declared", "whole"] {
        for size in [0, 100, 200_000] {
            let path = format!("/{way}?{size}");
            let get = server.get(&path);
            let head = server.one(request("HEAD", &path, "1.1"));
            if size > 0 || way != "flushed" && way != "written" && way != "at-once" {
                assert_eq!(framing(&head), framing(&get), "{path}");
            }
            assert!(!head.closes());
        }
    }
}

/// A method of its own for HEAD.
struct OwnHead;

#[handler]
impl OwnHead {
    fn do_GET(&self) -> &'static str {
        "got"
    }

    fn do_HEAD(&self, response: Response<'_>) -> Result<Sent> {
        response.send_response(200).finish()
    }
}

#[test]
fn a_head_that_does_not_know_the_length_does_not_claim_one() {
    let head = TestServer::new(OwnHead).one(request("HEAD", "/", "1.1"));
    assert_eq!(framing(&head), [None, None]);
    assert!(!head.closes());
}

#[test]
fn a_declared_length_stands_where_there_is_no_body() {
    let server = TestServer::new(Ways);
    let head = server.one(request("HEAD", "/head-declared", "1.1"));
    assert_eq!(head.header("Content-Length"), Some("1234"));
    let answer = server.get("/304-declared");
    assert_eq!(answer.header("Content-Length"), Some("1234"));
}

#[test]
fn a_status_without_a_body_has_none_whatever_is_written() {
    let server = TestServer::new(Ways);
    for status in ["204", "205", "304"] {
        for size in [0, 10, 100_000] {
            for method in ["GET", "HEAD", "POST"] {
                let twice = request(method, &format!("/{status}?{size}"), "1.1").repeat(2);
                for answer in server.ask(twice, &[method; 2]) {
                    assert_eq!(answer.status.to_string(), status);
                    assert!(answer.body.is_empty());
                    let length = (status == "205").then_some("0");
                    assert_eq!(framing(&answer), [length, None], "{status} {size}");
                }
            }
        }
    }
}

#[test]
fn an_empty_response_says_so() {
    assert_eq!(
        TestServer::new(Ways).get("/empty").header("Content-Length"),
        Some("0")
    );
}

#[test]
fn interim_responses_go_first_and_only_to_http_1_1() {
    let server = TestServer::new(Ways);
    let raw = server.raw(request("GET", "/early", "1.1"));
    let hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
    assert!(raw.starts_with(hints), "{}", raw.escape_ascii());
    assert_eq!(server.get("/early").interim, [103, 102]);
    assert_eq!(server.get("/early").text(), "early");
    let answer = server.one(request("GET", "/early", "1.0"));
    assert_eq!((answer.interim.len(), answer.text()), (0, "early"));
}

/// A file of this size, without a name.
fn file(size: u64) -> File {
    let name = format!(
        "doget-server-{}-{size}-{:?}",
        std::process::id(),
        std::thread::current().id()
    );
    let path = std::env::temp_dir().join(name);
    let mut file = File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(&path)
        .expect("a file");
    std::fs::remove_file(&path).expect("the file that was made");
    let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
    file.write_all(&bytes).expect("room on the disk");
    file
}

/// Sends ranges of a file, and more than there is.
struct Files(File);

#[handler]
impl Files {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut numbers = request.query_string().split('-').map(str::parse);
        let (Some(Ok(offset)), Some(Ok(length))) = (numbers.next(), numbers.next()) else {
            return Err(doget::Error::new(400));
        };
        let file = self.0.try_clone()?;
        response
            .send_response(200)
            .finish_with_file(file, offset, length)
    }
}

#[test]
fn a_file_is_sent_from_an_offset() {
    let server = TestServer::new(Files(file(3 << 20)));
    for (offset, length) in [
        (0, 0),
        (0, 1),
        (1000, 3000),
        (0, 3 << 20),
        (5, (3 << 20) - 5),
    ] {
        let answer = server.get(&format!("/?{offset}-{length}"));
        assert_eq!(answer.body.len(), length);
        let good = answer
            .body
            .iter()
            .enumerate()
            .all(|(at, byte)| usize::from(*byte) == (at + offset) % 251);
        assert!(good, "{offset} {length}");
    }
    let head = server.one("HEAD /?0-1000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(head.header("Content-Length"), Some("1000"));
    assert!(server.end()[0].ends_with("\"GET /?0-0 HTTP/1.1\" 200 0"));
}

#[test]
fn a_file_that_is_shorter_cuts_the_connection() {
    let server = TestServer::new(Files(file(1000)));
    let mut conn = server.connect();
    conn.send("GET /?0-1001 HTTP/1.1\r\nHost: a\r\n\r\nGET /?0-1 HTTP/1.1\r\nHost: a\r\n\r\n");
    let raw = conn.rest();
    let flaw = doget_tests::answer::read(&raw, "GET", true).unwrap_err();
    assert_eq!(flaw, doget_tests::answer::Flaw::Incomplete);
    assert_eq!(server.get("/?0-1000").body.len(), 1000);
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_cuts_the_connection() {
    let file = file(0);
    // More than the system holds for a client that does not read.
    let length: u64 = 64 << 20;
    file.set_len(length).unwrap();
    let server = TestServer::new(Files(file.try_clone().unwrap()));
    let mut conn = server.connect();
    conn.send(format!("GET /?0-{length} HTTP/1.1\r\nHost: a\r\n\r\n"));
    conn.until(b"\r\n\r\n");
    file.set_len(0).unwrap();
    assert!((conn.rest().len() as u64) < length);
    let lines = server.end();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("HTTP/1.1\" 200 "), "{lines:?}");
}

/// Replies as values.
struct Replies;

#[handler]
impl Replies {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/str" => "text".reply(response),
            "/string" => String::from("text").reply(response),
            "/bytes" => b"text".reply(response),
            "/vec" => vec![b'x'; 100_000].reply(response),
            "/html" => Html("<p>").reply(response),
            "/status" => StatusCode::NO_CONTENT.reply(response),
            "/error-status" => StatusCode::FORBIDDEN.reply(response),
            "/created" => (StatusCode::CREATED, "made").reply(response),
            "/none" => None::<&str>.reply(response),
            "/some" => Some("text").reply(response),
            "/moved" => Redirect::permanent("/str").reply(response),
            "/see" => Redirect::see_other("/str").reply(response),
            _ => Err::<&str, _>(doget::Error::new(410)).reply(response),
        }
    }
}

#[test]
fn replies_of_every_kind() {
    let server = TestServer::new(Replies);
    let text = Some("text/plain; charset=utf-8");
    for (path, status, kind, length) in [
        ("/str", 200, text, 4),
        ("/string", 200, text, 4),
        ("/bytes", 200, Some("application/octet-stream"), 4),
        ("/vec", 200, Some("application/octet-stream"), 100_000),
        ("/html", 200, Some("text/html; charset=utf-8"), 3),
        ("/status", 204, None, 0),
        ("/created", 201, text, 4),
        ("/some", 200, text, 4),
        ("/moved", 308, None, 0),
        ("/see", 303, None, 0),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("Content-Type"), kind, "{path}");
        assert_eq!(answer.body.len(), length, "{path}");
    }
    assert_eq!(server.get("/moved").header("Location"), Some("/str"));
    for (path, status) in [("/error-status", 403), ("/none", 404), ("/other", 410)] {
        let answer = server.get(path);
        assert_eq!(answer.status, status);
        assert!(answer.text().contains(&format!("Error code: {status}")));
    }
}

#[test]
fn what_was_held_back_leaves_with_a_flush() {
    let server = TestServer::new(Ways);
    for size in [1, 1000, 100_000] {
        for version in ["1.0", "1.1"] {
            let answer = server.one(format!(
                "GET /written-then-flushed?{size} HTTP/{version}\r\nHost: a\r\n\r\n"
            ));
            assert_eq!(answer.body.len(), size, "HTTP/{version}");
        }
    }
}
