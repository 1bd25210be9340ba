//! The header of a script's answer (RFC 3875 section 6).

use crate::http1;

/// What the server says itself, or what belongs to the connection (RFC 3875 section 6.3.4): left out.
const OWN: [&str; 9] = [
    "Connection",
    "Date",
    "Keep-Alive",
    "Proxy-Connection",
    "Server",
    "TE",
    "Trailer",
    "Upgrade",
    "HTTP2-Settings",
];

/// A header that was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ScriptHead {
    status: Option<(u16, String)>,
    location: Option<String>,
    length: Option<u64>,
    /// In order, values read as ISO-8859-1; `Location` and `Content-Type` among them.
    fields: Vec<(String, String)>,
}

/// Where the body begins, if the empty line is there. StderrLines end with LF or CR LF; up to `searched` there was
/// none.
pub(super) fn end(bytes: &[u8], searched: usize) -> Option<usize> {
    if bytes.starts_with(b"\n") {
        return Some(1);
    }
    if bytes.starts_with(b"\r\n") {
        return Some(2);
    }
    let mut at = searched.saturating_sub(3);
    while let Some(found) = memchr::memchr(b'\n', bytes.get(at..)?) {
        at += found + 1;
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}

impl ScriptHead {
    /// Reads a header with its empty line; says what is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut head = Self::default();
        let mut has_kind = false;
        let mut seen = false;
        for line in bytes.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            seen = true;
            let colon = memchr::memchr(b':', line).ok_or("a line of the header has no colon")?;
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let name = std::str::from_utf8(name).map_err(|_| "a field has no proper name")?;
            // The same check as when it is sent, so that a script's fault is not the server's.
            http1::field_bytes(&mut Vec::new(), name, value)
                .map_err(|_| "a field has no proper name or value")?;
            let text = || {
                value
                    .iter()
                    .map(|&byte| char::from(byte))
                    .collect::<String>()
            };
            if name.eq_ignore_ascii_case("Status") {
                if head.status.replace(status(value)?).is_some() {
                    return Err("Status stands in the header twice");
                }
            } else if name.eq_ignore_ascii_case("Location") {
                if value.is_empty() || value.iter().any(|byte| !byte.is_ascii_graphic()) {
                    return Err("Location is no URL");
                }
                if head.location.replace(text()).is_some() {
                    return Err("Location stands in the header twice");
                }
                head.fields.push((name.to_owned(), text()));
            } else if name.eq_ignore_ascii_case("Content-Length") {
                let digits = value.iter().all(u8::is_ascii_digit);
                let length = text().parse().ok().filter(|_| digits);
                if head
                    .length
                    .replace(length.ok_or("Content-Length is no number")?)
                    .is_some()
                {
                    return Err("Content-Length stands in the header twice");
                }
            } else if name.eq_ignore_ascii_case("Transfer-Encoding") {
                return Err("Transfer-Encoding is the server's own");
            } else if name.eq_ignore_ascii_case("Content-Type") {
                if std::mem::replace(&mut has_kind, true) {
                    return Err("Content-Type stands in the header twice");
                }
                head.fields.push((name.to_owned(), text()));
            } else if !OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                head.fields.push((name.to_owned(), text()));
            }
        }
        if seen {
            Ok(head)
        } else {
            Err("the header is empty")
        }
    }

    /// The status, and the reason if the script says one. A `Location` alone is 302 (RFC 3875 section 6.2.3).
    pub(super) fn status(&self) -> (u16, Option<&str>) {
        match &self.status {
            Some((code, reason)) if reason.is_empty() => (*code, None),
            Some((code, reason)) => (*code, Some(reason)),
            None if self.location.is_some() => (302, None),
            None => (200, None),
        }
    }

    /// The path and query of this server that are to be answered with (RFC 3875 section 6.2.2). With a `Status`, or
    /// with two slashes, a
    /// `Location` is the client's.
    pub(super) fn local_redirect(&self) -> Option<&str> {
        let location = self.location.as_deref()?;
        let local = location.starts_with('/') && !location.starts_with("//");
        (local && self.status.is_none()).then(|| {
            // A fragment is nothing that a server is asked for.
            location.split('#').next().unwrap_or(location)
        })
    }

    /// The names of the fields that a local redirect has no room for (RFC 3875 section 6.2.2). That of the type is none
    /// of them: it tells of the body alone, which nobody gets.
    pub(super) fn lost_by_redirect(&self) -> Vec<&str> {
        let mut lost: Vec<&str> = Vec::new();
        for (name, _) in self.fields() {
            let own = ["Location", "Content-Type"].into_iter();
            if !own
                .chain(lost.iter().copied())
                .any(|known| known.eq_ignore_ascii_case(name))
            {
                lost.push(name);
            }
        }
        lost
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// What is sent besides status and length.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A code of a final response, and a reason.
fn status(value: &[u8]) -> Result<(u16, String), &'static str> {
    let (code, reason) = value.split_at_checked(3).ok_or("Status is no code")?;
    let code = code_of(code).ok_or("Status is no code of a final response")?;
    if !(reason.is_empty() || reason.starts_with(b" ")) {
        return Err("Status is no code");
    }
    let reason = reason.trim_ascii().iter().map(|&byte| char::from(byte));
    Ok((code, reason.collect()))
}

fn code_of(digits: &[u8]) -> Option<u16> {
    let all = digits.iter().all(u8::is_ascii_digit);
    let code = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (all && (200..=599).contains(&code)).then_some(code)
}

/// Why there is no status line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotParsed {
    Incomplete,
    Never,
}

/// The status of a whole HTTP response, from its first line.
pub(super) fn status_of(bytes: &[u8]) -> Result<u16, NotParsed> {
    let begin = bytes.get(..7).unwrap_or(bytes);
    if !b"HTTP/1.".starts_with(begin) {
        return Err(NotParsed::Never);
    }
    if memchr::memchr(b'\n', bytes).is_none() {
        return Err(NotParsed::Incomplete);
    }
    match bytes.get(7..13) {
        Some([b'0' | b'1', b' ', code @ .., b' ' | b'\r' | b'\n']) => {
            code_of(code).ok_or(NotParsed::Never)
        }
        _ => Err(NotParsed::Never),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_end_of_a_header_at_every_split() {
        for (text, body) in [
            ("A: b\n\nbody", "body"),
            ("A: b\r\n\r\nbody", "body"),
            ("A: b\r\n\nbody", "body"),
            ("A: b\n\r\nbody", "body"),
            ("A: b\nC: d\n\n\n", "\n"),
            ("\nbody", "body"),
            ("\r\nbody", "body"),
        ] {
            let bytes = text.as_bytes();
            let whole = bytes.len() - body.len();
            assert_eq!(end(bytes, 0), Some(whole), "{text:?}");
            for split in 0..=bytes.len() {
                let found = end(&bytes[..split], 0).or_else(|| end(bytes, split));
                assert_eq!(found, Some(whole), "{text:?} at {split}");
            }
        }
        for text in ["", "A", "A: b", "A: b\n", "A: b\r\n\r", "A: b\r\rB: c\n"] {
            assert_eq!(end(text.as_bytes(), 0), None, "{text:?}");
        }
    }

    fn parse(text: &str) -> Result<ScriptHead, &'static str> {
        ScriptHead::parse(text.as_bytes())
    }

    #[test]
    fn cgi_20_status_location_and_type() {
        let head = parse("Content-Type: text/plain\nstatus: 404 Not here\nX-A:  b \n\n").unwrap();
        assert_eq!(head.status(), (404, Some("Not here")));
        let fields: Vec<_> = head.fields().collect();
        assert_eq!(fields, [("Content-Type", "text/plain"), ("X-A", "b")]);
        assert_eq!(parse("Status: 201\n\n").unwrap().status(), (201, None));
        let head = parse("Location: http://a/b\n\n").unwrap();
        assert_eq!((head.status(), head.local_redirect()), ((302, None), None));
        let head = parse("Location: /a/b?c#d\r\n\r\n").unwrap();
        assert_eq!(head.local_redirect(), Some("/a/b?c"));
        for text in [
            "Location: //a/b\n\n",
            "Location: /a\nStatus: 303 See Other\n\n",
        ] {
            assert_eq!(parse(text).unwrap().local_redirect(), None, "{text}");
        }
        assert_eq!(parse("Content-Length: 12\n\n").unwrap().length(), Some(12));
    }

    #[test]
    fn a38_headers_that_are_none() {
        for text in [
            "\n",
            "hello\n\n",
            "A b: c\n\n",
            ": c\n\n",
            " folded: c\n\n",
            "A: b\n c\n\n",
            "A: b\x00c\n\n",
            "A: b\rc\n\n",
            "Status: abc\n\n",
            "Status: 20\n\n",
            "Status: 2000\n\n",
            "Status: 100 Continue\n\n",
            "Status: +20\n\n",
            "Status: 200\nStatus: 200\n\n",
            "Location:\n\n",
            "Location: \r\n\r\n",
            "Location: /a b\n\n",
            "Location: /a\nLocation: /b\n\n",
            "Content-Length: x\n\n",
            "Content-Length: +1\n\n",
            "Content-Length:\n\n",
            "Content-Length: 99999999999999999999\n\n",
            "Content-Length: 1\nContent-Length: 1\n\n",
            "Content-Type: a/b\nContent-Type: c/d\n\n",
            "Transfer-Encoding: chunked\n\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a38_fields_of_the_connection_are_left_out() {
        let head = parse("Connection: close\nX: y\nDate: now\nserver: s\nUpgrade: h2\n\n").unwrap();
        assert_eq!(head.fields().collect::<Vec<_>>(), [("X", "y")]);
    }

    #[test]
    fn status_lines() {
        assert_eq!(status_of(b"HTTP/1.1 200 OK\r\n"), Ok(200));
        assert_eq!(status_of(b"HTTP/1.0 404\n"), Ok(404));
        for text in ["", "HTT", "HTTP/1.1 200 OK"] {
            assert_eq!(status_of(text.as_bytes()), Err(NotParsed::Incomplete));
        }
        for text in [
            "Content",
            "HTTP/2 200\n",
            "HTTP/1.1 100 C\n",
            "HTTP/1.1  20\n",
            "HTTP/1.1\n",
        ] {
            assert_eq!(status_of(text.as_bytes()), Err(NotParsed::Never), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_script_writes_is_a_header_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(head) = ScriptHead::parse(&bytes) {
                let mut out = Vec::new();
                for (name, value) in head.fields() {
                    prop_assert!(http1::field(&mut out, name, value).is_ok());
                }
            }
            let _ = (end(&bytes, 0), status_of(&bytes));
        }
    }
}
