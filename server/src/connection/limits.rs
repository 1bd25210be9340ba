//! [`Limits`]: every bound of a server in one place, as data.

use crate::connection::live_limits::LiveLimits;
use crate::http1::{ChunkLimits, HeadLimits, limits};
use std::time::Duration;

limits! {
    /// Every bound of a server: bytes, counts and time.
    ///
    /// The defaults act untouched; each field says what the peer sees when it is reached. Sizes are bytes, rates are
    /// bytes a second. Each field has a setter of its name:
    ///
    /// ```
    /// use doget::Limits;
    /// use std::time::Duration;
    ///
    /// const LIMITS: Limits = Limits::new()
    ///     .idle_timeout(Duration::from_secs(5))
    ///     .max_connections(1000);
    /// assert_eq!(LIMITS.idle_timeout.as_secs(), 5);
    /// assert_eq!(LIMITS.max_threads, Limits::new().max_threads);
    /// ```
    #[derive(Clone, Debug)]
    pub struct Limits {
        /// The request head in the strict profile: 414 for a target that is too long, 431 for fields, 400 for the
        /// rest.
        pub head: HeadLimits = HeadLimits::new(),
        /// The request head in the lenient profile: `http.server`'s own limits.
        pub lenient_head: HeadLimits = HeadLimits::lenient(),
        /// Chunked request bodies: 400, and the connection is closed.
        pub chunk: ChunkLimits = ChunkLimits::new(),
        /// WebSockets and event streams, with the feature `live`.
        pub live: LiveLimits = LiveLimits::new(),
        /// Bytes of a request body that are read before the handler runs, so that a slow body of up to this size
        /// costs no thread. Default: 64 KiB. The peer sees nothing of it.
        pub body_buffer_size: usize = 64 << 10,
        /// Bytes of request bodies that all connections together may hold in memory before their handlers run; past
        /// it handlers run at once and read for themselves. Default: 64 MiB.
        pub total_body_buffer_size: usize = 64 << 20,
        /// Bytes of a body that the server collects in memory for a parameter such as `Vec<u8>` or `String`: 413
        /// beyond. Default: 1 MiB. A handler that reads [`Request::body`](crate::Request::body) has no limit but its
        /// own.
        pub max_collected_body_size: u64 = 1 << 20,
        /// Bytes of an unread request body that are read and thrown away to keep the connection. Default: 256 KiB;
        /// beyond it the response says `Connection: close`. A chunked body does not say how long it is: the time of
        /// [`max_linger_time`](Self#structfield.max_linger_time) bounds it.
        pub max_drain_size: u64 = 256 << 10,
        /// Bytes of a response body that are held back for its `Content-Length`. Default: 64 KiB; a longer body is
        /// chunked on HTTP/1.1, and ends with the connection on HTTP/1.0.
        pub response_buffer_size: usize = 64 << 10,
        /// Time from the accept to the end of the TLS handshake, and of the header of the PROXY protocol where one is
        /// expected. Default: 10 s, absolute. The connection is closed. Without either it counts for nothing.
        pub handshake_timeout: Duration = Duration::from_secs(10),
        /// Time from the accept (with TLS: from the end of the handshake), or from the end of the last response, to
        /// the end of the request head. Default: 15 s, absolute. The peer gets 408 if it sent any byte of the head,
        /// else the connection is closed.
        pub head_timeout: Duration = Duration::from_secs(15),
        /// Time without a request on a kept connection. Default: 75 s, more than the 60 s for which proxies and load
        /// balancers keep theirs: whoever ends first, a request may be on its way. The connection is closed. Clients of
        /// HTTP/1.0 are told whole seconds of it (`Keep-Alive: timeout=75`).
        pub idle_timeout: Duration = Duration::from_secs(75),
        /// Time without a byte of a request body. Default: 30 s; ten times as long for a peer that keeps
        /// [`min_body_rate`](Self#structfield.min_body_rate) on average, since there are programs that send in bursts.
        /// 408, or an error to a handler that is reading.
        pub body_timeout: Duration = Duration::from_secs(30),
        /// Least average rate of a request body, in bytes a second, counted after
        /// [`body_rate_grace`](Self#structfield.body_rate_grace). Default: 500. The peer sees the same as with
        /// [`body_timeout`](Self#structfield.body_timeout).
        pub min_body_rate: u32 = 500,
        /// Time before [`min_body_rate`](Self#structfield.min_body_rate) counts. Default: 10 s.
        pub body_rate_grace: Duration = Duration::from_secs(10),
        /// Time without a byte of the response taken by the peer. Default: 30 s; ten times as long for a peer that
        /// keeps [`min_send_rate`](Self#structfield.min_send_rate) on average: `curl --limit-rate 20k` takes 3 MB at
        /// once, and then nothing for two and a half minutes. The connection is cut.
        pub send_timeout: Duration = Duration::from_secs(30),
        /// Least average rate of a response, in bytes a second, counted after
        /// [`send_rate_grace`](Self#structfield.send_rate_grace). Default: 500. The connection is cut.
        pub min_send_rate: u32 = 500,
        /// Time before [`min_send_rate`](Self#structfield.min_send_rate) counts. Default: 60 s.
        pub send_rate_grace: Duration = Duration::from_secs(60),
        /// Time without a byte of what a peer still sends and nobody wants: the rest of a body that was not read, or
        /// anything behind the last response. It is read and thrown away, so that a reset does not destroy the
        /// response before the peer has read it. Default: 5 s, as nginx. The connection is closed.
        pub linger_timeout: Duration = Duration::from_secs(5),
        /// The same in all, however much the peer sends. Default: 30 s, as nginx and Apache. The connection is closed.
        pub max_linger_time: Duration = Duration::from_secs(30),
        /// Requests on one connection. Default: 100,000: a connection keeps nothing from one request to the next that
        /// would have to be let go of, and [`max_connection_age`](Self#structfield.max_connection_age) ends it in
        /// time. The last response says `Connection: close`.
        pub max_requests_per_connection: u32 = 100_000,
        /// Age of a connection after which its next response is the last. Default: 1 h; that response says
        /// `Connection: close`.
        pub max_connection_age: Duration = Duration::from_secs(3600),
        /// Connections at once. Default: 65,536; it is lowered to the process's descriptor limit less a reserve. (On
        /// Linux `/proc` tells that limit; where it cannot be read, such as in a bare `chroot`, it is taken to be
        /// 1,024.) When it is reached, the connection that was served and is idle for longest is closed for a new
        /// one; if none is idle, new ones wait in the kernel's backlog.
        pub max_connections: usize = 65_536,
        /// Threads that handlers may block at once. Default: 512. Further requests for handlers that are known to
        /// block wait in the queue.
        pub max_threads: usize = 512,
        /// Threads for each event loop beyond [`max_threads`](Self#structfield.max_threads), which take the loop over
        /// from a handler that blocks it. Default: 12; at least one. No request is handed to them, so clients that keep
        /// all other threads busy leave them. The fewer of them are left, the fewer requests run on the loops: first
        /// those of a kind that never ran there wait for a thread, at last all do. The peer sees what it sees of a
        /// full queue.
        pub takeover_threads_per_loop: usize = 12,
        /// Requests that wait for a thread. Default: 1,024; beyond it 503 with `Retry-After: 1`.
        pub max_queued_requests: usize = 1024,
        /// Time that a request waits for a thread. Default: 10 s; then 503 with `Retry-After: 1`.
        pub queue_timeout: Duration = Duration::from_secs(10),
        /// Stack of a handler thread, in bytes. Default: 2 MiB; pages that are never touched cost nothing.
        pub thread_stack_size: usize = 2 << 20,
        /// The kernel's queue of connections not yet accepted. Default: 1,024.
        pub backlog: u32 = 1024,
        /// Time that running requests have at shutdown. Default: 10 s; then their connections are cut.
        pub shutdown_timeout: Duration = Duration::from_secs(10),
        /// Time that a request head has at shutdown where it may be on its way: from the accept on a connection that
        /// has sent none yet (after the header of the PROXY protocol and the TLS handshake, from the end of each), and
        /// from its first byte on any other. Default: 2 s, within
        /// [`shutdown_timeout`](Self#structfield.shutdown_timeout). The request is answered with `Connection: close`;
        /// the peer gets 408 if it sent only a part of the head, else the connection is closed.
        pub shutdown_head_timeout: Duration = Duration::from_secs(2),
    }
}

impl Limits {
    /// The defaults, but for connections that idle for 620 s: for servers behind balancers that keep their connections
    /// for up to ten minutes. Whoever ends an idle connection first may do so just when the other one sends a request;
    /// a balancer makes a sporadic 502 of that, so the server is the one that waits longer. An idle connection costs
    /// less than 200 bytes.
    ///
    /// ```
    /// use doget::Limits;
    ///
    /// assert_eq!(Limits::behind_balancer().idle_timeout.as_secs(), 620);
    /// ```
    pub const fn behind_balancer() -> Self {
        Self::new().idle_timeout(Duration::from_secs(620))
    }
}
