//! `tests/tests/behaviour` through hyper, but for the rules of servers, which are hyper's own here, and those of a
//! handler for each connection (`cycle.rs`).
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    dead_code,
    reason = "a panic is how a test fails; what the rules of servers use of the handlers is not used here"
)]

#[path = "../../../tests/tests/behaviour/connection.rs"]
mod connection;
#[path = "../../../tests/tests/behaviour/errors.rs"]
mod errors;
#[path = "../../../tests/tests/behaviour/expectations.rs"]
mod expectations;
#[path = "../../../tests/tests/behaviour/handlers.rs"]
mod handlers;
#[path = "../../../tests/tests/behaviour/headers.rs"]
mod headers;
#[path = "../../../tests/tests/behaviour/log.rs"]
mod log;
#[path = "../../../tests/tests/behaviour/request_line.rs"]
mod request_line;
#[path = "../../../tests/tests/behaviour/responses.rs"]
mod responses;
#[path = "../../../tests/tests/behaviour/timeouts.rs"]
mod timeouts;
