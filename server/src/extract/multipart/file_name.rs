//! What is left of a client's name for a file.

use crate::extract::file_name::Names;

/// The part behind the last slash or backslash, without control characters; `None` if that names no file of any system.
pub(crate) fn safe(raw: &str) -> Option<String> {
    let name = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !is_hidden(*c)).collect();
    let name = name.trim_matches([' ', '.']);
    // The rules of Windows contain those of all others.
    let name: String = name
        .chars()
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    Names::Windows.allow(name.as_bytes()).then_some(name)
}

/// Control characters, and those that turn the direction of text around: `exe.gpj` is shown as `jpg.exe`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn names() {
        for (raw, expected) in [
            ("a.txt", Some("a.txt")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Users\\ada\\tea.png", Some("tea.png")),
            ("/abs/\u{fc}.txt", Some("\u{fc}.txt")),
            ("a\0b\r\n.txt", Some("ab.txt")),
            ("a\"<b>:c?.txt", Some("a__b__c_.txt")),
            ("\u{202e}gpj.exe", Some("gpj.exe")),
            (".htaccess", Some("htaccess")),
            ("a. .", Some("a")),
            ("", None),
            (".", None),
            ("..", None),
            ("a/..", None),
            ("a/", None),
            ("\\", None),
            ("\r\n", None),
            ("con", None),
            ("NUL.txt", None),
            ("com1", None),
            ("GIT~1", None),
        ] {
            assert_eq!(safe(raw).as_deref(), expected, "{raw:?}");
        }
    }
}
