//! The parser and the chunk decoder against their slow and obvious models.

use proptest::prelude::*;

use super::*;
use crate::http1::tests::{chunk_model, head_model};

fn bounds(limits: &HeadLimits) -> head_model::Bounds {
    head_model::Bounds {
        method: limits.method,
        target: limits.target,
        request_line: limits.request_line,
        line: limits.line,
        fields: limits.fields,
        head: limits.head,
        empty_lines: limits.empty_lines,
    }
}

/// What the parser came to, in the model's words.
fn outcome(result: Result<Progress, HeadError>, head: &Head, bytes: &[u8]) -> head_model::Outcome {
    use head_model::{Model, Outcome};
    match result {
        Ok(Progress::Partial) => Outcome::Partial,
        Err(error) if error.silent() => Outcome::Silent,
        Err(error) => Outcome::Refused(error.status()),
        Ok(Progress::Complete(taken)) => Outcome::Complete(Box::new(Model {
            taken,
            requestline: head.requestline().to_owned(),
            method: head.command().to_owned(),
            target: head.target().to_owned(),
            word: (head.version() != Version::HTTP_09 || head.request_version() != "HTTP/0.9")
                .then(|| head.request_version().to_owned())
                .or_else(|| {
                    let words = head.requestline().split_ascii_whitespace().count();
                    (words > 2).then(|| head.request_version().to_owned())
                }),
            fields: head
                .fields(bytes)
                .iter()
                .map(|(n, v)| (n.to_owned(), v.to_vec()))
                .collect(),
            framing: match head.framing() {
                Framing::None => None,
                Framing::Length(length) => Some(Some(length)),
                Framing::Chunked => Some(None),
            },
            persistent: head.persistent(),
            expect: match head.expect() {
                Expect::None => 0,
                Expect::Continue => 1,
                Expect::Unknown => 2,
            },
        })),
    }
}

fn agree(profile: Parsing, limits: &HeadLimits, bytes: &[u8], eof: bool) {
    let (result, head) = read_within(profile, limits, bytes, eof);
    let expected = head_model::read(bytes, eof, profile == Parsing::Lenient, &bounds(limits));
    let found = outcome(result.clone(), &head, bytes);
    assert_eq!(
        found,
        expected,
        "{profile:?} eof {eof} {:?}\n{result:?}",
        String::from_utf8_lossy(bytes)
    );
}

/// Pieces of heads, good and bad, glued together at random.
fn head_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "GET", "POST", "CONNECT", "OPTIONS", " ", " ", " ", "/", "/a?b#c", "//x", "*", "a:1", "http://h/p",
            "HTTPS://H:8?q", "http://u@h/", "HTTP/1.1", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/0.9", "HTTP/1.10",
            "GET / HTTP/1.1\r\n", "GET / HTTP/1.0\r\n", "POST / HTTP/1.1\r\nHost: a\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n\r\n", ":", "\t", ",",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        8 => (
            prop::sample::select(vec![
                "Host", "host", "Content-Length", "content-length", "Transfer-Encoding", "Connection",
                "Expect", "X-Any", "A", "B ",
            ]),
            prop::sample::select(vec![":", ": ", ":\t", " :"]),
            prop::sample::select(vec![
                "", "a", "a:80", "[::1]:1", "a b", "0", "5", "05", "+5", "18446744073709551616", "4,4",
                "chunked", "Chunked", "gzip, chunked", "gzip", "chunked, x", "close", "keep-alive", "x, close",
                "100-continue", "100-continue, x", "\u{e9}", "a\rb",
            ]),
            prop::sample::select(vec!["\r\n", "\r\n", "\r\n", "\r\n", " \r\n", "\n", "\r\n ", "\r\r\n"]),
        ).prop_map(|(n, c, v, e)| [n, c, v, e].concat().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn chunked_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "0", "1", "5", "a", "F", "\r\n", "\r\n", "\r\n", "\r", "\n", ";", "; x=y", " ", "\t", "hello",
            "5\r\nhello\r\n", "5;x\r\nhello\r\n", "0\r\n", "0\r\n\r\n", "A: b\r\n", "A:", ":", "ffffffff",
            "0000000000000000", "x",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn small_head_limits() -> impl Strategy<Value = HeadLimits> {
    (
        1..8usize,
        1..12usize,
        10..40usize,
        5..30usize,
        0..5usize,
        20..150usize,
        0..3usize,
    )
        .prop_map(
            |(method, target, request_line, line, fields, head, empty_lines)| HeadLimits {
                method,
                target,
                request_line,
                line,
                fields,
                head,
                empty_lines,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn heads_agree(bytes in head_bytes(), eof: bool) {
        for profile in BOTH {
            agree(profile, &limits_of(profile), &bytes, eof);
        }
    }

    #[test]
    fn heads_agree_within_small_limits(bytes in head_bytes(), limits in small_head_limits(), eof: bool) {
        for profile in BOTH {
            agree(profile, &limits, &bytes, eof);
        }
    }

    #[test]
    fn split_heads_agree(bytes in head_bytes(), limits in small_head_limits(), step in 1..9usize) {
        for profile in BOTH {
            let whole = read_within(profile, &limits, &bytes, false);
            let mut scan = Scan::default();
            let mut head = Head::default();
            let ends = (0..bytes.len()).step_by(step).chain([bytes.len()]);
            let mut result = Ok(Progress::Partial);
            for end in ends {
                result = parse(&bytes[..end], false, profile, &limits, &mut scan, &mut head);
                if result != Ok(Progress::Partial) {
                    break;
                }
            }
            prop_assert_eq!(&result, &whole.0);
            if result != Ok(Progress::Partial) {
                prop_assert_eq!(format!("{head:?}"), format!("{:?}", whole.1));
            }
        }
    }

    #[test]
    fn chunked_bodies_agree(
        bytes in chunked_bytes(),
        step in 1..9usize,
        (line, extensions, trailer_bytes, trailer_fields) in (3..30usize, 0..12usize, 2..30usize, 0..4usize),
    ) {
        for small in [false, true] {
            let limits = if small {
                ChunkLimits { line, extensions, trailer_bytes, trailer_fields }
            } else {
                ChunkLimits::default()
            };
            let bounds = chunk_model::Bounds {
                line: limits.line,
                extensions: limits.extensions,
                trailer_bytes: limits.trailer_bytes,
                trailer_fields: limits.trailer_fields,
            };
            let expected = chunk_model::read(&bytes, &bounds);
            for size in [step, bytes.len().max(1)] {
                let (data, end) = super::bodies::decode(&limits, &bytes, size);
                let end = match end {
                    Ok(Some(taken)) => chunk_model::End::Done(taken),
                    Ok(None) => chunk_model::End::More,
                    Err(_) => chunk_model::End::Refused,
                };
                prop_assert_eq!(&(data, end), &expected, "{:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}
