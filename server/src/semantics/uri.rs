//! Percent-encoding (RFC 3986 section 2.1): what a path, a query or a `Location` can carry.
//!
//! ```
//! use doget::uri;
//!
//! let name = "tea & \u{9152}";
//! let place = format!("/drinks/{}?{}", uri::segment(name), uri::query([("sort", "price up"), ("page", "2")]));
//! assert_eq!(place, "/drinks/tea%20%26%20%E9%85%92?sort=price%20up&page=2");
//! assert_eq!(uri::decode("tea%20%26%20%E9%85%92").as_deref(), Some(name));
//! ```

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// All but the characters that never need an escape (RFC 3986 section 2.3).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What no reference can carry as it is, for the URL standard's path, query and fragment at once. A percent sign
/// stays: what is escaped already stays as it is.
const REFERENCE: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// One segment of a path, or one value of a query: everything is escaped but letters, digits and `-._~`. So a slash
/// in the text stays in its segment.
///
/// ```
/// assert_eq!(doget::uri::segment("a/b 100%"), "a%2Fb%20100%25");
/// ```
pub fn segment(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, COMPONENT).into()
}

/// A query, without the question mark: `name=value`, with `&` between them.
///
/// ```
/// assert_eq!(doget::uri::query([("q", "a=b"), ("lang", "de")]), "q=a%3Db&lang=de");
/// ```
pub fn query<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&segment(name.as_ref()));
        query.push('=');
        query.push_str(&segment(value.as_ref()));
    }
    query
}

/// The text without its escapes; `None` if it is not UTF-8 then. A `+` stays a `+`: it is a blank in forms and in
/// queries of forms only, which [`Pairs`](crate::Pairs) and [`Form`](crate::Form) know.
///
/// ```
/// use doget::uri::decode;
///
/// assert_eq!(decode("caf%C3%A9").as_deref(), Some("caf\u{e9}"));
/// assert_eq!(decode("100%").as_deref(), Some("100%"));
/// assert_eq!(decode("%FF"), None);
/// ```
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

/// An address as a browser sends it: what a reference cannot carry is escaped as UTF-8, and everything else stays,
/// escapes included.
///
/// ```
/// use doget::uri::reference;
///
/// assert_eq!(reference("/t/h\u{f6} x?q=\u{f6}#end"), "/t/h%C3%B6%20x?q=%C3%B6#end");
/// assert_eq!(reference("/a%20b"), "/a%20b");
/// ```
pub fn reference(address: &str) -> Cow<'_, str> {
    utf8_percent_encode(address, REFERENCE).into()
}
