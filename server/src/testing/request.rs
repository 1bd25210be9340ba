//! [`TestRequest`]: a request, part by part.

use crate::semantics::base64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::{self, Display};

/// What stays as it is in a query and in a form: the `unreserved` characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A request to a handler under test: [`testing::get`](super::get) and its like begin one, [`send`](Self::send) runs
/// the handler on it.
///
/// `Host` and, with a body, `Content-Length` are there by themselves, unless a [`header`](Self::header) says otherwise.
#[derive(Clone)]
pub struct TestRequest {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl TestRequest {
    /// A request with this method for this target: path and query, as they stand in the request line.
    ///
    /// # Panics
    ///
    /// If one of them is empty, or has a blank or a control character: those do not fit in a request line. Write
    /// `%20`, or use [`query`](Self::query).
    #[track_caller]
    pub fn new(method: &str, target: &str) -> Self {
        for (what, text) in [("method", method), ("target", target)] {
            let fits = |c: char| c != ' ' && !c.is_ascii_control();
            assert!(
                !text.is_empty() && text.chars().all(fits),
                "the {what} {text:?} does not fit in a request line"
            );
        }
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// A pair of the query, percent-encoded, behind those that are there.
    ///
    /// ```
    /// let request = doget::testing::get("/find").query("q", "a & b").query("page", 2);
    /// assert!(request.to_bytes().starts_with(b"GET /find?q=a%20%26%20b&page=2 HTTP/1.1\r\n"));
    /// ```
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.target
            .push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(&pair(name, &value.to_string()));
        self
    }

    /// A header field, behind those that are there: the same name twice is two fields. It is sent as ISO-8859-1, as
    /// which handlers read it.
    ///
    /// # Panics
    ///
    /// If the name or the value does not fit in a field: a line break, a colon or a blank in the name, a character
    /// beyond U+00FF in the value.
    #[must_use]
    #[track_caller]
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        let name_fits = |c: char| c.is_ascii_graphic() && c != ':';
        assert!(
            !name.is_empty() && name.chars().all(name_fits),
            "{name:?} is no name of a header field"
        );
        let byte = |c| {
            u8::try_from(c)
                .ok()
                .filter(|byte| !b"\r\n\0".contains(byte))
        };
        let bytes: Option<Vec<u8>> = value.chars().map(byte).collect();
        let Some(bytes) = bytes else {
            panic!("{value:?} does not fit in a header field");
        };
        self.headers.push((name.to_owned(), bytes));
        self
    }

    /// A name and a password, as [`Basic`](crate::Basic) reads them (RFC 7617).
    ///
    /// ```
    /// let request = doget::testing::get("/").basic_auth("ada", "engine");
    /// assert!(request.to_bytes().ends_with(b"\r\nAuthorization: Basic YWRhOmVuZ2luZQ==\r\n\r\n"));
    /// ```
    ///
    /// # Panics
    ///
    /// If there is a colon in the name, which would end it there.
    #[must_use]
    #[track_caller]
    pub fn basic_auth(self, name: &str, password: &str) -> Self {
        assert!(!name.contains(':'), "{name:?} has a colon");
        let credentials = base64::encode(format!("{name}:{password}").as_bytes());
        self.header("Authorization", format_args!("Basic {credentials}"))
    }

    /// The body, with its `Content-Length`. A [`header`](Self::header) says what type it has.
    ///
    /// ```
    /// let request = doget::testing::put("/notes/1").header("Content-Type", "text/plain").body("buy milk");
    /// assert!(request.to_bytes().ends_with(b"Content-Length: 8\r\n\r\nbuy milk"));
    /// ```
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// A form as the body, as a browser sends it: `application/x-www-form-urlencoded`.
    ///
    /// ```
    /// let request = doget::testing::post("/").form([("name", "Ada Lovelace"), ("born", "1815")]);
    /// assert!(request.to_bytes().ends_with(b"\r\n\r\nname=Ada%20Lovelace&born=1815"));
    /// ```
    #[must_use]
    pub fn form<'p>(self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let pairs: Vec<_> = pairs.into_iter().map(|(n, v)| pair(n, v)).collect();
        self.header("Content-Type", "application/x-www-form-urlencoded")
            .body(pairs.join("&"))
    }

    /// A value as the body, in JSON: `application/json`. Feature `json`.
    ///
    /// ```
    /// let request = doget::testing::post("/").json(&[1, 2]);
    /// assert!(request.to_bytes().ends_with(b"\r\n\r\n[1,2]"));
    /// ```
    ///
    /// # Panics
    ///
    /// If the value cannot be written as JSON.
    #[cfg(feature = "json")]
    #[must_use]
    #[track_caller]
    pub fn json(self, value: &(impl serde::Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.header("Content-Type", "application/json").body(body),
            Err(error) => panic!("the value cannot be written as JSON: {error}"),
        }
    }

    /// The bytes of the request.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let mut field = |name: &str, value: &[u8]| {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        };
        if !self.has("Host") {
            field("Host", b"localhost:8000");
        }
        for (name, value) in &self.headers {
            field(name, value);
        }
        let is_framed = self.has("Content-Length") || self.has("Transfer-Encoding");
        if let Some(body) = self.body.as_ref().filter(|_| !is_framed) {
            field("Content-Length", body.len().to_string().as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    /// The target without its query.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let mut names = self.headers.iter().map(|(known, _)| known);
        names.any(|known| known.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for TestRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

fn pair(name: &str, value: &str) -> String {
    let encode = |text| utf8_percent_encode(text, ENCODED);
    format!("{}={}", encode(name), encode(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(request: &TestRequest) -> String {
        String::from_utf8(request.to_bytes()).expect("text")
    }

    #[test]
    fn a_request_has_its_host_and_no_body() {
        assert_eq!(
            text(&TestRequest::new("GET", "/a?b")),
            "GET /a?b HTTP/1.1\r\nHost: localhost:8000\r\n\r\n"
        );
    }

    #[test]
    fn what_is_said_is_not_said_again() {
        let request = TestRequest::new("POST", "/")
            .header("host", "example.org")
            .header("Transfer-Encoding", "chunked")
            .body("1\r\na\r\n0\r\n\r\n");
        assert_eq!(
            text(&request),
            "POST / HTTP/1.1\r\nhost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
        );
    }

    #[test]
    fn header_values_are_latin_1() {
        let request = TestRequest::new("GET", "/").header("X-Name", "hé");
        assert!(request.to_bytes().ends_with(b"\r\nX-Name: h\xe9\r\n\r\n"));
    }

    #[test]
    fn pairs_are_encoded() {
        let request = TestRequest::new("GET", "/?a").query("ä", "1+1=2");
        assert!(text(&request).starts_with("GET /?a&%C3%A4=1%2B1%3D2 HTTP/1.1"));
    }

    #[test]
    #[should_panic = "the target \"/a b\" does not fit in a request line"]
    fn a_blank_in_the_target() {
        drop(TestRequest::new("GET", "/a b"));
    }

    #[test]
    #[should_panic = "does not fit in a header field"]
    fn a_line_break_in_a_value() {
        drop(TestRequest::new("GET", "/").header("X", "a\r\nY: b"));
    }

    #[test]
    #[should_panic = "\"X: a\" is no name of a header field"]
    fn a_colon_in_a_name() {
        drop(TestRequest::new("GET", "/").header("X: a", "b"));
    }
}
