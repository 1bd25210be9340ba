//! Values of options that are more than text or a number.

/// The version of responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http11,
    Http10,
}

/// What a request leaves in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    Common,
    Combined,
    Json,
    Off,
}

/// Whose pages load again when a file changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those of users of this machine.
    Loopback,
    Everybody,
}
