//! Handlers below another engine: hyper, axum, AWS Lambda, as a [`tower`](https://docs.rs/tower) service.
//!
//! [`service`] makes a [`Service`] of any handler. What is below it frames the messages, keeps the connections and
//! speaks HTTP/2; the service does what stands between a head and a handler in doget's own engine, by the same code:
//! the grammar of heads, the collecting of bodies, routes, error pages, the log.
//!
//! ```text
//!  http::Request ─► request_head ─► bytes ─► exchange ─► your do_GET ─► bytes ─► response_head ─► http::Response
//!       body     ─► source ───────────────────▲ │                        │
//!                      inline: in the same poll │ pool: on a thread ─► bridge ─► body ─► frames
//! ```
//!
//! # With axum
//!
//! Everything that has no async route goes to the handler. Clients may speak HTTP/2 with
//! `axum = { version = "0.8", features = ["http2"] }`. Without [`peer`](Service::peer) nobody knows who a client is:
//! the log has `-`, and `Basic` takes no password over plain HTTP.
//!
//! ```ignore
//! use axum::extract::ConnectInfo;
//! use axum::{Router, routing::get};
//! use doget::{Peer, tower};
//! use std::net::SocketAddr;
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     // `https(true)` where the connections are encrypted.
//!     let shop = tower::service(Shop).https(false).peer(|request| {
//!         let address = request.extensions.get::<ConnectInfo<SocketAddr>>();
//!         address.map_or(Peer::UNKNOWN, |address| Peer::from(address.0))
//!     });
//!     let shutdown = shop.shutdown_handle();
//!     let app = Router::new()
//!         .route("/live", get(async || "async beside it"))
//!         .fallback_service(shop)
//!         .into_make_service_with_connect_info::<SocketAddr>();
//!     let told_to_end = async move {
//!         let _ = tokio::signal::ctrl_c().await;
//!         shutdown.graceful(); // Streams of handlers hear of it.
//!     };
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!     axum::serve(listener, app)
//!         .with_graceful_shutdown(told_to_end)
//!         .await
//! }
//! ```
//!
//! Below a prefix take [`Mount`](crate::Mount), which tells the handler of it, and a route that leaves it on:
//! `.route_service("/shop/{*rest}", tower::service(Mount::new("/shop", Shop)))`, and the same for `"/shop/"`. axum's
//! `nest_service` takes the prefix off: [`Request::mount`](crate::Request::mount) is empty then, the redirect of
//! `/shop/pictures` leads to `/pictures/`, and listings name paths without it.
//!
//! # On AWS Lambda
//!
//! Lambda gives a function one request at a time, so the handler runs inline and needs no thread of its own.
//!
//! ```ignore
//! use doget::{Peer, tower};
//! use lambda_http::request::RequestContext;
//! use std::net::SocketAddr;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), lambda_http::Error> {
//!     let shop = tower::service(Shop).https(true).inline().peer(|request| {
//!         let client = match request.extensions.get::<RequestContext>() {
//!             Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_ref(),
//!             Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_ref(),
//!             _ => None,
//!         };
//!         let client = client.and_then(|client| client.parse().ok());
//!         client.map_or(Peer::UNKNOWN, |client| {
//!             Peer::from(SocketAddr::new(client, 0))
//!         })
//!     });
//!     lambda_http::run(shop).await
//! }
//! ```
//!
//! `cargo lambda watch` runs it on your machine, and so does an emulator of Lambda's runtime interface that the program
//! finds by `AWS_LAMBDA_RUNTIME_API`; then `AWS_LAMBDA_FUNCTION_NAME`, `AWS_LAMBDA_FUNCTION_VERSION` and
//! `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` have to be set too. A request may have a body of
//! [`Limits::max_collected_body_size`], and what a handler writes piece by piece is at most
//! [`max_inline_response`](Service::max_inline_response): each is 1 MiB unless you say more, and Lambda itself carries
//! 6 MB. A balancer (ALB) names the client in a field alone; the example in `adapters` reads that, too.
//!
//! A program with [`HttpServer`](crate::HttpServer) runs there too, as it is, behind AWS's web adapter. The repository
//! has whole programs of each kind, with TLS, clients' addresses and tests, in
//! [`adapters`](https://github.com/doget/doget/tree/main/adapters).
//!
//! # Where handlers run
//!
//! | | |
//! | --- | --- |
//! | [`service(handler)`](service) | on a pool of threads of its own: right for any handler |
//! | [`.inline()`](Service::inline) | in the task that asks: cheaper, for handlers that never wait, and for Lambda |
//! | [`.inline_unless_blocking()`](Service::inline_unless_blocking) | methods marked `#[blocking]` on the pool, others inline |
//!
//! The pool has [`Limits::max_threads`] at most, and [`Limits::max_queued_requests`] wait for one of them; what is
//! beyond is answered 503 with `Retry-After`.
//!
//! Scripts ([`CgiHandler`](crate::CgiHandler)) work on the pool, and so do files and streams. Deadlines of the head and
//! of bodies that are collected are those of the engine below; while a handler reads or writes, doget's own hold
//! ([`Limits::body_timeout`], [`Limits::send_timeout`] and their rates).
//!
//! # What is carried, and what is not
//!
//! | of the request | |
//! | --- | --- |
//! | `:authority` | is `Host`; if there is a `Host` too and it differs: 400 |
//! | cookies in several fields of HTTP/2 | are joined by `; ` (RFC 9113 section 8.2.3) |
//! | `Connection`, `Keep-Alive`, `Proxy-Connection`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade` | are about the connection, and dropped: no upgrade of a connection is possible |
//! | other fields, also those that `Connection` names | reach the handler: what a client calls hop-by-hop is not taken from the program that it is for |
//! | `Expect: 100-continue` | as ever on a thread of the pool: the first read of the body invites it. Inline the body is invited before the handler runs, and `handle_expect_100` is not asked |
//! | trailers | are dropped, as those of a chunked body in doget's own engine; the log of errors says so |
//!
//! | of the response | |
//! | --- | --- |
//! | status, fields, body | are carried; a body of unknown length is a stream |
//! | `Connection: close` | is passed on to HTTP/1, and dropped for HTTP/2 |
//! | `Transfer-Encoding`, `Keep-Alive`, `Upgrade` | are the engine's below |
//! | the reason phrase and the spelling of field names | are the engine's below |
//! | interim responses ([`send_interim`](crate::Response::send_interim)) | are dropped, since an `http::Response` has no place for them; the log of errors says so |
//! | a body that a handler or a script frames itself with `Transfer-Encoding` | is a 500: nobody would take the frames off |
//! | WebSockets, event streams that follow a topic, and parked requests | cannot be: a handler that has them is refused by [`service`], and [`service_without_live`] answers them with 501; a stream of events that is written by hand is carried |
//! | a response that breaks off | is an error of its body: the engine below resets the stream or cuts the connection |
//!
//! # What differs from doget's own engine
//!
//! - The engine below reads a request first, by its own grammar and within its own limits; doget's rules hold for what
//!   it lets through. hyper takes lines that end with a line feed alone, and `Content-Length` beside
//!   `Transfer-Encoding`; what it refuses has no page of doget's, and no line in the log. `adapters/differences.txt`
//!   has all tests of doget's own engine that fail through hyper, with reasons.
//! - A request of HTTP/2 is one of HTTP/1.1 to the handler and in the log: doget's words for it are those of HTTP/1.1.
//! - The status line has the client's version, also above a handler whose `protocol_version` is HTTP/1.0, and a
//!   connection is kept as hyper does it.
//! - The answer to HEAD of a stream says nothing of its length, and has no `Transfer-Encoding`.
//! - On Lambda a 413 says `Connection: close`, which means nothing there.
//! - An answer that leaves before a large upload has come may reach a client of HTTP/2 as an error of the stream: hyper
//!   resets it.

mod answered;
#[cfg(all(unix, feature = "cgi"))]
mod bells;
mod body;
mod bridge;
mod ending;
mod file_pieces;
mod future;
mod gathered;
mod inline;
mod known_heads;
mod pieces;
mod request_head;
mod response_head;
mod running;
mod scratch;
mod shared;
mod source;
mod work;
mod workers;

pub use body::{BodyError, ResponseBody};
pub use future::ResponseFuture;

use crate::connection::server_info::Shutdown;
use crate::{Answers, Handler, Limits, Log, LogFormat, MethodInfo, Peer, Trust};
use shared::{Placement, Shared};
use source::{RequestBody, Source};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A handler as a service of requests of the `http` crate: for axum, hyper and whatever else takes a `tower` service.
///
/// Handlers run on a pool of threads of the service's own, which grows and shrinks with what there is to do; see
/// [`Service::inline`] for those that never block. No async runtime is needed: the service is woken by its threads.
///
/// ```
/// use doget::{handler, tower};
///
/// struct Shop;
///
/// #[handler]
/// impl Shop {
///     #[route("/items/{number}")]
///     fn do_GET_item(&self, number: u32) -> String {
///         format!("item {number}")
///     }
/// }
///
/// let shop = tower::service(Shop);
/// // With axum: Router::new().route("/live", get(live)).fallback_service(shop)
/// // With lambda_http: lambda_http::run(shop.inline())
/// # drop(shop);
/// ```
///
/// # Panics
///
/// If the handler has a method that makes its connection live: a WebSocket, a stream that follows a topic, or a request
/// that is parked. Serve these by [`HttpServer`](crate::HttpServer), or take [`service_without_live`]. Of methods that
/// were written without [`#[handler]`](macro@crate::handler) this is not known: those answer 501.
#[track_caller]
pub fn service<H: Handler + Send + Sync + 'static>(handler: H) -> Service {
    let mut methods = handler.settings().methods.iter();
    let is_live = |info: &&MethodInfo| info.answers.is_some_and(Answers::is_live);
    if let Some(MethodInfo {
        method,
        route,
        function,
        ..
    }) = methods.find(is_live)
    {
        panic!(
            "`{function}` ({method} {}) makes its connection live, and below another engine there is none that could \
             be: serve this handler by `HttpServer`, or take `doget::tower::service_without_live`, which answers such \
             methods with 501",
            route.unwrap_or("*")
        );
    }
    service_without_live(handler)
}

/// As [`service`], for a handler that has methods for live connections too: they answer 501, and the log of errors says
/// why.
///
#[cfg_attr(feature = "live", doc = "```")]
#[cfg_attr(not(feature = "live"), doc = "```ignore")]
/// use doget::live::{Live, WebSocket};
/// use doget::{handler, tower};
///
/// struct Shop;
///
/// #[handler]
/// impl Shop {
///     fn do_GET(&self) -> &'static str {
///         "a page"
///     }
///
///     #[route("/socket")]
///     fn do_GET_socket(&self, socket: WebSocket) -> Live {
///         socket.only()
///     }
/// }
///
/// let shop = tower::service_without_live(Shop);
/// # drop(shop);
/// ```
pub fn service_without_live<H: Handler + Send + Sync + 'static>(handler: H) -> Service {
    Service(Arc::new(Shared::new(Box::new(handler))))
}

/// What [`service`] makes. Clones share the handler and its threads; when the last one is gone, the threads leave.
///
/// The methods configure the service before it is cloned.
#[derive(Clone)]
pub struct Service(Arc<Shared>);

impl Service {
    /// Runs handlers in the task that polls the service, and starts no thread: for handlers that never block, and for
    /// AWS Lambda, which has one request at a time. A handler that blocks holds up whatever else its task's thread has
    /// to do.
    ///
    /// Bodies are collected before the handler runs, up to [`Limits::max_collected_body_size`]; a handler that reads
    /// beyond that gets an error that is a 413. What a handler writes piece by piece is collected too, up to
    /// [`max_inline_response`](Self::max_inline_response); bodies that are given whole, and files, have no such limit.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn inline(self) -> Self {
        self.placed("inline", Placement::Inline)
    }

    /// Runs methods marked `#[blocking]` on the pool, and all others as [`inline`](Self::inline) does.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn inline_unless_blocking(self) -> Self {
        self.placed("inline_unless_blocking", Placement::ByMark)
    }

    /// Bytes of a body that a handler may write piece by piece where it runs [`inline`](Self::inline), before they are
    /// compressed: beyond them its writes fail, the answer is a 500, and the log of errors says so. Default: 1 MiB.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn max_inline_response(self, bytes: usize) -> Self {
        self.with("max_inline_response", |shared| {
            shared.max_inline_response = bytes
        })
    }

    /// The limits. Of those the service uses the ones on heads, bodies, threads and the queue, and on how slow a peer
    /// may be while a handler waits for it; connections are the business of the engine below.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        self.with("limits", |shared| shared.set_limits(limits))
    }

    /// Where requests and errors are logged. Default: [`Log::stderr`].
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn log(self, log: Log) -> Self {
        self.with("log", |shared| {
            shared.site.log = log.clone();
            shared.site.error_log = log;
        })
    }

    /// Where errors are logged, if elsewhere.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn error_log(self, log: Log) -> Self {
        self.with("error_log", |shared| shared.site.error_log = log)
    }

    /// The format of request lines in the log.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn log_format(self, format: LogFormat) -> Self {
        self.with("log_format", |shared| shared.site.format = format)
    }

    /// How the client of a request is found: engines put its address into the request's extensions, each in a type of
    /// its own. Default: [`Peer::UNKNOWN`], of whom `Basic` takes no password over plain HTTP
    /// ([`Verify::allows_plain_http`](crate::Verify::allows_plain_http)), and who are one client for
    /// [`Limit`](crate::Limit).
    ///
    /// ```
    /// # use doget::{Peer, handler, tower};
    /// # use std::net::SocketAddr;
    /// # struct Hello;
    /// # #[handler]
    /// # impl Hello {
    /// #     fn do_GET(&self) -> &'static str {
    /// #         "hello"
    /// #     }
    /// # }
    /// // With axum's `into_make_service_with_connect_info` it is `ConnectInfo<SocketAddr>` in place of `SocketAddr`.
    /// let service = tower::service(Hello).peer(|request| {
    ///     let address = request.extensions.get::<SocketAddr>();
    ///     address.map_or(Peer::UNKNOWN, |address| Peer::from(*address))
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn peer(
        self,
        peer: impl Fn(&http::request::Parts) -> Peer + Send + Sync + 'static,
    ) -> Self {
        self.with("peer", |shared| shared.peer = Box::new(peer))
    }

    /// The proxies that are believed what they say of the client, as
    /// [`HttpServer::trust`](crate::HttpServer::trust) has it. The proxy itself is known by [`peer`](Self::peer).
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        self.with("trust", |shared| shared.site.trust = Some(trust))
    }

    /// The connections below are encrypted: what [`Request::scheme`](crate::Request::scheme) says, and why passwords
    /// may cross them. The scheme of a request is the client's word, and not looked at. Default: they are not.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn https(self, is_tls: bool) -> Self {
        self.with("https", |shared| shared.is_tls = is_tls)
    }

    /// The name and the port of the server, for [`ServerInfo`](crate::ServerInfo). Default: `localhost` and 0.
    ///
    /// # Panics
    ///
    /// If the service was cloned or called already.
    #[track_caller]
    #[must_use]
    pub fn server_name(self, name: impl Into<String>, port: u16) -> Self {
        self.with("server_name", |shared| {
            shared.site.name = name.into();
            shared.site.port = port;
        })
    }

    /// The handle by which handlers that stream learn of the end: call [`Shutdown::graceful`] where the engine below is
    /// told to end.
    #[must_use]
    pub fn shutdown_handle(&self) -> Shutdown {
        self.0.site.shutdown.clone()
    }

    #[track_caller]
    fn placed(self, method: &str, placement: Placement) -> Self {
        self.with(method, |shared| shared.set_placement(placement))
    }

    #[track_caller]
    #[allow(clippy::panic, reason = "a mistake of the program, at its start")]
    fn with(mut self, method: &str, change: impl FnOnce(&mut Shared)) -> Self {
        match Arc::get_mut(&mut self.0) {
            Some(shared) => change(shared),
            None => panic!(
                "`{method}` comes too late: a service is configured before it is cloned or called"
            ),
        }
        self
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl<B> tower_service::Service<http::Request<B>> for Service
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
{
    type Response = http::Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    /// Always ready: when nothing more fits, the answer is 503 with `Retry-After`.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> ResponseFuture {
        let (parts, body) = request.into_parts();
        let source = (!body.is_end_stream()).then(|| {
            Box::new(Source::new(
                &parts,
                Box::pin(body) as std::pin::Pin<Box<dyn RequestBody>>,
            ))
        });
        ResponseFuture::new(Arc::clone(&self.0), &parts, source)
    }
}
