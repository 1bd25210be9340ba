//! Quoting of what a peer sent, for messages: as Python's `repr`, since `http.server` words them so.

use std::fmt::Write;

/// Quotes as Python's `repr` does: the peer's text in one printable word for an error message.
///
/// Single quotes, unless the text has one and no double quote; a backslash before the quote and the backslash; `\t`,
/// `\n`, `\r`; other characters that do not print as `\xNN`.
///
/// ```
/// # use doget::__http1::repr;
/// assert_eq!(repr("SPAM"), "'SPAM'");
/// assert_eq!(repr("it's\u{1}"), r#""it's\x01""#);
/// ```
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ if c == quote => out.extend(['\\', c]),
            '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{ad}' => {
                // A String takes every write.
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::repr;

    #[test]
    fn req_20_quoting() {
        assert_eq!(repr("SPÃ©\u{1}'M"), "\"SPÃ©\\x01'M\"");
        assert_eq!(repr("a'b\"c"), r#"'a\'b"c'"#);
        assert_eq!(repr("a\"b"), r#"'a"b'"#);
        assert_eq!(repr("\\\t\n\r"), r"'\\\t\n\r'");
        assert_eq!(
            repr("\u{7f}\u{85}\u{a0}\u{a1}\u{ad}\u{ff}"),
            "'\\x7f\\x85\\xa0¡\\xadÿ'"
        );
        assert_eq!(repr(""), "''");
    }
}
