//! Section 2: headers.

use crate::handlers::{Lenient, Strict};
use doget::Parsing;
use doget::{Request, handler};
use doget_tests::test_server::TestServer;

fn with(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
}

/// A header line of this length, its end included.
fn line_of(length: usize) -> String {
    format!("X: {}\r\n", "a".repeat(length - "X: \r\n".len()))
}

/// Refused in both profiles, whatever stands behind it.
fn both_refuse(request: impl AsRef<[u8]>) {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        let answer = server.one(request.as_ref());
        assert_eq!(answer.status, 400, "{}", request.as_ref().escape_ascii());
        assert!(answer.closes());
    }
}

#[test]
fn hdr_01_lines_end_with_cr_lf_or_in_the_lenient_profile_with_lf() {
    let mixed = "GET / HTTP/1.1\nHost: a\r\nX: 1\nY: 2\r\n\n";
    let text = TestServer::new(Lenient).one(mixed);
    assert!(text.text().ends_with("Host=a\nX=1\nY=2\n"));
    for bare in [
        mixed,
        "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
    ] {
        assert_eq!(TestServer::new(Strict).one(bare).reason, "Bad line end");
    }
}

#[test]
fn hdr_02_a_line_over_the_limit_is_431() {
    for (server, limit, length) in [
        (TestServer::new(Lenient), 65_536, 480),
        (TestServer::new(Strict), 16_384, 480),
    ] {
        assert_eq!(server.one(with(&line_of(limit))).status, 200);
        let answer = server.one(with(&line_of(limit + 1)));
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (431, "Line too long")
        );
        assert_eq!(answer.body.len(), length);
        let explain = format!("431 - got more than {limit} bytes when reading header line.");
        assert!(answer.text().contains(&explain));
    }
}

#[test]
fn hdr_03_the_101st_line_is_431() {
    // http.server counts the blank line.
    for (server, most) in [
        (TestServer::new(Lenient), 99),
        (TestServer::new(Strict), 100),
    ] {
        let lines = |count: usize| with(&"X: 1\r\n".repeat(count - 1));
        assert_eq!(server.one(lines(most)).status, 200);
        let answer = server.one(lines(most + 1));
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (431, "Too many headers")
        );
        assert!(answer.text().contains("431 - got more than 100 headers."));
    }
}

#[test]
fn hdr_03_the_head_as_a_whole_is_bounded() {
    let server = TestServer::new(Strict);
    let head = |length: usize| {
        let filler = "X: aaa\r\n";
        let shell = with("").len() + line_of(8192).len() * 3;
        let last = length - shell - filler.len();
        with(&(line_of(8192).repeat(3) + filler + &line_of(last)))
    };
    assert_eq!(server.one(head(32_768)).status, 200);
    let answer = server.one(head(32_769));
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (431, "Request head too long")
    );
}

#[test]
fn hdr_04_a_431_knows_its_request_and_closes() {
    let server = TestServer::new(Strict);
    let mut conn = server.connect();
    conn.send(with(&line_of(17_000)) + &with(""));
    let answer = conn.answer("GET");
    assert_eq!(answer.status, 431);
    assert!(answer.closes());
    conn.assert_end();
    assert_eq!(
        server.end(),
        [
            "127.0.0.1 - - [date] code 431, message Line too long",
            "127.0.0.1 - - [date] \"GET / HTTP/1.1\" 431 480",
        ]
    );
}

#[test]
fn hdr_04_a_head_request_gets_no_body_with_it() {
    let server = TestServer::new(Strict);
    let request = with(&line_of(17_000)).replace("GET", "HEAD");
    let answer = server.one(request);
    assert_eq!(answer.header("Content-Length"), Some("480"));
}

/// Looks headers up.
struct Lookup;

#[handler]
impl Lookup {
    fn do_GET(&self, request: &Request<'_>) -> String {
        let headers = request.headers();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name).collect();
        let all: Vec<&str> = headers.get_all("x-one").collect();
        format!(
            "{names:?} {:?} {all:?} {} {} {:?} {:?} {}",
            headers.get("X-ONE"),
            headers.contains("x-two"),
            headers.contains("x-three"),
            headers.get("X-Latin"),
            headers.get_latin1("X-Latin"),
            headers.len(),
        )
    }
}

#[test]
fn hdr_05_values_are_latin_1() {
    let answer =
        TestServer::new(Lookup).one(b"GET / HTTP/1.1\r\nHost: a\r\nX-Latin: caf\xe9\r\n\r\n");
    assert!(answer.text().ends_with("None Some(\"caf\u{e9}\") 2"));
}

#[test]
fn hdr_06_lookup() {
    let answer = TestServer::new(Lookup).one(with("x-One: 1\r\nX-Two:\r\nX-ONE: 2\r\n"));
    assert_eq!(
        answer.text(),
        r#"["Host", "x-One", "X-Two", "X-ONE"] Some("1") ["1", "2"] true false None None 4"#
    );
}

#[test]
fn hdr_07_whitespace_around_a_value_is_no_part_of_it() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        let answer = server.one(with("A: \t b c \t\r\nB:\r\nC:d\r\nConnection: close \r\n"));
        assert!(
            answer
                .text()
                .ends_with("Host=a\nA=b c\nB=\nC=d\nConnection=close\n")
        );
        assert!(answer.closes());
    }
}

#[test]
fn hdr_08_folding_is_refused() {
    both_refuse(with("A: 1\r\n  two\r\n"));
    both_refuse(with("A: 1\r\n\ttwo\r\n"));
}

#[test]
fn hdr_09_a_continuation_of_nothing_is_refused() {
    both_refuse("GET / HTTP/1.1\r\n Host: a\r\n\r\n");
    both_refuse("GET / HTTP/1.1\r\n\tX: b\r\nHost: a\r\n\r\n");
}

#[test]
fn hdr_10_a_line_that_is_no_header_is_refused() {
    for lines in [
        "no colon\r\n",
        "X : 1\r\n",
        "X\t: 1\r\n",
        "X\0: 1\r\n",
        "X: \0\r\n",
        "X\u{e9}: 1\r\n",
        "X(: 1\r\n",
    ] {
        both_refuse(with(lines));
    }
    both_refuse("GET / HTTP/1.1\r\nHost : a\r\n\r\n");
}

#[test]
fn hdr_11_a_line_without_a_name_is_refused() {
    both_refuse(with(": 1\r\n"));
    both_refuse(with("From me\r\n"));
}

#[test]
fn hdr_12_a_bare_cr_is_refused() {
    both_refuse(with("A: 1\rB: 2\r\n"));
    both_refuse(with("A: 1\r\r\n"));
    both_refuse("GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n");
}

#[test]
fn hdr_13_the_end_of_input_ends_the_block_in_the_lenient_profile() {
    let lenient = TestServer::new(Lenient);
    let strict = TestServer::new(Strict);
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\nHost: a",
        "GET / HTTP/1.1\r\n",
    ] {
        assert_eq!(lenient.one(request).status, 200, "{request:?}");
        assert_eq!(strict.raw(request).len(), 0, "{request:?}");
    }
}

#[test]
fn hdr_14_host_and_framing_are_checked() {
    both_refuse(with("Content-Length: 1\r\nContent-Length: 2\r\n"));
    both_refuse(with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"));
    both_refuse(with("Host: b\r\n"));
    let strict = TestServer::new(Strict);
    assert_eq!(strict.one("GET / HTTP/1.1\r\n\r\n").reason, "Bad Host");
    assert_eq!(strict.one(with("Host: a\r\n")).reason, "Bad Host");
    let lenient = TestServer::new(Lenient);
    assert_eq!(lenient.one("GET / HTTP/1.1\r\n\r\n").status, 200);
    assert_eq!(lenient.one(with("Host: a\r\n")).status, 200);
}

#[test]
fn hdr_16_the_body_follows_the_blank_line() {
    for server in [TestServer::new(Strict), TestServer::new(Lenient)] {
        let answer = server.one("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n\r\nbody");
        assert_eq!(answer.body, b"\r\nbody");
        let chunks = "3\r\none\r\n1;x=y\r\n \r\n3\r\ntwo\r\n0\r\nT: 1\r\n\r\n";
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(server.one(format!("{head}{chunks}")).body, b"one two");
    }
}

/// The profile is a const of the handler.
#[test]
fn hdr_14_the_default_profile_is_strict() {
    assert_eq!(
        <Strict as doget::Declared>::SETTINGS.parsing,
        Parsing::Strict
    );
    assert_eq!(Parsing::default(), Parsing::Strict);
}
