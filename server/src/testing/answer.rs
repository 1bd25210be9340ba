//! [`Answer`]: a response, parsed.

use crate::StatusCode;
use crate::handler::registry::MethodInfo;
use std::fmt;

/// The answer to a [`TestRequest`](super::TestRequest): status, header fields, and the body without its framing.
///
/// Its `Debug` form shows all of it, and what the handler's errors left in the log:
///
/// ```
/// # use doget::{handler, testing};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// let answer = testing::get("/").send(&Hello);
/// assert_eq!(answer.status(), 200, "{answer:?}");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    reason: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    interim: Vec<StatusCode>,
    is_whole: bool,
    errors: String,
    method: Option<MethodInfo>,
}

impl Answer {
    /// The status code. It can be compared with a number: `answer.status() == 404`.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The reason phrase, read as ISO-8859-1.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The first value of this header field, read as ISO-8859-1. Case does not matter in names.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).next()
    }

    /// All values of this header field, such as `Set-Cookie`, in order.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The header fields with their values, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body. It is empty for `HEAD`, 204 and 304.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(&self.body) {
            Ok(text) => text,
            Err(error) => panic!("the body is no text: {error}\n{self:?}"),
        }
    }

    /// The body as a value, out of JSON. Feature `json`.
    ///
    /// ```
    /// # use doget::{Json, handler, testing};
    /// # struct Numbers;
    /// # #[handler]
    /// # impl Numbers {
    /// #     fn do_GET(&self) -> Json<[u8; 2]> {
    /// #         Json([1, 2])
    /// #     }
    /// # }
    /// let numbers: Vec<u32> = testing::get("/").send(&Numbers).json();
    /// assert_eq!(numbers, [1, 2]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the body is not JSON, or not what `T` expects.
    #[cfg(feature = "json")]
    #[track_caller]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("the body is not the JSON that is expected: {error}\n{self:?}"),
        }
    }

    /// The interim responses that came before it, such as 103.
    pub fn interim(&self) -> &[StatusCode] {
        &self.interim
    }

    /// Whether the response is whole. It is not if the handler broke it off, or if the client had read as much as it
    /// reads at most ([`Exchange::max_received`](super::Exchange::max_received)).
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The lines of the error log, of all requests that were sent together: they have the cause of a 500, for instance.
    /// They are empty if [`Exchange::log`](super::Exchange::log) leads elsewhere.
    ///
    /// ```
    /// use doget::{Error, Result, handler, testing};
    ///
    /// struct Broken;
    ///
    /// #[handler]
    /// impl Broken {
    ///     fn do_GET(&self) -> Result<String> {
    ///         std::fs::read_to_string("/no/such/file").map_err(Error::internal)
    ///     }
    /// }
    ///
    /// let answer = testing::get("/").send(&Broken);
    /// assert_eq!(answer.status(), 500);
    /// assert!(!answer.text().contains("os error"));
    /// assert!(answer.errors().contains("os error"));
    /// ```
    pub fn errors(&self) -> &str {
        &self.errors
    }

    /// The entry of the registry that answered.
    pub(super) fn method(&self) -> Option<MethodInfo> {
        self.method
    }

    pub(super) fn set_method(&mut self, method: Option<MethodInfo>) {
        self.method = method;
    }

    pub(super) fn set_errors(&mut self, errors: &str) {
        errors.clone_into(&mut self.errors);
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.status.as_u16(), self.reason)?;
        for (name, value) in self.headers() {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "\n{}", String::from_utf8_lossy(&self.body))?;
        if !self.is_whole {
            writeln!(f, "[broken off]")?;
        }
        f.write_str(&self.errors)
    }
}

/// Why bytes are no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flaw(&'static str);

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no response of HTTP/1.x ({})", self.0)
    }
}

/// The final response to a request with this method, with the interim ones before it, and what follows (RFC 9112
/// section 6.3). A body that stops before its end is one that was broken off.
pub(super) fn read<'b>(mut bytes: &'b [u8], method: &str) -> Result<(Answer, &'b [u8]), Flaw> {
    let mut interim = Vec::new();
    loop {
        let (mut answer, rest) = read_head(bytes)?;
        if answer.status.as_u16() < 200 && answer.status != 101 {
            interim.push(answer.status);
            bytes = rest;
            continue;
        }
        answer.interim = interim;
        let rest = read_body(&mut answer, rest, method)?;
        return Ok((answer, rest));
    }
}

fn read_head(bytes: &[u8]) -> Result<(Answer, &[u8]), Flaw> {
    let (status_line, mut rest) = line(bytes).ok_or(Flaw("no whole status line"))?;
    let status_line = latin1(status_line);
    let mut words = status_line.splitn(3, ' ');
    if !matches!(words.next(), Some("HTTP/1.1" | "HTTP/1.0")) {
        return Err(Flaw("no status line"));
    }
    let code = words.next().and_then(|code| code.parse::<u16>().ok());
    let Some(code @ 100..=999) = code else {
        return Err(Flaw("no status code"));
    };
    let reason = words.next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let (field, behind) = line(rest).ok_or(Flaw("the head has no end"))?;
        rest = behind;
        if field.is_empty() {
            break;
        }
        let field = latin1(field);
        let (name, value) = field
            .split_once(':')
            .ok_or(Flaw("a header line without a colon"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let answer = Answer {
        status: StatusCode::from(code),
        reason,
        headers,
        body: Vec::new(),
        interim: Vec::new(),
        is_whole: true,
        errors: String::new(),
        method: None,
    };
    Ok((answer, rest))
}

fn read_body<'b>(answer: &mut Answer, bytes: &'b [u8], method: &str) -> Result<&'b [u8], Flaw> {
    if method == "HEAD" || answer.status == 204 || answer.status == 304 {
        return Ok(bytes);
    }
    if let Some(coding) = answer.header("Transfer-Encoding") {
        if coding != "chunked" {
            return Err(Flaw("a transfer coding other than chunked"));
        }
        return read_chunks(answer, bytes);
    }
    let length = match answer.header("Content-Length") {
        Some(length) => length.parse().map_err(|_| Flaw("a wrong Content-Length"))?,
        // To the end of the connection.
        None => bytes.len(),
    };
    let (body, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
    answer.is_whole = body.len() == length;
    answer.body = body.to_vec();
    Ok(rest)
}

fn read_chunks<'b>(answer: &mut Answer, mut bytes: &'b [u8]) -> Result<&'b [u8], Flaw> {
    while let Some((size, rest)) = line(bytes) {
        let size = std::str::from_utf8(size).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.ok_or(Flaw("a wrong chunk size"))?;
        let (data, rest) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        answer.body.extend_from_slice(data);
        let Some((end, rest)) = line(rest) else { break };
        if !end.is_empty() {
            return Err(Flaw("a chunk without its end"));
        }
        if size == 0 {
            return Ok(rest);
        }
        bytes = rest;
    }
    answer.is_whole = false;
    Ok(&[])
}

/// The line that begins here, without its end, and what follows. `None`: it has no end.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((bytes.get(..end)?, bytes.get(end + 2..)?))
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    fn one(bytes: &[u8], method: &str) -> Answer {
        let (answer, rest) = read(bytes, method).unwrap();
        assert!(rest.is_empty(), "{rest:?}");
        answer
    }

    #[test]
    fn a_body_with_a_length() {
        let bytes = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX: a\r\nx: \xe9\r\n\r\nhiHTTP";
        let (answer, rest) = read(bytes, "GET").unwrap();
        assert_eq!(rest, b"HTTP");
        assert_eq!(
            (answer.status(), answer.reason()),
            (StatusCode::NOT_FOUND, "Not Found")
        );
        assert_eq!((answer.text(), answer.bytes()), ("hi", &b"hi"[..]));
        assert_eq!(answer.header("content-length"), Some("2"));
        assert_eq!(answer.headers_named("X").collect::<Vec<_>>(), ["a", "é"]);
        let names: Vec<_> = answer.headers().map(|(name, _)| name).collect();
        assert_eq!(names, ["Content-Length", "X", "x"]);
        assert!(answer.is_whole());
    }

    #[test]
    fn a_body_in_chunks() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(one(bytes, "GET").text(), "abc0123456789");
        for end in bytes.len() - 28..bytes.len() {
            let answer = one(&bytes[..end], "GET");
            assert!(!answer.is_whole(), "{end}");
            assert!(b"abc0123456789".starts_with(answer.bytes()), "{end}");
        }
    }

    #[test]
    fn a_body_that_is_broken_off() {
        let answer = one(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "GET");
        assert_eq!((answer.text(), answer.is_whole()), ("abc", false));
        assert!(format!("{answer:?}").contains("[broken off]"));
    }

    #[test]
    fn a_body_to_the_end_of_the_connection() {
        assert_eq!(one(b"HTTP/1.0 200 OK\r\n\r\nabc", "GET").text(), "abc");
    }

    #[test]
    fn no_body() {
        let length = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        let answer = one(length, "HEAD");
        assert!(answer.bytes().is_empty() && answer.is_whole());
        assert!(
            one(
                b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                "GET"
            )
            .is_whole()
        );
        assert!(one(b"HTTP/1.1 204 No Content\r\n\r\n", "GET").is_whole());
    }

    #[test]
    fn interim_responses() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\n\
            HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
            HTTP/1.1 204 No Content\r\n\r\n";
        let answer = one(bytes, "GET");
        assert_eq!(answer.interim(), [100, 103].map(StatusCode::from));
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.header("Link"), None);
    }

    #[test]
    fn what_is_no_response() {
        for bytes in [
            &b"hello\r\n\r\n"[..],
            b"HTTP/1.1 OK\r\n\r\n",
            b"HTTP/1.1 99 Low\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        ] {
            assert!(read(bytes, "GET").is_err(), "{}", bytes.escape_ascii());
        }
    }
}
