//! Conditions and preferences of a request, for any handler.

use crate::http1::HeaderFields;
use crate::semantics::accept::Weights;
use crate::semantics::conditional::{Preconditions, Validators, Verdict};
use crate::{Error, Request, Result};

/// Conditions and preferences (RFC 9110 sections 12 and 13).
impl<'c> Request<'c> {
    /// Whether the client has the current version already, so that a 304 is the answer: by `If-None-Match` and
    /// `If-Modified-Since` of a GET or HEAD. An `Err` is the 412 for a condition that fails, `If-Match` and
    /// `If-Unmodified-Since`, and for other methods `If-None-Match`: nothing may be changed then.
    ///
    /// Ask once it is known that the answer would be one of success, and before anything is changed. To change it only
    /// if it is still the same, ask and change under one lock.
    ///
    /// ```
    /// use doget::{ETag, Request, Response, Result, Sent, Validators, handler, testing};
    ///
    /// struct Page;
    ///
    /// #[handler]
    /// impl Page {
    ///     fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///         let now = Validators::new().etag(ETag::strong("v7"));
    ///         if request.is_not_modified(&now)? {
    ///             return response.send_response(304).send_validators(&now).finish();
    ///         }
    ///         response
    ///             .send_response(200)
    ///             .send_validators(&now)
    ///             .send_header("Content-Type", "text/plain")
    ///             .finish_with(b"seven")
    ///     }
    /// }
    ///
    /// let ask = |lines: &str| {
    ///     let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
    ///     String::from_utf8(testing::exchange(&Page, request.as_bytes())).unwrap()
    /// };
    /// assert!(ask("").starts_with("HTTP/1.1 200 "));
    /// assert!(ask("If-None-Match: \"v7\"\r\n").starts_with("HTTP/1.1 304 "));
    /// assert!(ask("If-Match: \"v6\"\r\n").starts_with("HTTP/1.1 412 "));
    /// ```
    ///
    /// # Errors
    ///
    /// A 412, with the current tag.
    pub fn is_not_modified(&self, current: &Validators) -> Result<bool> {
        self.preconditions().is_not_modified(current)
    }

    /// Which of these media types the client likes best by `Accept`, the first of those that it likes the same. Without
    /// the field it is the first. `None` if it accepts none: 406, or the first all the same. An answer that depends on
    /// it says `Vary: Accept`.
    ///
    /// ```
    /// use doget::{Request, handler, testing};
    ///
    /// struct Api;
    ///
    /// #[handler]
    /// impl Api {
    ///     fn do_GET(&self, request: &mut Request<'_>) -> &'static str {
    ///         match request.accepts(&["application/json", "text/html"]) {
    ///             Some("text/html") => "<p>7",
    ///             _ => "7",
    ///         }
    ///     }
    /// }
    ///
    /// let request = b"GET / HTTP/1.1\r\nHost: a\r\nAccept: text/*, application/json;q=0.5\r\n\r\n";
    /// assert!(testing::exchange(&Api, request).ends_with(b"\r\n\r\n<p>7"));
    /// ```
    pub fn accepts<'o>(&self, types: &[&'o str]) -> Option<&'o str> {
        Weights::read(self.headers().get_all("Accept")).best_media(types)
    }

    /// Which of these content codings (`br`, `gzip`) the client likes best by `Accept-Encoding`, the first of those
    /// that it likes the same. `None` if it accepts none of them, says nothing, or likes plain bytes better: then they
    /// are sent plain. An answer that depends on it says `Vary: Accept-Encoding`.
    ///
    /// ```
    /// fn coding(request: &doget::Request<'_>) -> Option<&'static str> {
    ///     request.accepts_encoding(&["br", "gzip"])
    /// }
    /// ```
    pub fn accepts_encoding<'o>(&self, codings: &[&'o str]) -> Option<&'o str> {
        let weights = Weights::read(self.headers().get_all("Accept-Encoding"));
        weights.codings(codings).first().copied()
    }

    pub(crate) fn preconditions(&self) -> Preconditions<'c> {
        Preconditions::of(self.method(), self.headers())
    }
}

impl<'c> Preconditions<'c> {
    /// Those of a request with this method and these fields.
    pub(crate) fn of(method: &str, fields: HeaderFields<'c>) -> Self {
        let list = |name| {
            let mut lines = fields.get_all(name);
            let first = lines.next()?.to_owned();
            Some(lines.fold(first, |list, line| list + ", " + line))
        };
        Self {
            reads: matches!(method, "GET" | "HEAD"),
            if_match: list("If-Match"),
            if_none_match: list("If-None-Match"),
            if_modified_since: fields.get("If-Modified-Since"),
            if_unmodified_since: fields.get("If-Unmodified-Since"),
        }
    }

    /// See [`Request::is_not_modified`].
    pub(crate) fn is_not_modified(&self, current: &Validators) -> Result<bool> {
        match self.evaluate(current) {
            Verdict::Proceed => Ok(false),
            Verdict::NotModified => Ok(true),
            Verdict::Failed => {
                let error = Error::new(412);
                Err(match current.tag() {
                    Some(tag) => error.header("ETag", tag.to_string()),
                    None => error,
                })
            }
        }
    }
}
