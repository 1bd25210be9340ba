//! The segments of a path as it was sent (RFC 3986 section 3.3), compared with text: one rule for routes, mounts and
//! prefixes.

use percent_encoding::percent_decode_str;

/// The first segment of what is left of a path, and what follows its slash.
#[inline]
#[must_use]
pub fn segment(rest: &str) -> (&str, Option<&str>) {
    // Segments are short: to search one for several bytes at once, as `split_once` does, takes longer to begin than to
    // look at each.
    let slash = rest.bytes().position(|byte| byte == b'/');
    let parts = slash.and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?)));
    match parts {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (rest, None),
    }
}

/// Whether a segment is this text, escaped or not. The text has no percent sign: see [`decodes_to`].
#[inline]
#[must_use]
pub fn literal(segment: &str, text: &str) -> bool {
    // An escape is two bytes longer than the byte that it stands for: a shorter segment cannot match, and is not
    // decoded.
    segment == text || (segment.len() >= text.len() + 2 && decodes_to(segment, text))
}

/// Whether a segment decodes to this text. Text with a percent sign is never sent as it stands: `%25` is not the text
/// `%25`.
#[cold]
#[must_use]
pub fn decodes_to(segment: &str, text: &str) -> bool {
    percent_decode_str(segment).eq(text.bytes())
}

/// The length of the beginning of a path that is these segments, as it was sent; `None` if the path begins otherwise.
/// What follows is empty or begins with a slash: `/apiary` does not begin with the segment `api`.
#[inline]
pub fn prefix_length<'t>(path: &str, segments: impl IntoIterator<Item = &'t str>) -> Option<usize> {
    let mut length = 0;
    for text in segments {
        let (first, _) = segment(path.get(length..)?.strip_prefix('/')?);
        let is_same = match text.contains('%') {
            false => literal(first, text),
            true => decodes_to(first, text),
        };
        if !is_same {
            return None;
        }
        length += 1 + first.len();
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_match_escaped_text() {
        assert!(literal("users", "users"));
        assert!(literal("%75sers", "users"));
        assert!(literal("caf%C3%A9", "café"));
        assert!(!literal("users", "user"));
        assert!(!literal("%75ser", "users"));
        assert!(!literal("", "users"));
        assert!(decodes_to("%2525", "%25"));
        assert!(!decodes_to("%25", "%25"));
    }

    #[test]
    fn segments_keep_empty_ones() {
        assert_eq!(segment("a/b/c"), ("a", Some("b/c")));
        assert_eq!(segment("a/"), ("a", Some("")));
        assert_eq!(segment("a"), ("a", None));
        assert_eq!(segment(""), ("", None));
    }

    #[test]
    fn prefixes_are_whole_segments() {
        for (path, segments, length) in [
            ("/api/x", &["api"][..], Some(4)),
            ("/api/", &["api"], Some(4)),
            ("/api", &["api"], Some(4)),
            ("/apiary", &["api"], None),
            ("/ap", &["api"], None),
            ("api/x", &["api"], None),
            ("*", &["api"], None),
            ("/%61pi/x", &["api"], Some(6)),
            ("/api%2Fx", &["api"], None),
            ("//api/x", &["api"], None),
            ("/API/x", &["api"], None),
            ("/a/b/c", &["a", "b"], Some(4)),
            ("/a/bc", &["a", "b"], None),
            ("/a", &["a", "b"], None),
            ("/50%25/x", &["50%"], Some(6)),
            ("/x", &[], Some(0)),
        ] {
            let found = prefix_length(path, segments.iter().copied());
            assert_eq!(found, length, "{path} {segments:?}");
        }
    }
}
