//! [`HttpServer`]: bind, configure, serve, end.

mod connect;
pub(crate) mod running;
#[cfg(unix)]
mod systemd;

use crate::Handler;
use crate::Limits;
use crate::connection::networks::Networks;
use crate::connection::peer::Peer;
use crate::connection::server_info::{ServerInfo, Shutdown};
use crate::connection::trust::Trust;
use crate::engine::clock::{Clock, TimeSource};
use crate::engine::net::listener::Listener;
use crate::engine::{Connect, Engine, Plan};
use crate::error::attempt;
use crate::log::{Log, LogFormat};
use crate::server::running::Running;
use connect::{Own, Shared};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server that is bound to its addresses and does not serve yet.
///
/// ```no_run
/// use doget::{HttpServer, handler};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// fn main() -> std::io::Result<()> {
///     HttpServer::bind("localhost:8080")?.serve_forever(Hello)
/// }
/// ```
#[derive(Debug)]
pub struct HttpServer {
    listeners: Vec<Listener>,
    limits: Limits,
    log: Log,
    error_log: Option<Log>,
    format: LogFormat,
    loops: usize,
    shutdown: Shutdown,
    trust: Option<Trust>,
    proxies: Option<Networks>,
    #[cfg(unix)]
    manager: Option<systemd::Manager>,
    clock: TimeSource,
    #[cfg(feature = "tls")]
    tls: Option<crate::Tls>,
}

impl HttpServer {
    /// Binds a host name or an address, with a port. With port 0 the system chooses a free port, which
    /// [`local_addr`](Self::local_addr) tells.
    ///
    /// A name that stands for several addresses, as `localhost` does, is bound on all of them that the system has. An
    /// IPv6 address such as `[::]:8000` takes IPv4 clients too.
    ///
    /// # Errors
    ///
    /// The name is not known, or an address is in use, is not this machine's, or is not permitted. The words of the
    /// error name the address, and its `source` is that of the system.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::of(Vec::new()).listen(address)
    }

    /// Binds a Unix domain socket. A socket of that name that nobody listens on any more is replaced; any other file is
    /// left alone. The file of the socket is removed when the server ends.
    ///
    /// # Errors
    ///
    /// The system refuses the path: another file has that name, its directory is missing or not writable.
    #[cfg(unix)]
    pub fn bind_unix(path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        Self::of(Vec::new()).listen_unix(path)
    }

    /// Takes a listener that is bound already.
    ///
    /// # Errors
    ///
    /// The listener cannot be made non-blocking.
    pub fn from_listener(listener: TcpListener) -> io::Result<Self> {
        Ok(Self::of(vec![Listener::from_tcp(listener)?]))
    }

    /// Takes the sockets that the process was started with, as systemd's socket activation hands them over
    /// (`LISTEN_FDS`). `None`: there are none. Call it once, before other threads are started.
    ///
    /// # Errors
    ///
    /// A descriptor is not that of a stream socket.
    #[cfg(unix)]
    pub fn inherited() -> io::Result<Option<Self>> {
        let listeners = crate::engine::net::socket_activation::listeners()?;
        Ok((!listeners.is_empty()).then(|| Self::of(listeners)))
    }

    fn of(listeners: Vec<Listener>) -> Self {
        Self {
            listeners,
            limits: Limits::default(),
            log: Log::stderr(),
            error_log: None,
            format: LogFormat::Common,
            loops: std::thread::available_parallelism().map_or(1, usize::from),
            shutdown: Shutdown::default(),
            trust: None,
            proxies: None,
            #[cfg(unix)]
            manager: None,
            clock: TimeSource::System,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Binds a further address.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn listen(mut self, address: impl ToSocketAddrs) -> io::Result<Self> {
        let backlog = self.limits.backlog;
        let mut failed = None;
        let mut port = None;
        let before = self.listeners.len();
        for mut address in address.to_socket_addrs()? {
            if self
                .listeners
                .iter()
                .any(|listener| address.port() != 0 && listener.local_addr() == Some(address))
            {
                continue;
            }
            if address.port() == 0 {
                // All addresses of a name share the port that the first of them got.
                address.set_port(port.unwrap_or(0));
            }
            let listener = Listener::tcp(address, backlog).map_err(|error| {
                attempt::failed(format_args!("cannot listen on {address}"), error)
            });
            match listener {
                Ok(listener) => {
                    port = listener.local_addr().map(|address| address.port());
                    self.listeners.push(listener);
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
                Err(error) => failed = Some(error),
            }
        }
        if self.listeners.len() == before {
            return Err(failed.unwrap_or_else(|| {
                io::Error::new(io::ErrorKind::NotFound, "the name has no address")
            }));
        }
        Ok(self)
    }

    /// Binds a further Unix domain socket.
    ///
    /// # Errors
    ///
    /// As [`bind_unix`](Self::bind_unix).
    #[cfg(unix)]
    pub fn listen_unix(mut self, path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let listener = Listener::unix(path, self.limits.backlog).map_err(|error| {
            attempt::failed(format_args!("cannot listen on {}", path.display()), error)
        })?;
        self.listeners.push(listener);
        Ok(self)
    }

    /// Sets the bounds of this server. Their [`backlog`](Limits#structfield.backlog) counts only for addresses that are
    /// bound afterwards.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where requests and errors are logged. Default: [`Log::stderr`].
    #[must_use]
    pub fn log(mut self, log: Log) -> Self {
        self.log = log;
        self
    }

    /// Where errors are logged, if not in the same place as requests.
    #[must_use]
    pub fn error_log(mut self, log: Log) -> Self {
        self.error_log = Some(log);
        self
    }

    /// The format of request lines in the log. Default: `http.server`'s.
    #[must_use]
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// Believes these proxies when they say who the client is and what it asked for. Default: nobody is believed. See
    /// [`Request::client`](crate::Request::client).
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = Some(trust);
        self
    }

    /// Expects the PROXY protocol, version 1 or 2, of connections that come from these networks: a header before
    /// anything else, TLS too, that says who the client is. [`Request::client_address`](crate::Request::client_address)
    /// is that client then.
    ///
    /// Where it is expected it is required, within [`Limits::handshake_timeout`]: a connection that begins otherwise is
    /// closed, and a line of the error log says so. From elsewhere it is not looked for, and a header is a malformed
    /// request. A header of `LOCAL` or `UNKNOWN` is the proxy's own connection.
    ///
    /// ```no_run
    /// use doget::{HttpServer, Networks};
    ///
    /// let server = HttpServer::bind("[::]:8080")?.proxy_protocol(Networks::new(["10.0.0.7"])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn proxy_protocol(mut self, proxies: Networks) -> Self {
        self.proxies = Some(proxies);
        self
    }

    /// Tells systemd that the server serves (`READY=1`) and that it ends (`STOPPING=1`), if systemd started the program
    /// with `Type=notify`; else it does nothing.
    ///
    /// # Errors
    ///
    /// The socket that the environment names (`NOTIFY_SOCKET`) cannot be reached.
    #[cfg(unix)]
    pub fn notify_systemd(mut self) -> io::Result<Self> {
        self.manager = systemd::Manager::of_environment()?;
        Ok(self)
    }

    /// Serves HTTPS with this certificate, on all addresses and Unix domain sockets of the server. A client that speaks
    /// plain HTTP there gets a 400 that says so.
    ///
    /// The event loops do the handshakes, so a client that stalls in its handshake holds no thread. The handshake has
    /// to end within [`Limits::handshake_timeout`].
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Whether the server serves HTTPS.
    pub fn is_https(&self) -> bool {
        #[cfg(feature = "tls")]
        {
            self.tls.is_some()
        }
        #[cfg(not(feature = "tls"))]
        false
    }

    /// How many event loops watch the connections. Default: one for each processor that the process may use.
    ///
    /// Not every loop is always in use. While requests hardly wait for each other, the first loop serves all
    /// connections, so a server with little to do keeps one processor busy and leaves the others alone. Connections
    /// move to another loop when their requests would wait otherwise. They stay together if the handlers are quick and
    /// the clients, on the same machine, need the other processors more.
    #[must_use]
    pub fn loops(mut self, loops: usize) -> Self {
        self.loops = loops;
        self
    }

    /// Keeps the deadlines by a clock that a test moves. Default: by the system's monotonic clock. For tests alone: see
    /// [`Clock`].
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = TimeSource::Test(clock.clone());
        self
    }

    /// The first address that the server listens on.
    ///
    /// # Errors
    ///
    /// The server listens on Unix domain sockets only.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addrs().next().ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::AddrNotAvailable,
                "a Unix domain socket has no such address",
            )
        })
    }

    /// All addresses that the server listens on, without Unix domain sockets.
    pub fn local_addrs(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners.iter().filter_map(Listener::local_addr)
    }

    /// The first address that the server listens on, as text; `localhost` if it listens on Unix domain sockets only. No
    /// name is looked up.
    pub fn server_name(&self) -> String {
        self.local_addrs().next().map_or_else(
            || "localhost".to_owned(),
            |address| address.ip().to_string(),
        )
    }

    /// The port of the first address; 0 if the server listens on Unix domain sockets only.
    pub fn server_port(&self) -> u16 {
        self.local_addrs()
            .next()
            .map_or(0, |address| address.port())
    }

    /// A handle that ends this server from another thread, from a handler or from a signal.
    pub fn shutdown_handle(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// Serves all connections with one handler, until a [`shutdown_handle`](Self::shutdown_handle) ends the server.
    ///
    /// # Errors
    ///
    /// The system refuses a thread or a poller (the epoll instance of a loop).
    pub fn serve_forever<H: Handler + Send + Sync + 'static>(self, handler: H) -> io::Result<()> {
        let engine = self.start(Box::new(Shared(handler)), false)?;
        engine.run(None);
        Ok(())
    }

    /// Serves each connection with a handler of its own, as `http.server` does. The fields of that handler are the
    /// state of the connection, and need only be `Send`.
    ///
    /// ```no_run
    /// use doget::{HttpServer, Peer, handler};
    /// use std::cell::Cell;
    ///
    /// struct Counter {
    ///     requests: Cell<u32>,
    /// }
    ///
    /// #[handler]
    /// impl Counter {
    ///     fn do_GET(&self) -> String {
    ///         self.requests.set(self.requests.get() + 1);
    ///         format!("request {} of this connection\n", self.requests.get())
    ///     }
    /// }
    ///
    /// # fn main() -> std::io::Result<()> {
    /// HttpServer::bind("localhost:8080")?.serve_with(|_peer: &Peer| Counter { requests: Cell::new(0) })
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`serve_forever`](Self::serve_forever).
    pub fn serve_with<H, F>(self, connect: F) -> io::Result<()>
    where
        H: Handler + Send + 'static,
        F: Fn(&Peer) -> H + Send + Sync + 'static,
    {
        let engine = self.start(Box::new(Own(connect)), false)?;
        engine.run(None);
        Ok(())
    }

    /// Serves on a new thread and returns at once. The server ends when the returned [`Running`] is dropped.
    ///
    /// # Errors
    ///
    /// As [`serve_forever`](Self::serve_forever).
    pub fn spawn<H: Handler + Send + Sync + 'static>(self, handler: H) -> io::Result<Running> {
        self.spawn_on(Box::new(Shared(handler)))
    }

    /// As [`serve_with`](Self::serve_with), but on a new thread, as [`spawn`](Self::spawn) does.
    ///
    /// # Errors
    ///
    /// As [`serve_forever`](Self::serve_forever).
    pub fn spawn_with<H, F>(self, connect: F) -> io::Result<Running>
    where
        H: Handler + Send + 'static,
        F: Fn(&Peer) -> H + Send + Sync + 'static,
    {
        self.spawn_on(Box::new(Own(connect)))
    }

    fn spawn_on(self, connect: Box<dyn Connect>) -> io::Result<Running> {
        let addresses = self.local_addrs().collect();
        let shutdown = self.shutdown.clone();
        let engine = self.start(connect, false)?;
        let thread = std::thread::Builder::new()
            .name("doget-server".to_owned())
            .spawn(move || {
                engine.run(None);
            })?;
        Ok(Running::new(addresses, shutdown, thread))
    }

    /// Serves as [`serve_forever`](Self::serve_forever) does, but no longer than `timeout`. This is for a program that
    /// waits for one certain request, and not for ever.
    ///
    /// The handler knows which request that is, and ends the server with it; its answer is still sent. What else a
    /// browser asks for, such as `/favicon.ico`, is answered and waited through. True: the server was told to end.
    /// False: the time was over; requests that run then have [`Limits::shutdown_timeout`].
    ///
    /// ```no_run
    /// use doget::{HttpServer, Request, handler};
    /// use std::sync::mpsc::{SyncSender, sync_channel};
    /// use std::time::Duration;
    ///
    /// struct Callback(SyncSender<String>);
    ///
    /// #[handler]
    /// impl Callback {
    ///     #[route("/callback")]
    ///     fn do_GET_callback(&self, request: &Request<'_>) -> Option<&'static str> {
    ///         let code = request.query().get("code")?;
    ///         let _ = self.0.try_send(code.into_owned());
    ///         request.server().shutdown().graceful();
    ///         Some("You may close this page.\n")
    ///     }
    /// }
    ///
    /// let (sender, codes) = sync_channel(1);
    /// let server = HttpServer::bind("127.0.0.1:0")?;
    /// println!("Open http://{}/", server.local_addr()?);
    /// server.serve_for(Duration::from_secs(300), Callback(sender))?;
    /// match codes.try_recv() {
    ///     Ok(code) => println!("the code is {code}"),
    ///     Err(_) => println!("nobody came"),
    /// }
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`serve_forever`](Self::serve_forever).
    pub fn serve_for<H: Handler + Send + Sync + 'static>(
        self,
        timeout: Duration,
        handler: H,
    ) -> io::Result<bool> {
        let deadline = self.clock.now().checked_add(timeout);
        Ok(self.start(Box::new(Shared(handler)), false)?.run(deadline))
    }

    /// Answers exactly one request, from any client, and returns. Connections without a request do not count. The
    /// method can be called again for the next request.
    ///
    /// Returns true if a request was answered, and false if a [`shutdown_handle`](Self::shutdown_handle) ended the
    /// server before. The one request may be a browser's for `/favicon.ico`: where only a certain request counts, use
    /// [`serve_for`](Self::serve_for).
    ///
    /// # Errors
    ///
    /// As [`serve_forever`](Self::serve_forever).
    pub fn handle_request<H: Handler + Send + Sync + 'static>(
        &mut self,
        handler: H,
    ) -> io::Result<bool> {
        self.handle_one(None, handler)
    }

    /// As [`handle_request`](Self::handle_request), but waits no longer than `timeout` for the request. Returns false,
    /// too, if no request came in that time.
    ///
    /// ```
    /// # use doget::{HttpServer, handler};
    /// # struct Hello;
    /// # #[handler]
    /// # impl Hello {
    /// #     fn do_GET(&self) -> &'static str {
    /// #         "hello"
    /// #     }
    /// # }
    /// use std::time::Duration;
    ///
    /// let mut server = HttpServer::bind("127.0.0.1:0")?;
    /// let answered = server.handle_request_for(Duration::from_millis(10), Hello)?;
    /// assert!(!answered);
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`serve_forever`](Self::serve_forever).
    pub fn handle_request_for<H: Handler + Send + Sync + 'static>(
        &mut self,
        timeout: Duration,
        handler: H,
    ) -> io::Result<bool> {
        self.handle_one(self.clock.now().checked_add(timeout), handler)
    }

    fn handle_one<H: Handler + Send + Sync + 'static>(
        &mut self,
        deadline: Option<Instant>,
        handler: H,
    ) -> io::Result<bool> {
        if self.shutdown.has_begun() {
            return Ok(false);
        }
        let listeners = self
            .listeners
            .iter()
            .map(Listener::try_clone)
            .collect::<io::Result<_>>()?;
        // The engine gets a handle of its own: the end of this one request must not end the server.
        let shutdown = Shutdown::default();
        shutdown.follow(&self.shutdown);
        let once = Self {
            listeners,
            limits: self
                .limits
                .clone()
                .shutdown_timeout(self.limits.shutdown_timeout.min(Duration::from_secs(1))),
            log: self.log.clone(),
            error_log: self.error_log.clone(),
            format: self.format,
            loops: 1,
            shutdown,
            trust: self.trust.clone(),
            proxies: self.proxies.clone(),
            #[cfg(unix)]
            manager: None,
            clock: self.clock.clone(),
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
        };
        let engine = once.start(Box::new(Shared(handler)), true)?;
        engine.run(deadline);
        if self.shutdown.has_begun() {
            self.shutdown.ended();
        }
        Ok(engine.has_answered())
    }

    fn start(self, connect: Box<dyn Connect>, once: bool) -> io::Result<Arc<Engine>> {
        let site = ServerInfo {
            #[cfg(feature = "live")]
            live: Default::default(),
            name: self.server_name(),
            port: self.server_port(),
            error_log: self.error_log.unwrap_or_else(|| self.log.clone()),
            log: self.log,
            format: self.format,
            shutdown: self.shutdown,
            trust: self.trust,
            figures: std::sync::OnceLock::new(),
        };
        // Clients can connect since the addresses were bound.
        #[cfg(unix)]
        if let Some(manager) = self.manager {
            manager.ready()?;
            manager.follow(&site.shutdown);
        }
        Engine::start(Plan {
            limits: self.limits,
            site,
            connect,
            listeners: self.listeners,
            proxies: self.proxies,
            #[cfg(feature = "tls")]
            tls: self.tls,
            loops: self.loops,
            once,
            clock: self.clock,
        })
    }
}
