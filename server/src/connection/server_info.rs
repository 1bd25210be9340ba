//! What a request can ask of the server that it came to: its name, its port, its log, its end.

use crate::Log;
use crate::connection::figures::{FiguresSource, ServerFigures};
use crate::connection::trust::Trust;
use crate::log::LogFormat;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The server that a request came to, as [`Request::server`](crate::Request::server) gives it: its address, its logs,
/// and the handle that ends it.
#[derive(Debug)]
pub struct ServerInfo {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) log: Log,
    pub(crate) error_log: Log,
    pub(crate) format: LogFormat,
    pub(crate) trust: Option<Trust>,
    pub(crate) shutdown: Shutdown,
    /// Set by the engine when it starts.
    pub(crate) figures: OnceLock<FiguresSource>,
    #[cfg(feature = "live")]
    pub(crate) live: crate::live::places::LivePlaces,
}

impl ServerInfo {
    /// The first address that the server listens on, as text. No name is looked up.
    pub fn server_name(&self) -> &str {
        &self.name
    }

    /// The port that the server listens on; 0 for a Unix domain socket.
    pub fn server_port(&self) -> u16 {
        self.port
    }

    /// The log of requests.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The log of errors: the same as [`log`](Self::log), unless
    /// [`HttpServer::error_log`](crate::HttpServer::error_log) was called.
    pub fn error_log(&self) -> &Log {
        &self.error_log
    }

    /// The format of request lines in the log.
    pub fn log_format(&self) -> LogFormat {
        self.format
    }

    /// How much the server has in hand: connections, threads, requests that wait. `None` in a test in memory, where no
    /// server runs.
    ///
    /// ```
    /// use doget::Request;
    ///
    /// fn load(request: &Request<'_>) -> String {
    ///     match request.server().figures() {
    ///         Some(figures) => format!("{} connections", figures.connections),
    ///         None => "no server".to_owned(),
    ///     }
    /// }
    /// ```
    pub fn figures(&self) -> Option<ServerFigures> {
        self.figures.get().map(FiguresSource::figures)
    }

    /// Where [`figures`](Self::figures) come from.
    pub(crate) fn figures_source(&self) -> Option<FiguresSource> {
        self.figures.get().cloned()
    }

    /// The handle that ends the server.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }
}

/// A handle that ends a server, from a handler, from another thread or from a signal. It may be called more than once,
/// and clones end the same server.
///
/// ```
/// use doget::HttpServer;
///
/// let server = HttpServer::bind("localhost:0")?;
/// let shutdown = server.shutdown_handle();
/// std::thread::spawn(move || shutdown.graceful());
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<ShutdownState>,
    changed: Condvar,
    /// The stage is beyond serving, for readers that do not take the lock.
    leaving: AtomicBool,
    /// The stage is beyond leaving.
    ending: AtomicBool,
    /// The stage is the last one.
    cut: AtomicBool,
}

#[derive(Default)]
struct ShutdownState {
    stage: ShutdownStage,
    /// How long the server leaves before it drains.
    delay: Duration,
    ended: bool,
    wakers: Vec<Box<dyn Fn() + Send>>,
    /// The functions of users that are called once, when the end begins.
    listeners: Vec<(u64, Listener)>,
    next_listener: u64,
    followers: Vec<Weak<Inner>>,
}

type Listener = Box<dyn FnOnce() + Send>;

/// Holds a function that is called when a server's end begins: see [`Shutdown::on_begin`]. Once this is dropped, the
/// function is dropped too, and is not called any more; it may be running on another thread by then.
#[derive(Debug)]
#[must_use = "when it is dropped, the function is not called any more; `keep` leaves it with the server"]
pub struct ShutdownListener {
    server: Weak<Inner>,
    /// The listeners' numbers rise: they are never given twice.
    number: u64,
}

impl ShutdownListener {
    /// Leaves the function with the server, to its end. Not for what each request does: the server keeps them all.
    pub fn keep(mut self) {
        self.server = Weak::new();
    }
}

impl Drop for ShutdownListener {
    fn drop(&mut self) {
        let Some(server) = self.server.upgrade() else {
            return;
        };
        let mut state = server.state.lock().unwrap_or_else(PoisonError::into_inner);
        let at = state
            .listeners
            .binary_search_by_key(&self.number, |(number, _)| *number);
        // Dropped without the lock: it is the user's code, which may ask for the stage.
        let removed = at.ok().map(|at| state.listeners.remove(at));
        drop(state);
        drop(removed);
    }
}

/// How far a shutdown has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ShutdownStage {
    /// Connections are accepted and answered.
    #[default]
    Serving,
    /// Everything is served as before, but each answer says `Connection: close`, and whoever asks can see that the
    /// server is to be left alone: see [`Shutdown::leave`].
    Leaving,
    /// No new connection is accepted; requests that run or are on their way are answered with `Connection: close`.
    Draining,
    /// Connections that are left are cut.
    Cut,
}

impl Shutdown {
    /// Has the server leave: for this time everything is still accepted and served, each answer says `Connection:
    /// close`, and [`stage`](Self::stage) is [`Leaving`](ShutdownStage::Leaving), which a readiness check should
    /// answer with 503. Then the server ends as with [`graceful`](Self::graceful). Returns at once.
    ///
    /// It is for servers behind a balancer, which takes some time to hear that it is to send nothing more: what it
    /// sends until then is answered. The time should be longer than that between two checks of the balancer's.
    ///
    /// ```
    /// use doget::{HttpServer, Request, ShutdownStage, StatusCode, handler};
    /// use std::time::Duration;
    ///
    /// struct Shop;
    ///
    /// #[handler]
    /// impl Shop {
    ///     #[route("/ready")]
    ///     fn do_GET_ready(&self, request: &Request<'_>) -> StatusCode {
    ///         match request.server().shutdown().stage() {
    ///             ShutdownStage::Serving => StatusCode::OK,
    ///             _ => StatusCode::SERVICE_UNAVAILABLE,
    ///         }
    ///     }
    /// }
    ///
    /// let running = HttpServer::bind("localhost:0")?.spawn(Shop)?;
    /// running.shutdown().leave(Duration::from_millis(10));
    /// running.join();
    /// # std::io::Result::Ok(())
    /// ```
    pub fn leave(&self, delay: Duration) {
        self.advance(ShutdownStage::Leaving, delay);
    }

    /// Ends the server gracefully: no new connection is accepted, idle ones are closed, and requests that run are
    /// answered. So are those that are on their way: on connections that waited to be accepted, on those that have
    /// brought no request yet, and behind a part of a head; they have
    /// [`Limits::shutdown_head_timeout`](crate::Limits::shutdown_head_timeout) to come. Connections that are left after
    /// [`Limits::shutdown_timeout`](crate::Limits::shutdown_timeout) are cut. Returns at once.
    pub fn graceful(&self) {
        self.advance(ShutdownStage::Draining, Duration::ZERO);
    }

    /// Ends the server at once: every connection is cut. Handlers that run are not stopped, but their reads and writes
    /// fail. Returns at once.
    pub fn now(&self) {
        self.advance(ShutdownStage::Cut, Duration::ZERO);
    }

    /// Ends the server gracefully at Ctrl-C or SIGTERM, and at once at a second one. The process has one such
    /// handler: a second call is an error.
    ///
    /// ```no_run
    /// # use doget::{HttpServer, handler};
    /// # struct Hello;
    /// # #[handler]
    /// # impl Hello {
    /// #     fn do_GET(&self) -> &'static str {
    /// #         "hello"
    /// #     }
    /// # }
    /// # fn main() -> std::io::Result<()> {
    /// let server = HttpServer::bind("localhost:8080")?;
    /// server.shutdown_handle().on_signals()?;
    /// server.serve_forever(Hello)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The system refuses the handler, or there is one already.
    #[cfg(feature = "signal")]
    pub fn on_signals(&self) -> std::io::Result<()> {
        let shutdown = self.clone();
        ctrlc::set_handler(move || match shutdown.stage() {
            ShutdownStage::Serving | ShutdownStage::Leaving => shutdown.graceful(),
            ShutdownStage::Draining | ShutdownStage::Cut => shutdown.now(),
        })
        .map_err(std::io::Error::other)
    }

    /// How far the shutdown has gone.
    pub fn stage(&self) -> ShutdownStage {
        self.lock().stage
    }

    /// Waits until the shutdown begins, but no longer than `timeout`; returns whether it has begun. A server that
    /// [leaves](Self::leave) still serves: it has not begun to end. A handler that
    /// streams waits with this between two events, so that it learns of the shutdown:
    ///
    /// ```
    /// use doget::{Request, Response, Result, Sent, handler};
    /// use std::io::Write;
    /// use std::time::Duration;
    ///
    /// struct Ticks;
    ///
    /// #[handler]
    /// impl Ticks {
    ///     fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///         let mut body = response
    ///             .send_response(200)
    ///             .send_header("Content-Type", "text/event-stream")
    ///             .end_headers()?;
    ///         while body.is_connected() && !request.server().shutdown().wait_begun(Duration::from_secs(1)) {
    ///             body.write_all(b"data: tick\n\n")?;
    ///             body.flush()?;
    ///         }
    ///         body.finish()
    ///     }
    /// }
    /// ```
    pub fn wait_begun(&self, timeout: Duration) -> bool {
        let deadline = Instant::now().checked_add(timeout);
        self.wait_beyond(ShutdownStage::Leaving, deadline) > ShutdownStage::Leaving
    }

    /// Calls a function when the shutdown begins, on the thread that begins it; at once if it has begun already. The
    /// function must not block: the caller of [`graceful`](Self::graceful) waits for it.
    ///
    /// The function is called only while the returned guard is held: a handler that holds it for the time of its
    /// request leaves nothing behind. [`ShutdownListener::keep`] leaves the function with the server.
    ///
    /// ```
    /// use doget::{Request, Response, Result, Sent, handler};
    /// use std::io::Write;
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    ///
    /// struct Events;
    ///
    /// #[handler]
    /// impl Events {
    ///     fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///         // Whatever else has something to say gets a clone of the sender.
    ///         let (sender, events) = mpsc::channel();
    ///         let _told = request.server().shutdown().on_begin(move || {
    ///             let _ = sender.send("bye");
    ///         });
    ///         let mut body = response.send_response(200).end_headers()?;
    ///         while body.is_connected() {
    ///             if let Ok(event) = events.recv_timeout(Duration::from_secs(1)) {
    ///                 writeln!(body, "{event}")?;
    ///                 if event == "bye" {
    ///                     break;
    ///                 }
    ///             }
    ///         }
    ///         body.finish()
    ///     }
    /// }
    /// ```
    pub fn on_begin(&self, listener: impl FnOnce() + Send + 'static) -> ShutdownListener {
        let mut state = self.lock();
        let number = state.next_listener;
        if state.stage < ShutdownStage::Draining {
            state.next_listener += 1;
            state.listeners.push((number, Box::new(listener)));
        } else {
            drop(state);
            listener();
        }
        ShutdownListener {
            server: Arc::downgrade(&self.0),
            number,
        }
    }

    /// Whether answers say that they are the last ones of their connections.
    pub(crate) fn closes_connections(&self) -> bool {
        self.0.leaving.load(Ordering::Relaxed)
    }

    /// How long the server leaves before it drains.
    pub(crate) fn delay(&self) -> Duration {
        self.lock().delay
    }

    /// Whether the shutdown has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.ending.load(Ordering::Relaxed)
    }

    /// Whether connections are cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.0.cut.load(Ordering::Relaxed)
    }

    /// Waits until the server has ended, but no longer than `timeout`; returns whether it has ended.
    pub fn wait(&self, timeout: Duration) -> bool {
        let state = self.lock();
        let running = |state: &mut ShutdownState| !state.ended;
        let changed = &self.0.changed;
        // The longest time is for ever: it has no moment at which it is over.
        changed
            .wait_timeout_while(state, timeout, running)
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .ended
    }

    /// Waits for a stage beyond this one or for the end, at most until `deadline`.
    pub(crate) fn wait_beyond(
        &self,
        stage: ShutdownStage,
        deadline: Option<Instant>,
    ) -> ShutdownStage {
        let mut state = self.lock();
        while state.stage <= stage && !state.ended {
            state = match deadline {
                None => self
                    .0
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.0
                        .changed
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        state.stage
    }

    /// Calls `waker` at each later stage, and at once if it has begun already.
    pub(crate) fn on_change(&self, waker: Box<dyn Fn() + Send>) {
        let mut state = self.lock();
        if state.stage > ShutdownStage::Serving {
            waker();
        }
        state.wakers.push(waker);
    }

    /// Goes through each later stage of `leader` as well, and through those that it has behind it. The leader's lock is
    /// held while this one's is taken, never the other way round.
    pub(crate) fn follow(&self, leader: &Self) {
        let mut state = leader.lock();
        state.followers.retain(|other| other.strong_count() > 0);
        state.followers.push(Arc::downgrade(&self.0));
        self.advance(state.stage, state.delay);
    }

    pub(crate) fn ended(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.wakers.clear();
        self.0.changed.notify_all();
    }

    fn advance(&self, stage: ShutdownStage, delay: Duration) {
        // Without a lock: these are functions of users, who may ask for the stage.
        for listener in self.enter(stage, delay) {
            listener();
        }
    }

    /// Enters a stage, and returns the functions that the caller has to call, without the lock.
    fn enter(&self, stage: ShutdownStage, delay: Duration) -> Vec<Listener> {
        let mut state = self.lock();
        let mut listeners = Vec::new();
        if state.stage < stage {
            let ends = stage >= ShutdownStage::Draining;
            if ends {
                listeners.extend(state.listeners.drain(..).map(|(_, listener)| listener));
            }
            state.stage = stage;
            state.delay = delay;
            self.0.leaving.store(true, Ordering::Relaxed);
            self.0.ending.store(ends, Ordering::Relaxed);
            let is_cut = stage == ShutdownStage::Cut;
            self.0.cut.store(is_cut, Ordering::Relaxed);
            for waker in &state.wakers {
                waker();
            }
            for follower in state.followers.iter().filter_map(Weak::upgrade) {
                listeners.extend(Self(follower).enter(stage, delay));
            }
            self.0.changed.notify_all();
        }
        listeners
    }

    fn lock(&self) -> MutexGuard<'_, ShutdownState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("stage", &self.stage())
            .finish_non_exhaustive()
    }
}
