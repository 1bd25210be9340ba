//! doget
#![warn(clippy::expect_used, clippy::unwrap_used)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod date;
mod engine;
mod error;
pub mod error_page;
mod exchange;
mod extract;
#[cfg(feature = "files")]
pub mod files;
mod handler;
pub mod hooks;
#[doc(hidden)]
pub mod http1;
#[cfg(feature = "json")]
mod json;
mod limits;
pub mod log;
pub mod method;
mod outbox;
mod peer;
mod reply;
mod request;
mod response;
mod rfile;
mod server;
mod site;
pub mod status;
pub mod testing;
mod transport;

pub use date::{DateCache, HttpDate, parse_http_date};
#[doc = include_str!("handler.md")]
pub use doget_macros::handler;
pub use error::{Error, IntoError, Result};
pub use error_page::escape_html;
pub use extract::{Form, FromParam, FromRequest, OptionalFromRequest};
#[cfg(feature = "files")]
pub use files::FileHandler;
pub use handler::{Dispatch, Handler, Handles, Route, Settings};
#[cfg(feature = "json")]
pub use json::Json;
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use method::{Method, MethodInfo, MethodSet};
pub use peer::Peer;
pub use reply::{Html, Redirect, Reply};
pub use request::{Pairs, Request};
pub use response::{Body, HeadIsClosed, HeadIsOpen, Headers, Response, Sent, StatusIsChosen};
pub use rfile::Rfile;
pub use server::{HttpServer, Running};
pub use site::{Shutdown, Site, Stage};
pub use status::{StatusCode, responses};
