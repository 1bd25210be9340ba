//! [`Limits`]: every bound of a server in one place, as data.

use crate::http1::{ChunkLimits, HeadLimits};
use std::time::Duration;

/// Every bound of a server: bytes, counts and time.
///
/// The defaults act untouched; each field says what the peer sees when it is reached. A field is changed with
/// the struct update syntax:
///
/// ```
/// use doget::Limits;
/// use std::time::Duration;
///
/// let limits = Limits { idle: Duration::from_secs(5), ..Limits::default() };
/// assert_eq!(limits.connections, Limits::default().connections);
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    /// The request head in the strict profile: 414 for a target that is too long, 431 for fields, 400 for the rest.
    pub head: HeadLimits,
    /// The request head in the lenient profile; `http.server`'s own limits (behaviour rules REQ-02, HDR-02, HDR-03).
    pub lenient_head: HeadLimits,
    /// Chunked request bodies: 400, and the connection is closed.
    pub chunk: ChunkLimits,
    /// Bytes of a request body that are read before the handler runs, so that a slow body of up to this size costs no
    /// thread. Default: 64 KiB. The peer sees nothing of it.
    pub body_ahead: usize,
    /// Bytes of a body that the server collects in memory for a parameter such as `Vec<u8>` or `String`: 413 beyond.
    /// Default: 1 MiB. A handler that reads [`Request::body`](crate::Request::body) has no limit but its own.
    pub body: u64,
    /// Bytes of request bodies that all connections together may hold in memory before their handlers run; past it
    /// handlers run at once and read for themselves. Default: 64 MiB.
    pub bodies: usize,
    /// Bytes of an unread request body that are read and thrown away to keep the connection. Default: 256 KiB;
    /// beyond it the response says `Connection: close`.
    pub drain: u64,
    /// Bytes of a response body that are held back for its `Content-Length`. Default: 64 KiB; a longer body is
    /// chunked on HTTP/1.1, and ends with the connection on HTTP/1.0.
    pub response_ahead: usize,
    /// Time from the accept to the end of the TLS handshake. Default: 10 s, absolute. The connection is closed. Without TLS it counts for nothing.
    pub handshake: Duration,
    /// Time from the accept (with TLS: from the end of the handshake), or from the end of the last response, to the end of the request head.
    /// Default: 15 s, absolute. The peer gets 408 if it sent any byte of the head, else the connection is closed.
    pub head_time: Duration,
    /// Time without a request on a kept connection. Default: 15 s. The connection is closed.
    pub idle: Duration,
    /// Time without a byte of a request body. Default: 30 s. 408, or an error to a handler that is reading.
    pub body_progress: Duration,
    /// Least average rate of a request body, in bytes a second, counted after `body_grace`. Default: 500.
    /// The peer sees the same as with `body_progress`.
    pub body_rate: u32,
    /// Time before `body_rate` counts. Default: 10 s.
    pub body_grace: Duration,
    /// Time without a byte of the response taken by the peer. Default: 30 s. The connection is cut.
    pub write_progress: Duration,
    /// Least average rate of a response, in bytes a second, counted after `write_grace`. Default: 500. The
    /// connection is cut.
    pub write_rate: u32,
    /// Time before `write_rate` counts. Default: 60 s.
    pub write_grace: Duration,
    /// Time for an unread body to be drained, and for the peer to read the last response before the connection is
    /// closed for good. Default: 1 s.
    pub linger: Duration,
    /// Requests on one connection. Default: 100,000: a connection keeps nothing from
    /// one request to the next that would have to be let go of, and `age` ends it in time. The last response says `Connection: close`.
    pub requests: u32,
    /// Age of a connection after which its next response is the last. Default: 1 h; that response says `Connection: close`.
    pub age: Duration,
    /// Connections at once. Default: 65,536; it is lowered to the process's descriptor limit less a reserve. (On Linux
    /// `/proc` tells that limit; where it cannot be read, such as in a bare `chroot`, it is taken to be 1,024.) When it
    /// is reached, the connection that was idle for longest is closed for a new one; if none is idle, new ones wait in
    /// the kernel's backlog.
    pub connections: usize,
    /// Threads that handlers may block at once. Default: 512. Further requests for handlers that are known to block
    /// wait in the queue.
    pub threads: usize,
    /// Requests that wait for a thread. Default: 1,024; beyond it 503 with `Retry-After: 1`.
    pub queue: usize,
    /// Stack of a handler thread, in bytes. Default: 2 MiB; pages that are never touched cost nothing.
    pub stack: usize,
    /// The kernel's queue of connections not yet accepted. Default: 1024.
    pub backlog: u32,
    /// Time that running requests have at shutdown. Default: 10 s; then their connections are cut.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: HeadLimits::default(),
            lenient_head: HeadLimits::lenient(),
            chunk: ChunkLimits::default(),
            body_ahead: 64 << 10,
            body: 1 << 20,
            bodies: 64 << 20,
            drain: 256 << 10,
            response_ahead: 64 << 10,
            handshake: Duration::from_secs(10),
            head_time: Duration::from_secs(15),
            idle: Duration::from_secs(15),
            body_progress: Duration::from_secs(30),
            body_rate: 500,
            body_grace: Duration::from_secs(10),
            write_progress: Duration::from_secs(30),
            write_rate: 500,
            write_grace: Duration::from_secs(60),
            linger: Duration::from_secs(1),
            requests: 100_000,
            age: Duration::from_secs(3600),
            connections: 65_536,
            threads: 512,
            queue: 1024,
            stack: 2 << 20,
            backlog: 1024,
            grace: Duration::from_secs(10),
        }
    }
}
