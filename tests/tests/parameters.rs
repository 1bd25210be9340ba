//! Parameters that may be absent or wrong: `Option<T>` and `Result<T>` of what a body is read as.

use doget::{Error, Form, Handler, Pairs, Request, Result, StatusCode, handler, testing};

/// Status and body of the answer to a POST.
fn post(handler: &impl Handler, path: &str, head: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let input =
        format!("POST {path} HTTP/1.1\r\nHost: a\r\n{head}Content-Length: {length}\r\n\r\n{body}");
    let answer =
        String::from_utf8(testing::exchange(handler, input.as_bytes())).unwrap_or_default();
    let status = answer
        .get(9..12)
        .and_then(|code| code.parse().ok())
        .unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

struct Lenient;

#[handler]
impl Lenient {
    #[route("/option")]
    fn do_POST_option(&self, form: Option<Form>) -> String {
        match form {
            Some(form) => format!("{} pairs", form.iter().count()),
            None => "nothing".to_owned(),
        }
    }

    #[route("/result")]
    fn do_POST_result(&self, form: Result<Form>) -> String {
        match form {
            Ok(form) => format!("{} pairs", form.iter().count()),
            Err(error) => format!("not a form: {}", error.status().as_u16()),
        }
    }

    #[route("/text")]
    fn do_POST_text(&self, text: Result<String, Error>) -> (StatusCode, String) {
        (
            StatusCode::OK,
            text.unwrap_or_else(|error| format!("no text: {}", error.status().as_u16())),
        )
    }
}

#[test]
fn a_form_may_be_absent() {
    for (head, body, expected) in [
        (FORM, "a=1&b=2", "2 pairs"),
        // A form without fields is one all the same.
        (FORM, "", "0 pairs"),
        ("", "", "nothing"),
        ("Content-Type: text/plain\r\n", "", "nothing"),
    ] {
        assert_eq!(
            post(&Lenient, "/option", head, body),
            (200, expected.to_owned()),
            "{head:?}"
        );
    }
    for head in ["", "Content-Type: text/plain\r\n"] {
        assert_eq!(post(&Lenient, "/option", head, "a=1").0, 415, "{head:?}");
    }
}

#[test]
fn a_method_can_take_the_error_of_a_parameter() {
    assert_eq!(
        post(&Lenient, "/result", FORM, "a=1"),
        (200, "1 pairs".to_owned())
    );
    assert_eq!(
        post(&Lenient, "/result", "", "a=1"),
        (200, "not a form: 415".to_owned())
    );
    assert_eq!(
        post(&Lenient, "/text", "", "hello"),
        (200, "hello".to_owned())
    );
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(
        post(&Lenient, "/text", "", &long),
        (200, "no text: 413".to_owned())
    );
}

struct Named;

#[handler]
impl Named {
    fn do_GET(&self, request: &Request<'_>, query: Pairs<'_>) -> String {
        let own = request.query().get("name").unwrap_or_default();
        format!("{} {own}", query.get("name").unwrap_or_default())
    }
}

/// curl sends what it was given: raw UTF-8 in a query is read as its escapes are.
#[test]
fn a_query_of_raw_utf_8_is_read_as_its_escapes_are() {
    for (query, name) in [
        (&b"name=J\xc3\xbcrgen"[..], "J\u{fc}rgen"),
        (b"name=J%C3%BCrgen", "J\u{fc}rgen"),
        (b"name=J\xc3%BCrgen+\xe2\x82\xac", "J\u{fc}rgen \u{20ac}"),
        (b"name=J\xfcrgen", "J\u{fffd}rgen"),
        (b"n\xc3\xa4me=x&name=\xf0\x9f\x98\x80", "\u{1f600}"),
    ] {
        let input = [b"GET /?", query, b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
        let answer = String::from_utf8(testing::exchange(&Named, &input)).unwrap_or_default();
        let expected = format!("\r\n\r\n{name} {name}");
        assert!(
            answer.ends_with(&expected),
            "{}: {answer}",
            query.escape_ascii()
        );
    }
    // The text of a program is text.
    let pairs = Pairs::new("name=J\u{fc}rgen+\u{c3}\u{bc}");
    assert_eq!(
        pairs.get("name").as_deref(),
        Some("J\u{fc}rgen \u{c3}\u{bc}")
    );
}
