//! Forms with files: what a handler gets, what is refused, real clients, and uploads that no memory holds.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[cfg(unix)]
mod clients;
mod large;
mod site;
mod typed;
