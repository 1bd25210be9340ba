//! Every limit at n and at n + 1, named by what it refuses.

use crate::http1::tests::*;

const STRICT: Parsing = Parsing::Strict;

#[track_caller]
fn pair(accepted: &str, refused: &str, status: u16, limit: &str) {
    accept(STRICT, accepted);
    let error = refuse(STRICT, refused);
    assert_eq!(
        (error.status(), error.limit()),
        (status, Some(limit)),
        "{error}"
    );
    assert!(error.to_string().contains(limit));
}

#[test]
fn method() {
    let head = |n: usize| format!("{} / HTTP/1.0\r\n\r\n", "M".repeat(n));
    pair(&head(32), &head(33), 400, "method");
    let error = refuse(STRICT, head(1 << 20));
    assert_eq!((error.status(), error.limit()), (400, Some("method")));
}

#[test]
fn target() {
    let head = |n: usize| format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(n - 1));
    pair(&head(8192), &head(8193), 414, "target");
    let error = refuse(STRICT, head(1 << 20));
    assert_eq!((error.status(), error.limit()), (414, Some("target")));
    let (_, head) = read(STRICT, head(8193).as_bytes(), false);
    assert_eq!((head.requestline(), head.method()), ("", ""));
    // A byte of a query, and no blank, as it is for Python.
    let mut raw = b"GET /?\xa0".to_vec();
    raw.extend([b'a'; 8192]);
    raw.extend(b" HTTP/1.0\r\n\r\n");
    let error = refuse(STRICT, &raw);
    assert_eq!((error.status(), error.limit()), (414, Some("target")));
}

#[test]
fn request_line() {
    let head = |m: usize| format!("{} /{} HTTP/1.0\r\n\r\n", "M".repeat(m), "a".repeat(8191));
    accept(STRICT, head(32));
    assert_eq!(
        HeadLimits::default().max_request_line_size,
        head(32).len() - 2
    );
    let junk = format!("GET / {}", "x".repeat(9000));
    let error = refuse(STRICT, junk);
    assert_eq!((error.status(), error.limit()), (400, Some("request_line")));
}

#[test]
fn line() {
    let head = |n: usize| format!("GET / HTTP/1.0\r\nA: {}\r\n\r\n", "a".repeat(n - 5));
    pair(&head(16_384), &head(16_385), 431, "line");
    let unended = format!("GET / HTTP/1.0\r\nA: {}", "a".repeat(16_382));
    assert_eq!(refuse(STRICT, unended).limit(), Some("line"));
}

#[test]
fn fields() {
    let head = |n: usize| format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(n));
    for n in [0, 1, 15, 16, 17, 99, 100] {
        assert_eq!(accept(STRICT, head(n)).field_count(), n);
    }
    pair(&head(100), &head(101), 431, "fields");
    let limits = HeadLimits::new().max_fields(500);
    assert_eq!(
        read_within(STRICT, &limits, head(500).as_bytes(), false)
            .1
            .field_count(),
        500
    );
    assert!(
        read_within(STRICT, &limits, head(501).as_bytes(), false)
            .0
            .is_err()
    );
}

#[test]
fn head() {
    let head = |n: usize| {
        let full = format!("A: {}\r\n", "a".repeat(8000));
        let start = format!("GET / HTTP/1.0\r\n{}", full.repeat(4));
        let fill = n - start.len() - "B: \r\n\r\n".len();
        format!("{start}B: {}\r\n\r\n", "b".repeat(fill))
    };
    assert_eq!(head(32 * 1024).len(), 32 * 1024);
    pair(&head(32 * 1024), &head(32 * 1024 + 1), 431, "head");
    accept(
        STRICT,
        format!("{}{}", head(32 * 1024), "body".repeat(100_000)),
    );
}

#[test]
fn lenient_head() {
    let full = format!("A: {}\r\n", "a".repeat(65_000));
    let error = refuse(
        Parsing::Lenient,
        format!("GET / HTTP/1.0\r\n{}\r\n", full.repeat(17)),
    );
    assert_eq!((error.status(), error.limit()), (431, Some("head")));
}

#[test]
fn empty_lines() {
    let head = |n: usize| format!("{}GET / HTTP/1.0\r\n\r\n", "\r\n".repeat(n));
    pair(&head(2), &head(3), 400, "empty_lines");
}

/// Abuse case A11: limits hold however the head arrives, and no more is looked at than needed.
#[test]
fn limits_hold_for_split_heads() {
    let heads = [
        format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(8192)),
        format!("{} / HTTP/1.0\r\n\r\n", "M".repeat(33)),
        format!("GET / HTTP/1.0\r\nA: {}\r\n\r\n", "a".repeat(16_380)),
        format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(101)),
        format!(
            "GET / HTTP/1.0\r\n{}\r\n",
            format!("A: {}\r\n", "a".repeat(8000)).repeat(5)
        ),
    ];
    for head in &heads {
        let whole = refuse(STRICT, head);
        let mut scan = Scan::default();
        let mut split = Head::default();
        let error = (1..=head.len())
            .find_map(|end| {
                let seen = &head.as_bytes()[..end];
                parse(
                    seen,
                    false,
                    STRICT,
                    &HeadLimits::default(),
                    &mut scan,
                    &mut split,
                )
                .err()
            })
            .unwrap();
        assert_eq!(error, whole);
    }
}
