//! Real clients: Python's `http.client` and `urllib`, and `curl`.
//!
//! Where one is missing its tests say so and pass, but fail if `CI` is `true`.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod curl;
mod python;
mod site;
mod uploads;
