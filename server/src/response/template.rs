//! The grammar of error templates: `{code}`, `{message}` and `{explain}`; a brace as text is written twice.

/// What a brace begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A brace as text, written twice.
    Brace,
    Code,
    Message,
    Explain,
    /// A brace that is none of these.
    Stray,
}

impl Piece {
    /// The piece that begins with the brace at `at`, and its length in bytes.
    pub(crate) const fn at(template: &[u8], at: usize) -> (Self, usize) {
        let next = if at + 1 < template.len() {
            template[at + 1]
        } else {
            0
        };
        if next == template[at] {
            (Self::Brace, 2)
        } else if stands_at(template, at, b"{code}") {
            (Self::Code, 6)
        } else if stands_at(template, at, b"{message}") {
            (Self::Message, 9)
        } else if stands_at(template, at, b"{explain}") {
            (Self::Explain, 9)
        } else {
            (Self::Stray, 1)
        }
    }
}

const fn stands_at(template: &[u8], at: usize, text: &[u8]) -> bool {
    if template.len() - at < text.len() {
        return false;
    }
    let mut offset = 0;
    while offset < text.len() {
        if template[at + offset] != text[offset] {
            return false;
        }
        offset += 1;
    }
    true
}

/// The first brace that is neither doubled nor part of a placeholder.
pub(crate) const fn stray_brace(template: &[u8]) -> Option<u8> {
    let mut at = 0;
    while at < template.len() {
        at += match template[at] {
            brace @ (b'{' | b'}') => match Piece::at(template, at) {
                (Piece::Stray, _) => return Some(brace),
                (_, length) => length,
            },
            _ => 1,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_braces() {
        for right in [
            "",
            "{{}}",
            "{code}{message}{explain}",
            "{{{code}}}",
            "\u{e9}{code}\u{e9}",
        ] {
            assert_eq!(stray_brace(right.as_bytes()), None, "{right:?}");
        }
        for (wrong, brace) in [
            ("{", b'{'),
            ("a{b", b'{'),
            ("{code {message}", b'{'),
            ("{{{", b'{'),
            ("}", b'}'),
            ("{code}}", b'}'),
            ("{{code}", b'}'),
            ("{}", b'{'),
            ("{Code}", b'{'),
            (" { code }", b'{'),
            ("{code:>5}", b'{'),
            ("{\u{e9}}", b'{'),
            ("a {\n color: red }", b'{'),
        ] {
            assert_eq!(stray_brace(wrong.as_bytes()), Some(brace), "{wrong:?}");
        }
    }
}
