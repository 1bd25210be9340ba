//! Random sequences of valid requests: the answers are those of a model, however the bytes arrive.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::testing::Exchange;
use doget::{Request, Response, Result, Sent, handler};
use doget_tests::answer::{self, Answer};
use doget_tests::test_server::TestServer;
use proptest::prelude::*;
use std::io::{BufRead, Read, Write};

/// Answers in ways that the path and the query choose.
struct Echo;

#[handler]
impl Echo {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        response.reply(format!("{} {}", request.method().len(), request.target()))
    }

    fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let mut body = Vec::new();
        match request.path() {
            "/all" => drop(request.body().read_to_end(&mut body)?),
            "/some" => {
                let size = request.body().fill_buf()?.len().min(1);
                request.body().consume(size);
            }
            "/stream" => {
                let mut wfile = response.send_response(200).end_headers()?;
                let mut piece = [0; 5];
                loop {
                    match request.body().read(&mut piece)? {
                        0 => return wfile.finish(),
                        size => wfile.write_all(&piece[..size])?,
                    }
                    wfile.flush()?;
                }
            }
            _ => {}
        }
        response.reply(body)
    }

    fn do_PUT(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

#[derive(Clone, Debug)]
struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
    empty_lines: usize,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Length(Vec<u8>),
    Chunked(Vec<Vec<u8>>, String),
}

impl Ask {
    fn content(&self) -> Vec<u8> {
        match &self.body {
            Body::None => Vec::new(),
            Body::Length(body) => body.clone(),
            Body::Chunked(chunks, _) => chunks.concat(),
        }
    }

    fn bytes(&self, last: bool) -> Vec<u8> {
        let mut bytes = "\r\n".repeat(self.empty_lines).into_bytes();
        let _ = write!(
            bytes,
            "{} {} HTTP/1.1\r\nHost: a\r\n",
            self.method, self.path
        );
        for (name, value) in &self.headers {
            let _ = write!(bytes, "X-{name}: {value}\r\n");
        }
        if last {
            bytes.extend(b"Connection: close\r\n");
        }
        match &self.body {
            Body::None => bytes.extend(b"\r\n"),
            Body::Length(body) => {
                let _ = write!(bytes, "content-length:{}\r\n\r\n", body.len());
                bytes.extend(body);
            }
            Body::Chunked(chunks, extension) => {
                bytes.extend(b"Transfer-Encoding: Chunked\r\n\r\n");
                for chunk in chunks {
                    let _ = write!(bytes, "{:X}{extension}\r\n", chunk.len());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"00\r\nX-Trailer: 1\r\n\r\n");
            }
        }
        bytes
    }

    /// Status and body of the answer.
    fn expected(&self) -> (u16, Vec<u8>) {
        let path = self.path.split('?').next().unwrap_or_default();
        match self.method {
            "GET" => (200, format!("3 {}", self.path).into_bytes()),
            "HEAD" => (200, Vec::new()),
            "POST" if matches!(path, "/all" | "/stream") => (200, self.content()),
            "POST" => (200, Vec::new()),
            "PUT" => (200, self.content()),
            "OPTIONS" => (200, Vec::new()),
            method => {
                let page = format!("Unsupported method ('{method}')");
                (501, page.into_bytes())
            }
        }
    }
}

fn body() -> impl Strategy<Value = Body> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..200);
    let chunk = proptest::collection::vec(any::<u8>(), 1..100);
    prop_oneof![
        Just(Body::None),
        bytes().prop_map(Body::Length),
        (
            proptest::collection::vec(chunk, 0..5),
            prop_oneof![
                Just(String::new()),
                Just(";a=b".to_owned()),
                Just(" ;c=\"d\"".to_owned())
            ]
        )
            .prop_map(|(chunks, extension)| Body::Chunked(chunks, extension)),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    (
        prop_oneof![
            3 => Just("GET"), 1 => Just("HEAD"), 4 => Just("POST"), 2 => Just("PUT"), 1 => Just("OPTIONS"),
            1 => Just("SPAM"),
        ],
        "/(all|some|stream|none)(\\?[a-z0-9=&%]{0,20})?",
        proptest::collection::vec(("[A-Za-z-]{1,10}", "[!-~]([ -~]{0,20}[!-~])?"), 0..4),
        body(),
        0..3_usize,
    )
        .prop_map(|(method, path, headers, body, empty_lines)| Ask {
            method,
            path,
            headers,
            body,
            empty_lines,
        })
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    proptest::collection::vec(ask(), 1..8)
}

fn bytes_of(asks: &[Ask]) -> Vec<u8> {
    let last = asks.len() - 1;
    let each = asks.iter().enumerate();
    each.flat_map(|(position, ask)| ask.bytes(position == last))
        .collect()
}

fn check(asks: &[Ask], raw: &[u8]) -> std::result::Result<Vec<Answer>, TestCaseError> {
    let methods: Vec<&str> = asks.iter().map(|ask| ask.method).collect();
    let answers = answer::read_all(raw, &methods, true)
        .map_err(|flaw| TestCaseError::fail(format!("{flaw:?}: {}", raw.escape_ascii())))?;
    prop_assert_eq!(answers.len(), asks.len(), "{}", raw.escape_ascii());
    for (position, (ask, answer)) in asks.iter().zip(&answers).enumerate() {
        let (status, body) = ask.expected();
        prop_assert_eq!(answer.status, status);
        if status == 200 {
            prop_assert_eq!(&answer.body, &body);
        } else {
            prop_assert!(answer.text().contains(std::str::from_utf8(&body).unwrap()));
        }
        prop_assert_eq!(answer.closes(), position + 1 == asks.len());
    }
    Ok(answers.into_iter().map(Answer::without_date).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn the_answers_do_not_depend_on_how_the_bytes_arrive(asks in asks()) {
        let bytes = bytes_of(&asks);
        let whole = check(&asks, &Exchange::new().run(&Echo, &bytes).bytes)?;
        for size in (1..40).chain([64, 100, 200, 400, 1000]) {
            let outcome = Exchange::new().pieces(size).run(&Echo, &bytes);
            prop_assert_eq!(outcome.requests as usize, asks.len());
            let pieces = check(&asks, &outcome.bytes)?;
            prop_assert_eq!(&pieces, &whole, "in pieces of {}", size);
        }
        for (ask, answer) in asks.iter().zip(&whole) {
            let alone = std::slice::from_ref(ask);
            let alone = check(alone, &Exchange::new().run(&Echo, &bytes_of(alone)).bytes)?;
            prop_assert_eq!(&alone[0].body, &answer.body);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn the_same_over_sockets(asks in asks(), sizes in proptest::collection::vec(1..300_usize, 1..20)) {
        let server = TestServer::new(Echo);
        let bytes = bytes_of(&asks);
        let whole = check(&asks, &server.raw(&bytes))?;
        let mut conn = server.connect();
        let mut sizes = sizes.iter().cycle();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let size = sizes.next().copied().unwrap_or(1).min(rest.len());
            conn.send(&rest[..size]);
            rest = &rest[size..];
        }
        prop_assert_eq!(&check(&asks, &conn.rest())?, &whole);
        // One after the other, each after the answer to the one before.
        let mut conn = server.connect();
        for (position, ask) in asks.iter().enumerate() {
            conn.send(ask.bytes(position + 1 == asks.len()));
            let answer = conn.answer(ask.method).without_date();
            prop_assert_eq!(&answer, &whole[position]);
        }
        conn.assert_end();
    }
}
