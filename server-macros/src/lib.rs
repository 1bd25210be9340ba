//! The `#[handler]` attribute of the `doget` crate. Use it through `doget`.
#![forbid(unsafe_code)]
