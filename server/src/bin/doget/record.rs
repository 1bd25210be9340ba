//! The log as JSON: one object in a line.

use doget::{Request, StatusCode};
use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The longest text of a field, in bytes, as in the other formats.
const FIELD: usize = 2 << 10;

/// A line of the log.
pub(crate) struct Record(String);

impl Record {
    /// What a request got.
    pub(crate) fn answer(remote: &str, request: &Request<'_>, code: StatusCode, size: u64) -> Self {
        let mut record = Self::begin(remote);
        record.text("method", request.command());
        record.text("target", request.path());
        record.text("version", request.request_version());
        record.number("status", u64::from(code.as_u16()));
        record.number("bytes", size);
        for (key, name) in [("referer", "Referer"), ("user_agent", "User-Agent")] {
            if let Some(value) = request.headers().get_latin1(name) {
                record.text(key, &value);
            }
        }
        record.end()
    }

    /// What there is to say beside that.
    pub(crate) fn message(remote: &str, args: fmt::Arguments<'_>) -> Self {
        let mut record = Self::begin(remote);
        let text = args
            .as_str()
            .map_or_else(|| Cow::Owned(args.to_string()), Cow::Borrowed);
        record.text("message", &text);
        record.end()
    }

    fn begin(remote: &str) -> Self {
        let mut record = Self(String::with_capacity(256));
        let now = jiff::Timestamp::now();
        // A `String` takes whatever is written to it.
        let _ = write!(record.0, "{{\"time\":\"{now:.3}\"");
        record.text("remote", remote);
        record
    }

    fn end(mut self) -> Self {
        self.0.push('}');
        self
    }

    fn number(&mut self, key: &str, value: u64) {
        let _ = write!(self.0, ",\"{key}\":{value}");
    }

    fn text(&mut self, key: &str, value: &str) {
        let _ = write!(self.0, ",\"{key}\":\"");
        push_escaped(value, &mut self.0);
        self.0.push('"');
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Escapes what JSON wants escaped, and what a terminal obeys or shows as something else (RFC 8259 section 7).
fn push_escaped(text: &str, into: &mut String) {
    for (at, c) in text.char_indices() {
        if at >= FIELD {
            return;
        }
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            c if c.is_control() || is_invisible(c) => {
                let _ = write!(into, "\\u{:04x}", u32::from(c));
            }
            c => into.push(c),
        }
    }
}

/// Line separators, and what changes the direction of writing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut into = String::new();
        push_escaped(text, &mut into);
        into
    }

    #[test]
    fn a39_nothing_leaves_its_string_or_its_line() {
        assert_eq!(escaped("plain \u{e9}"), "plain \u{e9}");
        assert_eq!(escaped("\"}\\"), "\\\"}\\\\");
        assert_eq!(
            escaped("\n\r\x1b\x07\x7f\u{9b}"),
            "\\u000a\\u000d\\u001b\\u0007\\u007f\\u009b"
        );
        assert_eq!(escaped("\u{2028}\u{202e}"), "\\u2028\\u202e");
        assert_eq!(escaped(&"x".repeat(9000)).len(), FIELD);
    }
}
