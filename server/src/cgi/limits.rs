//! [`CgiLimits`]: the bounds of scripts in one place, as data.

use crate::http1::limits;
use std::time::Duration;

limits! {
    /// Every bound of the scripts of a [`CgiHandler`](super::CgiHandler). Those of the server count too:
    /// [`Limits`](crate::Limits).
    ///
    /// ```
    /// use doget::CgiLimits;
    /// use std::time::Duration;
    ///
    /// let limits = CgiLimits::new().idle_timeout(Duration::from_secs(5));
    /// assert_eq!(limits.max_scripts, 8);
    /// ```
    #[derive(Clone, Debug)]
    pub struct CgiLimits {
        /// Scripts at once. Default: 8; beyond it 503 with `Retry-After: 1`.
        pub max_scripts: usize = 8,
        /// Bytes of a script's header. Default: 32 KiB; beyond it 502.
        pub max_header_size: usize = 32 << 10,
        /// Time in which a script takes none of the request's body and does not end its header. Default: 10 s; then
        /// 504. While the client sends the body, [`Limits::body_timeout`](crate::Limits::body_timeout) and its rate
        /// count instead.
        pub header_timeout: Duration = Duration::from_secs(10),
        /// Time without a byte from the script or to it, behind the header. Default: 60 s; then the connection is cut.
        pub idle_timeout: Duration = Duration::from_secs(60),
        /// Time in which a script has to end by itself once it has closed its output or sent all of its
        /// `Content-Length`, and in which it has to obey `SIGTERM` before it gets `SIGKILL`. Default: 2 s. The client
        /// has the whole response, or an error.
        pub exit_timeout: Duration = Duration::from_secs(2),
        /// Time for which a script may be silent when its client has sent its last byte; then the client counts as
        /// gone, and the script is stopped. Default: without end, since a client that only ends what it sends waits for
        /// its answer. One that is gone for good looks the same until something is sent to it: where scripts are slow
        /// and clients leave often, a shorter time gives places back earlier. A client that is seen to be gone stops
        /// its script at once.
        pub half_close_timeout: Duration = Duration::MAX,
        /// Bytes of a request body. Default: 1 GiB; beyond it 413.
        pub max_body_size: u64 = 1 << 30,
        /// Bytes of a chunked request body that are kept in memory until its length is known; a longer one goes to a
        /// file without a name in the system's directory for such. Default: 64 KiB. The peer sees nothing of it.
        pub body_buffer_size: usize = 64 << 10,
        /// How often one request is sent on by the `Location` of scripts. Default: 5; beyond it 502.
        pub max_redirects: u8 = 5,
        /// Lines of a script's standard error that are logged for one request. Default: 100; the rest is counted and
        /// dropped. A line is cut at 1 KiB.
        pub max_stderr_lines: u32 = 100,
    }
}
