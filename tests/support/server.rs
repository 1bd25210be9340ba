//! A server in the test's own process.

use crate::Client;
use doget::{Handler, HttpServer, Limits, Log, Request, Response, Running, Sent};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A server on a free port; dropped, it ends.
#[derive(Debug)]
pub struct Server {
    running: Option<Running>,
    address: SocketAddr,
    log: Lines,
}

impl Server {
    /// Serves with the limits as they are.
    pub fn new(handler: impl Handler + Send + Sync + 'static) -> Self {
        Self::with(Limits::default(), handler)
    }

    /// Serves with these limits.
    pub fn with(limits: Limits, handler: impl Handler + Send + Sync + 'static) -> Self {
        Self::built(|server| server.limits(limits), handler)
    }

    /// Serves with what `build` makes of it, such as `|server| server.loops(1)`.
    ///
    /// # Panics
    ///
    /// The system has no port or no thread for it.
    pub fn built(
        build: impl FnOnce(HttpServer) -> HttpServer,
        handler: impl Handler + Send + Sync + 'static,
    ) -> Self {
        Self::spawned(build, |server| server.spawn(handler))
    }

    /// The same with the caller's own `spawn`, for `spawn_with`.
    ///
    /// # Panics
    ///
    /// The system has no port or no thread for it.
    pub fn spawned(
        build: impl FnOnce(HttpServer) -> HttpServer,
        spawn: impl FnOnce(HttpServer) -> io::Result<Running>,
    ) -> Self {
        let log = Lines::default();
        let server = HttpServer::bind("127.0.0.1:0")
            .expect("a free port")
            .log(Log::writer(Box::new(log.clone())));
        let running = spawn(build(server)).expect("a server");
        let address = running.local_addr().expect("an address");
        Self {
            running: Some(running),
            address,
            log,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection to it.
    #[track_caller]
    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// To end it, and to wait for the end.
    ///
    /// # Panics
    ///
    /// It was joined already.
    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("a running server")
    }

    /// What it has logged so far: requests and errors.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Ends it and waits for that.
    pub fn end(mut self) {
        self.running.take();
    }

    /// Waits for its end.
    pub fn join(mut self) {
        if let Some(running) = self.running.take() {
            running.join();
        }
    }
}

/// What was written to a log; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// How many lines contain this.
    pub fn count(&self, what: &str) -> usize {
        self.text()
            .lines()
            .filter(|line| line.contains(what))
            .count()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A handler that is one function; see [`answers`].
#[derive(Debug)]
pub struct Answers<F>(F);

/// A handler that answers everything with one function. The server knows its requests by method and path.
pub fn answers<F>(answer: F) -> Answers<F>
where
    F: Fn(&mut Request<'_>, Response<'_>) -> doget::Result<Sent> + Send + Sync + 'static,
{
    Answers(answer)
}

impl<F> Handler for Answers<F>
where
    F: Fn(&mut Request<'_>, Response<'_>) -> doget::Result<Sent>,
{
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> doget::Result<Sent> {
        (self.0)(request, response)
    }
}
