//! What all requests of a service have in common.

use crate::connection::server_info::{ServerInfo, Shutdown};
use crate::connection::transport::Transport;
use crate::exchange::{Advance, Driver, ExchangeContext, Exchanges, RunDecision, Written};
use crate::handler::Route;
use crate::request::ConnectionInfo;
use crate::response::writer::ResponseWriter;
use crate::tower::ending::Ending;
use crate::tower::scratch::Scratch;
use crate::tower::workers::Workers;
use crate::{Handler, Limits, Log, LogFormat, Peer};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::SystemTime;

/// Where handlers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    Pool,
    Inline,
    /// Marked ones on the pool, others inline.
    ByMark,
}

type FindPeer = Box<dyn Fn(&http::request::Parts) -> Peer + Send + Sync>;

/// See the module.
pub(super) struct Shared {
    handler: Box<dyn Handler + Send + Sync>,
    pub(super) limits: Limits,
    pub(super) site: ServerInfo,
    pub(super) placement: Placement,
    pub(super) peer: FindPeer,
    pub(super) is_tls: bool,
    pub(super) max_inline_response: usize,
    pub(super) workers: Workers,
    pub(super) ending: Ending,
    /// Bytes of bodies that are held for handlers that do not run yet.
    pub(super) collected: AtomicUsize,
    said_interim: AtomicBool,
    said_trailers: AtomicBool,
}

impl Shared {
    pub(super) fn new(handler: Box<dyn Handler + Send + Sync>) -> Self {
        let limits = Limits::default();
        let shutdown = Shutdown::default();
        Self {
            handler,
            workers: Workers::new(&limits),
            limits,
            ending: Ending::new(&shutdown),
            site: ServerInfo {
                // The connection is not ours: there is none to become live.
                #[cfg(feature = "live")]
                live: crate::live::places::LivePlaces::none(),
                name: "localhost".to_owned(),
                port: 0,
                log: Log::stderr(),
                error_log: Log::stderr(),
                format: LogFormat::default(),
                shutdown,
                trust: None,
                figures: std::sync::OnceLock::new(),
            },
            placement: Placement::Pool,
            peer: Box::new(|_| Peer::UNKNOWN),
            is_tls: false,
            max_inline_response: 1 << 20,
            collected: AtomicUsize::new(0),
            said_interim: AtomicBool::new(false),
            said_trailers: AtomicBool::new(false),
        }
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.workers = Workers::new(&limits);
        self.limits = limits;
        self.set_placement(self.placement);
    }

    pub(super) fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
        if placement != Placement::Pool {
            // Nobody may wait for the rest of a body there, so all of it is collected that may be.
            let most = self.limits.max_collected_body_size;
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            self.limits.body_buffer_size = self.limits.body_buffer_size.max(most);
        }
    }

    /// What an exchange has to know, for a client and a connection.
    pub(super) fn context<'s>(
        &'s self,
        peer: &'s Peer,
        transport: &'s dyn Transport,
    ) -> ExchangeContext<'s> {
        let settings = self.handler.settings();
        let held = self.collected.load(Ordering::Relaxed);
        ExchangeContext {
            handler: &*self.handler,
            settings,
            speaks_http11: settings.is_modern(),
            gated: self.handler.is_gated(),
            connection: ConnectionInfo {
                peer,
                site: &self.site,
                limits: &self.limits,
                is_tls: self.is_tls,
            },
            transport,
            framed_below: true,
            collect: self.placement != Placement::Pool || held < self.limits.total_body_buffer_size,
            draining: self.site.shutdown.has_begun(),
            now: SystemTime::now(),
        }
    }

    /// Lets an exchange go on with what has come of its request.
    pub(super) fn advance(
        &self,
        exchanges: &mut Exchanges,
        input: Input<'_>,
        scratch: &mut Scratch,
        transport: &dyn Transport,
        decide: Decide,
    ) -> Advance {
        exchanges.advance(
            &self.context(input.peer, transport),
            &mut scratch.head,
            input.bytes,
            input.ended,
            &mut scratch.writer,
            &mut Caller(decide),
        )
    }

    /// Says, once, that the handler sends what cannot be carried.
    pub(super) fn say_interim(&self) {
        if !self.said_interim.swap(true, Ordering::Relaxed) {
            self.site.error_log.line(format_args!(
                "doget::tower: an interim response (1xx) was dropped, as all are: the engine below takes none"
            ));
        }
    }

    /// The same of what a client sent.
    pub(super) fn say_trailers(&self) {
        if !self.said_trailers.swap(true, Ordering::Relaxed) {
            self.site.error_log.line(format_args!(
                "doget::tower: the trailers of a request were dropped, as all are: a handler sees none"
            ));
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.ending.over();
    }
}

/// What has come of a request.
#[derive(Clone, Copy)]
pub(super) struct Input<'i> {
    pub(super) bytes: &'i [u8],
    pub(super) ended: bool,
    pub(super) peer: &'i Peer,
}

/// Whether a handler may run here and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decide {
    Run,
    Offload,
    /// Those that are not marked as blocking.
    ByMark,
    Refuse,
}

struct Caller(Decide);

impl Driver for Caller {
    fn decide(&mut self, route: &Route, _command: &str, _path: &str) -> RunDecision {
        match self.0 {
            Decide::Run => RunDecision::Run,
            Decide::Offload => RunDecision::Offload,
            Decide::ByMark if route.blocking => RunDecision::Offload,
            Decide::ByMark => RunDecision::Run,
            Decide::Refuse => RunDecision::Refuse,
        }
    }

    /// Here, before a thread is taken: gates are quick, and the body is awaited behind them.
    fn decide_gate(&mut self) -> RunDecision {
        match self.0 {
            Decide::Refuse => RunDecision::Refuse,
            Decide::Run | Decide::Offload | Decide::ByMark => RunDecision::Run,
        }
    }

    fn buffer(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// It leaves as frames of the body, when the engine below asks for them.
    fn write_tail(&mut self, writer: &mut ResponseWriter) -> Written {
        match writer.tail {
            Some(_) => Written::Part,
            None => Written::All,
        }
    }
}
