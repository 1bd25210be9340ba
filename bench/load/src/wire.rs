//! As much of HTTP as it takes to find the end of a response.

use memchr::memmem::Finder;
use std::sync::LazyLock;

static END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\r\n\r\n"));

/// The responses of one connection.
#[derive(Default)]
pub struct Responses {
    /// A head that has not ended.
    begun: Vec<u8>,
    body: Body,
    good: bool,
    close: bool,
}

#[derive(Default, PartialEq)]
enum Body {
    #[default]
    None,
    Left(u64),
    Chunked(Chunk),
    ToTheEnd,
}

/// Where a chunked body is; a trailer is not expected.
#[derive(Default, PartialEq)]
enum Chunk {
    /// In the line that says how long the next chunk is.
    #[default]
    Start,
    Size(u64),
    /// In a chunk and the line end behind it; `true`: it is the last.
    Data(u64, bool),
}

/// A response that has come to its end.
pub struct Response {
    pub good: bool,
    /// It was the last one of its connection.
    pub close: bool,
}

impl Responses {
    /// Nothing of a response has come since the last one ended.
    pub fn is_between(&self) -> bool {
        self.begun.is_empty() && self.body == Body::None
    }

    /// The connection has ended; the response that this ended.
    pub fn ended(&mut self) -> Option<Response> {
        let whole = std::mem::take(&mut self.body) == Body::ToTheEnd;
        whole.then_some(Response {
            good: self.good,
            close: true,
        })
    }

    /// Takes bytes in and calls `done` for each response that ends in them.
    ///
    /// # Errors
    ///
    /// What is not understood.
    pub fn take(
        &mut self,
        bytes: &[u8],
        length: Option<u64>,
        mut done: impl FnMut(Response),
    ) -> Result<(), String> {
        let joined;
        let mut rest = bytes;
        if !self.begun.is_empty() {
            self.begun.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.begun);
            rest = &joined;
        }
        while !rest.is_empty() {
            match &mut self.body {
                Body::ToTheEnd => return Ok(()),
                Body::Left(left) => {
                    let now = (*left).min(rest.len() as u64);
                    *left -= now;
                    rest = &rest[now as usize..];
                    if *left == 0 {
                        self.body = Body::None;
                        done(self.response());
                    }
                }
                Body::Chunked(chunk) => {
                    let (used, ended) = chunk.take(rest)?;
                    rest = &rest[used..];
                    if ended {
                        self.body = Body::None;
                        done(self.response());
                    }
                }
                Body::None => {
                    let Some(end) = END.find(rest) else {
                        self.begun = rest.to_vec();
                        return Ok(());
                    };
                    self.head(&rest[..end + 2], length)?;
                    rest = &rest[end + 4..];
                    if self.body == Body::None {
                        done(self.response());
                    }
                }
            }
        }
        Ok(())
    }

    fn response(&self) -> Response {
        Response {
            good: self.good,
            close: self.close,
        }
    }

    fn head(&mut self, head: &[u8], expected: Option<u64>) -> Result<(), String> {
        if !head.starts_with(b"HTTP/1.") || head.len() < 14 {
            return Err(format!(
                "not a response: {:?}",
                String::from_utf8_lossy(head)
            ));
        }
        let (mut length, mut chunked) = (None, false);
        self.close = head[7] == b'0';
        let mut line = 0;
        for end in memchr::memchr_iter(b'\n', head) {
            let text = &head[line..end - 1];
            line = end + 1;
            // All that count begin with one of these, so most lines are passed over at their first byte.
            if !matches!(text.first(), Some(b'c' | b'C' | b't' | b'T')) {
                continue;
            }
            if let Some(value) = field(text, b"content-length") {
                let digits = std::str::from_utf8(value).ok();
                length = digits.and_then(|digits| digits.parse::<u64>().ok());
            } else if let Some(value) = field(text, b"connection") {
                self.close = value.eq_ignore_ascii_case(b"close");
            } else if field(text, b"transfer-encoding").is_some() {
                chunked = true;
            }
        }
        self.good = &head[9..12] == b"200" && expected.is_none_or(|bytes| length == Some(bytes));
        self.body = match length {
            _ if chunked => Body::Chunked(Chunk::Start),
            Some(0) => Body::None,
            Some(bytes) => Body::Left(bytes),
            None if self.close => Body::ToTheEnd,
            None => return Err("a response without Content-Length".to_owned()),
        };
        Ok(())
    }
}

impl Chunk {
    /// How much of the bytes it took, and whether the body has ended.
    fn take(&mut self, bytes: &[u8]) -> Result<(usize, bool), String> {
        let Some(&first) = bytes.first() else {
            return Ok((0, false));
        };
        match self {
            Self::Start | Self::Size(_) => {
                let so_far = match self {
                    Self::Size(so_far) => *so_far,
                    _ => 0,
                };
                *self = match first {
                    b'\r' => Self::Size(so_far),
                    b'\n' => Self::Data(so_far + 2, so_far == 0),
                    digit => match char::from(digit).to_digit(16) {
                        Some(digit) => Self::Size(so_far << 4 | u64::from(digit)),
                        None => return Err("a chunk without a size".to_owned()),
                    },
                };
                Ok((1, false))
            }
            Self::Data(left, last) => {
                let now = (*left).min(bytes.len() as u64);
                *left -= now;
                let ended = *left == 0;
                let last = *last;
                if ended {
                    *self = Self::Start;
                }
                Ok((now as usize, ended && last))
            }
        }
    }
}

fn field<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":")?;
    start.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
          3\r\nabc\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n\
          HTTP/1.1 500 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    fn read(pieces: usize) -> Vec<(bool, bool)> {
        let mut responses = Responses::default();
        let mut seen = Vec::new();
        for piece in THREE.chunks(pieces) {
            let taken = responses.take(piece, None, |r| seen.push((r.good, r.close)));
            taken.expect("well-formed");
        }
        assert!(responses.is_between());
        seen
    }

    #[test]
    fn responses_end_where_they_say_however_they_are_split() {
        for pieces in 1..=THREE.len() {
            assert_eq!(
                read(pieces),
                [(true, false), (true, false), (false, true)],
                "{pieces}"
            );
        }
    }
}
