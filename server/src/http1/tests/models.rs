//! The parser and the chunk decoder against their slow and obvious models.

use proptest::prelude::*;

use crate::http1::tests::*;

/// Pieces of heads, good and bad, glued together at random.
fn rough_head() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "GET", "POST", "CONNECT", "OPTIONS", " ", " ", " ", "/", "/a?b#c", "//x", "*", "a:1", "http://h/p",
            "HTTPS://H:8?q", "http://u@h/", "HTTP/1.1", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/0.9", "HTTP/1.10",
            "GET / HTTP/1.1\r\n", "GET / HTTP/1.0\r\n", "POST / HTTP/1.1\r\nHost: a\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n\r\n", ":", "\t", ",",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        8 => field_line(),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Heads with a sound request line and line ends, so that what the fields say decides.
fn smooth_head() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "GET / HTTP/1.1",
        "POST /a?b HTTP/1.1",
        "PUT http://h:1/ HTTP/1.1",
        "GET / HTTP/1.0",
        "CONNECT a:1 HTTP/1.1",
    ]);
    let field = (
        prop::sample::select(vec![
            "Host: a",
            "Content-Length: 5",
            "content-length: 5",
            "Content-Length: 6",
            "Transfer-Encoding: chunked",
            "TRANSFER-ENCODING: Chunked",
            "Transfer-Encoding: gzip, chunked",
            "Connection: close",
            "connection: x, Keep-Alive",
            "Connection: keep-alive,close",
            "Expect: 100-continue",
            "expect: x",
            "Host: b",
            "Any: \u{e9}",
            "Accept:*/*",
            "Cookie: a=b",
            "X:",
        ]),
        prop::sample::select(vec!["\r\n", " \r\n", "\t\r\n"]),
    );
    (line, any::<bool>(), prop::collection::vec(field, 0..4)).prop_map(|(line, host, fields)| {
        let mut head = format!("{line}\r\n{}", if host { "Host: a\r\n" } else { "" });
        for (field, end) in fields {
            head += field;
            head += end;
        }
        (head + "\r\n").into_bytes()
    })
}

fn field_line() -> impl Strategy<Value = Vec<u8>> {
    (
        prop::sample::select(vec![
            "Host",
            "host",
            "Content-Length",
            "content-length",
            "Transfer-Encoding",
            "Connection",
            "Expect",
            "X-Any",
            "A",
            "B ",
        ]),
        prop::sample::select(vec![":", ": ", ":\t", " :"]),
        prop::sample::select(vec![
            "",
            "a",
            "a:80",
            "[::1]:1",
            "a b",
            "0",
            "5",
            "05",
            "+5",
            "18446744073709551616",
            "4,4",
            "chunked",
            "Chunked",
            "gzip, chunked",
            "gzip",
            "chunked, x",
            "close",
            "keep-alive",
            "x, close",
            "100-continue",
            "100-continue, x",
            "\u{e9}",
            "a\rb",
        ]),
        prop::sample::select(vec![
            "\r\n", "\r\n", "\r\n", "\r\n", " \r\n", "\n", "\r\n ", "\r\r\n",
        ]),
    )
        .prop_map(|(name, colon, value, end)| [name, colon, value, end].concat().into_bytes())
}

pub(super) fn head_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![rough_head(), smooth_head()]
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
            |(method, target, request_line, line, fields, head, empty_lines)| {
                HeadLimits::new()
                    .max_method_size(method)
                    .max_target_size(target)
                    .max_request_line_size(request_line)
                    .max_field_line_size(line)
                    .max_fields(fields)
                    .max_size(head)
                    .max_empty_lines(empty_lines)
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn heads_agree(bytes in head_bytes(), eof: bool) {
        for profile in BOTH {
            agreement::heads(profile, &limits_of(profile), &bytes, eof);
        }
    }

    #[test]
    fn heads_agree_within_small_limits(bytes in head_bytes(), limits in small_head_limits(), eof: bool) {
        for profile in BOTH {
            agreement::heads(profile, &limits, &bytes, eof);
        }
    }

    #[test]
    fn split_heads_agree(bytes in head_bytes(), limits in small_head_limits(), step in 1..9usize) {
        for profile in BOTH {
            agreement::split_heads(profile, &limits, &bytes, step);
            agreement::split_heads(profile, &limits_of(profile), &bytes, step);
        }
    }

    #[test]
    fn chunked_bodies_agree(
        bytes in chunked_bytes(),
        step in 1..9usize,
        (line, extensions, trailer_bytes, trailer_fields) in (3..30usize, 0..12usize, 2..30usize, 0..4usize),
    ) {
        let small = ChunkLimits::new()
.max_line_size(line)
.max_extensions_size(extensions)
.max_trailer_size(trailer_bytes)
.max_trailer_fields(trailer_fields);
        for limits in [small, ChunkLimits::default()] {
            agreement::chunked(&limits, &bytes, step);
        }
    }
}
