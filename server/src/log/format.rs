//! The text of a line: what came from a client is escaped.

use std::fmt::{self, Write as _};

/// Something that came from outside, within a line of the log.
///
/// Control characters (U+0000 to U+001F and U+007F to U+009F) become `\xNN` and a backslash becomes
/// `\\`, as in `http.server`, so that a text can neither begin a line of its own nor speak to the
/// terminal. Everything else stays.
///
/// ```
/// use doget::hooks::Escaped;
///
/// assert_eq!(Escaped("red: \u{1b}[31m\n").to_string(), r"red: \x1b[31m\x0a");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<T>(pub T);

impl<T: fmt::Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Through<'a, 'b>(&'a mut fmt::Formatter<'b>);
        impl fmt::Write for Through<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                write_escaped(self.0, text)
            }
        }
        write!(Through(f), "{}", self.0)
    }
}

/// A whole line, escaped but for the escapes that [`Quoted`] wrote into it: those come as a `char`, what a client sent
/// never does.
pub(crate) struct EscapedLine<'a>(pub(crate) fmt::Arguments<'a>);

impl fmt::Display for EscapedLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Through<'a, 'b>(&'a mut fmt::Formatter<'b>);
        impl fmt::Write for Through<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                write_escaped(self.0, text)
            }

            fn write_char(&mut self, c: char) -> fmt::Result {
                match c {
                    // Escaped once more it could be read back too, but not by the tools that read logs.
                    '\\' => self.0.write_char(c),
                    c => write_escaped(self.0, c.encode_utf8(&mut [0; 4])),
                }
            }
        }
        Through(f).write_fmt(self.0)
    }
}

/// The text of a part of a line in quotes, escaped: nothing in it ends the part, and it can be read back. What is
/// longer than [`FIELD`] is cut.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

/// The longest field of a line, in bytes.
pub(crate) const FIELD: usize = 2 << 10;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0;
        if text.len() > FIELD {
            text = text
                .get(..floor_char_boundary(text, FIELD))
                .unwrap_or_default();
        }
        let is_special = |c: char| matches!(c, '"' | '\\') || c.is_control();
        let mut rest = text;
        while let Some(at) = rest.find(is_special) {
            let (before, special) = rest.split_at(at);
            f.write_str(before)?;
            let mut chars = special.chars();
            if let Some(c) = chars.next() {
                f.write_char('\\')?;
                match c {
                    '\\' => f.write_char(c)?,
                    c => write!(f, "x{:02x}", u32::from(c))?,
                }
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

/// The user in a line of the log, or a hyphen. A blank would end the field, and a bracket begin the date.
pub(crate) struct User<'a>(pub(crate) Option<&'a str>);

/// The longest name in a line, in characters.
const NAME: usize = 256;

impl fmt::Display for User<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = self.0 else {
            return f.write_char('-');
        };
        for c in name.chars().take(NAME) {
            let ends = c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\' | '[' | ']');
            match ends || name == "-" {
                true => write!(f, "\\x{:02x}", u32::from(c))?,
                false => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The last boundary of a character up to `end`, as [`str::floor_char_boundary`] of Rust 1.91.
fn floor_char_boundary(text: &str, end: usize) -> usize {
    (0..=end)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// Whether there is surely nothing to escape: ASCII without control characters or a backslash.
/// What is not ASCII has to be looked at more closely, as it might be one of U+0080 to U+009F.
fn is_plain(bytes: &[u8]) -> bool {
    // Without a branch in it, so that the compiler can look at many bytes at once.
    bytes.iter().fold(true, |plain, byte| {
        plain & (b' '..0x7f).contains(byte) & (*byte != b'\\')
    })
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if is_plain(text.as_bytes()) {
        return f.write_str(text);
    }
    let needs_escape = |c: char| c == '\\' || c.is_control();
    let mut rest = text;
    while let Some(at) = rest.find(needs_escape) {
        let (before, special) = rest.split_at(at);
        f.write_str(before)?;
        let mut chars = special.chars();
        match chars.next() {
            Some('\\') => f.write_str(r"\\")?,
            Some(c) => write!(f, "\\x{:02x}", u32::from(c))?,
            None => {}
        }
        rest = chars.as_str();
    }
    f.write_str(rest)
}

/// The form of the line that each request leaves in the log.
///
/// ```
/// use doget::LogFormat;
///
/// assert_eq!(LogFormat::default(), LogFormat::Common);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogFormat {
    /// That of `http.server`, which is the NCSA common log format but for the date:
    /// `127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234`.
    #[default]
    Common,
    /// The NCSA combined log format, which log tools read: with the zone in the date, and
    /// `"referer" "user agent"` at the end, `-` for one that the request has not.
    Combined,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_control_characters_and_the_backslash_are_escaped() {
        for c in (0..=0x2030).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let expected = match c {
                '\0'..='\x1f' | '\x7f'..='\u{9f}' => format!("a\\x{:02x}b", u32::from(c)),
                '\\' => r"a\\b".to_owned(),
                _ => text.clone(),
            };
            assert_eq!(Escaped(&text).to_string(), expected);
        }
    }

    #[test]
    fn escapes_at_the_ends_and_in_a_row() {
        assert_eq!(Escaped("").to_string(), "");
        assert_eq!(Escaped("\n").to_string(), r"\x0a");
        assert_eq!(Escaped("\r\n\r\n").to_string(), r"\x0d\x0a\x0d\x0a");
        assert_eq!(Escaped("\u{85}\u{e9}\\").to_string(), "\\x85\u{e9}\\\\");
    }
}
