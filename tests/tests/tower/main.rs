//! Handlers as a tower service, without a runtime: what is carried, what is bounded, and who learns that whom has left.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod bounds;
mod carried;
mod configuring;
mod executor;
mod hostile;
mod inline;
mod partings;
#[cfg(unix)]
mod scripts;
mod unchanged;

use doget::tower::{self, Service};
use doget::{Handler, Log};
use doget_tests::Lines;

/// A handler on the pool, its log in memory.
fn pooled<H: Handler + Send + Sync + 'static>(handler: H) -> (Service, Lines, Log) {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let service = tower::service(handler).log(log.clone());
    (service, lines, log)
}

/// The same handler in every placement, with the name of the placement.
fn everywhere<H: Handler + Send + Sync + 'static>(
    make: impl Fn() -> H,
) -> [(&'static str, Service); 3] {
    [
        ("pool", tower::service(make()).log(Log::off())),
        ("inline", tower::service(make()).log(Log::off()).inline()),
        (
            "by mark",
            tower::service(make())
                .log(Log::off())
                .inline_unless_blocking(),
        ),
    ]
}
