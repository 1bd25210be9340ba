//! Response heads and chunks (abuse cases A15, A16).

use proptest::prelude::*;

use crate::http1::tests::*;

#[test]
fn chunk_heads() {
    for len in [1, 9, 10, 15, 16, 255, 256, 4095, 65_536, usize::MAX] {
        let mut out = Vec::new();
        chunk_head(len, &mut out);
        assert_eq!(out, format!("{len:x}\r\n").into_bytes());
    }
    let mut out = Vec::new();
    chunk_head(0, &mut out);
    assert!(out.is_empty());
}

#[test]
fn chunks_decode_again() {
    let mut out = Vec::new();
    for chunk in [&b"hello"[..], b" ", b"0123456789abcdefg"] {
        chunk_head(chunk.len(), &mut out);
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(LAST_CHUNK);
    let mut decoder = ChunkedDecoder::default();
    let (mut data, mut rest) = (Vec::new(), out.as_slice());
    while !decoder.is_done() {
        let step = decoder.decode(rest).unwrap();
        data.extend_from_slice(&rest[step.data]);
        rest = &rest[step.consumed..];
    }
    assert_eq!(
        (data.as_slice(), rest),
        (&b"hello 0123456789abcdefg"[..], &b""[..])
    );
}

#[test]
fn status_lines() {
    let mut out = Vec::new();
    status_line(&mut out, "HTTP/1.1", 200, "OK").unwrap();
    status_line(&mut out, "HTTP/1.0", 299, "").unwrap();
    status_line(&mut out, "HTTP/1.0", 501, "Unsupported method ('SP\u{e9}')").unwrap();
    assert_eq!(
        out,
        b"HTTP/1.1 200 OK\r\nHTTP/1.0 299 \r\nHTTP/1.0 501 Unsupported method ('SP\xe9')\r\n"
    );
    for (version, code, reason, kind) in [
        ("HTTP/1.1", 99, "", EncodeErrorKind::Code),
        ("HTTP/1.1", 1000, "", EncodeErrorKind::Code),
        ("HTTP/1.1", 200, "a\r\nb", EncodeErrorKind::LineBreak),
        ("HTTP/1.1", 200, "a\0", EncodeErrorKind::Control),
        ("HTTP/1.1", 200, "\u{100}", EncodeErrorKind::Charset),
        ("HTTP/1.1\r\n", 200, "", EncodeErrorKind::Version),
        ("", 200, "", EncodeErrorKind::Version),
    ] {
        let before = out.clone();
        let error = status_line(&mut out, version, code, reason).unwrap_err();
        assert_eq!((error.kind(), error.name()), (kind, None));
        assert_eq!(out, before);
    }
}

#[test]
fn a15_response_splitting() {
    use EncodeErrorKind::{Charset, Control, LineBreak, Name};
    for (name, value, kind) in [
        ("A", "v\r\nSet-Cookie: a=1", LineBreak),
        ("A", "v\nx", LineBreak),
        ("A", "v\rx", LineBreak),
        ("A", "\0", Control),
        ("A", "\u{1b}", Control),
        ("A", "\u{7f}", Control),
        ("A", "\u{10a}", Charset),
        ("A", "\u{560a}", Charset),
        ("", "v", Name),
        ("A B", "v", Name),
        ("A:", "v", Name),
        ("A\r\nB", "v", Name),
        ("\u{e9}", "v", Name),
    ] {
        let mut out = b"before".to_vec();
        let error = field(&mut out, name, value).unwrap_err();
        assert_eq!(
            (error.kind(), error.name()),
            (kind, Some(name)),
            "{name:?} {value:?}"
        );
        assert!(!error.to_string().contains(['\r', '\n']));
        let displayed = field_display(&mut out, name, &value).unwrap_err();
        assert_eq!(displayed.kind(), kind);
        if kind != Charset {
            assert_eq!(
                field_bytes(&mut out, name, value.as_bytes())
                    .unwrap_err()
                    .kind(),
                kind
            );
        }
        assert_eq!(out, b"before");
    }
}

#[test]
fn fields_go_out() {
    let mut out = Vec::new();
    field(&mut out, "Content-Type", "text/plain").unwrap();
    field(&mut out, "X", "\u{e9}\t\u{ff}").unwrap();
    field(&mut out, "Empty", "").unwrap();
    field_display(&mut out, "Content-Length", &12).unwrap();
    field_display(&mut out, "Y", &format_args!("{}-{}", 'a', "\u{e9}")).unwrap();
    field_bytes(&mut out, "Z", b"\x80\xff").unwrap();
    assert_eq!(
        out,
        b"Content-Type: text/plain\r\nX: \xe9\t\xff\r\nEmpty: \r\nContent-Length: 12\r\nY: a-\xe9\r\nZ: \x80\xff\r\n"
    );
}

#[test]
fn a_display_cannot_hide_a_refusal() {
    use std::fmt;

    struct Sly;
    impl fmt::Display for Sly {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let _ = f.write_str("a\r\nB: c");
            f.write_str("d")
        }
    }
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }

    let mut out = Vec::new();
    assert_eq!(
        field_display(&mut out, "A", &Sly).unwrap_err().kind(),
        EncodeErrorKind::LineBreak
    );
    assert_eq!(
        field_display(&mut out, "A", &Broken).unwrap_err().kind(),
        EncodeErrorKind::Display
    );
    assert!(out.is_empty());
}

/// What may go out, one character at a time.
fn sendable(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .map(|b| b.filter(|&b| b == b'\t' || !b.is_ascii_control()))
        .collect()
}

fn token(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(legal)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_what_may_goes_out(
        name in prop_oneof!["[A-Za-z-]{0,24}", "[!-~]{0,20}", "[A-Za-z-]{0,20}[\0-\u{100}]?[a-z]{0,20}"],
        text in prop_oneof!["[ -~]{0,50}", "[ -~]{0,40}[\0-\u{100}]?[ -~]{0,20}", any::<String>()],
        version in prop_oneof![Just("HTTP/1.1".to_owned()), "[!-~]{0,20}", "[!-~]{0,20}[\0-\u{100}][!-~]{0,9}"],
        code in prop_oneof![Just(200), 0..1100u16],
    ) {
        let sent = sendable(&text);
        let line = |start: &str, sent: &[u8]| [start.as_bytes(), sent, b"\r\n"].concat();
        let mut outs = [Vec::new(), Vec::new(), Vec::new()];
        let results = [
            field(&mut outs[0], &name, &text).is_ok(),
            field_display(&mut outs[1], &name, &text).is_ok(),
            status_line(&mut outs[2], &version, code, &text).is_ok(),
        ];
        let fields = sent.as_ref().filter(|_| token(&name)).map(|sent| line(&format!("{name}: "), sent));
        let good = !version.is_empty() && version.bytes().all(|b| b.is_ascii_graphic()) && (100..1000).contains(&code);
        let status = sent.filter(|_| good).map(|sent| line(&format!("{version} {code} "), &sent));
        for ((out, ok), expected) in outs.into_iter().zip(results).zip([fields.clone(), fields, status]) {
            prop_assert_eq!(ok, expected.is_some());
            prop_assert_eq!(out, expected.unwrap_or_default());
        }
        let mut out = Vec::new();
        let bytes = text.as_bytes();
        let legal = token(&name) && bytes.iter().all(|&b| b == b'\t' || !b.is_ascii_control());
        prop_assert_eq!(field_bytes(&mut out, &name, bytes).is_ok(), legal);
        prop_assert_eq!(out, if legal { line(&format!("{name}: "), bytes) } else { Vec::new() });
    }
}
