//! [`ServerFigures`]: what a server says of itself.

use std::fmt::{self, Write};
use std::sync::Arc;

/// How much a server has in hand: see [`ServerInfo::figures`](crate::ServerInfo::figures).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerFigures {
    /// Connections, those about to be accepted included.
    pub connections: usize,
    /// Threads, idle ones included.
    pub threads: usize,
    /// Threads of the reserve that took a loop over from a handler that blocks, and are in use.
    pub takeovers: usize,
    /// Requests that wait for a thread.
    pub waiting: usize,
    /// Requests that got 503 since there was no thread for them, since the start.
    pub refused: u64,
    /// Bytes of request bodies that are held in memory before their handlers run.
    pub held_bytes: usize,
}

impl ServerFigures {
    /// As lines for Prometheus.
    pub(crate) fn write(&self, out: &mut String) -> fmt::Result {
        for (name, help, value) in [
            ("connections", "Open connections.", self.connections),
            ("threads", "Threads, idle ones included.", self.threads),
            (
                "takeovers",
                "Threads that took a loop over from a handler that blocks.",
                self.takeovers,
            ),
            (
                "queued_requests",
                "Requests that wait for a thread.",
                self.waiting,
            ),
            (
                "held_body_bytes",
                "Bytes of request bodies in memory.",
                self.held_bytes,
            ),
        ] {
            writeln!(out, "# HELP doget_{name} {help}\n# TYPE doget_{name} gauge")?;
            writeln!(out, "doget_{name} {value}")?;
        }
        out.push_str(
            "# HELP doget_refused_requests_total Requests refused for want of a thread.\n",
        );
        out.push_str("# TYPE doget_refused_requests_total counter\n");
        writeln!(out, "doget_refused_requests_total {}", self.refused)
    }
}

/// Where the figures of one server come from, also when no request of it is at hand.
#[derive(Clone)]
pub(crate) struct FiguresSource(Arc<dyn Fn() -> ServerFigures + Send + Sync>);

impl FiguresSource {
    pub(crate) fn new(ask: impl Fn() -> ServerFigures + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(crate) fn figures(&self) -> ServerFigures {
        (self.0)()
    }
}

impl fmt::Debug for FiguresSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.figures().fmt(f)
    }
}
