//! [`VerifiedUser`]: who asks, as a handler has verified it.

/// The name of a user who was verified, and by which scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedUser {
    /// As `Authorization` names it (RFC 9110 section 11.1).
    pub(crate) scheme: &'static str,
    pub(crate) name: Box<str>,
}
