//! Compressed bodies: which are, which are not, and that nothing of the old body is told of the new one.

use doget::testing::{self, TestRequest};
use doget::{Compress, Error, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;
use std::io::{Read, Write};

struct Site {
    gzip: Compress,
}

fn long() -> String {
    (0..500)
        .map(|number| format!("{{\"row\":{number}}},"))
        .collect()
}

type Fields = &'static [(&'static str, &'static str)];

/// Paths that are answered with the long text: status, and fields.
const ANSWERS: &[(&str, u16, Fields)] = &[
    ("/page", 200, &[("Content-Type", "text/html;charset=utf-8")]),
    ("/image", 200, &[("Content-Type", "image/png")]),
    ("/events", 200, &[("Content-Type", "text/event-stream")]),
    (
        "/tagged",
        200,
        &[
            ("Content-Type", "application/json"),
            ("ETag", "\"a-tag\""),
            ("Accept-Ranges", "bytes"),
            ("Vary", "Accept"),
        ],
    ),
    (
        "/weak",
        200,
        &[("Content-Type", "text/plain"), ("ETag", "W/\"a-tag\"")],
    ),
    ("/unchanged", 304, &[("ETag", "\"a-tag\"")]),
    (
        "/part",
        206,
        &[
            ("Content-Type", "text/plain"),
            ("Content-Range", "bytes 0-9/100"),
        ],
    ),
    (
        "/coded",
        200,
        &[("Content-Type", "text/plain"), ("Content-Encoding", "br")],
    ),
    (
        "/no-transform",
        200,
        &[
            ("Content-Type", "text/plain"),
            ("Cache-Control", "public, no-transform"),
        ],
    ),
    (
        "/no-transform-in-capitals",
        200,
        &[
            ("Content-Type", "text/plain"),
            ("Cache-Control", "No-Transform"),
        ],
    ),
    (
        "/cookie",
        200,
        &[("Content-Type", "text/plain"), ("Set-Cookie", "a=b")],
    ),
];

#[handler(layers(self.gzip))]
impl Site {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let found = ANSWERS.iter().find(|(path, ..)| *path == request.path());
        if let Some((_, status, fields)) = found {
            let head = response.send_response(*status);
            let head = fields
                .iter()
                .fold(head, |head, (name, value)| head.send_header(name, *value));
            return head.finish_with(long());
        }
        match request.path() {
            "/short" => response.reply("short"),
            "/fails" => Err(Error::new(500).explain(long())),
            "/nowhere" => Err(Error::not_found()),
            path => written(path, response),
        }
    }
}

/// What is written piece by piece.
fn written(path: &str, response: Response<'_>) -> Result<Sent> {
    let text = long();
    let head = response
        .send_response(200)
        .send_header("Content-Type", "text/plain");
    let declared = (path == "/declared").then_some(text.len());
    let mut body = head
        .send_header_if("Content-Length", declared)
        .end_headers()?;
    match path {
        "/flushed" => {
            for word in ["one ", "two ", "three"] {
                body.write_all(word.as_bytes())?;
                body.flush()?;
            }
        }
        "/large" => {
            for _ in 0..300 {
                body.write_all(text.as_bytes())?;
            }
        }
        "/panics" => panic!("a handler"),
        _ => body.write_all(text.as_bytes())?,
    }
    body.finish()
}

fn site() -> Site {
    Site {
        gzip: Compress::gzip(),
    }
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    decoder.read_to_string(&mut text).unwrap();
    text
}

fn get(path: &str, accepts: &str) -> testing::Answer {
    testing::get(path)
        .header("Accept-Encoding", accepts)
        .send(&site())
}

#[test]
fn what_is_text_and_long_is_compressed() {
    for path in ["/page", "/tagged", "/weak"] {
        let answer = get(path, "gzip");
        assert_eq!(answer.header("Content-Encoding"), Some("gzip"), "{path}");
        assert_eq!(unpacked(answer.bytes()), long(), "{path}");
        // It was held back whole: how long it is can be said.
        let length = answer.header("Content-Length").unwrap();
        assert_eq!(length, answer.bytes().len().to_string(), "{path}");
        assert!(answer.bytes().len() < long().len() / 2, "{path}");
    }
    for path in [
        "/short",
        "/image",
        "/events",
        "/part",
        "/coded",
        "/no-transform",
        "/no-transform-in-capitals",
        "/cookie",
        "/declared",
        "/fails",
        "/nowhere",
        "/unchanged",
        "/panics",
    ] {
        let answer = get(path, "gzip");
        assert_ne!(answer.header("Content-Encoding"), Some("gzip"), "{path}");
        if !["/short", "/unchanged", "/nowhere", "/fails", "/panics"].contains(&path) {
            assert_eq!(answer.text(), long(), "{path}");
            assert_eq!(
                answer.header("Content-Length"),
                Some(&*long().len().to_string()),
                "{path}"
            );
        }
        let varies: Vec<&str> = answer
            .headers()
            .filter(|(name, _)| *name == "Vary")
            .map(|(_, value)| value)
            .collect();
        assert_eq!(varies, ["Accept-Encoding"], "{path}");
    }
}

/// `gzip;q=0` gets no gzip (chi has it by `strings.Contains`), and nobody gets 406.
#[test]
fn what_a_client_does_not_accept_it_does_not_get() {
    for (accepts, coded) in [
        ("gzip", true),
        ("x-gzip", true),
        ("*", true),
        ("br, GZIP;q=0.5", true),
        ("gzip;q=0", false),
        ("gzip; q=0.000", false),
        ("*;q=0", false),
        ("identity", false),
        ("gzip;q=0.1, identity;q=0.5", false),
        ("br", false),
        ("gzipped", false),
        ("", false),
        ("identity;q=0, gzip;q=0", false),
    ] {
        let answer = get("/page", accepts);
        assert_eq!(answer.status(), 200, "{accepts}");
        let found = answer.header("Content-Encoding");
        assert_eq!(found, coded.then_some("gzip"), "{accepts}");
        assert_eq!(answer.header("Vary"), Some("Accept-Encoding"), "{accepts}");
    }
}

/// What a program sets: below which length a body stays as it is, and how much work is done for it.
#[test]
fn above_and_level_are_the_programs_choice() {
    for (gzip, path, is_coded) in [
        (Compress::gzip(), "/short", false),
        (Compress::gzip().above(0), "/short", false),
        (Compress::gzip(), "/page", true),
        (Compress::gzip().above(long().len()), "/page", true),
        (Compress::gzip().above(long().len() + 1), "/page", false),
        (Compress::gzip().level(0), "/page", true),
        (Compress::gzip().level(1), "/page", true),
        (Compress::gzip().level(100), "/page", true),
    ] {
        let answer = testing::get(path)
            .header("Accept-Encoding", "gzip")
            .send(&Site { gzip });
        let is = answer.header("Content-Encoding") == Some("gzip");
        assert_eq!(is, is_coded, "{path} {gzip:?}");
        if is {
            assert_eq!(unpacked(answer.bytes()), long(), "{gzip:?}");
            assert!(answer.bytes().len() < long().len() / 2, "{gzip:?}");
        }
    }
}

/// Other bytes under the same strong tag are what caches and ranges break on (tower-http and hono kept it).
#[test]
fn a_strong_tag_becomes_weak_and_ranges_go() {
    let answer = get("/tagged", "gzip");
    assert_eq!(answer.header("ETag"), Some("W/\"a-tag\""));
    assert_eq!(answer.header("Accept-Ranges"), None);
    let varies: Vec<&str> = answer
        .headers()
        .filter(|(name, _)| *name == "Vary")
        .map(|(_, value)| value)
        .collect();
    assert_eq!(varies, ["Accept", "Accept-Encoding"]);
    assert_eq!(get("/weak", "gzip").header("ETag"), Some("W/\"a-tag\""));
    // The 304 stands for that 200 (flask-compress#67).
    assert_eq!(
        get("/unchanged", "gzip").header("ETag"),
        Some("W/\"a-tag\"")
    );
    let plain = get("/tagged", "identity");
    assert_eq!(plain.header("ETag"), Some("\"a-tag\""));
    assert_eq!(plain.header("Accept-Ranges"), Some("bytes"));
}

#[test]
fn head_says_what_get_says_but_for_the_length() {
    let head = TestRequest::new("HEAD", "/tagged")
        .header("Accept-Encoding", "gzip")
        .send(&site());
    assert_eq!(head.header("Content-Encoding"), Some("gzip"));
    assert_eq!(head.header("ETag"), Some("W/\"a-tag\""));
    assert_eq!(head.header("Content-Length"), None);
    assert!(head.bytes().is_empty());
    let plain = TestRequest::new("HEAD", "/tagged").send(&site());
    assert_eq!(
        plain.header("Content-Length"),
        Some(&*long().len().to_string())
    );
}

#[test]
fn a_long_stream_is_whole_in_chunks_and_to_the_end() {
    let expected = long().repeat(300);
    let answer = get("/large", "gzip");
    assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(unpacked(answer.bytes()), expected);
    let server = TestServer::new(site());
    let raw = server.raw("GET /large HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert!(String::from_utf8_lossy(&raw[..end]).contains("Content-Encoding: gzip"));
    assert_eq!(unpacked(&raw[end + 4..]), expected);
}

/// What a handler flushes a client can read at once: streams that hold it back are the commonest complaint
/// (tower-http#419, actix-web#3410).
#[test]
fn a_flush_lets_everything_out() {
    let server = TestServer::new(site());
    let mut conn = server.connect();
    conn.send(
        "GET /flushed HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
    );
    let raw = conn.rest();
    let answers = doget_tests::test_server::read_all(&raw, &["GET"]);
    assert_eq!(unpacked(&answers[0].body), "one two three");
    // Three flushes are three chunks with something in them, and the end.
    let text = String::from_utf8_lossy(&raw);
    assert!(text.contains("Transfer-Encoding: chunked"));
    let mut decoder = flate2::read::MultiGzDecoder::new(&*answers[0].body);
    let mut first = [0; 4];
    decoder.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"one ");
}

/// Two answers of the same body differ in length: a name of random length stands in their headers.
#[test]
fn lengths_vary() {
    let lengths: std::collections::BTreeSet<usize> = (0..20)
        .map(|_| get("/page", "gzip").bytes().len())
        .collect();
    assert!(lengths.len() > 3, "{lengths:?}");
}
