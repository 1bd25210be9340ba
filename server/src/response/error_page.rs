//! The page that a client gets with an error.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr2, memchr3};

use crate::semantics::status::StatusCode;

/// The page of an error, as `http.server` has it: the template of
/// [`Handler::ERROR_MESSAGE_FORMAT`](crate::Handler::ERROR_MESSAGE_FORMAT) by default.
///
/// `{code}`, `{message}` and `{explain}` are replaced; a brace of the text itself is written twice.
pub const ERROR_MESSAGE_FORMAT: &str = r#"<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {{
                color-scheme: light dark;
            }}
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: {code}</p>
        <p>Message: {message}.</p>
        <p>Error code explanation: {code} - {explain}.</p>
    </body>
</html>
"#;

const _: () = assert_template(ERROR_MESSAGE_FORMAT);

/// The `Content-Type` of an error page.
///
/// ```
/// assert_eq!(doget::hooks::ERROR_CONTENT_TYPE, "text/html;charset=utf-8");
/// ```
pub const ERROR_CONTENT_TYPE: &str = "text/html;charset=utf-8";

/// Appends the page that `template` makes of a code and its two texts.
///
/// `&`, `<` and `>` in the texts are escaped; quotes are not, so a placeholder does not belong in an
/// attribute. The texts are put in as they are: a placeholder inside one of them is not replaced.
///
/// A template that [`check_template`] refuses does no harm: what is not understood is copied.
pub(crate) fn render(
    template: &str,
    code: StatusCode,
    message: &str,
    explain: &str,
    out: &mut Vec<u8>,
) {
    out.reserve(template.len() + message.len() + explain.len());
    let mut rest = template.as_bytes();
    while let Some(brace) = memchr2(b'{', b'}', rest) {
        let (text, from_brace) = rest.split_at(brace);
        out.extend_from_slice(text);
        rest = match from_brace {
            [b'{', b'{', rest @ ..] | [b'}', b'}', rest @ ..] => {
                out.push(from_brace[0]);
                rest
            }
            _ => {
                if let Some(rest) = from_brace.strip_prefix(b"{code}") {
                    out.extend_from_slice(itoa::Buffer::new().format(code.as_u16()).as_bytes());
                    rest
                } else if let Some(rest) = from_brace.strip_prefix(b"{message}") {
                    push_escaped(out, message);
                    rest
                } else if let Some(rest) = from_brace.strip_prefix(b"{explain}") {
                    push_escaped(out, explain);
                    rest
                } else {
                    out.push(from_brace[0]);
                    &from_brace[1..]
                }
            }
        };
    }
    out.extend_from_slice(rest);
}

/// The text with `&`, `<` and `>` as HTML entities; borrowed if there is nothing to escape.
///
/// Quotes stay, so the result is for the text of a page, not for an attribute.
///
/// ```
/// use doget::escape_html;
///
/// assert_eq!(escape_html("<b> & 'c'"), "&lt;b&gt; &amp; 'c'");
/// ```
pub fn escape_html(text: &str) -> Cow<'_, str> {
    let Some(mut special) = memchr3(b'&', b'<', b'>', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut rest = text;
    loop {
        escaped.push_str(&rest[..special]);
        escaped.push_str(entity(rest.as_bytes()[special]));
        rest = &rest[special + 1..];
        match memchr3(b'&', b'<', b'>', rest.as_bytes()) {
            Some(next) => special = next,
            None => break,
        }
    }
    escaped.push_str(rest);
    Cow::Owned(escaped)
}

fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(special) = memchr3(b'&', b'<', b'>', rest) {
        out.extend_from_slice(&rest[..special]);
        out.extend_from_slice(entity(rest[special]).as_bytes());
        rest = &rest[special + 1..];
    }
    out.extend_from_slice(rest);
}

fn entity(special: u8) -> &'static str {
    match special {
        b'&' => "&amp;",
        b'<' => "&lt;",
        _ => "&gt;",
    }
}

/// What is wrong with a template: see [`check_template`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TemplateError<'a> {
    /// Something else than `code`, `message` or `explain` between braces.
    UnknownPlaceholder {
        /// What stands between the braces.
        name: &'a str,
        /// Where the opening brace is, in bytes.
        at: usize,
    },
    /// An opening brace without a closing one.
    Unclosed {
        /// Where the brace is, in bytes.
        at: usize,
    },
    /// A closing brace without an opening one.
    Unopened {
        /// Where the brace is, in bytes.
        at: usize,
    },
}

const BRACES: &str = "a brace of the text is written twice";
const PLACEHOLDERS: &str = "there are `{code}`, `{message}` and `{explain}`";

impl fmt::Display for TemplateError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TemplateError::UnknownPlaceholder { name, at } => write!(
                f,
                "unknown placeholder `{{{name}}}` at byte {at}: {PLACEHOLDERS}; {BRACES}"
            ),
            TemplateError::Unclosed { at } => {
                write!(f, "`{{` without `}}` at byte {at}: {BRACES}")
            }
            TemplateError::Unopened { at } => {
                write!(f, "`}}` without `{{` at byte {at}: {BRACES}")
            }
        }
    }
}

impl std::error::Error for TemplateError<'_> {}

/// Checks a template for [`render`]; gives the first error in it.
///
/// # Errors
///
/// A placeholder that is unknown, or a single brace that has no partner.
pub(crate) const fn check_template(template: &str) -> Result<(), TemplateError<'_>> {
    let bytes = template.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' if at + 1 < bytes.len() && bytes[at + 1] == b'{' => at += 2,
            b'}' if at + 1 < bytes.len() && bytes[at + 1] == b'}' => at += 2,
            b'}' => return Err(TemplateError::Unopened { at }),
            b'{' => {
                let mut end = at + 1;
                while end < bytes.len() && bytes[end] != b'}' {
                    if bytes[end] == b'{' {
                        return Err(TemplateError::Unclosed { at });
                    }
                    end += 1;
                }
                if end == bytes.len() {
                    return Err(TemplateError::Unclosed { at });
                }
                // Both ends are beside ASCII bytes, so between characters.
                let name = template.split_at(end).0.split_at(at + 1).1;
                if !matches!(name.as_bytes(), b"code" | b"message" | b"explain") {
                    return Err(TemplateError::UnknownPlaceholder { name, at });
                }
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Stops the compilation if a template is wrong, and says what is wrong with it.
///
/// With a mistake in it, it does not compile (``unknown placeholder `{mesage}` in a template: ...``):
///
/// # Panics
///
/// If [`check_template`] gives an error.
pub(crate) const fn assert_template(template: &str) {
    let (before, name, after) = match check_template(template) {
        Ok(()) => return,
        Err(TemplateError::UnknownPlaceholder { name, .. }) => (
            "unknown placeholder `{",
            name,
            "}` in a template: there are `{code}`, `{message}` and `{explain}`; \
             a brace of the text is written twice",
        ),
        Err(TemplateError::Unclosed { .. }) => (
            "`{` without `}` in a template",
            "",
            ": a brace of the text is written twice",
        ),
        Err(TemplateError::Unopened { .. }) => (
            "`}` without `{` in a template",
            "",
            ": a brace of the text is written twice",
        ),
    };
    // A panic at compile time can show one text and nothing formatted, so the text is put together
    // by hand. A name that is too long is left out, not cut: it might be cut inside a character.
    let mut text = [0; 512];
    let mut len = 0;
    (text, len) = append(text, len, before);
    (text, len) = append(text, len, if name.len() <= 200 { name } else { "..." });
    (text, len) = append(text, len, after);
    match str::from_utf8(text.split_at(len).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("a template is wrong"),
    }
}

const fn append(mut text: [u8; 512], mut len: usize, part: &str) -> ([u8; 512], usize) {
    let part = part.as_bytes();
    let mut index = 0;
    while index < part.len() {
        text[len] = part[index];
        len += 1;
        index += 1;
    }
    (text, len)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn page(template: &str, code: u16, message: &str, explain: &str) -> String {
        let mut out = b"kept ".to_vec();
        render(template, StatusCode::from(code), message, explain, &mut out);
        String::from_utf8(out)
            .unwrap()
            .strip_prefix("kept ")
            .unwrap()
            .to_owned()
    }

    fn default_page(code: u16, message: Option<&str>) -> String {
        let code = StatusCode::from(code);
        let message = message.unwrap_or(code.phrase());
        page(
            ERROR_MESSAGE_FORMAT,
            code.as_u16(),
            message,
            code.description(),
        )
    }

    #[test]
    fn the_default_page() {
        let expected = r#"<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: 404</p>
        <p>Message: File not found.</p>
        <p>Error code explanation: 404 - Nothing matches the given URI.</p>
    </body>
</html>
"#;
        assert_eq!(default_page(404, Some("File not found")), expected);
    }

    #[test]
    fn lengths_of_the_default_page() {
        assert_eq!(default_page(404, Some("File not found")).len(), 460);
        assert_eq!(
            default_page(501, Some("Unsupported method ('SPAM')")).len(),
            482
        );
        assert_eq!(default_page(414, None).len(), 444);
        let explain = "got more than 65536 bytes when reading header line";
        assert_eq!(
            page(ERROR_MESSAGE_FORMAT, 431, "Line too long", explain).len(),
            480
        );
    }

    #[test]
    fn texts_are_escaped_but_not_their_quotes() {
        assert_eq!(page("{message}", 400, r#"<&>"'"#, ""), r#"&lt;&amp;&gt;"'"#);
        assert_eq!(page("{explain}", 400, "", "a<b"), "a&lt;b");
        assert_eq!(
            page("<{message}>", 400, "\u{e9}\u{1f600}", ""),
            "<\u{e9}\u{1f600}>"
        );
    }

    #[test]
    fn texts_are_not_templates() {
        assert_eq!(page("{message}", 400, "{code} {{ }", "x"), "{code} {{ }");
        assert_eq!(
            page("{message}{explain}", 400, "{explain", "}"),
            "{explain}"
        );
    }

    #[test]
    fn wrong_templates_are_rendered_all_the_same() {
        let cases = [
            ("{", "{"),
            ("}", "}"),
            ("{}", "{}"),
            ("{cod}", "{cod}"),
            ("{code", "{code"),
            ("{{code}", "{code}"),
            ("{{{code}}}", "{7}"),
            ("{{{", "{{"),
            ("{\u{e9}}", "{\u{e9}}"),
            ("", ""),
        ];
        for (template, expected) in cases {
            assert_eq!(page(template, 7, "", ""), expected, "{template:?}");
        }
    }

    #[test]
    fn templates_are_checked() {
        use TemplateError::{Unclosed, UnknownPlaceholder, Unopened};

        for right in [
            "",
            "{{}}",
            "{code}{message}{explain}",
            "{{{code}}}",
            "\u{e9}{code}\u{e9}",
        ] {
            assert_eq!(check_template(right), Ok(()), "{right:?}");
        }
        let cases = [
            ("{", Unclosed { at: 0 }),
            ("a{b", Unclosed { at: 1 }),
            ("{code {message}", Unclosed { at: 0 }),
            ("{{{", Unclosed { at: 2 }),
            ("}", Unopened { at: 0 }),
            ("{code}}", Unopened { at: 6 }),
            ("{{code}", Unopened { at: 6 }),
            ("{}", UnknownPlaceholder { name: "", at: 0 }),
            (
                "{Code}",
                UnknownPlaceholder {
                    name: "Code",
                    at: 0,
                },
            ),
            (
                " { code }",
                UnknownPlaceholder {
                    name: " code ",
                    at: 1,
                },
            ),
            (
                "{code:>5}",
                UnknownPlaceholder {
                    name: "code:>5",
                    at: 0,
                },
            ),
            (
                "{\u{e9}}",
                UnknownPlaceholder {
                    name: "\u{e9}",
                    at: 0,
                },
            ),
            (
                "a {\n color: red }",
                UnknownPlaceholder {
                    name: "\n color: red ",
                    at: 2,
                },
            ),
        ];
        for (template, error) in cases {
            assert_eq!(check_template(template), Err(error), "{template:?}");
        }
        assert_eq!(
            Unopened { at: 6 }.to_string(),
            "`}` without `{` at byte 6: a brace of the text is written twice"
        );
    }

    fn panic_text(template: &'static str) -> String {
        let panic = std::panic::catch_unwind(|| assert_template(template)).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    }

    #[test]
    fn a_wrong_template_is_named_when_it_stops_the_compilation() {
        assert_eq!(
            panic_text("{mesage}"),
            "unknown placeholder `{mesage}` in a template: there are `{code}`, `{message}` and \
             `{explain}`; a brace of the text is written twice"
        );
        assert_eq!(
            panic_text("{"),
            "`{` without `}` in a template: a brace of the text is written twice"
        );
        let long: &'static str = Box::leak(format!("{{{}}}", "\u{e9}".repeat(500)).into());
        assert!(panic_text(long).starts_with("unknown placeholder `{...}`"));
        assert_template("{code}");
    }

    #[test]
    fn escape_html_borrows_if_it_can() {
        assert!(matches!(escape_html("it's \"fine\""), Cow::Borrowed(_)));
        assert_eq!(escape_html(""), "");
        assert_eq!(
            escape_html("<a href='x'>&amp;</a>"),
            "&lt;a href='x'&gt;&amp;amp;&lt;/a&gt;"
        );
        assert_eq!(escape_html("\u{e9}<\u{e9}"), "\u{e9}&lt;\u{e9}");
        assert_eq!(escape_html(">"), "&gt;");
    }
}
