//! The page that a client gets with an error.

use crate::response::html_text::push_text;
use crate::response::template::{self, Piece};
use crate::semantics::status::StatusCode;
use memchr::memchr2;

/// The page of an error, as `http.server` has it: the default of `ERROR_MESSAGE_FORMAT` in a block of `#[handler]`.
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

const _: () = assert!(template::stray_brace(ERROR_MESSAGE_FORMAT.as_bytes()).is_none());

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
/// A stray brace in the template does no harm: what is not understood is copied.
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
        let (piece, length) = Piece::at(from_brace, 0);
        match piece {
            Piece::Brace | Piece::Stray => out.push(from_brace[0]),
            Piece::Code => {
                out.extend_from_slice(itoa::Buffer::new().format(code.as_u16()).as_bytes())
            }
            Piece::Message => push_text(out, message),
            Piece::Explain => push_text(out, explain),
        }
        rest = &from_brace[length..];
    }
    out.extend_from_slice(rest);
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
}
