//! The path of a URL as the name of a file: split, decoded, checked; and back again, for redirects and links.

use crate::extract::file_name::Names;
use std::fmt::Write as _;

/// Why a path names no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathError {
    /// A percent sign without two hexadecimal digits: 400.
    Malformed,
    /// A segment that is no name, such as `..`: 404.
    NoName,
}

/// A path below the root: names that were each decoded once and each stay in their directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UrlPath {
    /// The names with a slash between two; no name has one, so nothing is lost.
    joined: Vec<u8>,
    slash: bool,
}

impl UrlPath {
    /// The directory itself.
    pub(super) const ROOT: Self = Self {
        joined: Vec::new(),
        slash: true,
    };

    /// Reads the path of a target, without its query. Characters above U+007F stand for the byte of that number, as a
    /// request line is read.
    ///
    /// The path is split before it is decoded, so `%2F` never separates. Empty segments are dropped, and so is a `.`
    /// that is written as it is (RFC 3986 section 5.2.4): Go writes `./` before a name with a colon. `..` is refused in
    /// every spelling, and `.` in any other.
    pub(crate) fn parse(path: &str, names: Names) -> Result<Self, PathError> {
        let mut joined = Vec::with_capacity(path.len() + 16);
        for segment in path.split('/').filter(|segment| !is_dropped(segment)) {
            if !joined.is_empty() {
                joined.push(b'/');
            }
            let start = joined.len();
            decode(segment, &mut joined)?;
            if !names.allow(joined.get(start..).unwrap_or_default()) {
                return Err(PathError::NoName);
            }
        }
        let slash = joined.is_empty() || path.rsplit('/').next().is_some_and(is_dropped);
        Ok(Self { joined, slash })
    }

    /// Reads a name that a program says, with slashes: nothing is decoded. `None` if a segment is no name.
    pub(super) fn plain(name: &str, names: Names) -> Option<Self> {
        let segments = || name.split('/').filter(|segment| !is_dropped(segment));
        let is_plain = segments().all(|segment| names.allow(segment.as_bytes()));
        is_plain.then(|| Self {
            joined: segments().collect::<Vec<_>>().join("/").into_bytes(),
            slash: name.rsplit('/').next().is_some_and(is_dropped),
        })
    }

    /// The names with a slash between two, relative to the root; empty for the root itself.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.joined
    }

    /// Whether it is the root itself.
    pub(super) fn is_root(&self) -> bool {
        self.joined.is_empty()
    }

    /// Whether the path ends with a slash: it names a directory.
    pub(crate) fn has_slash(&self) -> bool {
        self.slash
    }

    /// The names, from the root down.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &[u8]> {
        self.joined
            .split(|&byte| byte == b'/')
            .filter(|segment| !segment.is_empty())
    }

    /// The last name; empty for the root itself.
    pub(crate) fn name(&self) -> &[u8] {
        self.segments().last().unwrap_or_default()
    }

    /// Whether the path goes through a dot file. `.well-known` at the root is none (RFC 8615).
    pub(crate) fn is_hidden(&self) -> bool {
        self.segments()
            .enumerate()
            .any(|(depth, name)| is_hidden(name, depth == 0))
    }

    /// The path of an entry of this directory.
    pub(crate) fn child(&self, name: &[u8]) -> Vec<u8> {
        let mut path = Vec::with_capacity(self.joined.len() + name.len() + 1);
        path.extend_from_slice(&self.joined);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        path
    }
}

/// Where the directory of this path is found: the path encoded anew, with one slash before it and one behind it, and
/// the query as it was. One slash: `//host/` in a `Location` would lead to another site. Before it stand a mount, as it
/// was sent, and the names of a prefix.
pub(crate) fn location<'n>(
    mount: &str,
    prefix: impl Iterator<Item = &'n str>,
    path: &UrlPath,
    query: &str,
) -> String {
    let mut location = String::new();
    push_sent(mount, &mut location);
    for name in prefix {
        location.push('/');
        encode(name.as_bytes(), &mut location);
    }
    location.push('/');
    for segment in path.segments() {
        encode(segment, &mut location);
        location.push('/');
    }
    if !query.is_empty() {
        location.push('?');
        push_sent(query, &mut location);
    }
    location
}

/// A part of the target as it was sent. What may not stand in a header as it is, a byte of the request line, is
/// escaped.
fn push_sent(text: &str, location: &mut String) {
    for c in text.chars() {
        if c.is_ascii_graphic() {
            location.push(c);
        } else {
            // A string takes whatever is written to it.
            let _ = write!(location, "%{:02X}", u32::from(c));
        }
    }
}

/// Whether a segment says nothing about where the path leads.
fn is_dropped(segment: &str) -> bool {
    segment.is_empty() || segment == "."
}

/// Whether a name is that of a dot file; `.well-known` is none at the root.
pub(crate) fn is_hidden(name: &[u8], at_root: bool) -> bool {
    name.first() == Some(&b'.') && !(at_root && name == b".well-known")
}

fn decode(segment: &str, into: &mut Vec<u8>) -> Result<(), PathError> {
    let mut characters = segment.chars();
    while let Some(c) = characters.next() {
        if c == '%' {
            let mut digit = || characters.next().and_then(|c| c.to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(PathError::Malformed);
            };
            into.push(u8::try_from(high << 4 | low).map_err(|_| PathError::Malformed)?);
        } else {
            into.push(u8::try_from(u32::from(c)).map_err(|_| PathError::NoName)?);
        }
    }
    Ok(())
}

/// What stands in a URL as it is: letters, digits and `-._~` (RFC 3986 section 2.3).
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

fn is_plain(byte: u8) -> bool {
    PLAIN.get(usize::from(byte)).copied().unwrap_or(false)
}

/// The name as text if it is the same in a URL, and then in HTML too.
pub(super) fn plain(name: &[u8]) -> Option<&str> {
    if name.iter().all(|&byte| is_plain(byte)) {
        std::str::from_utf8(name).ok()
    } else {
        None
    }
}

/// Writes a name as a segment of a URL: what is plain as it is, every other byte escaped.
pub(crate) fn encode(name: &[u8], into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if let Some(name) = plain(name) {
        into.push_str(name);
        return;
    }
    for &byte in name {
        if is_plain(byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::extract::file_name::Names::{Unix, Windows};
    use proptest::prelude::*;

    fn read(path: &str, names: Names) -> Result<String, PathError> {
        UrlPath::parse(path, names).map(|path| path.joined.escape_ascii().to_string())
    }

    #[test]
    fn fil_05_empty_segments_and_single_dots_are_dropped() {
        for (path, joined, slash) in [
            ("/", "", true),
            ("", "", true),
            ("///", "", true),
            ("/a.txt", "a.txt", false),
            ("a.txt", "a.txt", false),
            ("/a//b.txt", "a/b.txt", false),
            ("/dir/", "dir", true),
            ("/dir//", "dir", true),
            ("/.", "", true),
            ("/./", "", true),
            ("/./a:b.txt", "a:b.txt", false),
            ("./a.txt", "a.txt", false),
            ("/a/./b", "a/b", false),
            ("/a/.", "a", true),
            ("/a/.//.", "a", true),
        ] {
            let read = UrlPath::parse(path, Unix).unwrap();
            assert_eq!(read.joined, joined.as_bytes(), "{path}");
            assert_eq!(read.has_slash(), slash, "{path}");
        }
    }

    #[test]
    fn a29_traversal_by_encoding_is_refused() {
        for path in [
            "/../x",
            "/%2e%2e/x",
            "/.%2e/x",
            "/..%2fx",
            "/a/..//../x",
            "/%00",
            "/a%00.html",
            "/a/%2e/b",
            "/a/..",
            "/a/./..",
            "/%2e",
            "/a%2Fb",
            "/..%2f..%2fetc%2fpasswd",
        ] {
            assert_eq!(read(path, Unix), Err(PathError::NoName), "{path}");
            assert_eq!(read(path, Windows), Err(PathError::NoName), "{path}");
        }
        for path in ["/%", "/%4", "/a%zz", "/%+1", "/%2", "/%%41", "/a%\u{b2}0"] {
            assert_eq!(read(path, Unix), Err(PathError::Malformed), "{path}");
        }
    }

    #[test]
    fn a29_what_only_looks_like_traversal_is_a_name() {
        for (path, name) in [
            ("/%252e%252e/x", "%2e%2e/x"),
            ("/%c0%ae", "\\xc0\\xae"),
            ("/..;/", "..;"),
            ("/.%0d%0a.", ".\\r\\n."),
            ("/...", "..."),
            ("//etc", "etc"),
        ] {
            assert_eq!(read(path, Unix).as_deref(), Ok(name), "{path}");
        }
    }

    #[test]
    fn a30_windows_names() {
        for path in [
            "/c:/windows/win.ini",
            "/x/c:/..",
            "/..%5cx",
            "/%5c%5chost%5cshare",
            "/..%20/x",
            "/%20",
            "/...",
            "/.%20./x",
            "/file.txt.",
            "/file.txt%20",
            "/file.txt::$DATA",
            "/dir:$I30:$INDEX_ALLOCATION",
            "/CON",
            "/con",
            "/aux.txt",
            "/Nul.tar.gz",
            "/COM1",
            "/com\u{b9}",
            "/com%C2%B9",
            "/LPT9.log",
            "/CON%20.txt",
            "/CONIN$",
            "/FILE~1.TXT",
            "/GIT~1",
            "/a%3Cb",
            "/a%7Cb",
            "/a%22b",
            "/what%3F",
            "/a*",
            "/tab%09",
            "/%7F",
            "/bad%ff.txt",
        ] {
            assert_eq!(read(path, Windows), Err(PathError::NoName), "{path}");
        }
        for path in [
            "/console.txt",
            "/COM10",
            "/COM",
            "/auxiliary",
            "/a~b.txt",
            "/backup~1.html.old",
            "/a b.txt",
            "/J%C3%BCrgen",
            "/.htaccess",
            "/..a",
        ] {
            assert!(read(path, Windows).is_ok(), "{path}");
        }
    }

    #[test]
    fn a30_windows_names_are_plain_names_on_unix() {
        for (path, name) in [
            ("/c:/x", "c:/x"),
            ("/a%5cb", "a\\\\b"),
            ("/CON", "CON"),
            ("/x.", "x."),
            ("/%20", " "),
        ] {
            assert_eq!(read(path, Unix).as_deref(), Ok(name), "{path}");
        }
    }

    #[test]
    fn fil_03_raw_bytes_find_the_file() {
        assert_eq!(read("/bad%ff.txt", Unix).as_deref(), Ok("bad\\xff.txt"));
        assert_eq!(
            read("/\u{c3}\u{a9}.txt", Unix).as_deref(),
            Ok("\\xc3\\xa9.txt")
        );
        assert_eq!(read("/\u{e9}.txt", Unix).as_deref(), Ok("\\xe9.txt"));
        assert_eq!(read("/\u{20ac}", Unix), Err(PathError::NoName));
    }

    #[test]
    fn dot_files_are_hidden() {
        for (path, hidden) in [
            ("/.git/config", true),
            ("/a/.env", true),
            ("/.well-known/acme", false),
            ("/a/.well-known/acme", true),
            ("/.well-known/.hidden", true),
            ("/%2egit", true),
            ("/a.b", false),
            ("/", false),
        ] {
            let path = UrlPath::parse(path, Unix).unwrap();
            assert_eq!(path.is_hidden(), hidden, "{path:?}");
        }
    }

    #[test]
    fn a34_a_location_has_no_authority() {
        for (path, query, location) in [
            ("/dir", "", "/dir/"),
            ("/dir", "a=b&c", "/dir/?a=b&c"),
            ("//evil.example/dir", "", "/evil.example/dir/"),
            ("///evil", "", "/evil/"),
            ("/\\evil.example/dir", "", "/%5Cevil.example/dir/"),
            ("/%5cevil", "", "/%5Cevil/"),
            ("/%0d%0aX:1/dir", "", "/%0D%0AX%3A1/dir/"),
            ("/dir", "x=//y", "/dir/?x=//y"),
            (
                "/dir",
                "x=\r\nSet-Cookie: a",
                "/dir/?x=%0D%0ASet-Cookie:%20a",
            ),
            ("/a b/\u{fc}", "\u{fc}", "/a%20b/%FC/?%FC"),
        ] {
            let path = UrlPath::parse(path, Unix).unwrap();
            assert_eq!(
                super::location("", std::iter::empty(), &path, query),
                location
            );
        }
    }

    #[test]
    fn names_and_children() {
        let root = UrlPath::parse("/", Unix).unwrap();
        assert_eq!(root.name(), b"");
        assert_eq!(root.child(b"a"), b"a");
        let below = UrlPath::parse("/a/b", Unix).unwrap();
        assert_eq!(below.name(), b"b");
        assert_eq!(below.child(b"c"), b"a/b/c");
        assert_eq!(below.segments().count(), 2);
    }

    proptest! {
        #[test]
        fn a_path_never_leaves_the_root(path in "([./%a-c25eEfF0\\\\: ]|%2e|%2f|%5c|\\.\\./){0,24}") {
            for names in [Unix, Windows] {
                let Ok(read) = UrlPath::parse(&path, names) else { continue };
                for segment in read.segments() {
                    prop_assert!(segment != b"." && segment != b".." && !segment.contains(&0));
                    if names == Windows {
                        prop_assert!(!segment.contains(&b'\\') && !segment.contains(&b':'));
                    }
                }
                prop_assert!(!read.joined.starts_with(b"/") && !read.joined.ends_with(b"/"));
            }
        }

        #[test]
        fn a_location_leads_back_to_its_path(name in proptest::collection::vec(1u8..=255, 1..40)) {
            let mut encoded = String::from("/");
            encode(&name, &mut encoded);
            let Ok(read) = UrlPath::parse(&encoded, Unix) else {
                prop_assert!(name.contains(&b'/') || name == b"." || name == b"..");
                return Ok(());
            };
            // A dot alone is the directory that it stands in.
            let name = if name == b"." { Vec::new() } else { name };
            prop_assert_eq!(read.as_bytes(), &name[..]);
            let again = UrlPath::parse(&location("", std::iter::empty(), &read, ""), Unix).unwrap();
            prop_assert_eq!(again.as_bytes(), &name[..]);
            prop_assert!(again.has_slash());
        }
    }
}
