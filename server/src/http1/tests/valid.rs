//! What well-formed heads come out as.

use crate::http1::tests::*;

#[test]
fn a_whole_head() {
    let bytes = b"POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nx-one:\t2 \r\nEmpty:\r\nL: \xe9\r\n\r\nbody";
    let (result, head) = read(Parsing::Strict, bytes, false);
    assert_eq!(result, Ok(Progress::Complete(bytes.len() - 4)));
    assert_eq!(head.requestline(), "POST /a/b?c=d HTTP/1.1");
    assert_eq!(
        (head.method(), head.target(), head.path()),
        ("POST", "/a/b?c=d", "/a/b")
    );
    assert_eq!(
        (head.query(), head.form()),
        (Some("c=d"), TargetForm::Origin)
    );
    assert_eq!(
        (head.version(), head.request_version()),
        (Version::HTTP_11, "HTTP/1.1")
    );
    assert_eq!(
        (head.framing(), head.field_count()),
        (RequestFraming::None, 5)
    );
    let fields = head.fields(bytes);
    assert_eq!(
        (fields.get("x-one"), fields.get("X-ONE")),
        (Some("1"), Some("1"))
    );
    assert_eq!(fields.get_all("x-One").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(
        (fields.get("empty"), fields.get("none"), fields.get("l")),
        (Some(""), None, None)
    );
    assert_eq!(fields.get_bytes("l"), Some(&b"\xe9"[..]));
    assert_eq!(fields.get_latin1("l").as_deref(), Some("\u{e9}"));
    assert_eq!(fields.get_all("l").count(), 0);
    assert!(fields.contains("EMPTY") && !fields.contains("none") && !fields.is_empty());
    let names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Host", "X-One", "x-one", "Empty", "L"]);
    assert_eq!(fields.into_iter().len(), fields.len());
    assert_eq!(
        format!("{fields:?}"),
        r#"{"Host": "x", "X-One": "1", "x-one": "2", "Empty": "", "L": "é"}"#
    );
}

#[test]
fn fields_of_the_wrong_bytes_are_empty() {
    let head = accept(Parsing::Strict, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(head.fields(b"GET").get("host"), None);
    assert_eq!(head.fields(b"").iter().count(), 1);
}

#[test]
fn targets() {
    use TargetForm::{Absolute, Asterisk, Authority, Origin};
    for (line, form, path, query, effective) in [
        ("GET / HTTP/1.1", Origin, "/", None, "/"),
        ("GET /a?b?c HTTP/1.1", Origin, "/a", Some("b?c"), "/a?b?c"),
        ("GET /a? HTTP/1.1", Origin, "/a", Some(""), "/a?"),
        ("GET /a#b?c HTTP/1.1", Origin, "/a", None, "/a#b?c"),
        ("GET /a?b#c HTTP/1.1", Origin, "/a", Some("b"), "/a?b#c"),
        (
            "GET //ev.il/x HTTP/1.1",
            Origin,
            "/ev.il/x",
            None,
            "/ev.il/x",
        ),
        (
            "GET ///a//b?//c HTTP/1.1",
            Origin,
            "/a//b",
            Some("//c"),
            "/a//b?//c",
        ),
        ("GET // HTTP/1.1", Origin, "/", None, "/"),
        ("GET http://a HTTP/1.1", Absolute, "/", None, "http://a"),
        (
            "GET HTTP://a:1?q HTTP/1.1",
            Absolute,
            "/",
            Some("q"),
            "HTTP://a:1?q",
        ),
        (
            "GET https://a/b/c?d#e HTTP/1.1",
            Absolute,
            "/b/c",
            Some("d"),
            "https://a/b/c?d#e",
        ),
        (
            "GET http://a//b HTTP/1.1",
            Absolute,
            "/b",
            None,
            "http://a//b",
        ),
        ("OPTIONS * HTTP/1.1", Asterisk, "*", None, "*"),
        ("CONNECT a:443 HTTP/1.1", Authority, "a:443", None, "a:443"),
        (
            "CONNECT [::1]:443 HTTP/1.1",
            Authority,
            "[::1]:443",
            None,
            "[::1]:443",
        ),
    ] {
        for profile in BOTH {
            let head = accept(profile, format!("{line}\r\nHost: h\r\n\r\n"));
            assert_eq!(head.form(), form, "{line}");
            assert_eq!((head.path(), head.query()), (path, query), "{line}");
            assert_eq!(head.effective_target(), effective, "{line}");
            assert_eq!(Some(head.target()), line.split(' ').nth(1));
        }
    }
}

#[test]
fn minor_versions() {
    for minor in 0..=9 {
        let head = accept(
            Parsing::Strict,
            format!("GET / HTTP/1.{minor}\r\nHost: a\r\n\r\n"),
        );
        assert_eq!(head.version(), Version { major: 1, minor });
        assert_eq!(head.persistent(), minor > 0);
    }
}

#[test]
fn empty_lines_first() {
    let (result, head) = read(Parsing::Strict, b"\r\n\r\nGET / HTTP/1.0\r\n\r\n", false);
    assert_eq!(result, Ok(Progress::Complete(22)));
    assert_eq!(head.requestline(), "GET / HTTP/1.0");
}

#[test]
fn end_of_input_means_nothing_in_the_strict_profile() {
    for bytes in [
        "",
        "GET / HTTP/1.0",
        "GET / HTTP/1.0\r\n",
        "GET / HTTP/1.0\r\nA: b\r\n",
    ] {
        assert_eq!(
            read(Parsing::Strict, bytes.as_bytes(), true).0,
            Ok(Progress::Partial)
        );
    }
}

#[test]
fn a_refused_head_keeps_its_request_line() {
    let (_, head) = read(Parsing::Strict, b"GET /x HTTP/1.1\r\nbad\r\n\r\n", false);
    assert_eq!(
        (head.requestline(), head.method()),
        ("GET /x HTTP/1.1", "GET")
    );
    let (_, head) = read(Parsing::Strict, b"GET /x HTTP/1.1\n", false);
    assert_eq!(
        (head.requestline(), head.method()),
        ("GET /x HTTP/1.1", "GET")
    );
    let (_, head) = read(Parsing::Strict, b"GET  /x HTTP/1.1\r\n", false);
    assert_eq!(
        (head.requestline(), head.method()),
        ("GET  /x HTTP/1.1", "")
    );
    let (_, head) = read(Parsing::Strict, b"GET /\xe9 HTTP/1.1\r\n", false);
    assert_eq!(
        (head.requestline(), head.request_version()),
        ("GET /\u{e9} HTTP/1.1", "HTTP/1.1")
    );
}

#[test]
fn a_reused_head_forgets() {
    let mut head = Head::default();
    let limits = HeadLimits::default();
    for bytes in [
        &b"GET http://b/a?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: x\r\nContent-Length: 1\r\n\r\n"[..],
        b"PUT / HTTP/1.0\r\n\r\n",
    ] {
        parse(bytes, false, Parsing::Strict, &limits, &mut Scan::default(), &mut head).unwrap();
    }
    let fresh = accept(Parsing::Strict, b"PUT / HTTP/1.0\r\n\r\n");
    assert_eq!(format!("{head:?}"), format!("{fresh:?}"));
}

/// As curl and programs of one's own send it; as it was sent, a character for each byte.
#[test]
fn a_query_may_have_bytes_that_are_not_ascii() {
    for profile in BOTH {
        for form in ["/a", "//a", "http://h/a"] {
            let line = [b"GET ", form.as_bytes(), b"?name=J\xc3\xbc\x85\xff#\xe9"].concat();
            let mut bytes = line.clone();
            if profile == Parsing::Lenient {
                // A blank there, as REQ-06 has it.
                bytes.retain(|&b| b != 0x85);
            }
            bytes.extend(b" HTTP/1.1\r\nHost: h\r\n\r\n");
            let head = accept(profile, &bytes);
            let query = if profile == Parsing::Lenient {
                "name=J\u{c3}\u{bc}\u{ff}"
            } else {
                "name=J\u{c3}\u{bc}\u{85}\u{ff}"
            };
            assert_eq!((head.path(), head.query()), ("/a", Some(query)), "{form}");
        }
    }
}
