//! The header of a part: its name, and what it says of a file (RFC 7578 section 4).

use super::limits::MultipartLimits;
use crate::http1::is_valid_field;
use percent_encoding::percent_decode_str;

/// What the header of a part says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartHead {
    pub(crate) name: String,
    /// As it was sent, escapes decoded.
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
}

/// Why a header is refused, for the client to read.
pub(crate) type Complaint = &'static str;

/// Reads the lines of a header, each with its line end; there is no empty line among them.
pub(crate) fn read(block: &[u8], limits: &MultipartLimits) -> Result<PartHead, Complaint> {
    let block = std::str::from_utf8(block).map_err(|_| "the header of a part is not UTF-8")?;
    let mut head = PartHead::default();
    let (mut disposed, mut fields) = (false, 0);
    for line in block.split_inclusive("\r\n") {
        let line = line
            .strip_suffix("\r\n")
            .ok_or("a line in the header of a part has no end")?;
        fields += 1;
        if fields > limits.max_part_fields {
            return Err("the header of a part has too many fields");
        }
        let (name, value) = line
            .split_once(':')
            .ok_or("a line in the header of a part has no colon")?;
        let value = value.trim_matches([' ', '\t']);
        // Other than in a field of the message, names of files are UTF-8 here.
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        if !is_valid_field(name, "") || value.bytes().any(is_control) {
            return Err("a field in the header of a part has a character that it must not have");
        }
        if name.eq_ignore_ascii_case("Content-Disposition") {
            if disposed {
                return Err("a part has two Content-Disposition");
            }
            disposed = true;
            disposition(value, &mut head)?;
        } else if name.eq_ignore_ascii_case("Content-Type") {
            if value.to_ascii_lowercase().starts_with("multipart/") {
                return Err(
                    "a part of multipart/* is not taken: send its files as parts of one name",
                );
            }
            if head.content_type.replace(value.to_owned()).is_some() {
                return Err("a part has two Content-Type");
            }
        } else if name.eq_ignore_ascii_case("Content-Transfer-Encoding")
            && !["7bit", "8bit", "binary"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(value))
        {
            return Err(
                "a part has a Content-Transfer-Encoding that is none of 7bit, 8bit and binary",
            );
        }
    }
    if disposed {
        Ok(head)
    } else {
        Err("a part has no Content-Disposition")
    }
}

const MALFORMED: Complaint =
    "a Content-Disposition is not of the form form-data; name=\"..\"; filename=\"..\"";

fn disposition(value: &str, head: &mut PartHead) -> Result<(), Complaint> {
    let (kind, mut rest) = value.split_once(';').ok_or(MALFORMED)?;
    if !kind.trim_end().eq_ignore_ascii_case("form-data") {
        return Err(MALFORMED);
    }
    let (mut name, mut plain, mut extended) = (None, None, None);
    while !rest.trim().is_empty() {
        let (key, text, tail) = parameter(rest)?;
        rest = tail;
        let slot = match key.to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "filename" => &mut plain,
            "filename*" => &mut extended,
            _ => continue,
        };
        if slot.replace(text).is_some() {
            return Err("a Content-Disposition has a parameter twice");
        }
    }
    head.name = unescaped(name.ok_or("a part has no name")?)?;
    head.file_name = match (plain, extended) {
        (Some(_), Some(_)) => {
            return Err(
                "a part has filename and filename*: two names are how checks are passed by",
            );
        }
        (Some(plain), None) => Some(unescaped(plain)?),
        (None, Some(extended)) => Some(decoded(extended)?),
        (None, None) => None,
    };
    Ok(())
}

/// The first parameter, and what is behind its semicolon. In quotes a backslash is itself, as in the HTML standard: a
/// quote is sent as `%22`, and one behind a backslash ends the text, so that what follows is refused.
fn parameter(text: &str) -> Result<(&str, &str, &str), Complaint> {
    let (key, value) = text.split_once('=').ok_or(MALFORMED)?;
    let key = key.trim_matches([' ', '\t']);
    if !is_valid_field(key, "") {
        return Err(MALFORMED);
    }
    let (value, behind) = match value.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(MALFORMED)?,
        None => {
            let (token, behind) =
                value.split_at(value.find([';', ' ', '\t']).unwrap_or(value.len()));
            if !is_valid_field(token, "") {
                return Err(MALFORMED);
            }
            (token, behind)
        }
    };
    let behind = behind.trim_start_matches([' ', '\t']);
    match behind.strip_prefix(';') {
        Some(rest) => Ok((key, value, rest)),
        None if behind.is_empty() => Ok((key, value, "")),
        None => Err(MALFORMED),
    }
}

/// What the HTML standard escapes in names: the quote and line ends, and nothing else.
fn unescaped(text: &str) -> Result<String, Complaint> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let (sign, length) = match escape.get(..3) {
            Some("%22") => ('"', 3),
            Some("%0D" | "%0d") => ('\r', 3),
            Some("%0A" | "%0a") => ('\n', 3),
            _ => ('%', 1),
        };
        plain.push(sign);
        rest = escape.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    Ok(plain)
}

/// `UTF-8''na%C3%AFve.txt` (RFC 8187 section 3.2).
fn decoded(text: &str) -> Result<String, Complaint> {
    const WRONG: Complaint = "a filename* is not of the form UTF-8''name";
    let mut parts = text.splitn(3, '\'');
    let (Some(charset), Some(_), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(WRONG);
    };
    let sound = value.bytes().all(|byte| byte.is_ascii_graphic());
    if !charset.eq_ignore_ascii_case("UTF-8") || !sound {
        return Err(WRONG);
    }
    let value = percent_decode_str(value).decode_utf8().map_err(|_| WRONG)?;
    Ok(value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> Result<(String, Option<String>, Option<String>), Complaint> {
        read(lines.as_bytes(), &MultipartLimits::new())
            .map(|head| (head.name, head.file_name, head.content_type))
    }

    fn named(rest: &str) -> Result<(String, Option<String>, Option<String>), Complaint> {
        of(&format!("Content-Disposition: form-data; {rest}\r\n"))
    }

    #[test]
    fn names() {
        let some = |text: &str| Some(text.to_owned());
        for (text, name, file) in [
            ("name=\"a\"", "a", None),
            ("NAME=a", "a", None),
            ("name=\"\"", "", None),
            ("name=\"a\"; filename=\"b.txt\"", "a", some("b.txt")),
            ("filename=\"\" ; name=\"a\"", "a", some("")),
            ("name=\"a%22b%0D%0Ac%41%\"", "a\"b\r\nc%41%", None),
            (
                "name=\"\u{fc}\"; filename=\"C:\\dir\\b.txt\"",
                "\u{fc}",
                some("C:\\dir\\b.txt"),
            ),
            (
                "name=a; filename=\"\u{65e5}\u{672c}.txt\"",
                "a",
                some("\u{65e5}\u{672c}.txt"),
            ),
            (
                "name=\"a;b=c\"; filename=\"d; name=e\"",
                "a;b=c",
                some("d; name=e"),
            ),
            (
                "name=\"a\"; filename*=UTF-8''na%C3%AFve.txt",
                "a",
                some("na\u{ef}ve.txt"),
            ),
            ("name=\"a\"; filename*=utf-8'de'b", "a", some("b")),
            ("name=\"a\"; x=y", "a", None),
            ("name=\"a\";", "a", None),
        ] {
            assert_eq!(named(text), Ok((name.to_owned(), file, None)), "{text}");
        }
    }

    #[test]
    fn refused_names() {
        for text in [
            "",
            "filename=\"b\"",
            "name",
            "name=",
            "name=\"a",
            "name=\"a\\\"b\"",
            "name=\"a\"b",
            "name=a b",
            "name=a; name=b",
            "name=a; NAME=a",
            "name=a; filename=b; filename=c",
            "name=a; filename=b; filename*=UTF-8''c",
            "name=a; filename*=UTF-8''c; filename=b",
            "name=a; filename*=UTF-8''c; filename*=UTF-8''c",
            "name=a; filename*=c",
            "name=a; filename*=UTF-16''c",
            "name=a; filename*=UTF-8''%FF",
            "name=a; filename*=UTF-8''\u{e9}",
            "name=\"a\" filename=\"b\"",
            "na me=a",
            "=a",
        ] {
            assert!(named(text).is_err(), "{text}: {:?}", named(text));
        }
    }

    #[test]
    fn other_fields() {
        let name = "content-disposition: Form-Data; name=a\r\n";
        let kind = of(&format!(
            "{name}Content-Type: \t text/plain; charset=utf-8 \r\n"
        ));
        assert_eq!(
            kind.map(|(.., kind)| kind),
            Ok(Some("text/plain; charset=utf-8".to_owned()))
        );
        assert!(
            of(&format!(
                "{name}Content-Transfer-Encoding: Binary\r\nX-Other: 1\r\n"
            ))
            .is_ok()
        );
        for lines in [
            "",
            "Content-Type: a/b\r\n",
            "Content-Disposition: attachment; name=a\r\n",
            "Content-Disposition: form-data\r\n",
            &format!("{name}{name}"),
            &format!("{name}Content-Type: a/b\r\nContent-Type: a/b\r\n"),
            &format!("{name}Content-Type: multipart/mixed; boundary=b\r\n"),
            &format!("{name}Content-Transfer-Encoding: base64\r\n"),
            &format!("{name}no colon\r\n"),
            &format!("{name} folded: x\r\n"),
            &format!("{name}X: a\nb: c\r\n"),
            &format!("{name}X: a\rb\r\n"),
            &format!("{name}X: a\0b\r\n"),
            &format!("{name}X y: a\r\n"),
            &format!("{name}: a\r\n"),
            &format!("{name}X: a"),
            &format!("{name}{}", "X: y\r\n".repeat(16)),
        ] {
            assert!(of(lines).is_err(), "{lines:?}");
        }
        assert!(of(&format!("{name}{}", "X: y\r\n".repeat(15))).is_ok());
        assert!(read(b"X: \xff\r\n", &MultipartLimits::new()).is_err());
    }
}
