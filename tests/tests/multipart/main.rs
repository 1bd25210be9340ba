//! Forms with files: what a handler gets, what is refused, and real clients.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[cfg(unix)]
mod clients;
mod site;
mod typed;
