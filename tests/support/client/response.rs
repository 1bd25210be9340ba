//! A response as it was read, and its head.

use std::io;

/// A whole response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// What follows it.
    pub reason: String,
    /// In order, names as they were sent.
    pub headers: Vec<(String, String)>,
    /// Without its framing.
    pub body: Vec<u8>,
    /// How the end of the body was told.
    pub framing: Framing,
}

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body: the status or the method forbids it.
    None,
    /// `Content-Length`.
    Length,
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The end of the connection.
    End,
}

impl Answer {
    /// The value of a header.
    ///
    /// # Panics
    ///
    /// It was sent more than once.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "a second {name}");
        value
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// It is none.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// Whether the server said that it closes.
    pub fn closes(&self) -> bool {
        self.header("Connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

pub(super) fn parse_head(head: &[u8]) -> io::Result<Answer> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.trim_end_matches("\r\n").split("\r\n");
    let line = lines.next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let (version, status) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    if !matches!(version, "HTTP/1.0" | "HTTP/1.1") || status.len() != 3 {
        return Err(malformed("no status line"));
    }
    let status = status.parse().map_err(|_| malformed("no status"))?;
    let reason = words
        .next()
        .ok_or_else(|| malformed("no reason"))?
        .to_owned();
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").ok_or_else(|| malformed("no field"))?;
            if line.contains(['\r', '\n', '\0']) || name.is_empty() || name.contains(' ') {
                return Err(malformed("a bad field"));
            }
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect::<io::Result<_>>()?;
    Ok(Answer {
        version: version.to_owned(),
        status,
        reason,
        headers,
        body: Vec::new(),
        framing: Framing::None,
    })
}

pub(super) fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
