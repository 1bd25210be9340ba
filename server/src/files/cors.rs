//! Which pages of other sites may read the files (the Fetch standard, section 3.2).
//!
//! Credentials are never allowed: what is served does not depend on them.

use crate::layers::origin::normal;
use crate::{Error, Request, ResponseHead};

/// What a page may look at beside the headers that it always may.
const EXPOSED: &str = "Accept-Ranges, Content-Encoding, Content-Range, ETag";

/// What a page may send beside the headers that it always may.
const ALLOWED: &str = "Cache-Control, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, \
                       If-Unmodified-Since, Range, X-Requested-With";

/// How long a browser may keep the answer to a preflight, in seconds.
const KEPT: &str = "3600";

/// The origins whose pages may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cors {
    /// None beside the own one: nothing is said.
    #[default]
    Off,
    Any,
    Listed(Vec<String>),
}

impl Cors {
    /// One more origin; `*` is all. False if it is none.
    pub(crate) fn allow(&mut self, origin: &str) -> bool {
        if origin == "*" {
            *self = Self::Any;
            return true;
        }
        let Some(origin) = normal(origin) else {
            return false;
        };
        match self {
            Self::Off => *self = Self::Listed(vec![origin]),
            Self::Any => {}
            Self::Listed(origins) => origins.push(origin),
        }
        true
    }

    /// What the page that this request comes from is told.
    pub(crate) fn grant(&self, request: &Request<'_>) -> Grant<'_> {
        match self {
            Self::Off => Grant {
                origin: None,
                varies: false,
            },
            Self::Any => Grant {
                origin: Some("*"),
                varies: false,
            },
            Self::Listed(origins) => {
                let asking = request.headers().get("Origin");
                let known = asking.and_then(|asking| origins.iter().find(|known| *known == asking));
                Grant {
                    origin: known.map(String::as_str),
                    varies: true,
                }
            }
        }
    }
}

/// The fields of one response that say which origins may read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant<'h> {
    origin: Option<&'h str>,
    /// Another origin gets another answer.
    varies: bool,
}

impl<'h> Grant<'h> {
    /// Whether the page may read anything at all.
    pub(crate) fn is_given(self) -> bool {
        self.origin.is_some()
    }

    /// The header fields of an answer.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'static str, &'h str)> {
        let given = self.origin.into_iter().flat_map(|origin| {
            [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Expose-Headers", EXPOSED),
            ]
        });
        given.chain(self.varies.then_some(("Vary", "Origin")))
    }

    /// The same for an error page.
    pub(crate) fn on_error(self, error: Error) -> Error {
        self.fields().fold(error, |error, (name, value)| {
            error.header(name, value.to_owned())
        })
    }

    /// The answer to a preflight: what may be asked, and for how long that holds.
    pub(crate) fn preflight<'c>(self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        let headers = headers
            .send_header_if("Access-Control-Allow-Origin", self.origin)
            .send_header("Access-Control-Allow-Methods", "GET, HEAD")
            .send_header("Access-Control-Allow-Headers", ALLOWED)
            .send_header("Access-Control-Max-Age", KEPT);
        headers.send_header_if("Vary", self.varies.then_some("Origin"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for origin in [
            "https://example.org",
            "http://localhost:3000",
            "http://[::1]:8000",
            "HTTPS://Example.org",
            "moz-extension://5b2f",
        ] {
            assert!(Cors::default().allow(origin), "{origin}");
        }
        for other in [
            "",
            "null",
            "example.org",
            "https://",
            "https://example.org/",
            "https://example.org/a",
            "https://u@example.org",
            "https://*.example.org",
            "https://a, https://b",
            "https://a\r\nb",
            "https://exa\u{3bc}ple.org",
        ] {
            assert!(!Cors::default().allow(other), "{other}");
        }
    }

    #[test]
    fn all_is_more_than_some() {
        let mut cors = Cors::default();
        assert!(cors.allow("HTTP://A") && cors.allow("http://b"));
        assert_eq!(
            cors,
            Cors::Listed(vec!["http://a".to_owned(), "http://b".to_owned()])
        );
        assert!(cors.allow("*") && cors.allow("http://c"));
        assert_eq!(cors, Cors::Any);
    }
}
