//! What stands around handlers: when layers are asked, in which order, and that every answer has what they promise.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod auth;
mod behind_proxy;
mod blocks;
mod compress;
mod deadline;
mod gate;
mod live;
mod max_body;
mod order;
mod promised;
mod shipped;
