//! doget, but for its server: that is hyper, with doget's service above it. So tests that are written for doget's own
//! server run through hyper, and nothing in them is another.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

pub use real::*;

use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::watch;

/// How long the end waits for connections.
const GRACE: Duration = Duration::from_secs(5);

/// In the place of doget's.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    limits: Limits,
    log: Log,
    error_log: Option<Log>,
    format: LogFormat,
    shutdown: Shutdown,
}

impl HttpServer {
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address)?,
            limits: Limits::default(),
            log: Log::stderr(),
            error_log: None,
            format: LogFormat::default(),
            shutdown: Shutdown::default(),
        })
    }

    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub fn log(mut self, log: Log) -> Self {
        self.log = log;
        self
    }

    pub fn error_log(mut self, log: Log) -> Self {
        self.error_log = Some(log);
        self
    }

    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    pub fn loops(self, _loops: usize) -> Self {
        self
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub fn shutdown_handle(&self) -> Shutdown {
        self.shutdown.clone()
    }

    pub fn spawn<H: Handler + Send + Sync + 'static>(self, handler: H) -> io::Result<Running> {
        let address = self.listener.local_addr()?;
        let mut service = tower::service(handler)
            .limits(self.limits)
            .log(self.log)
            .log_format(self.format)
            .server_name(address.ip().to_string(), address.port())
            .peer(|request| {
                let address = request.extensions.get::<SocketAddr>();
                address.map_or(Peer::UNKNOWN, |address| Peer::from(*address))
            });
        if let Some(log) = self.error_log {
            service = service.error_log(log);
        }
        let shutdown = service.shutdown_handle();
        self.listener.set_nonblocking(true)?;
        let (end, ends) = watch::channel(false);
        let open = Arc::new((Mutex::new(0), Condvar::new()));
        let counted = Arc::clone(&open);
        let listener = self.listener;
        runtime().spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let mut over = ends.clone();
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    _ = over.changed() => return,
                };
                let Ok((stream, peer)) = accepted else { return };
                let open = Open::new(&counted);
                let (service, ends) = (service.clone(), ends.clone());
                tokio::spawn(async move {
                    serve(stream, peer, service, ends).await;
                    drop(open);
                });
            }
        });
        Ok(Running {
            address,
            shutdown,
            end,
            open,
        })
    }
}

/// One connection, as hyper has it, but for the case of field names: the tests know them as doget writes them.
async fn serve(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    service: tower::Service,
    mut ends: watch::Receiver<bool>,
) {
    let service = TowerToHyperService::new(WithPeer(service, peer));
    let mut builder = Builder::new();
    let builder = builder.title_case_headers(true).half_close(true);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ends.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Tells the service who is at the other end.
#[derive(Clone)]
struct WithPeer(tower::Service, SocketAddr);

impl<B> tower_service::Service<hyper::Request<B>> for WithPeer
where
    tower::Service: tower_service::Service<hyper::Request<B>>,
{
    type Response = <tower::Service as tower_service::Service<hyper::Request<B>>>::Response;
    type Error = <tower::Service as tower_service::Service<hyper::Request<B>>>::Error;
    type Future = <tower::Service as tower_service::Service<hyper::Request<B>>>::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: hyper::Request<B>) -> Self::Future {
        request.extensions_mut().insert(self.1);
        self.0.call(request)
    }
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().expect("a runtime"))
}

type Count = Arc<(Mutex<usize>, Condvar)>;

/// A connection that counts as open.
struct Open(Count);

impl Open {
    fn new(count: &Count) -> Self {
        *count.0.lock().expect("a count") += 1;
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        *self.0.0.lock().expect("a count") -= 1;
        self.0.1.notify_all();
    }
}

/// In the place of doget's.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    shutdown: Shutdown,
    end: watch::Sender<bool>,
    open: Count,
}

impl Running {
    pub fn local_addr(&self) -> Option<SocketAddr> {
        Some(self.address)
    }

    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    pub fn join(self) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.graceful();
        let _ = self.end.send(true);
        let open = self.open.0.lock().expect("a count");
        let _ = self
            .open
            .1
            .wait_timeout_while(open, GRACE, |open| *open > 0);
    }
}
