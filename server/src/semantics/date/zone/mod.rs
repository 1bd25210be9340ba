//! The system's time zone: how far local time is ahead of GMT.

#[cfg(not(any(windows, target_os = "android")))]
mod files;
#[cfg(any(windows, target_os = "android"))]
mod registry;

#[cfg(not(any(windows, target_os = "android")))]
use files::Zone;
#[cfg(any(windows, target_os = "android"))]
use registry::Zone;
use std::sync::OnceLock;

/// The most that it is off GMT, either way. No zone is that far, but a file may say anything.
pub(super) const MOST: i64 = 26 * 60 * 60;

/// Seconds to add to GMT at this second since the start of 1970.
pub(super) fn offset(second: i64) -> i64 {
    // Read once: a line of the log must not cost a look at a file.
    static ZONE: OnceLock<Zone> = OnceLock::new();
    let offset = ZONE.get_or_init(Zone::of_the_system).offset(second);
    i64::from(offset).clamp(-MOST, MOST)
}
