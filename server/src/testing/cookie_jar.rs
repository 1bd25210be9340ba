//! What a client keeps of `Set-Cookie`.

use crate::parse_http_date;
use crate::testing::answer::Answer;
use crate::testing::request::TestRequest;
use std::time::SystemTime;

/// Cookies by their names, in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct CookieJar(Vec<(String, String)>);

impl CookieJar {
    /// The request with the cookies that were kept, unless it has some itself.
    pub(super) fn add_to(&self, request: &TestRequest) -> TestRequest {
        if self.0.is_empty() || request.has("Cookie") {
            return request.clone();
        }
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<String> = pairs.collect();
        request.clone().header("Cookie", pairs.join("; "))
    }

    /// Keeps what this answer sets, and drops what it takes away.
    pub(super) fn keep(&mut self, answer: &Answer) {
        for field in answer.headers_named("Set-Cookie") {
            let (pair, attributes) = field.split_once(';').unwrap_or((field, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue; // nothing that a browser keeps
            };
            let (name, value) = (name.trim(), value.trim());
            self.0.retain(|(known, _)| known != name);
            if !is_over(attributes) {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

/// Whether these attributes say that the cookie is to go. `Max-Age` counts before `Expires` (RFC 6265 section 5.3).
fn is_over(attributes: &str) -> bool {
    let value = |wanted: &str| {
        let all = attributes.split(';').filter_map(|one| one.split_once('='));
        let named = all.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| value.trim()).next_back()
    };
    let max_age = value("Max-Age").and_then(|age| age.parse::<i64>().ok());
    let expires = value("Expires").and_then(parse_http_date);
    match (max_age, expires) {
        (Some(seconds), _) => seconds <= 0,
        (None, Some(time)) => time <= SystemTime::now(),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_goes() {
        for (attributes, expected) in [
            ("", false),
            (" Path=/; HttpOnly", false),
            (" Path=/; Max-Age=0", true),
            ("max-age=-1", true),
            ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("Expires=Thu, 01 Jan 1970 00:00:00 GMT", true),
            ("Expires=Fri, 01 Jan 2100 00:00:00 GMT", false),
            ("Max-Age=soon", false),
        ] {
            assert_eq!(is_over(attributes), expected, "{attributes}");
        }
    }
}
