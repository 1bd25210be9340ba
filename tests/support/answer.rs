//! A strict reader of responses: whatever RFC 9112 does not allow a server to send is a flaw.

use std::fmt;

/// A response as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// The reason phrase, read as ISO-8859-1.
    pub reason: String,
    /// The header fields in order, values read as ISO-8859-1.
    pub headers: Vec<(String, String)>,
    /// The body, its framing taken off.
    pub body: Vec<u8>,
    /// Status codes of the interim responses before it.
    pub interim: Vec<u16>,
    /// Only the end of the connection ends it.
    pub to_end: bool,
}

/// Why bytes are no whole and sound response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It may become one with more bytes.
    Incomplete,
    /// It never will.
    Malformed(&'static str),
}

impl Answer {
    /// The first value of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All values of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The names of the header fields, in order.
    pub fn names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    /// Whether it says that the connection is closed after it.
    pub fn closes(&self) -> bool {
        self.all("Connection")
            .flat_map(|value| value.split(','))
            .any(|option| option.trim().eq_ignore_ascii_case("close"))
    }

    /// The same without what differs from run to run.
    #[must_use]
    pub fn without_date(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "Date");
        self
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} {}", self.version, self.status, self.reason)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "\n[{} bytes] {}", self.body.len(), {
            let shown = self.body.get(..600).unwrap_or(&self.body);
            shown.escape_ascii()
        })
    }
}

/// The responses in `bytes`, one for each of these methods at most, to the last byte.
///
/// `ended`: the server has closed the connection behind them.
///
/// # Errors
///
/// The first flaw, and where its response begins.
pub fn read_all<M: AsRef<str>>(
    mut bytes: &[u8],
    methods: &[M],
    ended: bool,
) -> Result<Vec<Answer>, (Flaw, usize)> {
    let whole = bytes.len();
    let mut answers = Vec::new();
    for method in methods {
        if bytes.is_empty() {
            break;
        }
        let (answer, rest) =
            read(bytes, method.as_ref(), ended).map_err(|flaw| (flaw, whole - bytes.len()))?;
        bytes = rest;
        answers.push(answer);
    }
    if bytes.is_empty() {
        Ok(answers)
    } else {
        Err((
            Flaw::Malformed("bytes behind the last response"),
            whole - bytes.len(),
        ))
    }
}

/// One response to this method, with the interim responses before it, and what follows.
///
/// # Errors
///
/// See [`Flaw`].
pub fn read<'b>(bytes: &'b [u8], method: &str, ended: bool) -> Result<(Answer, &'b [u8]), Flaw> {
    let mut interim = Vec::new();
    let mut rest = bytes;
    loop {
        let (mut answer, behind) = head(rest)?;
        if (100..200).contains(&answer.status) {
            if framed(&answer) {
                return Err(Flaw::Malformed("an interim response with framing"));
            }
            interim.push(answer.status);
            rest = behind;
            continue;
        }
        answer.interim = interim;
        let rest = body(&mut answer, behind, method, ended)?;
        return Ok((answer, rest));
    }
}

fn framed(answer: &Answer) -> bool {
    answer.header("Content-Length").is_some() || answer.header("Transfer-Encoding").is_some()
}

fn line(bytes: &[u8]) -> Result<(&[u8], &[u8]), Flaw> {
    let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
        return Err(Flaw::Incomplete);
    };
    let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
    match line.strip_suffix(b"\r") {
        Some(line) if !line.contains(&b'\r') => Ok((line, rest)),
        _ => Err(Flaw::Malformed("a line end other than CR LF")),
    }
}

fn latin1(bytes: &[u8]) -> Result<String, Flaw> {
    if bytes
        .iter()
        .any(|&byte| byte != b'\t' && byte.is_ascii_control())
    {
        return Err(Flaw::Malformed("a control character in the head"));
    }
    Ok(bytes.iter().map(|&byte| char::from(byte)).collect())
}

fn head(bytes: &[u8]) -> Result<(Answer, &[u8]), Flaw> {
    let known = bytes.get(..7).unwrap_or(bytes);
    if !b"HTTP/1.".starts_with(known) {
        return Err(Flaw::Malformed("no status line"));
    }
    let (status_line, mut rest) = line(bytes)?;
    let status_line = latin1(status_line)?;
    let mut words = status_line.splitn(3, ' ');
    let (version, code, reason) = (words.next(), words.next(), words.next());
    let (Some(version @ ("HTTP/1.0" | "HTTP/1.1")), Some(code), Some(reason)) =
        (version, code, reason)
    else {
        return Err(Flaw::Malformed("the words of the status line"));
    };
    let status = match code.parse() {
        Ok(status @ 100..=999) if code.len() == 3 => status,
        _ => return Err(Flaw::Malformed("the status code")),
    };
    let mut headers = Vec::new();
    loop {
        let (field, behind) = line(rest)?;
        rest = behind;
        if field.is_empty() {
            break;
        }
        let field = latin1(field)?;
        let Some((name, value)) = field.split_once(": ") else {
            return Err(Flaw::Malformed("a header line without a colon and a blank"));
        };
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(Flaw::Malformed("a header name that is no token"));
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    let answer = Answer {
        version: version.to_owned(),
        status,
        reason: reason.to_owned(),
        headers,
        body: Vec::new(),
        interim: Vec::new(),
        to_end: false,
    };
    Ok((answer, rest))
}

fn body<'b>(
    answer: &mut Answer,
    bytes: &'b [u8],
    method: &str,
    ended: bool,
) -> Result<&'b [u8], Flaw> {
    let lengths: Vec<&str> = answer.all("Content-Length").collect();
    let codings: Vec<&str> = answer.all("Transfer-Encoding").collect();
    let length = match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => None,
        ([length], []) if !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit()) => Some(
            length
                .parse::<usize>()
                .map_err(|_| Flaw::Malformed("Content-Length"))?,
        ),
        ([], ["chunked"]) if answer.version == "HTTP/1.1" => None,
        _ => return Err(Flaw::Malformed("the framing fields")),
    };
    let chunked = !codings.is_empty();
    if answer.status == 204 && (length.is_some() || chunked) {
        return Err(Flaw::Malformed("a 204 with framing"));
    }
    if answer.status == 205 && length != Some(0) {
        return Err(Flaw::Malformed("a 205 that is not framed as empty"));
    }
    if method == "HEAD" || matches!(answer.status, 204 | 304) {
        return Ok(bytes);
    }
    if chunked {
        return chunks(answer, bytes);
    }
    match length {
        Some(length) => {
            let Some((body, rest)) = bytes.split_at_checked(length) else {
                return Err(Flaw::Incomplete);
            };
            answer.body = body.to_vec();
            Ok(rest)
        }
        None if !answer.closes() => Err(Flaw::Malformed("a body without an end")),
        None if !ended => Err(Flaw::Incomplete),
        None => {
            answer.to_end = true;
            answer.body = bytes.to_vec();
            Ok(&[])
        }
    }
}

fn chunks<'b>(answer: &mut Answer, mut bytes: &'b [u8]) -> Result<&'b [u8], Flaw> {
    loop {
        let (size, rest) = line(bytes)?;
        let size = std::str::from_utf8(size)
            .ok()
            .filter(|size| {
                (1..=16).contains(&size.len()) && size.bytes().all(|b| b.is_ascii_hexdigit())
            })
            .and_then(|size| usize::from_str_radix(size, 16).ok())
            .ok_or(Flaw::Malformed("a chunk size"))?;
        if size == 0 {
            let (end, rest) = line(rest)?;
            return if end.is_empty() {
                Ok(rest)
            } else {
                Err(Flaw::Malformed("trailers"))
            };
        }
        let Some((data, rest)) = rest.split_at_checked(size) else {
            return Err(Flaw::Incomplete);
        };
        answer.body.extend_from_slice(data);
        let (end, rest) = line(rest)?;
        if !end.is_empty() {
            return Err(Flaw::Malformed("data behind a chunk"));
        }
        bytes = rest;
    }
}
