//! Writing a response head. Everything that reaches the wire as part of a head is checked here, so that no value a
//! handler passes on can split a response (RFC 9112 section 11.1).

use std::fmt;

use crate::http1::byte_class;
use crate::http1::py_repr::repr;
use crate::http1::request_line::is_token;

/// Room for a value that is displayed; longer ones make their own.
const USUAL_VALUE: usize = 32;

/// What is wrong with a part of a response head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// The status code is not one of three digits.
    Code,
    /// The protocol version is empty or not visible ASCII.
    Version,
    /// The header's name is empty or not a token (RFC 9110 section 5.1).
    Name,
    /// There is a CR or an LF, which would end the line.
    LineBreak,
    /// There is another control character (RFC 9110 section 5.5).
    Control,
    /// There is a character above U+00FF, which ISO-8859-1, and so a head, cannot carry.
    Charset,
    /// The value's own `Display` reported an error.
    Display,
}

/// A part of a response head that cannot be sent, and was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    kind: EncodeErrorKind,
    /// The header's name; empty for the status line.
    name: String,
}

impl EncodeError {
    /// What is wrong.
    pub fn kind(&self) -> EncodeErrorKind {
        self.kind
    }

    /// The name of the header at fault as it was given; `None` for the status line.
    pub fn name(&self) -> Option<&str> {
        (self.kind == EncodeErrorKind::Name || !self.name.is_empty()).then_some(&self.name)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "header {}: ", repr(name))?,
            None => f.write_str("status line: ")?,
        }
        f.write_str(match self.kind {
            EncodeErrorKind::Code => "the status code must have three digits, 100 to 999",
            EncodeErrorKind::Version => "the protocol version must be visible ASCII",
            EncodeErrorKind::Name => {
                "a name is one or more letters, digits and any of !#$%&'*+-.^_`|~"
            }
            EncodeErrorKind::LineBreak => {
                "a line break would split the response; remove or percent-encode it"
            }
            EncodeErrorKind::Control => {
                "control characters other than a tab cannot be sent; remove or percent-encode them"
            }
            EncodeErrorKind::Charset => {
                "characters above U+00FF cannot be sent; percent-encode them or use the RFC 8187 form"
            }
            EncodeErrorKind::Display => "the value could not be formatted",
        })
    }
}

impl std::error::Error for EncodeError {}

/// Whether a response can carry this field: the name is a token (RFC 9110 section 5.1), and the value has no line
/// break, no other control character but the tab, and no character above U+00FF.
///
/// A handler that sends a field which this refuses answers with 500. Use it to check settings beforehand.
///
/// ```
/// assert!(doget::is_valid_field("X-Frame-Options", "DENY"));
/// assert!(!doget::is_valid_field("X-Frame-Options", "DENY\r\nSet-Cookie: a=b"));
/// assert!(!doget::is_valid_field("X Frame", "DENY"));
/// ```
#[must_use]
pub fn is_valid_field(name: &str, value: &str) -> bool {
    field(&mut Vec::new(), name, value).is_ok()
}

/// Appends `version code reason CRLF` (RFC 9112 section 4), the reason as ISO-8859-1.
///
/// An empty reason leaves its blank before the line end, as the RFC asks for.
///
/// # Errors
///
/// A code that has not three digits, a reason that cannot be sent; `out` is then as before.
pub fn status_line(
    out: &mut Vec<u8>,
    version: &str,
    code: u16,
    reason: &str,
) -> Result<(), EncodeError> {
    // Most lines are this one, and there is nothing in it to check.
    if code == 200 && version == "HTTP/1.1" && reason == "OK" {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return Ok(());
    }
    let start = out.len();
    let written = push_status_line(out, version, code, reason);
    written.map_err(|kind| take_back(out, start, "", kind))
}

#[inline(always)]
fn push_status_line(
    out: &mut Vec<u8>,
    version: &str,
    code: u16,
    reason: &str,
) -> Result<(), EncodeErrorKind> {
    if version.is_empty() || !byte_class::is_visible(version.as_bytes()) {
        return Err(EncodeErrorKind::Version);
    }
    if !(100..=999).contains(&code) {
        return Err(EncodeErrorKind::Code);
    }
    let digit = |number: u16| b'0' + (number % 10) as u8;
    let code = [b' ', digit(code / 100), digit(code / 10), digit(code), b' '];
    out.reserve(version.len() + code.len() + reason.len() + 2);
    out.extend_from_slice(version.as_bytes());
    out.extend_from_slice(&code);
    push_text(out, reason)?;
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Appends `name: value CRLF`, the name as it is spelt, the value as ISO-8859-1.
///
/// # Errors
///
/// A name that is not a token, a value that cannot be sent; `out` is then as before.
pub fn field(out: &mut Vec<u8>, name: &str, value: &str) -> Result<(), EncodeError> {
    let start = out.len();
    let written = push_name(out, name, value.len()).and_then(|()| push_text(out, value));
    finish(out, start, name, written)
}

/// Appends `Content-Type` with a media type that stands in this library: there is nothing in it to check.
pub(crate) fn own_content_type(out: &mut Vec<u8>, media_type: &'static str) {
    debug_assert!(byte_class::is_plain(media_type.as_bytes()));
    out.reserve(b"Content-Type: \r\n".len() + media_type.len());
    out.extend_from_slice(b"Content-Type: ");
    out.extend_from_slice(media_type.as_bytes());
    push_line_end(out);
}

/// As [`field`], for any value that can be displayed; nothing is allocated for it.
///
/// # Errors
///
/// As [`field`], and an error of the value's own.
pub fn field_display(
    out: &mut Vec<u8>,
    name: &str,
    value: &dyn fmt::Display,
) -> Result<(), EncodeError> {
    field_args(out, name, format_args!("{value}"))
}

/// As [`field_display`], for what a caller that knows the type makes of it: one call less for each piece of text.
pub(crate) fn field_args(
    out: &mut Vec<u8>,
    name: &str,
    value: fmt::Arguments<'_>,
) -> Result<(), EncodeError> {
    let start = out.len();
    let result = push_name(out, name, USUAL_VALUE).and_then(|()| {
        let mut text = Text { out, fault: None };
        let written = fmt::write(&mut text, value);
        // A Display may swallow the refusal of one of its pieces; the fault stands all the same.
        match (text.fault, written) {
            (Some(kind), _) => Err(kind),
            (None, Ok(())) => Ok(()),
            (None, Err(fmt::Error)) => Err(EncodeErrorKind::Display),
        }
    });
    finish(out, start, name, result)
}

/// As [`field`], for a value in bytes that go out as they are (`obs-text` included, RFC 9110
/// section 5.5).
///
/// # Errors
///
/// As [`field`].
pub fn field_bytes(out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<(), EncodeError> {
    let start = out.len();
    let result = push_name(out, name, value.len()).and_then(|()| {
        if !byte_class::is_plain(value)
            && let Some(kind) = value.iter().find_map(|&b| fault(b))
        {
            return Err(kind);
        }
        out.extend_from_slice(value);
        Ok(())
    });
    finish(out, start, name, result)
}

/// Begins the line and makes room for the whole of it.
#[inline(always)]
fn push_name(out: &mut Vec<u8>, name: &str, value_len: usize) -> Result<(), EncodeErrorKind> {
    let name = name.as_bytes();
    // Nearly every response has this one, and there is nothing in it to check.
    if name == b"Content-Type" {
        out.reserve(b"Content-Type: \r\n".len() + value_len);
        out.extend_from_slice(b"Content-Type: ");
        return Ok(());
    }
    if name.is_empty() || !(byte_class::is_name(name) || is_token(name)) {
        return Err(EncodeErrorKind::Name);
    }
    out.reserve(name.len() + value_len + 4);
    out.extend_from_slice(name);
    out.push(b':');
    out.push(b' ');
    Ok(())
}

#[inline(always)]
fn push_text(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeErrorKind> {
    if !byte_class::is_plain(text.as_bytes()) {
        return push_latin1(out, text);
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// As [`push_text`], for text that is not all visible ASCII and blanks.
#[cold]
fn push_latin1(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeErrorKind> {
    for c in text.chars() {
        let byte = u8::try_from(u32::from(c)).map_err(|_| EncodeErrorKind::Charset)?;
        if let Some(kind) = fault(byte) {
            return Err(kind);
        }
        out.push(byte);
    }
    Ok(())
}

fn fault(byte: u8) -> Option<EncodeErrorKind> {
    match byte {
        b'\r' | b'\n' => Some(EncodeErrorKind::LineBreak),
        b'\t' => None,
        _ if byte.is_ascii_control() => Some(EncodeErrorKind::Control),
        _ => None,
    }
}

/// Ends the line, or takes back what was written of it.
#[inline(always)]
fn finish(
    out: &mut Vec<u8>,
    start: usize,
    name: &str,
    written: Result<(), EncodeErrorKind>,
) -> Result<(), EncodeError> {
    match written {
        Ok(()) => {
            push_line_end(out);
            Ok(())
        }
        Err(kind) => Err(take_back(out, start, name, kind)),
    }
}

/// Two single bytes where there is room for them already: a slice, however short, is a call.
#[inline(always)]
pub(crate) fn push_line_end(out: &mut Vec<u8>) {
    out.push(b'\r');
    out.push(b'\n');
}

#[cold]
fn take_back(out: &mut Vec<u8>, start: usize, name: &str, kind: EncodeErrorKind) -> EncodeError {
    out.truncate(start);
    EncodeError {
        kind,
        name: name.to_owned(),
    }
}

/// Takes formatted text piece by piece and remembers why it refused one.
struct Text<'o> {
    out: &'o mut Vec<u8>,
    fault: Option<EncodeErrorKind>,
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_text(self.out, text).map_err(|kind| {
            self.fault = Some(kind);
            fmt::Error
        })
    }
}
