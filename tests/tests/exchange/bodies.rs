//! Request bodies: the reader, its framings, its ends, and what becomes of what nobody reads.

use doget::{Limits, Request, Response, Result, Sent, handler};
use doget_tests::test_server::{Conn, TestServer};
use std::io::{BufRead, Read};
use std::time::Duration;

/// Does with a body what the path says.
struct Reader;

#[handler]
impl Reader {
    fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut body = Vec::new();
        match request.path() {
            "/all" => drop(request.body().read_to_end(&mut body)?),
            "/one" => {
                let mut one = [0];
                request.body().read_exact(&mut one)?;
                body.extend(one);
            }
            "/lines" => {
                let lines = request.body().lines().count();
                body.extend(lines.to_string().bytes());
            }
            "/bounded" => body = request.read_body(10)?,
            "/again" => {
                // An error is not forgotten by the next read.
                let first = request.body().read_to_end(&mut body).is_err();
                let second = request.body().read(&mut [0; 10]).is_err();
                body = format!("{first} {second}").into_bytes();
            }
            "/announced" => body.extend(format!("{:?}", request.body().announced()).bytes()),
            _ => {}
        }
        response.reply(body)
    }

    fn do_GET(&self) -> &'static str {
        "next"
    }

    fn do_PUT(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn by_length(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn by_chunks(path: &str, body: &[u8], size: usize) -> Vec<u8> {
    let mut bytes =
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            .into_bytes();
    for chunk in body.chunks(size) {
        bytes.extend(format!("{:X};a=b\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\nTrailer: x\r\n\r\n");
    bytes
}

fn sample(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

#[test]
fn bodies_of_all_sizes_by_length_and_by_chunks() {
    let server = TestServer::new(Reader);
    let mut conn = server.connect();
    for size in [0, 1, 1000, 65_535, 65_536, 65_537, 300_000] {
        let body = sample(size);
        for request in [
            by_length("/all", &body),
            by_chunks("/all", &body, 7 + size / 5),
            by_chunks("/all", &body, 40_000),
        ] {
            conn.send(request);
            let answer = conn.answer("POST");
            assert_eq!(answer.status, 200);
            assert!(answer.body == body, "{size} bytes");
        }
    }
    conn.send(NEXT);
    assert_eq!(conn.answer("GET").text(), "next");
}

#[test]
fn a_large_body_is_echoed() {
    let server = TestServer::new(Reader);
    let body = sample(5 << 20);
    let mut conn = server.connect();
    conn.send(by_length("/all", &body));
    assert!(conn.answer("POST").body == body);
    conn.send(by_chunks("/all", &body, 100_000));
    assert!(conn.answer("POST").body == body);
}

#[test]
fn a_body_may_come_a_byte_at_a_time() {
    let server = TestServer::new(Reader);
    let body = sample(300);
    for request in [by_length("/all", &body), by_chunks("/all", &body, 11)] {
        let mut conn = server.connect();
        conn.send_in(request, 1);
        assert!(conn.answer("POST").body == body);
    }
}

#[test]
fn a_body_can_be_read_by_lines() {
    let answer = TestServer::new(Reader).one(by_chunks("/lines", b"one\ntwo\nthree", 2));
    assert_eq!(answer.text(), "3");
}

#[test]
fn the_announced_length_is_known() {
    let server = TestServer::new(Reader);
    let text = |request: Vec<u8>| server.one(request).text().to_owned();
    assert_eq!(text(by_length("/announced", b"12345")), "Some(5)");
    assert_eq!(
        text(NEXT.replace("GET / ", "POST /announced ").into()),
        "Some(0)"
    );
}

#[test]
fn a_bounded_body_that_is_longer_is_413() {
    let server = TestServer::new(Reader);
    for (size, status) in [(10, 200), (11, 413)] {
        for request in [
            by_length("/bounded", &sample(size)),
            by_chunks("/bounded", &sample(size), 4),
        ] {
            let answer = server.one(&request);
            assert_eq!(answer.status, status, "{}", request.escape_ascii());
        }
    }
}

#[test]
fn a_collected_body_is_bounded_by_the_limits() {
    let server = TestServer::limited(Reader, Limits::new().max_collected_body_size(1000));
    for (size, status) in [(1000, 200), (1001, 413)] {
        for request in [
            by_length("/", &sample(size)),
            by_chunks("/", &sample(size), 300),
        ] {
            let put = [b"PUT", request.strip_prefix(b"POST").unwrap()].concat();
            let answer = server.one(put);
            assert_eq!(answer.status, status);
            if status == 413 {
                assert_eq!(answer.reason, "Content Too Large");
            }
        }
    }
}

#[test]
fn a_body_that_is_cut_short_is_an_error() {
    let server = TestServer::new(Reader);
    let large = sample(200_000);
    for request in [
        by_length("/all", b"0123456789"),
        by_chunks("/all", b"0123456789", 3),
        by_length("/all", &large),
        by_chunks("/all", &large, 50_000),
    ] {
        let cut = &request[..request.len() - 4];
        let answer = server.one(cut);
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (400, "Request body cut short")
        );
        assert!(answer.closes());
    }
}

#[test]
fn an_error_of_a_body_is_repeated() {
    let server = TestServer::new(Reader);
    let request = by_length("/again", &sample(200_000));
    let answer = server.one(&request[..request.len() - 1]);
    assert_eq!(answer.text(), "true true");
    assert!(answer.closes());
}

#[test]
fn a_client_that_resets_its_upload_is_no_fault_of_the_server() {
    let server = TestServer::new(Reader);
    let mut client = doget_tests::Client::connect(server.address());
    let expecting =
        "POST /all HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 90\r\n\r\n";
    client.send(expecting);
    // The handler is reading when this has come.
    let interim = client.read_some(100).unwrap();
    assert!(interim.starts_with(b"HTTP/1.1 100 "));
    client.reset();
    doget_tests::eventually("the line of the request", || {
        server.log().iter().any(|line| line.contains("\"POST /all"))
    });
    let lines = server.end();
    assert!(
        lines[0].ends_with("code 400, message Request body cut short"),
        "{lines:?}"
    );
    assert!(lines.iter().all(|line| !line.contains("500")), "{lines:?}");
}

#[test]
fn a_malformed_body_is_an_error() {
    let server = TestServer::new(Reader);
    let head = "POST /all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = "5\r\nhello\r\n".repeat(20_000);
    for lines in ["5\r\nhelloXX0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "x\r\n"] {
        for before in ["", "5\r\nhello\r\n", &long] {
            let mut conn = server.connect();
            conn.send(format!("{head}{before}{lines}{NEXT}"));
            let answer = conn.answer("POST");
            assert_eq!(
                (answer.status, answer.reason.as_str()),
                (400, "Bad request body")
            );
            assert!(answer.closes());
            conn.assert_end();
        }
    }
}

#[test]
fn a_body_that_comes_too_slowly_is_an_error() {
    let limits = Limits::new().body_timeout(Duration::from_millis(50));
    let server = TestServer::limited(Reader, limits);
    for size in [10, 200_000] {
        let request = by_length("/all", &sample(size));
        let mut conn = server.connect();
        conn.send(&request[..request.len() - 1]);
        let answer = conn.answer("POST");
        assert_eq!(answer.status, 408);
        assert!(answer.closes());
        conn.assert_end();
    }
}

#[test]
fn a_body_below_the_least_rate_is_an_error() {
    let limits = Limits::new()
        .min_body_rate(1_000_000)
        .body_rate_grace(Duration::from_millis(50));
    let server = TestServer::limited(Reader, limits);
    for size in [10, 200_000] {
        let request = by_length("/all", &sample(size));
        let mut conn = server.connect();
        conn.send(&request[..request.len() - 1]);
        assert_eq!(conn.answer("POST").status, 408);
    }
}

fn goes_on(conn: &mut Conn) {
    conn.send(NEXT);
    assert_eq!(conn.answer("GET").text(), "next");
}

#[test]
fn what_nobody_reads_is_drained() {
    let server = TestServer::new(Reader);
    for size in [10, 70_000, 200_000] {
        for path in ["/none", "/one"] {
            for request in [
                by_length(path, &sample(size)),
                by_chunks(path, &sample(size), 1000),
            ] {
                let mut conn = server.connect();
                conn.send(request);
                let answer = conn.answer("POST");
                assert_eq!(answer.status, 200);
                assert!(!answer.closes());
                goes_on(&mut conn);
            }
        }
    }
}

#[test]
fn more_than_is_worth_draining_closes() {
    let limits = Limits::new().max_drain_size(1000).body_buffer_size(100);
    let server = TestServer::limited(Reader, limits);
    let mut conn = server.connect();
    let request = by_length("/none", &sample(200_000));
    conn.send(&request[..100]);
    let answer = conn.answer("POST");
    assert!(answer.closes());
    conn.send(&request[100..]);
    conn.assert_end();
}

#[test]
fn a_body_that_was_read_whole_needs_no_drain() {
    let limits = Limits::new().max_drain_size(0).body_buffer_size(0);
    let server = TestServer::limited(Reader, limits);
    for request in [
        by_length("/all", b"0123456789"),
        by_chunks("/all", b"0123456789", 3),
    ] {
        for pieces in [1, 40, request.len()] {
            let mut conn = server.connect();
            conn.send_in(&request, pieces);
            let answer = conn.answer("POST");
            assert_eq!(answer.text(), "0123456789");
            assert!(!answer.closes());
            goes_on(&mut conn);
        }
    }
}

#[test]
fn an_expected_body_that_is_not_invited_closes() {
    let server = TestServer::new(Reader);
    let request = by_length("/none", b"0123456789");
    let text = String::from_utf8(request).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut conn = server.connect();
    conn.send(format!("{head}\r\nExpect: 100-continue\r\n\r\n"));
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (200, 0));
    assert!(answer.closes());
    conn.send(body);
    conn.assert_end();
}

#[test]
fn an_expected_body_is_invited_at_the_first_read() {
    let server = TestServer::new(Reader);
    let text = String::from_utf8(by_length("/all", b"0123456789")).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let expecting = format!("{head}\r\nExpect: 100-continue\r\n\r\n");
    let mut conn = server.connect();
    conn.send(NEXT.to_owned() + &expecting);
    assert_eq!(conn.answer("GET").text(), "next");
    assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
    conn.send(body);
    assert_eq!(conn.answer("POST").text(), "0123456789");
    goes_on(&mut conn);
}

#[test]
fn a_body_that_is_there_already_is_not_invited() {
    let server = TestServer::new(Reader);
    let text = String::from_utf8(by_length("/all", b"0123456789")).unwrap();
    let request = text.replacen("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1);
    let answer = server.one(request + NEXT.trim_end_matches("\r\n\r\n"));
    assert_eq!(answer.interim.len(), 0);
    assert_eq!(answer.text(), "0123456789");
}
