//! [`FileName`]: a part of a path that is the name of one file, and which names those are.

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::str::FromStr;

/// The kind of system whose file names are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Any bytes but `/` and NUL.
    Unix,
    /// UTF-8 without the characters, endings and device names that Windows gives a meaning of their own.
    Windows,
}

impl Names {
    /// Those of this system.
    pub(crate) const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else {
        Self::Unix
    };

    /// Whether a decoded segment names an entry of the directory that it stands in, and nothing else.
    pub(crate) fn allow(self, segment: &[u8]) -> bool {
        let everywhere = !segment.is_empty()
            && segment != b"."
            && segment != b".."
            && !segment.iter().any(|byte| matches!(byte, b'/' | 0));
        everywhere
            && match self {
                Self::Unix => true,
                Self::Windows => allowed_on_windows(segment),
            }
    }
}

fn allowed_on_windows(segment: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(segment) else {
        return false;
    };
    let special = |c: char| c.is_ascii_control() || r#"<>:"/\|?*"#.contains(c);
    // Windows drops dots and blanks at the end of a name: `..%20` would be `..`, and `secret.` would be `secret`.
    !text.contains(special) && !text.ends_with(['.', ' ']) && !is_device(text) && !is_short(text)
}

/// `CON`, `nul.txt`, `COM1`: devices in every directory, whatever their extension.
fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let mut rest = port.unwrap_or_default().chars();
    matches!(
        rest.next(),
        Some('0'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}')
    ) && rest.next().is_none()
}

/// `GIT~1`, `INDEX~2.HTM`: the second name that Windows gives to a file, which may be a hidden one.
fn is_short(text: &str) -> bool {
    let (stem, extension) = text.split_once('.').unwrap_or((text, ""));
    let Some((_, number)) = stem.rsplit_once('~') else {
        return false;
    };
    stem.chars().count() <= 8
        && extension.chars().count() <= 3
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name of one file, as a parameter: joined to a directory it names an entry of that directory and nothing else.
///
/// A placeholder of a route takes any text, and `%2F` is a slash in it: a `&str` may be `../secret` or `/etc/passwd`,
/// and [`Path::join`] then leaves the directory. What is no name of a file is 404 with this type: a text that is
/// empty, `.` or `..`, or has a slash, a backslash or a control character; on Windows also one with `:` or another
/// special character, with a dot or a blank at its end, and the names of devices. A name may begin with a dot, and
/// the file may be a link.
///
/// To serve a whole directory use `FileHandler`, which opens what lies below it and nothing else.
///
/// ```
/// use doget::{FileName, handler, testing};
/// use std::path::PathBuf;
///
/// struct Notes {
///     directory: PathBuf,
/// }
///
/// #[handler]
/// impl Notes {
///     #[route("/notes/{name}")]
///     fn do_GET_note(&self, name: FileName) -> Option<String> {
///         std::fs::read_to_string(self.directory.join(name)).ok()
///     }
/// }
///
/// let notes = Notes { directory: "/var/notes".into() };
/// let answer = testing::exchange(&notes, b"GET /notes/..%2F..%2Fetc%2Fpasswd HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.starts_with(b"HTTP/1.1 404 Not Found\r\n"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

/// The error of a text that is not the name of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAFileName;

impl FileName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileName {
    type Err = NotAFileName;

    fn from_str(text: &str) -> Result<Self, NotAFileName> {
        let portable = !text.contains(|c: char| c == '\\' || c.is_control());
        if portable && Names::HERE.allow(text.as_bytes()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAFileName)
        }
    }
}

impl Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<Path> for FileName {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for NotAFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a file: it is empty, `.` or `..`, or has a separator or a character that no \
                     name has")
    }
}

impl std::error::Error for NotAFileName {}
