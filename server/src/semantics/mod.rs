//! The semantics of RFC 9110 that every handler can use: methods, status codes, dates, conditions, ranges, content
//! negotiation.

pub(crate) mod accept;
pub(crate) mod base64;
pub(crate) mod conditional;
pub(crate) mod date;
pub(crate) mod field_value;
pub(crate) mod host;
pub(crate) mod json_string;
pub(crate) mod method;
pub mod method_registry;
pub(crate) mod path_segment;
#[cfg(feature = "files")]
pub(crate) mod range;
pub(crate) mod status;
pub mod uri;
