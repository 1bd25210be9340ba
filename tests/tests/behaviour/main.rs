//! The rules of BEHAVIOUR.md, sections 1 to 14: bytes over a socket. A test is named after the rule it holds.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod connection;
mod cycle;
mod errors;
mod expectations;
mod handlers;
mod headers;
mod log;
mod request_line;
mod responses;
mod servers;
mod timeouts;
