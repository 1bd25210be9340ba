//! A request as a handler below a prefix sees it.

use crate::Request;
use crate::http1::{BodyDecoder, RequestFraming};
use crate::request::body::BodyReader;
#[cfg(all(unix, feature = "cgi"))]
use crate::semantics::path_segment::prefix_length;
use std::sync::atomic::Ordering;

/// What is left of a path behind so many bytes of prefix: the prefix itself is the root of what is below it.
pub(crate) fn rest(path: &str, length: usize) -> &str {
    match path.get(length..) {
        Some(rest) if !rest.is_empty() => rest,
        _ => "/",
    }
}

/// Mounted handlers.
impl<'c> Request<'c> {
    /// The prefix that the handler in hand is mounted at, as the client sent it: `/api` for a handler at `/api`, and
    /// for one that is mounted within that one at `/v1` it is `/api/v1`. Empty for the server's own handler.
    ///
    /// [`path`](Self::path) is what follows it, and the two together are the path of the target. A handler that says
    /// where something else of its own is puts this before it:
    ///
    /// ```
    /// use doget::{Redirect, Request, handler, testing};
    ///
    /// struct Notes;
    ///
    /// #[handler]
    /// impl Notes {
    ///     #[route("/newest")]
    ///     fn do_GET_newest(&self, request: &Request<'_>) -> Redirect {
    ///         Redirect::temporary(format!("{}/7", request.mount()))
    ///     }
    /// }
    ///
    /// struct Site {
    ///     notes: Notes,
    /// }
    ///
    /// #[handler(mount("/notes" = self.notes: Notes))]
    /// impl Site {}
    ///
    /// let answer = testing::get("/notes/newest").send(&Site { notes: Notes });
    /// assert_eq!(answer.header("Location"), Some("/notes/7"));
    /// ```
    pub fn mount(&self) -> &'c str {
        self.head.path().get(..self.mount).unwrap_or_default()
    }

    /// How much of this path of the server is the prefix of the handler in hand; `None` if it leads elsewhere.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn mount_of(&self, path: &str) -> Option<usize> {
        let segments = self.mount().split('/').skip(1);
        let decode = |segment| percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
        let segments: Vec<_> = segments.map(decode).collect();
        prefix_length(path, segments.iter().map(|segment| &**segment))
    }

    /// The path is that of the mount itself, without a slash behind it.
    #[cfg(feature = "files")]
    pub(crate) fn is_mount_itself(&self) -> bool {
        self.mount > 0 && self.mount == self.head.path().len()
    }

    /// Calls `look` with this request below `length` more bytes of prefix. Whatever comes of it, the request is as
    /// before then.
    pub(crate) fn below<T>(&mut self, length: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        let (path, mount) = (self.path, self.mount);
        self.enter(length);
        let above = Above {
            request: self,
            path,
            mount,
        };
        look(&mut *above.request)
    }

    /// The head of this request below `length` more bytes of prefix, without a body.
    pub(crate) fn view_below(&self, length: usize) -> Request<'c> {
        let decoder = BodyDecoder::new(RequestFraming::None, &self.connection.limits.chunk);
        let unread = self.exchange.unread.load(Ordering::Relaxed);
        let body = BodyReader::new(Vec::new(), &[], decoder, self.exchange);
        // The client's own body is where it was.
        self.exchange.unread.store(unread, Ordering::Relaxed);
        let words = (self.method, self.path);
        let mut view = Request::with_words(
            self.head,
            words,
            self.bytes,
            body,
            self.exchange,
            self.connection,
        );
        (view.route, view.id, view.mount) = (self.route, self.id, self.mount);
        view.enter(length);
        view
    }

    fn enter(&mut self, length: usize) {
        self.path = rest(self.path, length);
        self.mount += length;
    }
}

/// Puts the path back, also if a handler panics: the error page and the log are about the whole path.
struct Above<'r, 'c> {
    request: &'r mut Request<'c>,
    path: &'c str,
    mount: usize,
}

impl Drop for Above<'_, '_> {
    fn drop(&mut self) {
        (self.request.path, self.request.mount) = (self.path, self.mount);
    }
}
