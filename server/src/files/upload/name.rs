//! Which names clients may give to files.

use crate::extract::file_name::Names;

/// The longest name, in bytes: a part of what systems allow, so that others can add to it.
const MAX_SIZE: usize = 200;

/// Whether a client may give a file this name: the name of one file, on every system, that no program takes for
/// something else.
pub(super) fn is_good(name: &str) -> bool {
    Names::Windows.allow(name.as_bytes())
        && name.len() <= MAX_SIZE
        && !name.contains(|c: char| c.is_control() || is_invisible(c))
        && !name.starts_with(['.', ' ', '-', '~'])
}

/// What changes the direction of writing, or cannot be seen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_taken_and_those_that_are_not() {
        let long = "n".repeat(201);
        for name in [
            "a",
            "photo.jpg",
            "a b (1).tar.gz",
            "\u{e4}\u{65e5}\u{672c}.txt",
            "index.html",
            "com10.txt",
            "console",
            "a..b",
            &long[..200],
        ] {
            assert!(is_good(name), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            ".htaccess",
            ".doget-1",
            "a/b",
            "a\\b",
            "/etc/passwd",
            "C:x",
            "a:stream",
            "a*",
            "a?",
            "a\"",
            "a<b",
            "a>b",
            "a|b",
            "a\nb",
            "a\0",
            "\u{7f}",
            "\u{85}",
            "evil\u{202e}gpj.exe",
            "a.",
            "a ",
            " a",
            "-rf",
            "~root",
            "GIT~1",
            "CON",
            "nul.txt",
            "Com1",
            "lpt\u{b9}.x",
            "aux .txt",
            &long,
        ] {
            assert!(!is_good(name), "{}", name.escape_debug());
        }
    }
}
