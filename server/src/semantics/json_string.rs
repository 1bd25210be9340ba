//! Strings of JSON (RFC 8259 section 7).

use std::fmt::Write as _;

/// Appends a string with its quotes, of ASCII only, which is also safe to stand in HTML.
pub(crate) fn push_string(text: &str, into: &mut String) {
    into.push('"');
    for c in text.chars() {
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '<' | '>' | '&' | '\u{7f}' => escape(u16::try_from(u32::from(c)).unwrap_or(0), into),
            ' '..='~' => into.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    escape(*unit, into);
                }
            }
        }
    }
    into.push('"');
}

fn escape(unit: u16, into: &mut String) {
    // A string takes whatever is written to it.
    let _ = write!(into, "\\u{unit:04x}");
}
