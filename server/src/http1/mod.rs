//! The protocol core of HTTP/1.x: bytes in, events out.
//!
//! Nothing here knows a socket, a clock or a thread, so all of it can be tested exhaustively,
//! fuzzed and counted. An exchange flows through the pieces like this:
//!
//! ```text
//!  bytes ─► parse ─► Head ─┬─ command, path, fields, persistent, expect
//!            ▲             └─ framing ─► BodyDecoder ─► runs of body bytes
//!            └ Scan: where the search for the head's end stands
//!
//!  status_line, field ─► Vec<u8> ◄─ chunk_head, LAST_CHUNK
//! ```
//!
//! The caller owns a buffer. While [`parse`] says [`Progress::Partial`] it appends what arrives and
//! calls again with the same [`Scan`]; the line scanner in front enforces [`HeadLimits`] as bytes
//! come in and never looks at one twice. When the head is whole, `httparse` applies the grammar of
//! header lines and one pass over the fields takes the decisions that must be taken once and for
//! all: where the body ends ([`RequestFraming`]), whether the connection may be kept, what is expected
//! before the body, for which host the request is. [`Head`] keeps offsets into the buffer, so it
//! can be reused without allocating.
//!
//! Before all this, a head that is there in one piece is offered to a fast path (`fast_path.rs`). It
//! takes the plain ones that make up nearly all traffic, in one sweep, and knows no errors: what it
//! does not take is read as above, from the start, with the same meaning.
//!
//! A [`BodyDecoder`] made of the framing then turns the bytes behind the head into runs of body
//! data, also offsets into the caller's buffer; when it is done, the next head begins.
//!
//! What a peer gets wrong is a [`HeadError`] or a [`ChunkError`] and carries what to answer. After
//! either the connection is beyond repair: where the next request begins is not known. What the
//! program itself gets wrong, a header that would split the response, is an [`EncodeError`].
//!
//! [`Parsing`] chooses between RFC 9112 read strictly and the leniency of Python's `http.server`.
//! Both refuse whatever two readers could take apart differently.

mod authority;
mod body;
mod byte_class;
mod chunked;
mod connection_options;
mod encode;
mod error;
mod fast_path;
mod field_line;
mod fields;
mod framing;
mod head;
mod latin1;
mod limits;
mod line_scanner;
mod py_repr;
mod request_line;
mod span;
mod target;
mod version;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests;

pub(crate) use authority::is_valid as is_authority;
pub use body::BodyDecoder;
pub use chunked::{ChunkError, ChunkedDecoder, Decoded, LAST_CHUNK, chunk_head};
pub use connection_options::Expect;
pub use encode::{
    EncodeError, EncodeErrorKind, field, field_bytes, field_display, is_valid_field, status_line,
};
pub(crate) use encode::{field_args, own_content_type, push_line_end};
pub use error::HeadError;
pub use fields::{HeaderFields, HeaderFieldsIter};
pub use framing::RequestFraming;
pub use head::{Head, Progress, parse};
pub(crate) use limits::limits;
pub use limits::{ChunkLimits, HeadLimits};
pub use line_scanner::Scan;
pub use py_repr::repr;
pub(crate) use request_line::is_tchar;
pub use target::TargetForm;
pub use version::Version;

/// How strictly a request head is read; a handler's const chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Parsing {
    /// RFC 9112 to the letter where letters differ between readers: single spaces, CR LF, no
    /// HTTP/0.9, one well-formed Host.
    #[default]
    Strict,
    /// What Python's `http.server` accepts (REQ-*, HDR-*), short of what could smuggle a request.
    Lenient,
}
