//! What the black-box tests share: a raw client and a server on a free port.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

pub mod answer;
pub mod wire;
