//! The head of a response as it was written for HTTP/1.1, as that of the `http` crate.

use crate::tower::known_heads::{Beginning, KnownHeads};
use http::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use http::{Response, StatusCode};

/// Fields of a response at most: who has more gets a 500.
const MOST: usize = 4096;

/// Room for the fields of most responses.
const USUAL: usize = 6;

/// How far the bytes are a head.
pub(super) enum Split {
    /// There is more to come.
    Partial,
    /// The head, and where the body begins.
    Final(Response<()>, usize),
    /// An interim response, which has no place in an answer of the `http` crate: its status, and where it ends.
    Interim(u16, usize),
    /// No head: a script that writes its own may write anything.
    Malformed,
}

/// Takes the head off the front. `multiplexed`: the client speaks HTTP/2, whose responses say nothing of connections.
pub(super) fn split(bytes: &[u8], multiplexed: bool, known: &mut KnownHeads) -> Split {
    let mut lines = Lines { bytes, at: 0 };
    let (first, status, mut headers);
    // Whether all lines so far are those of an earlier head, and are not remembered together yet.
    let mut repeats;
    if let Some(beginning) = known.beginning(bytes, multiplexed) {
        (first, status, repeats) = (beginning.place, beginning.status, false);
        headers = beginning.headers.clone();
        lines.at = beginning.bytes.len();
    } else {
        status = match read_status(&mut lines) {
            Ok(status) => status,
            Err(split) => return split,
        };
        (first, repeats) = (0, !status.is_informational());
        headers = HeaderMap::with_capacity(USUAL);
    }
    for place in first..MOST {
        let at = lines.at;
        let Some(line) = lines.next() else {
            return Split::Partial;
        };
        if line.is_empty() {
            if repeats {
                remember(known, (bytes, at), place, status, &headers, multiplexed);
            }
            return whole(status, headers, lines.at);
        }
        let Some((name, value, is_known)) = known.read(place, line) else {
            return Split::Malformed;
        };
        if repeats && !is_known {
            repeats = false;
            remember(known, (bytes, at), place, status, &headers, multiplexed);
        }
        if name == TRANSFER_ENCODING {
            // A script that frames its own response: nobody would take the frames off again.
            return Split::Malformed;
        }
        if !is_of_the_engine_below(&name, &value, multiplexed) {
            headers.append(name, value);
        }
    }
    Split::Malformed
}

fn whole(status: StatusCode, headers: HeaderMap, end: usize) -> Split {
    if status.is_informational() {
        return Split::Interim(status.as_u16(), end);
    }
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Split::Final(response, end)
}

#[cold]
fn remember(
    known: &mut KnownHeads,
    (bytes, end): (&[u8], usize),
    place: usize,
    status: StatusCode,
    headers: &HeaderMap,
    multiplexed: bool,
) {
    let beginning = || Beginning {
        bytes: bytes.get(..end).unwrap_or_default().to_vec(),
        status,
        headers: headers.clone(),
        place,
        multiplexed,
    };
    known.keep(beginning, place);
}

/// The status of the first line. `Err`: there is none, yet or at all.
fn read_status(lines: &mut Lines<'_>) -> Result<StatusCode, Split> {
    if !has_begun_well(lines.bytes) {
        return Err(Split::Malformed);
    }
    let first = lines.next().ok_or(Split::Partial)?;
    status(first).ok_or(Split::Malformed)
}

/// Whether it can become a head, as far as it goes.
fn has_begun_well(bytes: &[u8]) -> bool {
    const BEGINNING: &[u8] = b"HTTP/1.";
    let size = bytes.len().min(BEGINNING.len());
    bytes.get(..size) == BEGINNING.get(..size)
}

/// `HTTP/1.1 200 OK`, with any reason or none.
fn status(line: &[u8]) -> Option<StatusCode> {
    let [_, _, _, _, _, _, _, b'0' | b'1', b' ', code @ ..] = line else {
        return None;
    };
    let (code, reason) = code.split_at_checked(3)?;
    if !matches!(reason, [] | [b' ', ..]) {
        return None;
    }
    StatusCode::from_bytes(code).ok()
}

/// Lines without their ends. Scripts may end theirs by a line feed alone.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Lines<'b> {
    fn next(&mut self) -> Option<&'b [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let line = rest.get(..memchr::memchr(b'\n', rest)?)?;
        self.at += line.len() + 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

fn is_of_the_engine_below(name: &HeaderName, value: &HeaderValue, multiplexed: bool) -> bool {
    match *name {
        CONNECTION => multiplexed || !value.as_bytes().eq_ignore_ascii_case(b"close"),
        UPGRADE => true,
        _ => name.as_str() == "keep-alive",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    fn head(bytes: &'static [u8], multiplexed: bool) -> (Response<()>, usize) {
        match split(bytes, multiplexed, &mut KnownHeads::default()) {
            Split::Final(response, end) => (response, end),
            _ => panic!("no head"),
        }
    }

    #[test]
    fn fields_of_the_connection_are_left_to_the_engine_below() {
        let bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\nKeep-Alive: timeout=5\r\n\
            Upgrade: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nbody";
        let (response, end) = head(bytes, true);
        assert_eq!(&bytes[end..], b"body");
        assert_eq!(response.headers().len(), 2);
        let (response, _) = head(bytes, false);
        assert_eq!(response.headers().get("connection").unwrap(), "close");
        assert_eq!(response.headers().len(), 3);
    }

    #[test]
    fn a_head_of_any_length_and_no_head() {
        let split = |bytes: &[u8]| super::split(bytes, false, &mut KnownHeads::default());
        let mut many = b"HTTP/1.1 204 No Content\r\n".to_vec();
        for n in 0..1000 {
            many.extend_from_slice(format!("X-{n}: y\r\n").as_bytes());
        }
        assert!(matches!(split(&many), Split::Partial));
        many.extend_from_slice(b"\r\n");
        assert!(matches!(split(&many), Split::Final(..)));
        many.truncate(many.len() - 2);
        many.extend_from_slice(&b"X: y\r\n".repeat(4000));
        assert!(matches!(split(&many), Split::Malformed));
        let interim = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200";
        assert!(matches!(split(interim), Split::Interim(103, 37)));
    }

    #[test]
    fn what_scripts_may_write_and_what_not() {
        let split = |bytes: &[u8]| super::split(bytes, false, &mut KnownHeads::default());
        for whole in [
            b"HTTP/1.0 200\nA: b\n\n".as_slice(),
            b"HTTP/1.1 299 \r\nA:b\r\nA: \t c \r\n\r\n",
        ] {
            assert!(matches!(split(whole), Split::Final(..)));
        }
        for part in [
            b"".as_slice(),
            b"HTT",
            b"HTTP/1.1 200 OK",
            b"HTTP/1.1 200 OK\r\nA: b\r\n",
        ] {
            assert!(matches!(split(part), Split::Partial));
        }
        for no_head in [
            b"<html>".as_slice(),
            b"HTTP/2 200 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno field\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: b\r\n folded: c\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            assert!(matches!(split(no_head), Split::Malformed));
        }
    }

    #[test]
    fn lines_that_repeat_and_lines_that_do_not() {
        let mut known = KnownHeads::default();
        let cases = [
            ("200 OK", "", 1, ""),
            ("200 OK", "", 1, ""),
            ("200 OK", "", 1, ""),
            ("200 OK", "", 2, ""),
            ("200 OK", "", 3, "Set-Cookie: a=b\r\n"),
            ("200 OK", "", 3, "Set-Cookie: a=c\r\n"),
            ("404 Not Found", "", 3, ""),
            ("404 Not Found", "Connection: close\r\n", 3, ""),
            ("404 Not Found", "Connection: close\r\n", 3, ""),
            ("404 Not Found", "Connection: close\r\n", 3, ""),
            ("404 Not Found", "Date: x\r\n", 4, ""),
        ];
        for (status, first, length, last) in cases {
            let head = format!(
                "HTTP/1.1 {status}\r\nServer: a\r\n{first}Content-Length: {length}\r\n{last}\r\nbody"
            );
            for multiplexed in [false, true, true] {
                // Whatever came before, it is read as by one that knows nothing.
                let mut fresh = KnownHeads::default();
                let expected = super::split(head.as_bytes(), multiplexed, &mut fresh);
                let split = super::split(head.as_bytes(), multiplexed, &mut known);
                let (Split::Final(expected, end), Split::Final(response, at)) = (expected, split)
                else {
                    panic!("no head");
                };
                assert_eq!(response.status(), expected.status());
                assert_eq!(response.headers(), expected.headers());
                assert_eq!((end, &head[at..]), (at, "body"));
            }
        }
    }
}
