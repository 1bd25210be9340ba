//! [`Health`]: the paths that tell a balancer whether the server lives, and whether it wants requests.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Request, Response, Result, Sent, ShutdownStage, StatusCode};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A [`Layer`] that answers the probes of balancers and orchestrators, by two paths of one's own choice.
///
/// - The live path is 200 as long as the server answers at all.
/// - The ready path is 200 while the server wants requests, and 503 once it leaves
///   ([`Shutdown::leave`](crate::Shutdown::leave)) or ends, or while
///   [`Readiness::set`] says no.
///
/// Put it outermost: then probes are answered before hosts are looked at (they name the server by its address), before
/// authentication and before limits. It answers on the event loop, so probes are answered while every thread is busy.
/// The answers say nothing of the program, and they are not logged.
///
/// ```
/// use doget::{AllowHosts, Health, handler, testing};
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
/// let health = Health::new("/livez", "/readyz");
/// let readiness = health.readiness();
/// let shop = doget::with((health, AllowHosts::new(["shop.example"])), Shop);
/// assert_eq!(testing::get("/readyz").header("Host", "10.0.0.7").send(&shop).status(), 200);
/// readiness.set(false); // the database is gone
/// assert_eq!(testing::get("/readyz").send(&shop).status(), 503);
/// assert_eq!(testing::get("/livez").send(&shop).status(), 200);
/// ```
#[derive(Clone, Debug)]
pub struct Health {
    live: Cow<'static, str>,
    ready: Cow<'static, str>,
    readiness: Readiness,
    logged: bool,
}

/// Says whether a server wants requests: what [`Health`] tells at its ready path. Clones speak for the same server.
///
/// Checks of databases and the like belong to a thread of the program's own, which calls this; a probe never waits.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Whether the server wants requests, from now on.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }

    /// What was said last; true in the beginning.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Health {
    /// The live path and the ready path, as they are sent: `/livez`, `/readyz`.
    #[must_use]
    pub fn new(live: impl Into<Cow<'static, str>>, ready: impl Into<Cow<'static, str>>) -> Self {
        Self {
            live: live.into(),
            ready: ready.into(),
            readiness: Readiness(Arc::new(AtomicBool::new(true))),
            logged: false,
        }
    }

    /// Probes are logged like all requests.
    #[must_use]
    pub fn logged(mut self) -> Self {
        self.logged = true;
        self
    }

    /// What the program says of its readiness.
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    fn is_probe(&self, request: &Request<'_>) -> bool {
        matches!(request.method(), "GET" | "HEAD")
            && (request.path() == self.live || request.path() == self.ready)
    }
}

fn answer(response: Response<'_>, is_good: bool) -> Result<Sent> {
    let (status, text) = match is_good {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    };
    response
        .send_response(status)
        .send_header("Content-Type", "text/plain")
        .send_header("Cache-Control", "no-store")
        .finish_with(text)
}

impl Layer for Health {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        if !self.is_probe(request) {
            return Ok(Gate::Pass);
        }
        let is_good = request.path() == self.live
            || (self.readiness.get()
                && request.server().shutdown().stage() == ShutdownStage::Serving);
        Ok(Gate::answer(move |response| answer(response, is_good)))
    }

    fn is_logged(&self, request: &Request<'_>, _: StatusCode) -> bool {
        self.logged || !self.is_probe(request)
    }
}
