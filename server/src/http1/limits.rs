//! What a peer may send at most. Limits are data, so that tests can shrink them and each refusal
//! can name the one it ran into.

/// Bounds on a request head; the default is the strict profile's.
///
/// Each is the most that is accepted: n passes, n + 1 is refused. Lines are counted with their
/// line end, as Python's `http.server` counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of the method; beyond it 400. Default 32 (the longest registered has 17).
    pub method: usize,
    /// Bytes of the request target; beyond it 414. Default 8 KiB, as nginx and Apache.
    pub target: usize,
    /// Bytes of the whole request line; beyond it 414, or 400 if it is not the target that is
    /// too long. Default 8,236: the longest method and target with a version and a line end.
    pub request_line: usize,
    /// Bytes of one header line; beyond it 431. Default 8 KiB, as nginx and Apache.
    pub line: usize,
    /// Header lines; beyond it 431. Default 100, as hyper and Apache. In the lenient profile the
    /// closing blank line counts as well (HDR-03).
    pub fields: usize,
    /// Bytes of the whole head, leading empty lines included; beyond it 431. Default 32 KiB.
    pub head: usize,
    /// Empty lines that are skipped before a request line (RFC 9112 section 2.2). Default 2.
    pub empty_lines: usize,
}

impl HeadLimits {
    /// The bounds of Python's `http.server`: lines of 65,536 bytes (REQ-02, HDR-02), 100 lines
    /// (HDR-03), no empty line before a request (REQ-07). It has no bound on the whole, which
    /// comes to 6.5 MB; here it is 1 MiB.
    pub fn lenient() -> Self {
        HeadLimits {
            method: 65_536,
            target: 65_536,
            request_line: 65_536,
            line: 65_536,
            fields: 100,
            head: 1 << 20,
            empty_lines: 0,
        }
    }
}

impl Default for HeadLimits {
    fn default() -> Self {
        HeadLimits {
            method: 32,
            target: 8 * 1024,
            request_line: 32 + 8 * 1024 + " HTTP/1.1\r\n".len() + 1,
            line: 8 * 1024,
            fields: 100,
            head: 32 * 1024,
            empty_lines: 2,
        }
    }
}

/// Bounds on the framing of a chunked body (RFC 9112 section 7.1); the data itself is bounded
/// elsewhere. Beyond any of them the body is refused with 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Bytes of one chunk-size line, its line end included. Default 4 KiB.
    pub line: usize,
    /// Bytes of all chunk extensions of one body. Default 16 KiB, as hyper.
    pub extensions: usize,
    /// Bytes of the trailer section, line ends included. Default 16 KiB, as hyper.
    pub trailer_bytes: usize,
    /// Lines of the trailer section. Default 32.
    pub trailer_fields: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        ChunkLimits {
            line: 4 * 1024,
            extensions: 16 * 1024,
            trailer_bytes: 16 * 1024,
            trailer_fields: 32,
        }
    }
}
