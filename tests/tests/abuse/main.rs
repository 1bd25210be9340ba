//! Hostile input, case by case: what must be refused, and what must not be reached by it.
//!
//! Every case is tried on both profiles, sent whole, a byte at a time, and cut in two places; behind it stands a
//! request that must never be answered, and after it the server must be as well as before.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod bodies;
mod framing;
mod heads;
#[path = "../../../server/src/http1/tests/hostile.rs"]
mod hostile;
mod pipelining;
mod responses;
mod stage;
