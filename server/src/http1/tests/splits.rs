//! A head means the same however its bytes arrive, and costs the same.

use crate::http1::line_scanner::work;
use crate::http1::tests::*;

const HEADS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\nPOST //x/y?z#f HTTP/1.1\r\nHost: A.b:80\r\nContent-Length: 12\r\nConnection: close, x\r\n\r\nbody",
    b"GET http://a/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET /\r\nmore\r\n\r\n",
    b"GET / HTTP/2.0\r\n\r\n",
    b"GET  / HTTP/1.1\r\n\r\n",
    b"\r\n\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    b"G\xe9T / HTTP/1.0\r\n\r\n",
];

fn show(head: &Head) -> String {
    format!("{head:?}")
}

/// Feeds `bytes` in two or more pieces that end at `ends`, with another `Head` in between calls,
/// as a loop that shares one among its connections does.
fn in_pieces(
    profile: Parsing,
    bytes: &[u8],
    ends: impl Iterator<Item = usize>,
) -> (Result<Progress, HeadError>, Head) {
    let mut scan = Scan::default();
    let limits = limits_of(profile);
    for end in ends.chain([bytes.len()]) {
        let mut head = Head::default();
        match parse(&bytes[..end], false, profile, &limits, &mut scan, &mut head) {
            Ok(Progress::Partial) => {}
            result => return (result, head),
        }
    }
    (Ok(Progress::Partial), Head::default())
}

#[test]
fn every_split_gives_the_same() {
    for &bytes in HEADS {
        for profile in BOTH {
            let (result, head) = read(profile, bytes, false);
            for first in 0..bytes.len() {
                for second in first..bytes.len() {
                    let (split, split_head) =
                        in_pieces(profile, bytes, [first, second].into_iter());
                    assert_eq!(
                        split,
                        result,
                        "{profile:?} {:?}",
                        String::from_utf8_lossy(bytes)
                    );
                    if result != Ok(Progress::Partial) {
                        assert_eq!(show(&split_head), show(&head));
                    }
                }
            }
            let (split, split_head) = in_pieces(profile, bytes, 0..bytes.len());
            assert_eq!(split, result);
            if result != Ok(Progress::Partial) {
                assert_eq!(show(&split_head), show(&head));
            }
        }
    }
}

/// Abuse case A12: the work of searching is the number of bytes, split or not.
#[test]
fn work_is_linear() {
    let head = format!(
        "GET / HTTP/1.0\r\n{}\r\n",
        format!("A: {}\r\n", "a".repeat(300)).repeat(99)
    );
    work::take();
    accept(Parsing::Strict, &head);
    assert_eq!(work::take(), head.len());
    let (result, _) = in_pieces(Parsing::Strict, head.as_bytes(), 1..head.len());
    assert_eq!(result, Ok(Progress::Complete(head.len())));
    assert_eq!(work::take(), head.len());
}

#[test]
fn scan_is_small() {
    assert!(size_of::<Scan>() <= 24);
}

#[test]
fn memory_is_reused() {
    let mut head = Head::default();
    let bytes = b"GET /path HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";
    let mut read = || {
        parse(
            bytes,
            false,
            Parsing::Strict,
            &HeadLimits::default(),
            &mut Scan::default(),
            &mut head,
        )
        .unwrap();
        (head.requestline().as_ptr(), head.method().len())
    };
    let first = read();
    assert_eq!(read(), first);
}
