//! [`ByHost`]: several sites behind one server, by the host that the client asks for.

use crate::handler::gate::Gate;
use crate::handler::registry::MethodSet;
use crate::handler::settings::Settings;
use crate::handler::{Handler, Route, hooks};
use crate::response::promised::Promised;
use crate::semantics::host::{plain, without_port};
use crate::{Error, Request, Response, Result, Sent, StatusCode};
use std::borrow::Cow;
use std::fmt;

type Site = Box<dyn Handler + Send + Sync>;

/// Handlers by the host that the client asks for ([`Request::host`](crate::Request::host): that of an absolute target,
/// else that of `Host`, or what a trusted proxy says).
///
/// | asked for | answered by |
/// | --- | --- |
/// | a name that was given | its handler |
/// | a name with one label before what a pattern has: `a.example.net` for `*.example.net` | the pattern's handler |
/// | another name, or none | the handler of [`otherwise`](Self::otherwise), else 421 Misdirected Request |
///
/// Ports do not count, nor does case, nor a dot at the end. A name goes before a pattern.
///
/// Each handler is a site of its own: its gates, layers, hooks, error pages and lines of the log are as if it stood
/// alone. What is decided before a host is known, for all connections alike, is this handler's: `PROTOCOL_VERSION` and
/// `PARSING` have their defaults. A route is asked for without the host, so one that blocks for one site does for all
/// of them, and [`Request::route_index`](crate::Request::route_index) is `None`.
///
/// ```
/// use doget::{ByHost, handler, testing};
///
/// struct Shop;
///
/// #[handler]
/// impl Shop {
///     fn do_GET(&self) -> &'static str {
///         "shop"
///     }
/// }
///
/// struct Pages;
///
/// #[handler]
/// impl Pages {
///     fn do_GET(&self) -> &'static str {
///         "pages"
///     }
/// }
///
/// let sites = ByHost::new()
///     .host("shop.example", Shop)
///     .host("*.pages.example", Pages);
/// let ask = |host: &str| testing::get("/").header("Host", host).send(&sites);
/// assert_eq!(ask("Shop.Example:8000").text(), "shop");
/// assert_eq!(ask("ada.pages.example").text(), "pages");
/// assert_eq!(ask("pages.example").status(), 421);
/// ```
#[derive(Default)]
pub struct ByHost {
    sites: Vec<Site>,
    /// Names in lower case, and which of the sites each leads to.
    names: Vec<(String, usize)>,
    /// What names end in, from the dot on.
    patterns: Vec<(String, usize)>,
    otherwise: Option<usize>,
}

impl ByHost {
    /// No site: every request is answered with 421.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This handler answers for this host: a name or an address, an IPv6 address in brackets or without; or every name
    /// with one label in place of the asterisk of `*.example.net`. The first that was given for a host stands.
    #[must_use]
    pub fn host(self, host: &str, handler: impl Handler + Send + Sync + 'static) -> Self {
        self.hosts([host], handler)
    }

    /// This handler answers for all these hosts.
    #[must_use]
    pub fn hosts<'n>(
        mut self,
        hosts: impl IntoIterator<Item = &'n str>,
        handler: impl Handler + Send + Sync + 'static,
    ) -> Self {
        let site = self.add(handler);
        for host in hosts {
            let host = plain(host).to_ascii_lowercase();
            match host.strip_prefix('*') {
                Some(ending) => self.patterns.push((ending.to_owned(), site)),
                None => self.names.push((host, site)),
            }
        }
        self
    }

    /// This handler answers for all other hosts, and where the client names none.
    #[must_use]
    pub fn otherwise(mut self, handler: impl Handler + Send + Sync + 'static) -> Self {
        self.otherwise = Some(self.add(handler));
        self
    }

    fn add(&mut self, handler: impl Handler + Send + Sync + 'static) -> usize {
        self.sites.push(Box::new(handler));
        self.sites.len() - 1
    }

    fn site(&self, request: &Request<'_>) -> Option<&Site> {
        let host = request.host().filter(|host| !host.is_empty());
        let named = host.and_then(|host| self.named(without_port(&host)));
        self.sites.get(named.or(self.otherwise)?)
    }

    fn named(&self, host: &str) -> Option<usize> {
        let name = self.names.iter().find(|(name, _)| name == host);
        let pattern = || {
            let (_, ending) = host.split_at(host.find('.').filter(|&length| length > 0)?);
            self.patterns.iter().find(|(known, _)| known == ending)
        };
        name.or_else(pattern).map(|(_, site)| *site)
    }
}

impl fmt::Debug for ByHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByHost")
            .field("names", &self.names)
            .field("patterns", &self.patterns)
            .finish_non_exhaustive()
    }
}

// Keeps this implementation out of the error for a missing `#[handler]`.
#[diagnostic::do_not_recommend]
impl Handler for ByHost {
    fn settings(&self) -> &'static Settings {
        const { &Settings::new().standard_head(true) }
    }

    /// Of the handlers that have a method for it, what holds for all of them: it blocks if it does for one, and of the
    /// body as much is collected as by each.
    fn route(&self, command: &str, path: &str) -> Route {
        let routes = self.sites.iter().map(|site| site.route(command, path));
        let blocking = routes.clone().any(|route| route.blocking);
        let known = routes.filter(|route| route.index != Route::UNKNOWN.index);
        let collect = known.map(|route| route.collect).min().unwrap_or(0);
        Route::UNKNOWN.blocking(blocking).collect(collect)
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match self.site(request) {
            Some(site) => {
                response.with_hooks_of(&**site, |response| site.dispatch(request, response))
            }
            None => {
                let host = request.host().unwrap_or_default();
                let host = without_port(&host);
                Err(Error::new(StatusCode::MISDIRECTED_REQUEST)
                    .explain(format!("This server does not answer to the name {host}")))
            }
        }
    }

    fn allowed(&self, path: &str, set: &mut MethodSet) {
        for site in &self.sites {
            site.allowed(path, set);
        }
    }

    fn is_gated(&self) -> bool {
        self.sites.iter().any(|site| site.is_gated())
    }

    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        if let Some(site) = self.site(request).filter(|site| site.is_gated()) {
            site.promise(request, promised);
        }
    }

    fn gate<'h>(&'h self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'h>> {
        match self.site(request).filter(|site| site.is_gated()) {
            Some(site) => site.gate(request, promised),
            None => Ok(Gate::Pass),
        }
    }

    fn address_string<'r>(&self, request: &'r Request<'_>) -> Cow<'r, str> {
        match self.site(request) {
            Some(site) => site.address_string(request),
            None => hooks::address_string(request),
        }
    }

    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        match self.site(request) {
            Some(site) => site.handle_expect_100(request),
            None => hooks::handle_expect_100(request),
        }
    }

    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        match self.site(request) {
            Some(site) => response.with_hooks_of(&**site, |response| {
                site.send_error(request, response, error)
            }),
            None => hooks::send_error(self, request, response, error),
        }
    }

    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        self.site(request)
            .is_none_or(|site| site.is_logged(request, code))
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        match self.site(request) {
            Some(site) => site.log_request(request, code, size),
            None => hooks::log_request(self, request, code, size),
        }
    }

    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        match self.site(request) {
            Some(site) => site.log_error(request, args),
            None => hooks::log_error(self, request, args),
        }
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        match self.site(request) {
            Some(site) => site.log_message(request, args),
            None => hooks::log_message(self, request, args),
        }
    }
}
