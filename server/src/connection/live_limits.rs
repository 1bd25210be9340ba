//! [`LiveLimits`]: the bounds of WebSockets and event streams.

use crate::http1::limits;
use std::time::Duration;

limits! {
    /// The bounds of live connections, which the feature `live` adds: WebSockets, event streams and long polls.
    ///
    /// What they share with requests has its bound in [`Limits`](crate::Limits): a message under way is timed as a
    /// request's body is, and what the peer takes as a response is.
    ///
    /// ```
    /// use doget::{Limits, LiveLimits};
    /// use std::time::Duration;
    ///
    /// const LIMITS: Limits = Limits::new().live(LiveLimits::new().ping_interval(Duration::from_secs(10)));
    /// assert_eq!(LIMITS.live.max_message_size, 1 << 20);
    /// ```
    #[derive(Clone, Debug)]
    pub struct LiveLimits {
        /// Live connections at once. Default: 49,152, and never more than three quarters of
        /// [`Limits::max_connections`](crate::Limits#structfield.max_connections), so that requests have room. Beyond
        /// it a WebSocket gets 503 with `Retry-After`, and an event stream ends at once and says `retry: 30000`.
        pub max_connections: usize = 49_152,
        /// WebSockets that have a thread each, by `WebSocket::accept`. Default: 64, and never more than half of
        /// [`Limits::max_threads`](crate::Limits#structfield.max_threads), so that requests have threads. Beyond it 503
        /// with `Retry-After`.
        pub max_threads: usize = 64,
        /// Bytes of a message. Default: 1 MiB. The socket is closed with 1009 as soon as a header says more.
        pub max_message_size: u64 = 1 << 20,
        /// Fragments of a message without a byte in them. Default: 1,024. The socket is closed with 1008.
        pub max_empty_fragments: u32 = 1024,
        /// Pings and pongs of a client in ten seconds. Default: 100. The socket is closed with 1008.
        pub max_control_frames: u32 = 100,
        /// Bytes that wait for a socket whose `Handle` they were sent by, each message with 128 more. Default: 64 KiB;
        /// one message of any size may wait. Beyond it `send` fails with `Full`.
        pub max_queue_size: usize = 64 << 10,
        /// Time without a byte from a socket's client, after which it is sent a Ping. Default: 30 s.
        pub ping_interval: Duration = Duration::from_secs(30),
        /// Time that a client has for any byte behind a Ping. Default: 20 s. The connection is cut.
        pub pong_timeout: Duration = Duration::from_secs(20),
        /// Time that a parked request waits at most. Default: 60 s; then 204.
        pub park_timeout: Duration = Duration::from_secs(60),
        /// Time without an event on a stream, after which a comment is sent. Default: 15 s, since proxies give up after
        /// 60 s or less.
        pub event_silence: Duration = Duration::from_secs(15),
        /// At the server's end, the time over which live connections are told so, at most a millisecond for each.
        /// Default: 2.5 s, a quarter of the time that running requests have
        /// ([`Limits::shutdown_timeout`](crate::Limits#structfield.shutdown_timeout)). The peer sees a Close with 1001,
        /// or the end of the stream.
        pub shutdown_spread: Duration = Duration::from_millis(2500),
    }
}
