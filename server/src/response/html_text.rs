//! Text in HTML: what would be markup becomes an entity.

use memchr::memchr3;
use std::borrow::Cow;

/// The text with `&`, `<`, `>` and both quotes as HTML entities, for the text of a page and for the value of an
/// attribute in quotes; borrowed if there is nothing to escape.
///
/// ```
/// use doget::escape_html;
///
/// assert_eq!(escape_html("<b> & 'c'"), "&lt;b&gt; &amp; &#x27;c&#x27;");
/// ```
pub fn escape_html(text: &str) -> Cow<'_, str> {
    let mut specials = text
        .bytes()
        .enumerate()
        .filter_map(|(at, byte)| Some((at, entity(byte)?)))
        .peekable();
    if specials.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut from = 0;
    // The special characters are ASCII, so the pieces end between characters.
    for (at, entity) in specials {
        escaped.push_str(text.get(from..at).unwrap_or_default());
        escaped.push_str(entity);
        from = at + 1;
    }
    escaped.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(escaped)
}

/// Appends the text as `http.server` has it in its error pages: with quotes as they are.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    // A page is mostly text without markup: the search looks at many bytes at once.
    while let Some(at) = memchr3(b'&', b'<', b'>', rest.as_bytes()) {
        let (stays, special) = rest.split_at(at);
        out.extend_from_slice(stays.as_bytes());
        let special_byte = special.bytes().next();
        out.extend_from_slice(special_byte.and_then(entity).unwrap_or_default().as_bytes());
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// The entities of Python's `html.escape`.
fn entity(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&#x27;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrows_if_it_can() {
        assert!(matches!(escape_html("it is fine"), Cow::Borrowed(_)));
        assert_eq!(escape_html(""), "");
        assert_eq!(
            escape_html("<a href='x'>&amp;</a>"),
            "&lt;a href=&#x27;x&#x27;&gt;&amp;amp;&lt;/a&gt;"
        );
        assert_eq!(escape_html("\u{e9}<\u{e9}"), "\u{e9}&lt;\u{e9}");
        assert_eq!(escape_html("\""), "&quot;");
    }

    #[test]
    fn pages_keep_their_quotes() {
        let mut out = b"kept ".to_vec();
        push_text(&mut out, r#"<&>"'"#);
        assert_eq!(out, br#"kept &lt;&amp;&gt;"'"#);
    }
}
