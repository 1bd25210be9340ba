//! The head of a request of the `http` crate, written as that of HTTP/1.1: so that `http1` reads it as any other.

use crate::tower::source::Length;
use http::header::{COOKIE, HOST, HeaderValue};
use http::request::Parts;
use http::{Method, Version};

/// What the service writes itself, and what is about the connection below.
fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "content-length"
            | "keep-alive"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Writes the head behind `out`. `false`: it contradicts itself, or has what no head can hold, and what is written is a
/// head that is refused with 400.
///
/// `length`: what is to be told of the body. `invited`: the body has been asked for already.
pub(super) fn write(out: &mut Vec<u8>, parts: &Parts, length: Length, invited: bool) -> bool {
    let start = out.len();
    let written = try_write(out, parts, length, invited);
    if written.is_none() {
        // Two hosts: refused by the rule that there is one.
        out.truncate(start);
        out.extend_from_slice(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    }
    written.is_some()
}

fn try_write(out: &mut Vec<u8>, parts: &Parts, length: Length, invited: bool) -> Option<()> {
    let multiplexed = parts.version >= Version::HTTP_2;
    write_line(out, parts, multiplexed);
    if parts.version <= Version::HTTP_10 {
        // Whether the connection is kept is decided below; without this the answer would end it.
        write_field(out, "Connection", b"keep-alive");
    }
    let fields = &parts.headers;
    if multiplexed {
        write_host(out, parts)?;
        write_cookies(out, parts);
    }
    for (name, value) in fields {
        let name = name.as_str();
        let written_above = multiplexed && matches!(name, "host" | "cookie");
        let has_come = invited && name == "expect" && is_continue(value);
        if is_dropped(name) || written_above || has_come {
            continue;
        }
        write_field(out, name, value.as_bytes());
    }
    match length {
        Length::Nothing => {}
        Length::Known(length) => {
            let mut digits = itoa::Buffer::new();
            write_field(out, "Content-Length", digits.format(length).as_bytes());
        }
        Length::Unknown => write_field(out, "Transfer-Encoding", b"chunked"),
        Length::Contradictory => return None,
    }
    out.extend_from_slice(b"\r\n");
    Some(())
}

/// The method, the target, the version. A `Uri` and a `Method` have no byte that could end the line.
fn write_line(out: &mut Vec<u8>, parts: &Parts, multiplexed: bool) {
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.push(b' ');
    let uri = &parts.uri;
    match (uri.scheme(), uri.authority()) {
        // HTTP/2 says both of every request; they are not part of its path.
        (Some(scheme), Some(authority)) if !multiplexed => {
            for part in [scheme.as_str(), "://", authority.as_str()] {
                out.extend_from_slice(part.as_bytes());
            }
            out.extend_from_slice(path_and_query(parts).as_bytes());
        }
        // `CONNECT host:443`, and whatever else has no path: not ours to give it one.
        (scheme, Some(authority)) if scheme.is_none() || parts.method == Method::CONNECT => {
            out.extend_from_slice(authority.as_str().as_bytes());
        }
        _ => out.extend_from_slice(path_and_query(parts).as_bytes()),
    }
    out.extend_from_slice(match parts.version {
        Version::HTTP_09 | Version::HTTP_10 => b" HTTP/1.0\r\n".as_slice(),
        _ => b" HTTP/1.1\r\n",
    });
}

fn path_and_query(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", |path| path.as_str())
}

/// `:authority` and `Host` are one thing (RFC 9113 section 8.3.1).
fn write_host(out: &mut Vec<u8>, parts: &Parts) -> Option<()> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts.next().map(HeaderValue::as_bytes);
    if hosts.next().is_some() {
        return None;
    }
    let authority = parts
        .uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    match (authority, host) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(host) => None,
        (Some(one), _) | (None, Some(one)) => {
            write_field(out, "Host", one);
            Some(())
        }
        (None, None) => Some(()),
    }
}

fn write_cookies(out: &mut Vec<u8>, parts: &Parts) {
    let mut crumbs = parts.headers.get_all(COOKIE).iter();
    let Some(first) = crumbs.next() else {
        return;
    };
    out.extend_from_slice(b"Cookie: ");
    out.extend_from_slice(first.as_bytes());
    for crumb in crumbs {
        out.extend_from_slice(b"; ");
        out.extend_from_slice(crumb.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// Nothing is checked: no `HeaderName` has another byte than those of tokens, no `HeaderValue` and no `Authority` a
/// line end, and what else they have is judged by whoever reads the head.
fn write_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn is_continue(value: &HeaderValue) -> bool {
    value.as_bytes().eq_ignore_ascii_case(b"100-continue")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;
    use http::Request;

    fn written(request: http::request::Builder, length: Length) -> String {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let mut out = Vec::new();
        write(&mut out, &parts, length, false);
        String::from_utf8(out).unwrap()
    }

    const REFUSED: &str = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";

    #[test]
    fn the_authority_of_http2_is_the_host() {
        let request = || {
            Request::get("https://a.example/x?y")
                .version(Version::HTTP_2)
                .header("accept", "*/*")
        };
        let head = "GET /x?y HTTP/1.1\r\nHost: a.example\r\naccept: */*\r\n\r\n";
        assert_eq!(written(request(), Length::Nothing), head);
        let same = request().header("host", "A.example");
        assert_eq!(written(same, Length::Nothing), head);
        let other = request().header("host", "b.example");
        assert_eq!(written(other, Length::Nothing), REFUSED);
        let two = request()
            .header("host", "a.example")
            .header("host", "a.example");
        assert_eq!(written(two, Length::Nothing), REFUSED);
    }

    #[test]
    fn crumbs_of_cookies_are_one_field() {
        let request = Request::get("https://a/")
            .version(Version::HTTP_2)
            .header("cookie", "a=1")
            .header("cookie", "b=2");
        let head = written(request, Length::Nothing);
        assert_eq!(
            head,
            "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b=2\r\n\r\n"
        );
    }

    #[test]
    fn what_is_about_the_connection_is_dropped_and_nothing_else() {
        let mut request = Request::post("/").header("host", "a");
        for (name, value) in [
            ("connection", "close, authorization"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "close"),
            ("te", "trailers"),
            ("trailer", "x"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("authorization", "Basic eDp5"),
        ] {
            request = request.header(name, value);
        }
        assert_eq!(
            written(request, Length::Unknown),
            "POST / HTTP/1.1\r\nhost: a\r\nauthorization: Basic eDp5\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
    }

    #[test]
    fn what_no_head_can_hold_is_refused() {
        let request = Request::post("/").header("host", "a");
        assert_eq!(written(request, Length::Contradictory), REFUSED);
    }

    #[test]
    fn targets_of_http1_are_as_they_were_sent() {
        for (target, line) in [
            ("/a?b", "GET /a?b HTTP/1.1\r\n\r\n"),
            ("http://h/a", "GET http://h/a HTTP/1.1\r\n\r\n"),
            ("http://h", "GET http://h/ HTTP/1.1\r\n\r\n"),
            ("*", "GET * HTTP/1.1\r\n\r\n"),
            ("h:80", "GET h:80 HTTP/1.1\r\n\r\n"),
        ] {
            assert_eq!(written(Request::get(target), Length::Nothing), line);
        }
        let old = Request::get("/").version(Version::HTTP_10);
        assert_eq!(
            written(old, Length::Nothing),
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        );
        let connect = Request::connect("h:443");
        assert_eq!(
            written(connect, Length::Nothing),
            "CONNECT h:443 HTTP/1.1\r\n\r\n"
        );
    }
}
