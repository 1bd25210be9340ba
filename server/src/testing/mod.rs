//! For the tests of handlers: requests and answers in memory, without a socket, a port or a thread.
//!
//! [`get`], [`post`] and the like build a request. [`send`](TestRequest::send) runs a handler on it, hooks and error
//! pages included, and gives the [`Answer`]:
//!
//! ```
//! use doget::{Form, StatusCode, handler, testing};
//!
//! struct Login;
//!
//! #[handler]
//! impl Login {
//!     #[route("/")]
//!     fn do_GET_home(&self) -> &'static str {
//!         "Who are you?\n"
//!     }
//!
//!     #[route("/login")]
//!     fn do_POST_login(&self, form: Form) -> Option<String> {
//!         Some(format!("Hello, {}!\n", form.get("name")?))
//!     }
//! }
//!
//! let answer = testing::get("/").header("Accept-Language", "en").send(&Login);
//! assert_eq!(answer.status(), 200);
//! assert_eq!(answer.header("Content-Length"), Some("13"));
//! assert_eq!(answer.text(), "Who are you?\n");
//!
//! let answer = testing::post("/login").form([("name", "Ada")]).send(&Login);
//! assert_eq!(answer.text(), "Hello, Ada!\n");
//!
//! let answer = testing::post("/login").form([("other", "x")]).send(&Login);
//! assert_eq!(answer.status(), StatusCode::NOT_FOUND);
//! ```
//!
//! A [`Connection`] sends several requests, one after the other or pipelined, and keeps cookies on request
//! ([`Connection::keep_cookies`]). With the feature `live` it opens WebSockets and event streams too
//! (`Connection::websocket`, `Connection::events`). [`Exchange`] has the settings: limits, the client's address, a log.
//! [`exchange()`] takes and gives raw bytes, for what no request builder writes.
//!
//! **Streams without an end** end here when the client has taken 64 MiB, or as much as [`Exchange::max_received`]
//! says: writes of the handler fail from then on with [`BrokenPipe`](std::io::ErrorKind::BrokenPipe), as if a client
//! had hung up, and [`Answer::is_whole`] is false.
//!
//! **Time stands still**: no deadline of [`Limits`](crate::Limits) passes, and nobody interrupts a handler. What needs
//! a second thread or a real client is tested over a socket:
//! [`HttpServer::bind("localhost:0")`](crate::HttpServer::bind) with [`spawn`](crate::HttpServer::spawn). For its
//! deadlines there is a [`Clock`] that the test moves.

mod answer;
mod connection;
mod cookie_jar;
mod declared;
mod exchange;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod live_events;
mod request;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests;

pub use crate::engine::clock::Clock;
pub use answer::Answer;
pub use connection::Connection;
pub use exchange::{Exchange, Outcome};
#[cfg(feature = "live")]
pub use live::{LiveMessage, LiveSocket};
#[cfg(feature = "live")]
pub use live_events::{LiveEvent, LiveEvents};
pub use request::TestRequest;

use crate::Handler;

/// Feeds a client's bytes to a handler and returns what the server would send, as a connection of its own: all
/// requests in it are answered, as far as they are whole, and then the client has finished.
///
/// ```
/// use doget::{handler, testing};
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
/// let answer = testing::exchange(&Hello, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
/// assert!(answer.ends_with(b"\r\n\r\nhello"));
/// ```
pub fn exchange<H: Handler>(handler: &H, input: &[u8]) -> Vec<u8> {
    Exchange::new().run(handler, input).bytes
}

/// A connection to a handler, with default settings; see [`Connection`].
pub fn connect<H: Handler>(handler: &H) -> Connection<'_> {
    Exchange::new().connect(handler)
}

/// A `GET` request; see [`TestRequest::new`].
pub fn get(target: &str) -> TestRequest {
    TestRequest::new("GET", target)
}

/// A `HEAD` request; see [`TestRequest::new`].
pub fn head(target: &str) -> TestRequest {
    TestRequest::new("HEAD", target)
}

/// A `POST` request; see [`TestRequest::new`].
pub fn post(target: &str) -> TestRequest {
    TestRequest::new("POST", target)
}

/// A `PUT` request; see [`TestRequest::new`].
pub fn put(target: &str) -> TestRequest {
    TestRequest::new("PUT", target)
}

/// A `PATCH` request; see [`TestRequest::new`].
pub fn patch(target: &str) -> TestRequest {
    TestRequest::new("PATCH", target)
}

/// A `DELETE` request; see [`TestRequest::new`].
pub fn delete(target: &str) -> TestRequest {
    TestRequest::new("DELETE", target)
}

/// An `OPTIONS` request; see [`TestRequest::new`].
pub fn options(target: &str) -> TestRequest {
    TestRequest::new("OPTIONS", target)
}

/// A request with any method; see [`TestRequest::new`].
///
/// ```
/// # use doget::{handler, testing};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// assert_eq!(testing::request("BREW", "/pot").send(&Hello).status(), 501);
/// ```
pub fn request(method: &str, target: &str) -> TestRequest {
    TestRequest::new(method, target)
}
