//! [`Metrics`]: counters of requests, and their page for Prometheus.

use crate::connection::figures::FiguresSource;
use crate::handler::registry::MethodInfo;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{
    Declared, Handler, MethodSet, Reply, Request, Response, Result, Route, Sent, StatusCode, allow,
};
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// So many threads, the first that count anything, have counters that no other thread writes.
const OWN_SHARDS: usize = 8;

/// In so many places count all other threads, so that they seldom wait for each other.
const COMMON_SHARDS: usize = 8;

/// Classes of status codes, 1xx to 5xx; what is none of them counts as the last.
const CLASSES: usize = 5;

/// Upper bounds of the classes of durations, in microseconds, and their names in seconds.
const BOUNDS: [(u64, &str); 12] = [
    (100, "0.0001"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (10_000_000, "10"),
    (60_000_000, "60"),
];

/// A [`Layer`] that counts requests, and writes what it counted as text for Prometheus.
///
/// The labels are those of the handler's registry: the method, the pattern of the route and the class of the status.
/// What no route takes counts as `other`. So the number of series is known when the program is compiled, whatever
/// clients send. Clones count together: one is the layer, another one the page.
///
/// The page is a [`Reply`], for a method of the handler, and a handler, for an address of its own, where only the
/// monitor reaches it.
///
/// ```
/// use doget::{Metrics, MetricsPage, handler, testing};
///
/// struct Shop(Metrics);
///
/// #[handler]
/// impl Shop {
///     #[route("/items/{id}")]
///     fn do_GET_item(&self, id: u32) -> String {
///         format!("item {id}")
///     }
///
///     #[route("/metrics")]
///     fn do_GET_metrics(&self) -> MetricsPage {
///         self.0.page()
///     }
/// }
///
/// let metrics = Metrics::of::<Shop>();
/// let shop = doget::with(metrics.clone(), Shop(metrics));
/// testing::get("/items/1").send(&shop);
/// testing::get("/nothing/here").send(&shop);
/// let page = testing::get("/metrics").send(&shop);
/// assert!(page.text().contains(
///     "http_requests_total{method=\"GET\",route=\"/items/{id}\",code=\"2xx\"} 1\n"
/// ));
/// assert!(page.text().contains("http_requests_total{method=\"other\",route=\"\",code=\"4xx\"} 1\n"));
/// ```
#[derive(Clone)]
pub struct Metrics(Arc<Counters>);

struct Counters {
    methods: &'static [MethodInfo],
    shards: [Shard; OWN_SHARDS + COMMON_SHARDS],
    server: OnceLock<FiguresSource>,
}

/// Counters on cache lines of their own.
#[repr(align(64))]
struct Shard {
    /// For each entry of the registry, and for all else, the classes of status codes.
    requests: Box<[[AtomicU64; CLASSES]]>,
    durations: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
    bytes: AtomicU64,
}

impl Metrics {
    /// Counters for the methods and routes of a handler.
    #[must_use]
    pub fn of<H: Declared>() -> Self {
        let methods = H::METHODS;
        let shard = || Shard {
            requests: (0..=methods.len()).map(|_| zeros()).collect(),
            durations: zeros(),
            microseconds: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        };
        Self(Arc::new(Counters {
            methods,
            shards: std::array::from_fn(|_| shard()),
            server: OnceLock::new(),
        }))
    }

    /// What was counted, as a page.
    #[must_use]
    pub fn page(&self) -> MetricsPage {
        MetricsPage(self.clone())
    }

    /// The counters of this thread.
    fn shard(&self) -> ThreadShard<'_> {
        let (position, is_own) = shard_of_thread();
        let [first, ..] = &self.0.shards;
        match self.0.shards.get(position) {
            Some(shard) => ThreadShard { shard, is_own },
            None => ThreadShard {
                shard: first,
                is_own: false,
            },
        }
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let Counters {
            methods,
            shards,
            server,
        } = &*self.0;
        out.push_str("# HELP http_requests_total Requests that were answered.\n");
        out.push_str("# TYPE http_requests_total counter\n");
        for position in 0..=methods.len() {
            let (method, route) = methods.get(position).map_or(("other", ""), |info| {
                (info.method, info.route.unwrap_or("*"))
            });
            for class in 0..CLASSES {
                let count = |shard: &Shard| shard.requests.get(position)?.get(class).map(load);
                let count: u64 = shards.iter().filter_map(count).sum();
                if count > 0 {
                    writeln!(
                        out,
                        "http_requests_total{{method=\"{}\",route=\"{}\",code=\"{}xx\"}} {count}",
                        Label(method),
                        Label(route),
                        class + 1
                    )?;
                }
            }
        }
        self.write_durations(out)?;
        let bytes: u64 = shards.iter().map(|shard| load(&shard.bytes)).sum();
        out.push_str("# HELP http_response_body_bytes_total Bytes of bodies that were sent.\n");
        out.push_str("# TYPE http_response_body_bytes_total counter\n");
        writeln!(out, "http_response_body_bytes_total {bytes}")?;
        match server.get() {
            Some(source) => source.figures().write(out),
            None => Ok(()),
        }
    }

    fn write_durations(&self, out: &mut String) -> fmt::Result {
        let shards = &self.0.shards;
        out.push_str("# HELP http_handler_duration_seconds Time in handlers.\n");
        out.push_str("# TYPE http_handler_duration_seconds histogram\n");
        let mut total = 0;
        let names = BOUNDS.iter().map(|(_, name)| *name).chain(["+Inf"]);
        for (position, name) in names.enumerate() {
            let count = |shard: &Shard| shard.durations.get(position).map(load);
            total += shards.iter().filter_map(count).sum::<u64>();
            writeln!(
                out,
                "http_handler_duration_seconds_bucket{{le=\"{name}\"}} {total}"
            )?;
        }
        let sum: u64 = shards.iter().map(|shard| load(&shard.microseconds)).sum();
        let (seconds, rest) = (sum / 1_000_000, sum % 1_000_000);
        writeln!(out, "http_handler_duration_seconds_sum {seconds}.{rest:06}")?;
        writeln!(out, "http_handler_duration_seconds_count {total}")
    }

    fn count_time(&self, time: Duration) {
        let whole = time.as_secs().saturating_mul(1_000_000);
        let micros = whole.saturating_add(u64::from(time.subsec_micros()));
        let class = BOUNDS.partition_point(|(bound, _)| *bound < micros);
        let counters = self.shard();
        if let Some(count) = counters.shard.durations.get(class) {
            counters.add(count, 1);
        }
        counters.add(&counters.shard.microseconds, micros);
    }
}

impl Layer for Metrics {
    fn promise(&self, request: &Request<'_>, _: &mut Promised) {
        if self.0.server.get().is_none()
            && let Some(source) = request.server().figures_source()
        {
            let _ = self.0.server.set(source);
        }
    }

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        let began = Instant::now();
        let sent = next(request, response);
        self.count_time(began.elapsed());
        sent
    }

    fn sent(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let counters = self.shard();
        let requests = &counters.shard.requests;
        let last = requests.len().saturating_sub(1);
        let position = request.route_index().unwrap_or(last).min(last);
        let class = usize::from(code.as_u16() / 100).clamp(1, CLASSES) - 1;
        if let Some(count) = requests.get(position).and_then(|all| all.get(class)) {
            counters.add(count, 1);
        }
        counters.add(&counters.shard.bytes, size);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The page of [`Metrics`], in the text format of Prometheus: a [`Reply`], and a handler of its own.
///
/// ```no_run
/// use doget::{HttpServer, Metrics, handler};
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
/// let metrics = Metrics::of::<Shop>();
/// let _page = HttpServer::bind("127.0.0.1:9100")?.spawn(metrics.page())?;
/// HttpServer::bind("0.0.0.0:8000")?.serve_forever(doget::with(metrics, Shop))?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetricsPage(Metrics);

impl Reply for MetricsPage {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let mut page = String::new();
        // Writing to a string does not fail.
        let _ = self.0.write(&mut page);
        response
            .send_response(200)
            .send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            .send_header("Cache-Control", "no-store")
            .finish_with(page)
    }
}

const PAGE_METHODS: &[MethodInfo] = &[
    MethodInfo::new("GET", "page").doc("Sends what was counted."),
    MethodInfo::new("HEAD", "page").derived(),
];

#[diagnostic::do_not_recommend]
impl Declared for MetricsPage {
    const SETTINGS: &'static crate::Settings = &crate::Settings::new()
        .standard_head(true)
        .standard_log(true)
        .methods(PAGE_METHODS);
}

// Keeps it out of the error for a missing `#[handler]`.
#[diagnostic::do_not_recommend]
impl Handler for MetricsPage {
    fn settings(&self) -> &'static crate::Settings {
        Self::SETTINGS
    }

    fn route(&self, command: &str, _: &str) -> Route {
        match command {
            "GET" => Route::new(0),
            "HEAD" => Route::new(1),
            _ => Route::UNKNOWN,
        }
    }

    fn allowed(&self, _: &str, set: &mut MethodSet) {
        for info in PAGE_METHODS {
            set.insert(info.method);
        }
        set.set_routed();
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.method() {
            "GET" | "HEAD" => self.clone().reply(response),
            _ => allow::refuse(self, request),
        }
    }
}

/// The value of a label: backslashes, quotes and line ends are escaped.
struct Label<'t>(&'t str);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\\' | '"' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

fn load(count: &AtomicU64) -> u64 {
    count.load(Relaxed)
}

fn zeros<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

/// The counters that a thread adds to.
#[derive(Clone, Copy)]
struct ThreadShard<'m> {
    shard: &'m Shard,
    /// No other thread writes them: so nothing is lost between reading and writing one, and no processor has to be
    /// kept out meanwhile.
    is_own: bool,
}

impl ThreadShard<'_> {
    fn add(self, count: &AtomicU64, more: u64) {
        if self.is_own {
            count.store(count.load(Relaxed).wrapping_add(more), Relaxed);
        } else {
            count.fetch_add(more, Relaxed);
        }
    }
}

/// Where this thread counts, and whether it is the only one there: a number is given once, so what a thread that has
/// ended counted stays.
fn shard_of_thread() -> (usize, bool) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Relaxed);
    }
    match NUMBER.with(|number| *number) {
        own @ ..OWN_SHARDS => (own, true),
        number => (OWN_SHARDS + number % COMMON_SHARDS, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More threads than there are counters of their own, all at the same time.
    #[test]
    fn no_count_is_lost_between_threads() {
        let metrics = Metrics::of::<MetricsPage>();
        std::thread::scope(|scope| {
            for _ in 0..2 * (OWN_SHARDS + COMMON_SHARDS) {
                scope
                    .spawn(|| (0..1000).for_each(|_| metrics.count_time(Duration::from_micros(3))));
            }
        });
        let mut page = String::new();
        assert!(metrics.write(&mut page).is_ok());
        assert!(
            page.contains("http_handler_duration_seconds_count 32000\n"),
            "{page}"
        );
        assert!(
            page.contains("http_handler_duration_seconds_sum 0.096000\n"),
            "{page}"
        );
    }
}
