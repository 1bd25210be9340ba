//! [`SecurityHeaders`]: what tells browsers to keep pages apart.

use crate::layers::Layer;
use crate::response::encoded_fields::EncodedFields;
use crate::response::promised::Promised;
use crate::{Request, Result};
use std::time::Duration;

/// What is sent on both schemes.
const STRICT: [(&str, &str); 6] = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    // Not `no-referrer`: forms would come from nowhere then (`Origin: null`), and `SameOrigin` refuses those.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
];

const TRANSPORT: &str = "Strict-Transport-Security";

/// A [`Layer`] that sends the headers by which browsers keep pages of different sites apart, on every answer, error
/// pages included. A header that the answer has itself wins.
///
/// `Strict-Transport-Security` is sent over HTTPS alone (RFC 6797 section 7.2).
///
/// ```
/// use doget::{SecurityHeaders, handler, testing};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// let headers = SecurityHeaders::strict().csp("default-src 'self'; img-src *")?;
/// let site = doget::with(headers, Hello);
/// let answer = testing::get("/").send(&site);
/// assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
/// assert_eq!(answer.header("Content-Security-Policy"), Some("default-src 'self'; img-src *"));
/// # Ok::<(), doget::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    over_http: EncodedFields,
    over_https: EncodedFields,
}

impl SecurityHeaders {
    /// The strictest that a site can be which loads nothing from others: `nosniff`, no frames, no referrer for others,
    /// own opener and resource policies, a content security policy of `'self'`, and HTTPS for a year.
    #[must_use]
    pub fn strict() -> Self {
        let mut all = Self::none();
        for (name, value) in STRICT {
            all = all.put(name, value);
        }
        all.hsts(Duration::from_secs(365 * 24 * 60 * 60))
    }

    /// Nothing, to begin with.
    #[must_use]
    pub fn none() -> Self {
        Self {
            over_http: EncodedFields::default(),
            over_https: EncodedFields::default(),
        }
    }

    /// The `Content-Security-Policy`.
    ///
    /// # Errors
    ///
    /// A policy with a line end or another control.
    pub fn csp(self, policy: &str) -> Result<Self> {
        self.header("Content-Security-Policy", policy)
    }

    /// Sets a header, in place of one of that name.
    ///
    /// # Errors
    ///
    /// A name that is no token, a value with a control, and headers that frame a message.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        EncodedFields::default().add(name, value)?;
        self = self.without(name).put(name, value);
        Ok(self)
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.over_http.remove(name);
        self.over_https.remove(name);
        self
    }

    /// For how long browsers are to use HTTPS alone for this host (RFC 6797). Zero takes back what was said before.
    #[must_use]
    pub fn hsts(mut self, time: Duration) -> Self {
        self.over_https.remove(TRANSPORT);
        let value = format!("max-age={}", time.as_secs());
        // A number is a valid value.
        let _ = self.over_https.add(TRANSPORT, &value);
        self
    }

    /// A header that was checked.
    fn put(mut self, name: &str, value: &str) -> Self {
        for fields in [&mut self.over_http, &mut self.over_https] {
            let _ = fields.add(name, value);
        }
        self
    }
}

impl Layer for SecurityHeaders {
    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        promised.encoded(match request.scheme() {
            "https" => &self.over_https,
            _ => &self.over_http,
        });
    }
}
