//! Dates of a listing, in UTC.

use crate::files::listing::entry::date;
use crate::files::root::Entry;
use std::fmt::Write as _;

const DAY: i64 = 86_400;

/// Writes dates. Files of one directory were often changed on the same days, so the day is worked out anew only where
/// it differs from the one before.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// Its number since 1970, and its text: `2026-11-21`.
    day: Option<(i64, String)>,
}

impl Dates {
    /// Writes when an entry was changed, `2026-11-21` and `13:47:48`, with this between the two. False if that is not
    /// known, or in no year of four digits.
    pub(super) fn push(
        &mut self,
        entry: &Entry,
        between: char,
        with_seconds: bool,
        into: &mut String,
    ) -> bool {
        let Some(seconds) = date(entry).map(|date| date.seconds) else {
            return false;
        };
        let (number, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        if self.day.as_ref().is_none_or(|(known, _)| *known != number) {
            let Some(text) = day(seconds) else {
                return false;
            };
            self.day = Some((number, text));
        }
        if let Some((_, day)) = &self.day {
            into.push_str(day);
        }
        into.push(between);
        push_two(rest / 3600, into);
        into.push(':');
        push_two(rest / 60 % 60, into);
        if with_seconds {
            into.push(':');
            push_two(rest % 60, into);
        }
        true
    }
}

fn day(seconds: i64) -> Option<String> {
    let date = tz::UtcDateTime::from_timespec(seconds, 0).ok()?;
    let mut text = String::new();
    // A string takes whatever is written to it.
    let _ = write!(
        text,
        "{:04}-{:02}-{:02}",
        date.year(),
        date.month(),
        date.month_day()
    );
    (0..=9999).contains(&date.year()).then_some(text)
}

/// A number below 100.
fn push_two(number: i64, into: &mut String) {
    let digit = |number: i64| char::from(b'0' + u8::try_from(number % 10).unwrap_or_default());
    into.push(digit(number / 10));
    into.push(digit(number));
}
