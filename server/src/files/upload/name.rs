//! Which names clients may give to files.

use crate::extract::file_name::Names;

/// The longest name, in bytes: a part of what systems allow, so that others can add to it.
const MAX_SIZE: usize = 200;

/// Whether a client may give a file this name: the name of one file, on every system, that no program takes for
/// something else, and no person for the name of another file.
pub(super) fn is_good(name: &str) -> bool {
    Names::Windows.allow(name.as_bytes())
        && name.len() <= MAX_SIZE
        && !name.contains(|c: char| c.is_control() || is_invisible(c))
        && !name.starts_with(['.', '-', '~'])
        && name.trim() == name
}

/// Whether both are one name where a file system knows no case.
pub(super) fn is_alike(one: &str, other: &str) -> bool {
    let folded = |name: &str| -> String {
        let upper = name.chars().flat_map(char::to_uppercase);
        // Both ways: the long s is an s in upper case alone, and the sign of Kelvin a k in lower case alone.
        upper.flat_map(char::to_lowercase).collect()
    };
    folded(one) == folded(other)
}

/// What changes the direction of writing, or cannot be seen: Unicode's `Default_Ignorable_Code_Point`, and what breaks
/// lines or marks annotations.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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
            "a\u{a0}",
            "\u{3000}a",
            "a\u{ad}b",
            "a\u{34f}b",
            "a\u{3164}",
            "a\u{fe0f}b",
            "a\u{fffa}b",
            "a\u{180e}b",
            "a\u{e0061}",
            &long,
        ] {
            assert!(!is_good(name), "{}", name.escape_debug());
        }
    }
}
