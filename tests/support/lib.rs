//! What the black-box tests share: a raw client, a server on a free port, a server in a process of its own.
//!
//! No test depends on a fixed port, nor on anything being fast: what has to happen is waited for with
//! [`eventually`], and everything that waits gives up after [`PATIENCE`] and fails the test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

pub mod answer;
#[cfg(unix)]
pub mod browser;
mod child;
mod client;
mod clock;
#[cfg(windows)]
pub mod console;
mod gate;
pub mod live;
pub mod python;
mod server;
pub mod test_server;
pub mod tls;

pub use child::{Child, Process};
pub use client::{Answer, Client, End, Framing};
pub use clock::FastClock;
pub use gate::Gate;
pub use server::{Answers, Lines, Server, answers};

use std::time::{Duration, Instant};

/// How long a test waits for something that has to happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Whether the tests run on wine, which ends by a FIN what a program aborts while its peer has yet to read: the reset
/// comes behind it.
pub fn is_below_wine() -> bool {
    cfg!(windows) && std::env::var_os("WINEPREFIX").is_some()
}

/// Waits until a condition holds.
///
/// # Panics
///
/// It does not hold within [`PATIENCE`].
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until a value is what it should be; says what it was if it never is.
///
/// # Panics
///
/// The value is still another one after [`PATIENCE`].
#[track_caller]
pub fn eventually_is<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: T,
    mut value: impl FnMut() -> T,
) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = value();
        if now == expected {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: still {now:?} after {PATIENCE:?}, not {expected:?}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}
