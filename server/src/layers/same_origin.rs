//! [`SameOrigin`]: no page of another site makes a browser change something here.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::layers::origin::{authority, normal};
use crate::response::promised::Promised;
use crate::{Error, Request, Result};

/// A [`Layer`] against cross-site request forgery without tokens: it refuses, with 403, what a browser says that a page
/// of another site has asked for. It looks at `Sec-Fetch-Site`, and of browsers that do not send it at `Origin`.
///
/// `GET`, `HEAD` and `OPTIONS` pass: they have to change nothing. What is no browser sends neither header, and passes:
/// it has no user's cookies that somebody else could make use of. A request is let in from `same-origin` alone, so a
/// page of `a.example.org` is foreign to `b.example.org`.
///
/// Over plain HTTP browsers send `Origin` alone to all hosts but their own machine, and `Origin: null` from a page with
/// `Referrer-Policy: no-referrer`: its forms are refused. `same-origin` tells other sites as little.
///
/// The host that `Origin` is compared with is [`Request::host`]. Behind a proxy that changes `Host`, and that is not
/// believed in that, browsers without `Sec-Fetch-Site` (before 2023) are refused; [`trust`](Self::trust) lets the outer
/// origin in.
///
/// ```
/// use doget::{SameOrigin, handler, testing};
///
/// struct Bank;
///
/// #[handler]
/// impl Bank {
///     fn do_POST(&self) -> &'static str {
///         "paid"
///     }
/// }
///
/// let bank = doget::with(SameOrigin::new(), Bank);
/// let pay = || testing::post("/").body("");
/// assert_eq!(pay().header("Sec-Fetch-Site", "same-origin").send(&bank).text(), "paid");
/// assert_eq!(pay().header("Sec-Fetch-Site", "cross-site").send(&bank).status(), 403);
/// assert_eq!(pay().header("Origin", "https://evil.example").send(&bank).status(), 403);
/// ```
#[derive(Clone, Debug, Default)]
pub struct SameOrigin {
    trusted: Vec<String>,
}

impl SameOrigin {
    /// No other origin is let in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Pages of this origin may post here too: `https://sso.example`.
    ///
    /// # Errors
    ///
    /// A text that no browser sends as an origin.
    pub fn trust(mut self, origin: &str) -> Result<Self> {
        let normal = normal(origin).ok_or_else(|| {
            Error::internal(format!(
                "{origin:?} is no origin: write scheme://host or scheme://host:port"
            ))
        })?;
        self.trusted.push(normal);
        Ok(self)
    }

    fn is_own(&self, request: &Request<'_>) -> bool {
        let fields = request.headers();
        let one = |name| {
            let mut all = fields.get_all_bytes(name);
            (all.next(), all.next())
        };
        let ((site, second_site), (origin, second_origin)) = (one("Sec-Fetch-Site"), one("Origin"));
        // No browser sends two.
        if second_site.is_some() || second_origin.is_some() {
            return false;
        }
        let is_trusted =
            |origin: &[u8]| self.trusted.iter().any(|known| known.as_bytes() == origin);
        if origin.is_some_and(is_trusted) {
            return true;
        }
        match (site, origin) {
            (Some(site), _) => site == b"same-origin" || site == b"none",
            (None, None) => true,
            (None, Some(origin)) => std::str::from_utf8(origin)
                .ok()
                .and_then(normal)
                .is_some_and(|origin| is_here(&origin, request)),
        }
    }
}

/// Whether the client asked for the host and port of this origin.
fn is_here(origin: &str, request: &Request<'_>) -> bool {
    let scheme = origin.split("://").next().unwrap_or_default();
    let here = format!("{scheme}://{}", request.host().unwrap_or_default());
    normal(&here).is_some_and(|here| authority(&here) == authority(origin))
}

impl Layer for SameOrigin {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        if matches!(request.method(), "GET" | "HEAD" | "OPTIONS") || self.is_own(request) {
            return Ok(Gate::Pass);
        }
        Err(Error::forbidden().explain("a page of another site has asked for this"))
    }

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        api.every_operation(|operation| {
            if !matches!(operation.method(), "GET" | "HEAD" | "OPTIONS") {
                operation.fault(403, "A page of another site has asked for this.");
            }
        });
    }
}
