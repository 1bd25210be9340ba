//! The description of a handler: what stands in the document, and where it comes from.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod around;
mod compare;
mod document;
mod forms;
mod live;
mod mounted;
mod page;
mod served;
mod shop;
