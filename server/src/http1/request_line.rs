//! The request line (RFC 9112 section 3).

use crate::http1::error::HeadError;
use crate::http1::limits::HeadLimits;
use crate::http1::py_repr::repr;
use crate::http1::span::Span;
use crate::http1::version::{self, Version};

/// The words of a request line, as spans of its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestLine {
    pub(super) method: Span,
    pub(super) target: Span,
    /// `None` in a line of two words, HTTP/0.9.
    pub(super) word: Option<Span>,
    pub(super) version: Version,
}

/// RFC 9112 section 3: `method SP request-target SP HTTP-version`, nothing else.
pub(super) fn strict(line: &str, limits: &HeadLimits) -> Result<RequestLine, HeadError> {
    let Some((method, target, word)) = three_words(line) else {
        return Err(malformed(line, limits));
    };
    let Ok(version) = version::strict(word) else {
        return Err(malformed(line, limits));
    };
    let in_limits =
        method.len() <= limits.max_method_size && target.len() <= limits.max_target_size;
    if !in_limits || target.is_empty() || !is_token(method.as_bytes()) {
        return Err(malformed(line, limits));
    }
    let target_at = method.len() + 1;
    Ok(RequestLine {
        method: Span::new(0, method.len()),
        target: Span::new(target_at, target_at + target.len()),
        word: Some(Span::new(target_at + target.len() + 1, line.len())),
        version,
    })
}

/// Splits off the first word and the last, of which every version that is served has 8 bytes.
fn three_words(line: &str) -> Option<(&str, &str, &str)> {
    let bytes = line.as_bytes();
    let first = bytes.iter().position(|&b| b == b' ')?;
    let second = bytes.len().checked_sub(" HTTP/1.1".len())?;
    let words = (
        line.get(..first)?,
        line.get(first + 1..second)?,
        line.get(second + 1..)?,
    );
    (bytes.get(second) == Some(&b' ') && !words.1.as_bytes().contains(&b' ')).then_some(words)
}

/// As `http.server` reads it: words at any whitespace, the last of three or more is the version.
pub(super) fn lenient(line: &str, limits: &HeadLimits) -> Result<RequestLine, HeadError> {
    let mut words = words(line);
    let (first, second, third) = (words.next(), words.next(), words.next());
    let last = words.last().or(third);
    let Some(method) = first else {
        return Err(HeadError::no_request());
    };
    let version = match last {
        Some(word) => Some(version::lenient(word.text(line))?),
        None => None,
    };
    let (Some(target), true) = (second, last == third) else {
        return Err(bad_syntax(line));
    };
    if method.len() > limits.max_method_size {
        return Err(method_too_long(limits));
    }
    if target.len() > limits.max_target_size {
        return Err(HeadError::uri_too_long("target"));
    }
    if version.is_none() && method.text(line) != "GET" {
        let method = repr(method.text(line));
        return Err(HeadError::new(
            400,
            format!("Bad HTTP/0.9 request type ({method})"),
        ));
    }
    Ok(RequestLine {
        method,
        target,
        word: third,
        version: version.unwrap_or(Version::HTTP_09),
    })
}

/// What to answer when the request line does not end within its limit; `sent` is as much of it
/// as was looked at.
#[cold]
pub(super) fn too_long(sent: &[u8], limits: &HeadLimits) -> HeadError {
    let mut words = sent.split(|&b| b == b' ');
    let method = words.next().unwrap_or_default();
    if method.len() > limits.max_method_size {
        return method_too_long(limits);
    }
    let target = words.next().unwrap_or_default();
    if words.next().is_some()
        && target.len() <= limits.max_target_size
        && limits.max_target_size < limits.max_request_line_size
    {
        return HeadError::bad("Bad request syntax", "the request line is too long")
            .of_limit("request_line");
    }
    HeadError::uri_too_long(if limits.max_target_size < limits.max_request_line_size {
        "target"
    } else {
        "request_line"
    })
}

/// Finds words for a line that the strict profile refuses, in http.server's order of checks.
#[cold]
fn malformed(line: &str, limits: &HeadLimits) -> HeadError {
    // What Python takes for a blank beyond ASCII is a byte of the target here.
    let spans: Vec<Span> = split(line, is_blank).collect();
    let (method, target) = match spans.as_slice() {
        [_, _] => {
            return bad_syntax(line)
                .explained("a request line without a version is HTTP/0.9, which is not served");
        }
        [method, target, .., word] => {
            if let Err(error) = version::strict(word.text(line)) {
                return error;
            }
            (*method, *target)
        }
        _ => return bad_syntax(line),
    };
    if spans.len() > 3 {
        return bad_syntax(line);
    }
    if method.len() > limits.max_method_size {
        return method_too_long(limits);
    }
    if target.len() > limits.max_target_size {
        return HeadError::uri_too_long("target");
    }
    if !is_token(method.text(line).as_bytes()) {
        return HeadError::new(
            400,
            format!("Bad request method ({})", repr(method.text(line))),
        );
    }
    bad_syntax(line).explained("the words of a request line are separated by one space each")
}

fn bad_syntax(line: &str) -> HeadError {
    HeadError::new(400, format!("Bad request syntax ({})", repr(line)))
}

fn method_too_long(limits: &HeadLimits) -> HeadError {
    HeadError::new(400, "Method too long")
        .explained(format!(
            "got more than {} bytes in the method",
            limits.max_method_size
        ))
        .of_limit("method")
}

/// Splits where Python's `str.split()` does, within ISO-8859-1.
fn words(line: &str) -> impl Iterator<Item = Span> {
    split(line, |c| is_blank(c) || matches!(c, '\u{85}' | '\u{a0}'))
}

fn is_blank(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\x1c'..='\x1f' | ' ')
}

fn split(line: &str, is_blank: fn(char) -> bool) -> impl Iterator<Item = Span> {
    line.split(is_blank)
        .filter(|word| !word.is_empty())
        .map(|word| Span::of(word.as_bytes(), line.as_bytes()))
}

/// `1*tchar` (RFC 9110 section 5.6.2).
pub(super) fn is_token(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|&b| is_tchar(b))
}

/// A character of a token (RFC 9110 section 5.6.2): a letter, a digit, or one of these.
pub(crate) const fn is_tchar(b: u8) -> bool {
    const SIGNS: &[u8] = b"!#$%&'*+-.^_`|~";
    const TCHAR: [bool; 256] = {
        let mut table = [false; 256];
        let mut b = 0u8;
        while b < 128 {
            table[b as usize] = b.is_ascii_alphanumeric();
            b += 1;
        }
        let mut position = 0;
        while position < SIGNS.len() {
            table[SIGNS[position] as usize] = true;
            position += 1;
        }
        table
    };
    TCHAR[b as usize]
}
