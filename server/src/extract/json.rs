//! [`Json`]: bodies in JSON, with the feature `json`.

use crate::{
    AnswerInfo, Answers, Error, FromRequest, Reply, Request, Response, Result, Sent, StatusCode,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that travels as JSON: as a parameter it is the body, as an answer it becomes the body. Feature `json`.
///
/// As a parameter: 415 unless the `Content-Type` is `application/json` or ends in `+json`, 400 with the reason for a
/// body that is not what `T` expects, 413 beyond
/// [`Limits::max_collected_body_size`](crate::Limits::max_collected_body_size). A body without `Content-Type` is
/// refused as well: a page of another site could send it without being asked.
///
/// ```
/// use doget::{Json, handler, testing};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Point {
///     x: i32,
///     y: i32,
/// }
///
/// struct Mirror;
///
/// #[handler]
/// impl Mirror {
///     fn do_POST(&self, Json(point): Json<Point>) -> Json<Point> {
///         Json(Point { x: point.y, y: point.x })
///     }
/// }
///
/// let answer = testing::exchange(
///     &Mirror,
///     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"x\":1,\"y\":2}",
/// );
/// assert!(answer.ends_with(b"\r\n\r\n{\"x\":2,\"y\":1}"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<'c, T: DeserializeOwned> FromRequest<'c> for Json<T> {
    const COLLECT: u64 = <Vec<u8> as FromRequest<'c>>::COLLECT;
    const REFUSALS: &'static Answers = &Answers::new(&[
        AnswerInfo::error(400),
        AnswerInfo::error(413),
        AnswerInfo::error(415),
    ]);

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        if !is_json(request.headers().get("Content-Type").unwrap_or_default()) {
            return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .explain("the body has to be application/json"));
        }
        let body = <Vec<u8> as FromRequest<'_>>::from_request(request)?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            Error::new(StatusCode::BAD_REQUEST)
                .explain(format!("the body is not understood: {error}"))
        })
    }
}

/// An empty body is absent, whatever its type.
impl<'c, T: DeserializeOwned> crate::OptionalFromRequest<'c> for Json<T> {
    const COLLECT: u64 = <Vec<u8> as FromRequest<'c>>::COLLECT;
    const REFUSALS: &'static Answers = &Answers::new(&[
        AnswerInfo::error(400),
        AnswerInfo::error(413),
        AnswerInfo::error(415),
    ]);

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        if request.body().is_empty()? {
            return Ok(None);
        }
        <Json<T> as FromRequest<'_>>::from_request(request).map(Some)
    }
}

/// 200 with `application/json`. A value that cannot be written as JSON is a 500.
impl<T: Serialize> Reply for Json<T> {
    const ANSWERS: &'static Answers =
        &Answers::new(&[AnswerInfo::new(200).media_type("application/json")]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let body = serde_json::to_vec(&self.0).map_err(Error::internal)?;
        response
            .send_response(StatusCode::OK)
            .send_header("Content-Type", "application/json")
            .finish_with(body)
    }
}

/// Whether this media type is JSON, by RFC 8259 or by the `+json` suffix of RFC 6839.
fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let suffix = |name: &str| {
        let at = kind.len().checked_sub(name.len())?;
        kind.get(at..).filter(|end| end.eq_ignore_ascii_case(name))
    };
    kind.eq_ignore_ascii_case("application/json")
        || (kind.contains('/') && suffix("+json").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Handler;
    use crate::handler::Route;
    use crate::testing;

    #[test]
    fn media_types() {
        for kind in [
            "application/json",
            "Application/JSON ; charset=utf-8",
            "application/problem+json",
            "a/b+JSON",
        ] {
            assert!(is_json(kind), "{kind}");
        }
        for kind in [
            "",
            "json",
            "text/json",
            "application/jsonp",
            "application/x-www-form-urlencoded",
            "+json",
            "text/plain; x=+json",
        ] {
            assert!(!is_json(kind), "{kind}");
        }
    }

    /// Doubles a number.
    struct Double;

    impl Handler for Double {
        fn route(&self, _command: &str, _path: &str) -> Route {
            Route::UNKNOWN.collect(<Json<u8> as FromRequest<'_>>::COLLECT)
        }

        fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
            let Json(number) = Json::<u8>::from_request(request)?;
            Json(u16::from(number) * 2).reply(response)
        }
    }

    fn post(kind: &str, body: &str) -> String {
        let length = body.len();
        let request =
            format!("POST / HTTP/1.1\r\nHost: a\r\n{kind}Content-Length: {length}\r\n\r\n{body}");
        String::from_utf8(testing::exchange(&Double, request.as_bytes()))
            .expect("the answer is text")
    }

    #[test]
    fn answers() {
        let good = post("Content-Type: application/json\r\n", "200");
        assert!(good.starts_with("HTTP/1.1 200 OK\r\n"), "{good}");
        assert!(
            good.contains("Content-Type: application/json\r\n"),
            "{good}"
        );
        assert!(good.ends_with("\r\n\r\n400"), "{good}");
    }

    #[test]
    fn refusals() {
        let kind = "Content-Type: application/json\r\n";
        for (kind, body, status, reason) in [
            (kind, "\"a", "400 Bad Request", "EOF while parsing"),
            (kind, "", "400 Bad Request", "EOF while parsing"),
            (kind, "256", "400 Bad Request", "expected u8"),
            (kind, "1 2", "400 Bad Request", "trailing characters"),
            (kind, "\"<b>\"", "400 Bad Request", "&lt;b&gt;"),
            (
                "",
                "1",
                "415 Unsupported Media Type",
                "has to be application/json",
            ),
            (
                "Content-Type: text/plain\r\n",
                "1",
                "415 Unsupported Media Type",
                "has to be application/json",
            ),
        ] {
            let answer = post(kind, body);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
                "{answer}"
            );
            assert!(answer.contains(reason), "{answer}");
        }
    }

    /// What an optional value is.
    struct Perhaps;

    impl Handler for Perhaps {
        fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
            let value = <Option<Json<u8>> as FromRequest<'_>>::from_request(request)?;
            format!("{value:?}").reply(response)
        }
    }

    #[test]
    fn an_empty_body_is_absent() {
        let kind = "Content-Type: application/json\r\n";
        for (head, expected) in [
            (
                format!("{kind}Content-Length: 1\r\n\r\n7"),
                "200 OK Some(Json(7))",
            ),
            (format!("{kind}Content-Length: 0\r\n\r\n"), "200 OK None"),
            (format!("{kind}\r\n"), "200 OK None"),
            ("Content-Length: 0\r\n\r\n".to_owned(), "200 OK None"),
            (
                format!("{kind}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                "200 OK None",
            ),
            (
                format!("{kind}Content-Length: 1\r\n\r\n?"),
                "400 Bad Request",
            ),
            (
                "Content-Length: 1\r\n\r\n7".to_owned(),
                "415 Unsupported Media Type",
            ),
        ] {
            let request = format!("POST / HTTP/1.1\r\nHost: a\r\n{head}");
            let answer = testing::exchange(&Perhaps, request.as_bytes());
            let answer = String::from_utf8(answer).expect("the answer is text");
            let (line, _) = answer.split_once("\r\n").expect("a status line");
            let body = answer.rsplit("\r\n").next().unwrap_or_default();
            let seen = format!("{} {body}", line.trim_start_matches("HTTP/1.1 "));
            assert!(seen.starts_with(expected), "{head:?}: {answer}");
        }
    }
}
