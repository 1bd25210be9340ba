//! Requests and responses as handlers see them, on the wire: one property a test.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod bodies;
mod cached;
mod conditions;
mod faults;
mod framing;
mod requests;
