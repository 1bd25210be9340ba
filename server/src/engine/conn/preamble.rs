//! What a connection begins with, before any request.

/// What has yet to come before a connection's first request is looked at.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Awaits {
    #[default]
    Nothing,
    /// A handler of its own, if each connection has one.
    Handler,
    /// The header of a proxy, and then the handler.
    ProxyHeader,
}
