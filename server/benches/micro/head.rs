//! Request heads.

use crate::harness::Case;
use doget::__http1::{Head, HeadLimits, Parsing, Progress, Scan, parse};
use std::hint::black_box;

/// As a load generator sends it.
pub(crate) const SMALL: &str = "GET /plaintext HTTP/1.1\r\n\
    Host: localhost:8080\r\n\
    Accept: */*\r\n\
    \r\n";

/// As a browser sends it.
pub(crate) const LARGE: &str = "GET /articles/2024/spring?page=2&order=newest HTTP/1.1\r\n\
    Host: www.example.org\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Connection: keep-alive\r\n\
    Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\
    Upgrade-Insecure-Requests: 1\r\n\
    \r\n";

pub(crate) fn cases(cases: &mut Vec<Case>) {
    for (lines, text) in [(2, SMALL), (8, LARGE)] {
        for (word, profile, limits) in [
            ("strict", Parsing::Strict, HeadLimits::default()),
            ("lenient", Parsing::Lenient, HeadLimits::lenient()),
        ] {
            let mut head = Head::default();
            let limits_of_parts = limits.clone();
            cases.push(Case::new(
                format!("head of {lines} lines, {word}"),
                move || {
                    let bytes = black_box(text.as_bytes());
                    let mut scan = Scan::default();
                    let parsed = parse(bytes, false, profile, &limits, &mut scan, &mut head);
                    assert_eq!(parsed, Ok(Progress::Complete(text.len())));
                    head.field_count()
                },
            ));
            if profile == Parsing::Strict && lines == 8 {
                cases.push(split(text, limits_of_parts));
            }
        }
    }
}

/// A head that comes in three parts: nothing of it is read twice.
fn split(text: &'static str, limits: HeadLimits) -> Case {
    let mut head = Head::default();
    Case::new("head of 8 lines, strict, in three parts", move || {
        let mut scan = Scan::default();
        let mut parsed = Ok(Progress::Partial);
        for end in [text.len() / 3, text.len() * 2 / 3, text.len()] {
            let bytes = black_box(text.as_bytes().get(..end).unwrap_or_default());
            parsed = parse(bytes, false, Parsing::Strict, &limits, &mut scan, &mut head);
        }
        assert_eq!(parsed, Ok(Progress::Complete(text.len())));
        head.field_count()
    })
}
