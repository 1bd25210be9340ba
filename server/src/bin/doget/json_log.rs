//! The log as JSON: one object in a line.

use doget::{Request, StatusCode};
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::time::SystemTime;
use tz::UtcDateTime;

/// The longest text of a field, in bytes, as in the other formats.
const FIELD: usize = 2 << 10;

/// A line of the log.
pub(crate) struct JsonRecord(String);

impl JsonRecord {
    /// What a request got.
    pub(crate) fn answer(remote: &str, request: &Request<'_>, code: StatusCode, size: u64) -> Self {
        let mut record = Self::begin(remote);
        if let Some(user) = request.user() {
            record.text("user", user);
        }
        record.text("method", request.method());
        record.text("target", request.target());
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
        record.0.push_str("{\"time\":\"");
        push_time(SystemTime::now(), &mut record.0);
        record.0.push('"');
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

impl fmt::Display for JsonRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As RFC 3339 has it, in UTC: `2026-11-21T10:02:51.123Z`.
fn push_time(time: SystemTime, into: &mut String) {
    // Does not fall back: the calendar knows all years that a clock can show.
    let time = UtcDateTime::try_from(time).unwrap_or(UtcDateTime::UNIX_EPOCH);
    // A `String` takes whatever is written to it.
    let _ = write!(
        into,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        time.month(),
        time.month_day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.nanoseconds() / 1_000_000
    );
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
    use std::time::{Duration, UNIX_EPOCH};

    fn escaped(text: &str) -> String {
        let mut into = String::new();
        push_escaped(text, &mut into);
        into
    }

    #[test]
    fn times() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (784_111_777_050, "1994-11-06T08:49:37.050Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            let mut into = String::new();
            push_time(UNIX_EPOCH + Duration::from_millis(millis), &mut into);
            assert_eq!(into, text);
        }
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
