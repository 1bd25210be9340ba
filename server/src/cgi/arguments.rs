//! A query as the arguments of a script: the "indexed" query of RFC 3875 section 4.4.

use crate::Request;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

/// The search words of the query, or nothing if it has none.
pub(super) fn of(request: &Request<'_>) -> Vec<OsString> {
    if !matches!(request.method(), "GET" | "HEAD") {
        return Vec::new();
    }
    words(request.query_string())
        .into_iter()
        .map(OsString::from_vec)
        .collect()
}

fn words(query: &str) -> Vec<Vec<u8>> {
    if query.is_empty() || query.contains('=') {
        return Vec::new();
    }
    let words = query
        .split('+')
        .map(|word| percent_encoding::percent_decode_str(word).collect::<Vec<u8>>());
    let words: Vec<_> = words.collect();
    // What cannot be an argument makes none of them one.
    if words.iter().any(|word| word.contains(&0)) {
        return Vec::new();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn cgi_19_search_words() {
        let none: [&[u8]; 0] = [];
        assert_eq!(words("a+b%20c"), [&b"a"[..], b"b c"]);
        assert_eq!(words("-s"), [b"-s"]);
        assert_eq!(words("a%3Db"), [b"a=b"]);
        for query in ["", "a=b", "a+b=c", "a+%00"] {
            assert_eq!(words(query), none, "{query}");
        }
    }
}
