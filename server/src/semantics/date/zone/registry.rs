//! What Windows and Android have instead of files at known places.

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(super) struct Zone(TimeZone);

impl Zone {
    /// UTC if there is none.
    pub(super) fn of_the_system() -> Self {
        Self(TimeZone::system())
    }

    pub(super) fn offset(&self, second: i64) -> i32 {
        let time = Timestamp::from_second(second).unwrap_or_default();
        self.0.to_offset(time).seconds()
    }
}
