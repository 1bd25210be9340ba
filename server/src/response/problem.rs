//! The body of an error for programs: `application/problem+json` (RFC 9457).

use crate::Error;
use crate::semantics::json_string::push_string;
use std::fmt::Write as _;

/// The media type of [`render`].
pub(crate) const PROBLEM: &str = "application/problem+json";

/// The object of an error. `phrase` is that of its status; an unknown status has none.
///
/// Values of the request are not in it, but where the program itself has put one into a text.
pub(crate) fn render(error: &Error, phrase: Option<&str>) -> String {
    let kind = error.problem_type_text();
    let mut json = String::from("{\"type\":");
    push_string(kind.unwrap_or("about:blank"), &mut json);
    // With `about:blank` the title is that of the status (RFC 9457 section 4.2.1).
    let title = match kind {
        Some(_) => error.message_text().or(phrase),
        None => phrase,
    };
    if let Some(title) = title {
        json.push_str(",\"title\":");
        push_string(title, &mut json);
    }
    // A string takes whatever is written to it.
    let _ = write!(json, ",\"status\":{}", error.status().as_u16());
    if let Some(detail) = detail(error, title) {
        json.push_str(",\"detail\":");
        push_string(&detail, &mut json);
    }
    if !error.faults().is_empty() {
        json.push_str(",\"errors\":[");
        for (position, fault) in error.faults().iter().enumerate() {
            json.push_str(if position > 0 {
                ",{\"in\":"
            } else {
                "{\"in\":"
            });
            push_string(fault.place.as_str(), &mut json);
            json.push_str(if fault.is_pointer() {
                ",\"pointer\":"
            } else {
                ",\"name\":"
            });
            push_string(&fault.name, &mut json);
            json.push_str(",\"detail\":");
            push_string(&fault.detail, &mut json);
            json.push('}');
        }
        json.push(']');
    }
    json.push_str("}\n");
    json
}

/// What is said of this error beside its title.
fn detail(error: &Error, title: Option<&str>) -> Option<String> {
    let message = error
        .message_text()
        .filter(|&message| Some(message) != title);
    match (message, error.explain_text(), error.faults().len()) {
        (Some(message), Some(explain), _) => Some(format!("{message}: {explain}")),
        (Some(text), None, _) | (None, Some(text), _) => Some(text.to_owned()),
        (None, None, 0) => None,
        (None, None, 1) => Some("a value is not as it has to be".to_owned()),
        (None, None, count) => Some(format!("{count} values are not as they have to be")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    #[test]
    fn objects_of_errors() {
        let cases = [
            (
                Error::new(404),
                r#"{"type":"about:blank","title":"Phrase","status":404}"#,
            ),
            (
                Error::new(409)
                    .message("No \"tea\"")
                    .explain("a\nb<\u{1f375}>"),
                concat!(
                    r#"{"type":"about:blank","title":"Phrase","status":409,"#,
                    r#""detail":"No \"tea\": a\nb\u003c\ud83c\udf75\u003e"}"#
                ),
            ),
            (
                Error::new(409)
                    .problem_type("/problems/sold-out")
                    .message("Sold out")
                    .explain("come back"),
                r#"{"type":"/problems/sold-out","title":"Sold out","status":409,"detail":"come back"}"#,
            ),
            (
                Error::new(400)
                    .fault(Place::Query, "limit", "a number")
                    .fault(Place::Body, "/items/3", "a text")
                    .fault(Place::Body, "user", "a name"),
                concat!(
                    r#"{"type":"about:blank","title":"Phrase","status":400,"#,
                    r#""detail":"3 values are not as they have to be","#,
                    r#""errors":[{"in":"query","name":"limit","detail":"a number"},"#,
                    r#"{"in":"body","pointer":"/items/3","detail":"a text"},"#,
                    r#"{"in":"body","name":"user","detail":"a name"}]}"#
                ),
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(render(&error, Some("Phrase")).trim_end(), expected);
        }
        assert_eq!(
            render(&Error::new(299), None),
            "{\"type\":\"about:blank\",\"status\":299}\n"
        );
    }
}
