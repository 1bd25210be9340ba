//! What decides the form of a response from the side of its request.

/// What a response has to know of its request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestFacts {
    /// The command is HEAD: a head as for GET, and no body.
    pub(crate) head: bool,
    /// HTTP/0.9: the body alone, without status line and headers.
    pub(crate) bare: bool,
    /// Both sides speak HTTP/1.1: a body may be chunked.
    pub(crate) chunked: bool,
    /// What is below frames the response: a body of unknown length needs no end of the connection.
    pub(crate) framed_below: bool,
    /// The client understands interim responses.
    pub(crate) interim: bool,
    /// The handler writes the response itself, head and framing included.
    pub(crate) own: bool,
    /// An HTTP/1.0 client asked for `keep-alive` and waits to hear that it gets it, and for how many idle seconds.
    pub(crate) confirm: Option<u64>,
}
