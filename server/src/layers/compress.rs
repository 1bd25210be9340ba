//! [`Compress`]: bodies compressed on their way.

use crate::layers::Layer;
use crate::response::coding::GzipSettings;
use crate::response::promised::Promised;
use crate::semantics::accept::Weights;
use crate::{Request, Response, Result, Sent};

/// A [`Layer`] that sends bodies in gzip to clients that accept it.
///
/// - Text is compressed: `text/..`, JSON, XML, JavaScript, WebAssembly. Nothing else is, and no event stream.
/// - A body below [`above`](Self::above), 1 KiB by default, stays as it is. So does one that would not become shorter,
///   one whose `Content-Length` the handler has given, a file (`FileHandler` sends compressed siblings), a part of a
///   body (206), what has a `Content-Encoding`, and what `Cache-Control: no-transform` forbids.
/// - An answer that sets a cookie is left alone. Where a secret stands beside what an attacker can choose, the length
///   tells the secret (BREACH): put the layer on the methods that need it. The length varies by up to 100 bytes.
/// - A strong `ETag` becomes weak, `Accept-Ranges` goes, and `Vary: Accept-Encoding` is on every answer. `gzip;q=0` is
///   obeyed. No client gets 406.
/// - What the handler flushes leaves at once. A body that fits
///   [`Limits::response_buffer_size`](crate::Limits::response_buffer_size) keeps a `Content-Length`.
///
/// ```
/// use doget::{Compress, handler, testing};
///
/// struct Report {
///     gzip: Compress,
/// }
///
/// #[handler]
/// impl Report {
///     #[layer(self.gzip)]
///     fn do_GET(&self) -> String {
///         "row\n".repeat(1000)
///     }
/// }
///
/// let report = Report { gzip: Compress::gzip() };
/// let answer = testing::get("/").header("Accept-Encoding", "gzip").send(&report);
/// assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
/// assert!(answer.bytes().len() < 400);
/// let answer = testing::get("/").header("Accept-Encoding", "gzip;q=0").send(&report);
/// assert_eq!((answer.header("Content-Encoding"), answer.bytes().len()), (None, 4000));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Compress {
    settings: GzipSettings,
}

impl Compress {
    /// By gzip, at level 6.
    #[must_use]
    pub const fn gzip() -> Self {
        Self {
            settings: GzipSettings {
                level: 6,
                above: 1 << 10,
            },
        }
    }

    /// The level, from 1, the quickest, to 9.
    #[must_use]
    pub fn level(mut self, level: u32) -> Self {
        self.settings.level = level.clamp(1, 9);
        self
    }

    /// Bodies with fewer bytes stay as they are.
    #[must_use]
    pub fn above(mut self, bytes: usize) -> Self {
        self.settings.above = bytes;
        self
    }
}

impl Layer for Compress {
    fn promise(&self, _: &Request<'_>, promised: &mut Promised) {
        promised.header("Vary", "Accept-Encoding");
    }

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        let fields = request.headers().get_all("Accept-Encoding");
        if !Weights::read(fields).codings(&["gzip"]).is_empty() {
            response.writer.want_coding(self.settings);
        }
        next(request, response)
    }
}
