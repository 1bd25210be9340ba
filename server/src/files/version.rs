//! When a file was changed, and the tag that tells its versions apart.

use crate::ETag;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When a file was last changed, to the nanosecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Modified {
    /// Seconds since 1970, of which the nanoseconds are always added.
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

impl Modified {
    /// The time, cut to whole seconds; one that the clock cannot hold is 1970.
    pub(crate) fn to_the_second(self) -> SystemTime {
        let distance = Duration::from_secs(self.seconds.unsigned_abs());
        let time = if self.seconds < 0 {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        };
        time.unwrap_or(UNIX_EPOCH)
    }
}

/// A file that was changed so recently may change again within the same tick of the file system's clock, so its tag is
/// weak (RFC 9110 section 8.8.1). Two seconds are the coarsest tick in use, that of FAT. A time in the future was set
/// by somebody, or is that of another clock: then the file's own change of state, which nobody can set, tells how long
/// it has been at rest.
const SETTLED: Duration = Duration::from_secs(2);

/// The entity tag of a file (RFC 9110 section 8.8.3): its length, a digest of its modification time and of which file
/// it is, and the content coding, which makes a tag of its own. A number of the file system is not shown.
pub(super) fn tag(
    length: u64,
    (modified, changed): (Modified, Modified),
    file: u64,
    coding: &str,
    now: SystemTime,
) -> ETag {
    let mut digest = mix(file);
    for part in [modified.seconds.cast_unsigned(), modified.nanos.into()] {
        digest = mix(digest ^ part);
    }
    let settled = modified.min(changed).to_the_second().checked_add(SETTLED);
    let mut opaque = String::with_capacity(48);
    push_hex(length, &mut opaque);
    opaque.push('-');
    push_hex(digest, &mut opaque);
    if !coding.is_empty() {
        opaque.push('-');
        opaque.push_str(coding);
    }
    if settled.is_none_or(|settled| settled >= now) {
        ETag::weak(opaque)
    } else {
        ETag::strong(opaque)
    }
}

/// In hexadecimal digits without leading zeros: once for each file that is sent, so without the machinery of `fmt`.
fn push_hex(number: u64, into: &mut String) {
    let digits = 16 - (number | 1).leading_zeros() / 4;
    for place in (0..digits).rev() {
        let digit = (number >> (4 * place)) & 15;
        into.extend(char::from_digit(
            u32::try_from(digit).unwrap_or_default(),
            16,
        ));
    }
}

/// The finishing step of SplitMix64, which spreads each bit over all.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 784_111_777;

    fn at(seconds: i64) -> Modified {
        Modified { seconds, nanos: 5 }
    }

    #[test]
    fn tags_differ_by_length_time_file_and_coding() {
        let now = SystemTime::now();
        let tag = |length, seconds, nanos, file, coding| {
            let time = Modified { seconds, nanos };
            super::tag(length, (time, time), file, coding, now).to_string()
        };
        let tags = [
            tag(1, 2, 3, 4, ""),
            tag(2, 2, 3, 4, ""),
            tag(1, 3, 3, 4, ""),
            tag(1, 2, 4, 4, ""),
            tag(1, 2, 3, 5, ""),
            tag(1, 2, 3, 4, "gzip"),
            tag(1, -2, 3, 4, ""),
            tag(1, 3, 2, 4, ""),
        ];
        for (index, tag) in tags.iter().enumerate() {
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
            assert!(!tags[index + 1..].contains(tag), "{tag}");
        }
    }

    #[test]
    fn a_file_changed_just_now_has_a_weak_tag() {
        let then = at(SECOND).to_the_second();
        let weak = |modified, changed, now| {
            tag(1, (at(modified), at(changed)), 1, "", now)
                .to_string()
                .starts_with("W/")
        };
        for (seconds, is_weak) in [(0, true), (2, true), (3, false)] {
            let now = then + Duration::from_secs(seconds);
            assert_eq!(weak(SECOND, SECOND, now), is_weak);
            assert_eq!(
                weak(SECOND, SECOND + 100, now),
                is_weak,
                "copied with its time"
            );
            assert_eq!(
                weak(SECOND + 100, SECOND, now),
                is_weak,
                "set to the future"
            );
        }
        let before = then - Duration::from_secs(60);
        assert!(weak(SECOND, SECOND, before), "another clock");
    }

    #[test]
    fn hexadecimal_numbers() {
        for number in [0, 1, 15, 16, 255, 256, 0x1234_5678, u64::MAX, 1 << 63] {
            let mut text = String::new();
            push_hex(number, &mut text);
            assert_eq!(text, format!("{number:x}"));
        }
    }

    #[test]
    fn times_before_1970_and_beyond_the_clock() {
        assert!(at(-5).to_the_second() < UNIX_EPOCH);
        let _ = at(i64::MIN).to_the_second();
        let _ = at(i64::MAX).to_the_second();
    }
}
