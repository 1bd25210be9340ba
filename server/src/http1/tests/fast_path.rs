//! The fast path and the precise path are the same to the eye.

use proptest::prelude::*;

use crate::http1::head::parse_precisely;
use crate::http1::tests::models::head_bytes;
use crate::http1::tests::*;

/// Both paths on `bytes`; whether the fast one took them.
fn compare(profile: Parsing, limits: &HeadLimits, bytes: &[u8]) -> bool {
    let mut usual = Head::default();
    let Some(taken) = usual.read_usual(bytes, profile, limits) else {
        return false;
    };
    let mut precise = Head::default();
    let mut scan = Scan::default();
    let result = parse_precisely(bytes, false, profile, limits, &mut scan, &mut precise);
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(
        result,
        Ok(Progress::Complete(taken)),
        "{profile:?} {shown:?}"
    );
    // All that a head holds, the memory of its text included.
    assert_eq!(format!("{usual:?}"), format!("{precise:?}"), "{shown:?}");
    assert_eq!(usual.authority(bytes), precise.authority(bytes));
    true
}

/// A piece of a head: mostly the good one, else another, or the good one with a byte behind it.
fn word(good: &'static str, other: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        9 => Just(good.to_owned()),
        1 => prop::sample::select(other).prop_map(str::to_owned),
        1 => any::<u8>().prop_map(move |b| format!("{good}{}", char::from(b))),
    ]
}

fn request_line() -> impl Strategy<Value = String> {
    (
        prop::sample::select(
            &[
                "GET", "POST", "DELETE", "M-SEARCH", "CONNECT", "B.C", "_", "OPTIONS",
            ][..],
        ),
        word(" ", &["", "  ", "\t"]),
        "/{0,2}[!-~]{0,20}",
        word("", &["?a=b", "?", "#f", "?a#b", "?a?b", "\u{e9}", "\r"]),
        word(
            " HTTP/1.1",
            &[" HTTP/1.0", " HTTP/1.2", " HTTP/2.0", "  HTTP/1.1", ""],
        ),
    )
        .prop_map(|(method, blank, path, tail, word)| {
            [method, &blank, &path, &tail, &word].concat()
        })
}

fn field() -> impl Strategy<Value = String> {
    (
        prop_oneof![
            prop::sample::select(
                &[
                    "Host",
                    "host",
                    "HOST",
                    "Connection",
                    "content-length",
                    "Transfer-Encoding",
                    "Expect",
                    "Hops",
                    "Accept-Language",
                    "X_1",
                    "sec-ch-ua",
                    "Origin",
                    "Ex-ect",
                    "Cookies-all"
                ][..]
            )
            .prop_map(str::to_owned),
            "[-A-Za-z0-9!_.]{1,20}",
        ],
        word(":", &[" :", ""]),
        prop::sample::select(&["", " ", "  ", "\t", " \t "][..]),
        prop_oneof![
            prop::sample::select(
                &[
                    "a",
                    "a:80",
                    "A.b",
                    "[::1]:8",
                    "127.0.0.1:8080",
                    "a:",
                    ":1",
                    "a:99999",
                    "a:1:2",
                    "a%41",
                    "a/b",
                    "5",
                    "0",
                    "+1",
                    "chunked",
                    "close",
                    "keep-alive",
                    "Keep-Alive, x",
                    "100-continue",
                    "gzip",
                    "a,b",
                    ""
                ][..]
            )
            .prop_map(str::to_owned),
            "[ -~\t\u{e9}]{0,40}",
        ],
        prop::sample::select(&["", "", " ", "\t", "  "][..]),
        word("\r\n", &["\n", "\r", "\r\r\n", "\r\n ", "\r\n\r\n"]),
    )
        .prop_map(|(name, colon, before, value, behind, end)| {
            [&name, &colon, before, &value, behind, &end].concat()
        })
}

/// Heads that are right or nearly so: one piece of a good head is replaced by something else.
fn nearly_usual() -> impl Strategy<Value = Vec<u8>> {
    let host = prop::sample::select(
        &[
            "Host: a\r\n",
            "Host: a.example:80\r\n",
            "Host: 127.0.0.1:8080\r\n",
            "",
        ][..],
    );
    (
        request_line(),
        word("\r\n", &["\n"]),
        host,
        prop::collection::vec(field(), 0..5),
        word("\r\n", &["\n", "\r", ""]),
        "[ -~\r\n]{0,12}",
    )
        .prop_map(|(line, end, host, fields, last, behind)| {
            let mut head = [&line, &end, host].concat();
            head.extend(fields);
            (head + &last + &behind).into_bytes()
        })
}

fn limits() -> impl Strategy<Value = HeadLimits> {
    let near = |usual: usize| prop_oneof![3 => Just(usual), 1 => 1..90usize];
    (
        near(32),
        near(8192),
        near(8236),
        near(16_384),
        0..6usize,
        near(32768),
    )
        .prop_map(|(method, target, request_line, line, fields, head)| {
            HeadLimits::new()
                .max_method_size(method)
                .max_target_size(target)
                .max_request_line_size(request_line)
                .max_field_line_size(line)
                .max_fields(fields)
                .max_size(head)
                .max_empty_lines(1)
        })
}

/// What it is made for it does take, so that the tests below compare something.
#[test]
fn usual_heads_are_taken() {
    for head in [
        "GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "HEAD /a?b=c HTTP/1.1\r\nHost: Example.Org\r\nAccept: */*\r\nX-1: \u{e9} \r\nA:\r\n\r\nmore",
        "PUT /a HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    ] {
        for profile in BOTH {
            assert!(
                compare(profile, &limits_of(profile), head.as_bytes()),
                "{head:?}"
            );
        }
    }
}

/// Every byte at every place of a head.
#[test]
fn every_byte_everywhere() {
    let head = b"PUT /a?b HTTP/1.1\r\nHost: a.b:80\r\nContent-Length: 5\r\nA: b c\r\n\r\n";
    for at in 0..head.len() {
        for byte in 0..=255 {
            let mut head = head.to_vec();
            head[at] = byte;
            for profile in BOTH {
                compare(profile, &limits_of(profile), &head);
            }
            head.insert(at, head[at]);
            for profile in BOTH {
                compare(profile, &limits_of(profile), &head);
            }
        }
    }
}

#[test]
fn a_head_in_part_is_not_taken() {
    let head = b"PUT /a?b HTTP/1.1\r\nHost: a.b:80\r\nContent-Length: 5\r\nA: b c\r\n\r\n";
    for end in 0..head.len() {
        for profile in BOTH {
            assert!(!compare(profile, &limits_of(profile), &head[..end]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn paths_agree(bytes in prop_oneof![nearly_usual(), head_bytes()], small in limits()) {
        for profile in BOTH {
            compare(profile, &limits_of(profile), &bytes);
            compare(profile, &small, &bytes);
        }
    }

    #[test]
    fn nearly_usual_heads_are_what_the_model_says(bytes in nearly_usual(), small in limits(), eof: bool) {
        for profile in BOTH {
            agreement::heads(profile, &limits_of(profile), &bytes, eof);
            agreement::heads(profile, &small, &bytes, eof);
            agreement::split_heads(profile, &limits_of(profile), &bytes, 5);
        }
    }

    #[test]
    fn arbitrary_bytes_agree(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for profile in BOTH {
            compare(profile, &limits_of(profile), &bytes);
        }
    }
}
