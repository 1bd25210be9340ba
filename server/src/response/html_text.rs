//! Text in HTML: what would be markup becomes an entity.

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
    if text.bytes().all(|byte| entity(byte).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for (stays, entity) in pieces(text, entity) {
        escaped.push_str(stays);
        escaped.push_str(entity);
    }
    Cow::Owned(escaped)
}

/// Appends the text as `http.server` has it in its error pages: with quotes as they are.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    let outside_attributes = |byte| entity(byte).filter(|_| !matches!(byte, b'"' | b'\''));
    for (stays, entity) in pieces(text, outside_attributes) {
        out.extend_from_slice(stays.as_bytes());
        out.extend_from_slice(entity.as_bytes());
    }
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

/// What stays as it is, each with the entity that follows it; none at the end.
fn pieces(
    text: &str,
    entity: impl Fn(u8) -> Option<&'static str>,
) -> impl Iterator<Item = (&str, &'static str)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut bytes = text.bytes().enumerate();
        let special = bytes.find_map(|(at, byte)| Some((at, entity(byte)?)));
        let Some((at, entity)) = special else {
            rest = None;
            return Some((text, ""));
        };
        // The special characters are ASCII, so both ends are between characters.
        rest = text.get(at + 1..);
        Some((text.get(..at).unwrap_or_default(), entity))
    })
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
