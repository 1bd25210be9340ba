//! [`RequestId`]: a name for each request, and the trace that it belongs to.

use crate::Request;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::semantics::field_value::FieldValueError;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

const NAME: &str = "X-Request-Id";

/// A [`Layer`] that gives each request an id, which [`Request::id`] tells and `X-Request-Id` of every answer shows.
///
/// The id is made anew, of 32 hexadecimal digits: what a client sends is not believed. With [`accept`](Self::accept) a
/// proxy that the server trusts ([`HttpServer::trust`](crate::HttpServer::trust)) can name its requests. Ids are
/// unlikely to repeat; they are no secrets.
///
/// ```
/// use doget::{Networks, Request, RequestId, Trust, handler, testing};
///
/// struct Echo;
///
/// #[handler]
/// impl Echo {
///     fn do_GET(&self, request: &Request<'_>) -> String {
///         request.id().unwrap_or_default().to_owned()
///     }
/// }
///
/// let echo = doget::with(RequestId::new().accept(), Echo);
/// let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: a-1\r\n\r\n";
/// let exchange = testing::Exchange::new();
/// assert!(!exchange.run(&echo, bytes).bytes.ends_with(b"\r\n\r\na-1"));
/// let exchange = exchange.trust(Trust::x_forwarded(Networks::new(["127.0.0.1"])?));
/// assert!(exchange.run(&echo, bytes).bytes.ends_with(b"\r\n\r\na-1"));
/// # Ok::<(), doget::NetworkError>(())
/// ```
///
/// The lines of [`LogFormat`](crate::LogFormat) are those that log tools know, without the id. A hook writes it:
/// `log_error` before an error and each of its causes, as here, or `log_message` before every line, where errors have
/// no log of their own.
///
/// ```
/// use doget::{Request, RequestId, handler, hooks, testing};
/// use std::fmt;
///
/// struct Shop;
///
/// #[handler]
/// impl Shop {
///     fn do_GET(&self) -> doget::Result<String> {
///         Err(doget::Error::internal("the database is gone"))
///     }
///
///     fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
///         hooks::log_error(self, request, format_args!("{} {args}", request.id().unwrap_or("-")));
///     }
/// }
///
/// let answer = testing::get("/").send(&doget::with(RequestId::new(), Shop));
/// let id = answer.header("X-Request-Id").unwrap();
/// assert!(answer.errors().contains(&format!("{id} caused by: the database is gone")));
/// ```
#[derive(Debug)]
pub struct RequestId {
    accepts: bool,
    key: [RandomState; 2],
    count: AtomicU64,
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestId {
    /// Ids are made for all requests.
    #[must_use]
    pub fn new() -> Self {
        Self {
            accepts: false,
            key: [RandomState::new(), RandomState::new()],
            count: AtomicU64::new(0),
        }
    }

    /// Takes the id of a request that has one and comes from a proxy that the server trusts
    /// ([`HttpServer::trust`](crate::HttpServer::trust)): its `X-Request-Id`, of 1 to 64 letters, digits, `.`, `_` and
    /// `-`, or else the trace of its `traceparent`. Where there are several of a field, it is not known whose they are,
    /// and none counts.
    ///
    /// The proxy has to set or remove both fields: else it passes on what its clients sent, and they choose the ids by
    /// which their requests are looked for. So trust alone does not do it. Without a
    /// [`Trust`](crate::Trust) this changes nothing.
    #[must_use]
    pub fn accept(mut self) -> Self {
        self.accepts = true;
        self
    }

    fn fresh(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let [high, low] = &self.key;
        format!("{:016x}{:016x}", high.hash_one(count), low.hash_one(count))
    }
}

fn sent(request: &Request<'_>) -> Option<String> {
    let is_good = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    if let Some(id) = the_one(request, NAME).filter(is_good) {
        return Some(id.to_owned());
    }
    TraceParent::of(request).map(|parent| parent.trace_id)
}

/// The field of this name, of a request of a trusted peer that has one and no second.
fn the_one<'c>(request: &Request<'c>, name: &str) -> Option<&'c str> {
    let mut all = request.headers().get_all(name);
    match (all.next(), all.next()) {
        (one, None) if request.is_of_trusted_peer() => one,
        _ => None,
    }
}

impl Layer for RequestId {
    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        let id = match self.accepts {
            true => sent(request),
            false => None,
        };
        let id = id.unwrap_or_else(|| self.fresh());
        promised.header(NAME, &id);
        promised.set_id(id);
    }
}

/// The trace that a request belongs to, as `traceparent` says (W3C Trace Context, version 00).
///
/// Anybody can send that field: [`of`](Self::of) reads what a trusted proxy says, and [`parse`](Self::parse) any text.
///
/// ```
/// use doget::TraceParent;
///
/// let parent = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
/// assert_eq!(parent.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert!(parent.is_sampled());
/// assert_eq!(TraceParent::parse("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: String,
    parent_id: String,
    flags: u8,
}

impl TraceParent {
    /// Of a request, if that has one such field and no second, and comes from a proxy that the server trusts
    /// ([`HttpServer::trust`](crate::HttpServer::trust)). The proxy has to set or remove the field.
    pub fn of(request: &Request<'_>) -> Option<Self> {
        Self::parse(the_one(request, "traceparent")?)
    }

    /// Of the value of the field: 55 characters in lower case, and no id of zeros alone.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let is_hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_id =
            |text: &str, length: usize| is_hex(text, length) && text.bytes().any(|b| b != b'0');
        let ["00", trace_id, parent_id, flags] = parts[..] else {
            return None;
        };
        if !is_id(trace_id, 32) || !is_id(parent_id, 16) || !is_hex(flags, 2) {
            return None;
        }
        Some(Self {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            flags: u8::from_str_radix(flags, 16).ok()?,
        })
    }

    /// The trace: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// The span of whoever asked: 16 hexadecimal digits.
    #[must_use]
    pub fn parent_id(&self) -> &str {
        &self.parent_id
    }

    /// Whether whoever asked records the trace.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 != 0
    }
}

/// By [`TraceParent::parse`].
impl FromStr for TraceParent {
    type Err = FieldValueError;

    fn from_str(text: &str) -> std::result::Result<Self, FieldValueError> {
        Self::parse(text).ok_or(FieldValueError::new("traceparent of version 00"))
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{}-{}-{:02x}",
            self.trace_id, self.parent_id, self.flags
        )
    }
}
