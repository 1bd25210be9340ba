//! The boundary of a body, out of its media type (RFC 2046 section 5.1.1).

use crate::{Error, Result};

/// The boundary of `multipart/form-data; boundary=..`.
///
/// # Errors
///
/// 415 for another media type, 400 for a boundary that is none.
pub(crate) fn of(content_type: &str) -> Result<&str> {
    let (kind, mut rest) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(
            Error::unsupported_media_type().explain("the body has to be multipart/form-data")
        );
    }
    let mut boundary = None;
    while !rest.trim_start().is_empty() {
        let (name, value, tail) = parameter(rest).ok_or_else(malformed)?;
        rest = tail;
        if name.eq_ignore_ascii_case("boundary") && boundary.replace(value).is_some() {
            return Err(malformed());
        }
    }
    boundary
        .filter(|text| is_boundary(text))
        .ok_or_else(malformed)
}

fn malformed() -> Error {
    Error::bad_request().explain(
        "the boundary in Content-Type is missing, stands there twice, or is not as RFC 2046 has it",
    )
}

/// The first of `name=value; name="value"`, and what is behind its semicolon.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (name, value) = text.split_once('=')?;
    let (value, behind) = match value.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => value.split_at(value.find(';').unwrap_or(value.len())),
    };
    let behind = behind.trim_start();
    let rest = match behind.strip_prefix(';') {
        Some(rest) => rest,
        None if behind.is_empty() => behind,
        None => return None,
    };
    Some((name.trim(), value.trim_end(), rest))
}

fn is_boundary(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    (1..=70).contains(&text.len()) && !text.ends_with(' ') && text.bytes().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries() {
        let long = format!("multipart/form-data; boundary={}", "x".repeat(70));
        for (text, expected) in [
            ("multipart/form-data; boundary=a", Some("a")),
            ("Multipart/Form-Data;BOUNDARY=a", Some("a")),
            (
                "multipart/form-data ; charset=utf-8; boundary=\"a b:c\" ",
                Some("a b:c"),
            ),
            ("multipart/form-data; boundary=\"a\"; x=y", Some("a")),
            (
                "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
                Some("----WebKitFormBoundary7MA4YWxkTrZu0gW"),
            ),
            (&long, Some(&long[30..])),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/form-data; boundary=\"\"", None),
            ("multipart/form-data; boundary=\"a", None),
            ("multipart/form-data; boundary=\"a\"b", None),
            ("multipart/form-data; boundary=a; boundary=a", None),
            ("multipart/form-data; boundary=a*b", None),
            ("multipart/form-data; boundary=\u{e9}", None),
            (&format!("{long}x"), None),
        ] {
            let found = of(text);
            assert_eq!(found.as_deref().ok(), expected, "{text}");
            if expected.is_none() {
                assert_eq!(found.map_err(|error| error.status().as_u16()), Err(400));
            }
        }
        for text in [
            "",
            "multipart/mixed; boundary=a",
            "application/x-www-form-urlencoded",
        ] {
            assert_eq!(
                of(text).map_err(|error| error.status().as_u16()),
                Err(415),
                "{text}"
            );
        }
    }
}
