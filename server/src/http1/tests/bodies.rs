//! Chunked bodies (abuse cases A05 to A07) and bodies of known length.

use crate::http1::tests::agreement::decode;
use crate::http1::tests::*;

fn refused(input: &[u8]) -> ChunkError {
    refused_within(&ChunkLimits::default(), input)
}

#[track_caller]
fn refused_within(limits: &ChunkLimits, input: &[u8]) -> ChunkError {
    let whole = decode(limits, input, input.len());
    assert_eq!(decode(limits, input, 1), whole);
    match whole.1 {
        Err(error) => error,
        other => panic!("{:?}: {other:?}", String::from_utf8_lossy(input)),
    }
}

#[test]
fn good_bodies() {
    for (input, data, rest) in [
        (&b"0\r\n\r\n"[..], &b""[..], 0),
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello", 0),
        (
            b"5\r\nhello\r\n6\r\n world\r\n000\r\n\r\nGET /",
            b"hello world",
            5,
        ),
        (b"A;x=y\r\n0123456789\r\n0;z\r\n\r\n", b"0123456789", 0),
        (
            b"a ;x\r\n0123456789\r\n0\t; y=\"z\" \r\n\r\n",
            b"0123456789",
            0,
        ),
        (b"0000000000000001\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n", b"x", 0),
        (b"2;\xff\r\n\r\n\r\n0\r\n\r\n", b"\r\n", 0),
    ] {
        for size in 1..=input.len() {
            let (got, end) = decode(&ChunkLimits::default(), input, size);
            assert_eq!((got.as_slice(), end), (data, Ok(Some(input.len() - rest))));
        }
    }
}

#[test]
fn a05_sizes() {
    for input in [
        &b"ffffffffffffffff1\r\n"[..],
        b"00000000000000005\r\n",
        b"0x5\r\nhello",
        b"+5\r\nhello",
        b"-1\r\n",
        b" 5\r\nhello",
        b"5 \r\nhello",
        b"5\t\r\n",
        b"\r\n",
        b";x\r\n",
        b"g\r\n",
        b"5\nhello",
        b"5\rhello",
        b"5\r\rhello",
        b"5;x\nhello",
        b"5;x\ry\r\n",
        b"5_0\r\n",
        b"5,\r\n",
        b"5\0\r\n",
        b"5 5\r\n",
    ] {
        refused(input);
    }
    // The largest size there is decodes, and waits for its data.
    let (data, end) = decode(&ChunkLimits::default(), b"ffffffffffffffff\r\nabc", 100);
    assert_eq!((data.as_slice(), end), (&b"abc"[..], Ok(None)));
}

#[test]
fn a05_data_ends() {
    for input in [
        &b"5\r\nhelloXX0\r\n\r\n"[..],
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello\rX",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
    ] {
        refused(input);
        let (data, _) = decode(&ChunkLimits::default(), input, input.len());
        assert_eq!(data, b"hello");
    }
    refused(b"5\r\nhello\r\n\r\n\r\n");
}

#[test]
fn a06_extensions_and_trailers() {
    for input in [&b"5;\0\r\n"[..], b"5;x\x7f\r\n", b"5;\x0b\r\n"] {
        refused(input);
    }
    for trailers in [
        &b"A\r\n"[..],
        b" A: b\r\n",
        b"A : b\r\n",
        b"A: b\r\n c\r\n",
        b": b\r\n",
        b"A: b\n",
        b"A: b\rc\r\n",
        b"A: \0\r\n",
        b"\n",
        b"\rx",
        b"A(: b\r\n",
    ] {
        refused(&[b"0\r\n", trailers, b"\r\n"].concat());
    }
}

#[test]
fn a06_limits() {
    let limits = ChunkLimits::default();
    let line = |n: usize| format!("1;{}\r\n", "x".repeat(n - 4));
    assert!(decode(&limits, line(4096).as_bytes(), 4096).1.is_ok());
    assert_eq!(refused(line(4097).as_bytes()).limit(), Some("line"));

    let chunk = format!("1;{}\r\nx\r\n", "x".repeat(1023));
    assert!(decode(&limits, chunk.repeat(16).as_bytes(), 999).1.is_ok());
    assert_eq!(
        refused(format!("{}1;\r\n", chunk.repeat(16)).as_bytes()).limit(),
        Some("extensions")
    );

    let trailers = |n: usize| format!("0\r\n{}\r\n", "A: b\r\n".repeat(n));
    assert!(
        decode(&limits, trailers(32).as_bytes(), 7)
            .1
            .is_ok_and(|end| end.is_some())
    );
    assert_eq!(
        refused(trailers(33).as_bytes()).limit(),
        Some("trailer_fields")
    );

    let trailer = |n: usize| format!("0\r\nA: {}\r\n\r\n", "a".repeat(n - 7));
    assert!(
        decode(&limits, trailer(16 * 1024).as_bytes(), 999)
            .1
            .is_ok_and(|end| end.is_some())
    );
    assert_eq!(
        refused(trailer(16 * 1024 + 1).as_bytes()).limit(),
        Some("trailer_bytes")
    );
}

#[test]
fn length_bodies() {
    let mut body = BodyDecoder::new(RequestFraming::Length(5), &ChunkLimits::default());
    assert_eq!((body.is_done(), body.remaining_hint()), (false, Some(5)));
    assert_eq!(
        body.decode(b"hel"),
        Ok(Decoded {
            consumed: 3,
            data: 0..3,
            done: false
        })
    );
    assert_eq!(
        body.decode(b""),
        Ok(Decoded {
            consumed: 0,
            data: 0..0,
            done: false
        })
    );
    assert_eq!(
        body.decode(b"loGET"),
        Ok(Decoded {
            consumed: 2,
            data: 0..2,
            done: true
        })
    );
    assert_eq!(
        body.decode(b"GET"),
        Ok(Decoded {
            consumed: 0,
            data: 0..0,
            done: true
        })
    );
    for framing in [RequestFraming::None, RequestFraming::Length(0)] {
        let mut body = BodyDecoder::new(framing, &ChunkLimits::default());
        assert!(body.is_done());
        assert_eq!(
            body.decode(b"GET"),
            Ok(Decoded {
                consumed: 0,
                data: 0..0,
                done: true
            })
        );
    }
    let mut body = BodyDecoder::new(RequestFraming::Length(u64::MAX), &ChunkLimits::default());
    assert_eq!(body.decode(b"x").map(|step| step.consumed), Ok(1));
    assert_eq!(body.remaining_hint(), Some(u64::MAX - 1));
}

#[test]
fn chunked_bodies() {
    let mut body = BodyDecoder::new(RequestFraming::Chunked, &ChunkLimits::default());
    assert_eq!((body.is_done(), body.remaining_hint()), (false, None));
    assert_eq!(
        body.decode(b"1\r\nx\r\n0\r\n\r\n"),
        Ok(Decoded {
            consumed: 4,
            data: 3..4,
            done: false
        })
    );
    assert_eq!(
        body.decode(b"\r\n0\r\n\r\nGET"),
        Ok(Decoded {
            consumed: 7,
            data: 7..7,
            done: true
        })
    );
    assert_eq!((body.is_done(), body.remaining_hint()), (true, Some(0)));
}
