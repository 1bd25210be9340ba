//! An HTTP/1.1 server in the manner of Python's `http.server`: an `impl` block of `do_GET`-style methods, and
//! [`#[handler]`](macro@handler) on top of it. Handlers are plain blocking Rust; below them runs an event-driven
//! engine.
//!
//! ```no_run
//! use doget::{HttpServer, handler};
//!
//! struct Hello;
//!
//! #[handler]
//! impl Hello {
//!     fn do_GET(&self) -> &'static str {
//!         "Hello, World!\n"
//!     }
//! }
//!
//! fn main() -> std::io::Result<()> {
//!     HttpServer::bind("localhost:8000")?.serve_forever(Hello)
//! }
//! ```
//!
//! # A tour
//!
//! **Answers.** A method returns anything that is a [`Reply`]: text, bytes, [`Html`], a [`StatusCode`], a
//! [`Redirect`], an `Option`, a `Result`, a type of your own. `None` is 404, and an [`Error`] is an error page with
//! its status.
//!
//! **Parameters.** A method takes what it needs, in any order: the [`Request`], the [`Response`], a part of the path,
//! or anything that is [`FromRequest`]: the body as `Vec<u8>` or `String`, a [`Form`], the query as [`Pairs`].
//!
//! ```
//! use doget::{Error, Form, Redirect, Result, handler, testing};
//! use std::sync::Mutex;
//!
//! struct Guests(Mutex<Vec<String>>);
//!
//! #[handler]
//! impl Guests {
//!     #[route("/guests/{number}")]
//!     fn do_GET_guest(&self, number: usize) -> Option<String> {
//!         self.0.lock().unwrap().get(number).cloned()
//!     }
//!
//!     #[route("/guests")]
//!     fn do_POST_guests(&self, form: Form) -> Result<Redirect> {
//!         let name = form.get("name").ok_or_else(|| Error::new(400).message("No name"))?;
//!         let mut guests = self.0.lock().unwrap();
//!         guests.push(name.to_owned());
//!         Ok(Redirect::see_other(format!("/guests/{}", guests.len() - 1)))
//!     }
//! }
//!
//! let guests = Guests(Mutex::new(vec!["Ada".to_owned()]));
//! assert_eq!(testing::get("/guests/0").send(&guests).text(), "Ada");
//! assert_eq!(testing::get("/guests/nobody").send(&guests).status(), 404);
//! let answer = testing::post("/guests").form([("name", "Grace")]).send(&guests);
//! assert_eq!(answer.header("Location"), Some("/guests/1"));
//! ```
//!
//! **By hand.** A method that takes the [`Response`] goes through [`ResponseHead`] and [`Body`] to [`Sent`]. Each
//! step consumes the one before, so a header after the blank line, data before it, two answers and no answer do not
//! compile. Framing is the server's: a short body gets its `Content-Length`, a long one is chunked.
//!
//! ```
//! use doget::{Request, Response, Result, Sent, handler};
//! use std::io::{BufRead, Write};
//!
//! struct Shout;
//!
//! #[handler]
//! impl Shout {
//!     fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
//!         let mut wfile = response
//!             .send_response(200)
//!             .send_header("Content-Type", "text/plain")
//!             .end_headers()?;
//!         for line in request.body().lines() {
//!             writeln!(wfile, "{}", line?.to_uppercase())?;
//!         }
//!         wfile.finish()
//!     }
//! }
//! ```
//!
//! **Errors.** `?` works on [`std::io::Error`], on [`Error`] and on what you write `impl From<YourError> for
//! doget::Error` for. Everything else is given a status where it fails ([`OrStatus`]): `.or_500()?`,
//! `.or_status(400)?`, `.or_404()?` of an `Option`. A method that returns an [`AnyResult`] fails with whatever it
//! likes, as a 500. Causes are logged and not shown.
//!
//! **Hooks.** `log_request`, `send_error`, `end_headers` and the other methods and consts of [`Handler`] can stand in
//! the same block; [`hooks`] has their defaults as functions, to be called from there.
//!
//! **State.** [`serve_forever`](HttpServer::serve_forever) shares one handler among all connections: what changes in
//! it stands in a `Mutex` or an atomic. [`serve_with`](HttpServer::serve_with) makes a handler for each connection.
//!
//! **Blocking.** A handler may block: read a file, ask a database, sleep. It holds a thread then, and no other
//! connection waits for it. Requests, bodies that are collected and finished responses are read and written without a
//! thread, however slow the client is.
//!
//! **Bounds.** [`Limits`] has every one of them, with its default and what a client sees.
//!
//! **Tests.** [`testing`] runs a handler on requests in memory and parses the answers; [`HttpServer::spawn`] serves
//! on a thread, on port 0 if you like; and the methods of the block are still methods, to be called as such.
//!
//! The [`cookbook`] has more: large programs, streams, conditional answers, a log of one's own.
//!
//! # Features
//!
//! - `auth`: `Passwords`, by scrypt, and `Tokens`.
//! - `anyhow`: `anyhow::Error` as the error of a method.
//! - `cgi`: `CgiHandler`, which serves files and runs scripts. On Unix alone; elsewhere it is as `files`.
//! - `cli`: the command `doget`, which serves a directory; of no use to a library.
//! - `compress`: `Compress`, gzip on the way.
//! - `embed`: `embed!` and `Embedded`, the files of a directory as a part of the program. It turns `files` on.
//! - `files`: `FileHandler`, which serves a directory, as a handler.
//! - `json`: `Json<T>` as a parameter and as an answer, with serde.
//! - `openapi`: [`openapi`], the description of a handler, from its types and comments, and a page that shows it.
//! - `multipart`: `Multipart<T>` and `Request::multipart`: forms with files. It turns `params` on.
//! - `params`: `#[derive(Params)]`: the query, header fields, cookies and forms as types; `SetCookie`.
//! - `live`: the module `live`: WebSockets and Server-Sent Events. A quiet one costs no thread.
//! - `live-deflate`: `WebSocket::deflate`, compressed messages. It turns `live` on.
//! - `session`: `Sessions`, in signed cookies or a store, and flash messages. It turns `json` and `params` on.
//! - `signal`: `Shutdown::on_signals`, so that Ctrl-C ends the server gracefully.
//! - `tls`: `Tls`, for HTTPS by rustls.
//! - `tls-aws-lc`: its cryptography by aws-lc in place of ring, with the hybrid post-quantum key exchange
//!   X25519MLKEM768. It turns `tls` on.
//! - `tower`: `tower::service`, for handlers below hyper, axum or AWS Lambda.
//! - `tracing`: `Trace`, spans around handlers.
//! - `upload`: `UploadHandler` and `DropDirectory`, which take files that clients send. It turns `files` and
//!   `multipart` on, and adds no more than these outside of Unix.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]
#![warn(clippy::expect_used, clippy::unwrap_used)]

mod auth;
#[cfg(all(unix, feature = "cgi"))]
mod cgi;
mod connection;
#[cfg(doc)]
#[doc = include_str!("cookbook.md")]
pub mod cookbook {}
mod engine;
mod error;
mod exchange;
mod extract;
#[cfg(feature = "files")]
mod files;
mod handler;
mod http1;
mod layers;
#[cfg(feature = "live")]
pub mod live;
mod log;
#[cfg(feature = "openapi")]
pub mod openapi;
mod reply;
mod request;
mod response;
mod semantics;
mod server;
#[cfg(feature = "session")]
mod session;
pub mod testing;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tower")]
pub mod tower;

#[doc(hidden)]
pub use handler::expansion as __private;
pub use handler::{allow, hooks};
pub use semantics::{method_registry as method, uri};

/// The protocol core, for the fuzz targets and the benchmarks of this repository. It may change in any release.
#[doc(hidden)]
pub mod __http1 {
    pub use crate::http1::*;
}

/// The header of the PROXY protocol, for the fuzz targets of this repository. It may change in any release.
#[doc(hidden)]
pub mod __proxy_header {
    pub use crate::connection::proxy_header::{MAX_SIZE, ProxyHeader, parse};
}

pub use auth::credentials::{Basic, Bearer};
#[cfg(feature = "auth")]
pub use auth::passwords::Passwords;
pub use auth::secret::same_secret;
#[cfg(feature = "auth")]
pub use auth::tokens::Tokens;
pub use auth::{Authorized, Scheme, Verify};
#[cfg(all(unix, feature = "cgi"))]
pub use cgi::{CgiCredentials, CgiHandler, CgiLimits};
pub use connection::figures::ServerFigures;
pub use connection::limits::Limits;
pub use connection::live_limits::LiveLimits;
pub use connection::networks::{NetworkError, Networks};
pub use connection::peer::Peer;
pub use connection::server_info::{ServerInfo, Shutdown, ShutdownListener, ShutdownStage};
pub use connection::trust::Trust;
#[doc = include_str!("error/derive.md")]
pub use doget_macros::Fault;
/// See the trait [`Params`](trait@Params).
#[cfg(feature = "params")]
pub use doget_macros::Params;
#[doc = include_str!("reply/derive.md")]
pub use doget_macros::Reply;
#[cfg(feature = "embed")]
pub use doget_macros::embed;
#[doc = include_str!("handler/handler.md")]
pub use doget_macros::handler;
pub use error::deadline_exceeded::DeadlineExceeded;
pub use error::declared::Fault;
pub use error::fault::{InputFault, Place};
pub use error::{AnyResult, Error, IntoError, OrStatus, Result};
pub use extract::describe::{Bound, Number, ParamFields, ParamGroup, ParamInfo, ParamKind};
pub use extract::file_name::{FileName, NotAFileName};
pub use extract::form::{Form, FormPairs};
#[cfg(feature = "json")]
pub use extract::json::Json;
#[cfg(feature = "multipart")]
pub use extract::multipart::limits::MultipartLimits;
#[cfg(feature = "multipart")]
pub use extract::multipart::parts::{Part, Parts};
#[cfg(feature = "multipart")]
pub use extract::multipart::typed::Multipart;
#[cfg(feature = "multipart")]
pub use extract::multipart::upload::Upload;
#[cfg(feature = "params")]
pub use extract::params::Params;
#[cfg(feature = "params")]
pub use extract::params::faults::ParamFaults;
#[cfg(feature = "params")]
pub use extract::params::places::{Cookies, Headers, Query};
#[cfg(feature = "params")]
pub use extract::params::source::ParamSource;
pub use extract::{FromParam, FromRequest, OptionalFromRequest};
#[cfg(feature = "embed")]
pub use files::embedded::Embedded;
#[cfg(all(unix, feature = "upload"))]
pub use files::upload::{DropDirectory, UploadHandler, UploadLimits};
#[cfg(feature = "files")]
pub use files::{ArchiveLimits, FileHandler, FoundFile, SettingError, Symlinks, media_type};
pub use handler::by_host::ByHost;
pub use handler::gate::Gate;
pub use handler::mount::Mount;
pub use handler::registry::{MethodInfo, MethodSet};
pub use handler::settings::Settings;
pub use handler::{Declared, Handler, Handles, Route};
pub use http1::{
    ChunkLimits, HeadLimits, HeaderFields, Parsing, TargetForm, Version, is_valid_field,
};
pub use layers::Layer;
pub use layers::allow_hosts::AllowHosts;
#[cfg(feature = "compress")]
pub use layers::compress::Compress;
pub use layers::cors::{AnyOrigin, Cors, ListedOrigins};
pub use layers::deadline::Deadline;
pub use layers::health::{Health, Readiness};
pub use layers::limit::Limit;
pub use layers::max_body::MaxBody;
pub use layers::metrics::{Metrics, MetricsPage};
pub use layers::request_id::{RequestId, TraceParent};
pub use layers::same_origin::SameOrigin;
pub use layers::security_headers::SecurityHeaders;
#[cfg(feature = "tracing")]
pub use layers::trace::Trace;
pub use layers::with::{With, with};
pub use log::{Log, LogFormat};
pub use reply::answers::{AnswerInfo, Answers};
pub use reply::cached::Cached;
pub use reply::html::Html;
pub use reply::redirect::Redirect;
#[cfg(feature = "params")]
pub use reply::set_cookie::{CookieError, SameSite, SetCookie};
pub use reply::typed::{Created, NoContent, Status};
pub use reply::{Reply, WithHeader, WithStatus};
pub use request::body::BodyReader;
pub use request::{Pairs, Request};
pub use response::header_value::{Displayed, HeaderEncoder, HeaderValue};
pub use response::html_text::escape_html;
pub use response::into_body::{IntoBody, Static};
pub use response::misuse::{HeadIsClosed, HeadIsOpen, StatusIsChosen};
pub use response::promised::Promised;
pub use response::tail::FileRanges;
pub use response::{Body, Response, ResponseHead, Sent};
pub use semantics::conditional::{ETag, Validators};
pub use semantics::date::{HttpDate, parse_http_date};
pub use semantics::field_value::FieldValueError;
pub use semantics::method::Method;
pub use semantics::status::StatusCode;
pub use server::HttpServer;
pub use server::running::Running;
#[cfg(feature = "session")]
pub use session::{HasSessions, Session, SessionError, SessionId, SessionStore, Sessions};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
