//! Range requests (RFC 9110 section 14): which bytes of a file are asked for.

use std::ops::Range;

/// What a `Range` field comes to for a file of a certain length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The field is ignored: 200 with the whole file.
    Whole,
    /// 206 with one range, or with `multipart/byteranges`. No range is empty, none overlaps another, and there are at
    /// least one and at most [`MOST`].
    Parts(Vec<Range<u64>>),
    /// 416
    Unsatisfiable,
}

/// How many parts a response has at most.
pub(crate) const MOST: usize = 16;

/// Ranges with a gap smaller than the head of a part are joined: the gap costs less (RFC 9110 section 15.3.7.2).
const GAP: u64 = 80;

/// Reads the field.
///
/// One that is malformed, has another unit or asks for too many parts is ignored, as RFC 9110 section 14.2 allows. So
/// is any range of an empty file: a client that always sends `bytes=0-` is to get it.
pub(crate) fn select(field: &str, length: u64) -> Selection {
    let Some(specs) = specs(field) else {
        return Selection::Whole;
    };
    if length == 0 {
        return Selection::Whole;
    }
    let mut asked = Vec::new();
    for spec in specs.split(',') {
        match spec.trim_matches([' ', '\t']) {
            "" => {}
            spec => match read(spec, length) {
                Some(range) => asked.push(range),
                None => return Selection::Whole,
            },
        }
    }
    if asked.is_empty() {
        return Selection::Whole;
    }
    asked.retain(|range| !range.is_empty());
    let parts = coalesce(asked);
    match parts.len() {
        0 => Selection::Unsatisfiable,
        1..=MOST => Selection::Parts(parts),
        _ => Selection::Whole,
    }
}

fn specs(field: &str) -> Option<&str> {
    let (unit, specs) = field.split_once('=')?;
    unit.trim_matches([' ', '\t'])
        .eq_ignore_ascii_case("bytes")
        .then_some(specs)
}

/// `first-`, `first-last` or `-suffix`, within the file; empty if it lies behind its end. `None` if it is malformed.
fn read(spec: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(length.saturating_sub(suffix)..length);
    }
    let first = number(first)?;
    let last = if last.is_empty() {
        u64::MAX
    } else {
        number(last)?
    };
    if last < first {
        return None;
    }
    let end = last.saturating_add(1).min(length);
    Some(first.min(end)..end)
}

/// A number of digits only; one that is too large is as large as can be, which is behind the end of every file.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}

/// Joins ranges that overlap or nearly touch; those that do not are left in the order in which they were asked for.
fn coalesce(asked: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut sorted = asked.clone();
    sorted.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in sorted {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(GAP) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    if joined.len() == asked.len() {
        asked
    } else {
        joined
    }
}

/// These bytes of a content; what lies beyond its end is not there.
#[cfg(feature = "embed")]
pub(crate) fn part<'b>(content: &'b [u8], range: &Range<u64>) -> &'b [u8] {
    let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX);
    content
        .get(at(range.start)..at(range.end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Selection::{Parts, Unsatisfiable, Whole};
    use super::*;
    use proptest::prelude::*;

    fn one(range: Range<u64>) -> Selection {
        Parts(std::iter::once(range).collect())
    }

    #[test]
    fn single_ranges() {
        for (field, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-", 0..1000),
            ("bytes=0-999", 0..1000),
            ("bytes=0-1000", 0..1000),
            ("bytes=999-", 999..1000),
            ("bytes=-1", 999..1000),
            ("bytes=-1000", 0..1000),
            ("bytes=-5000", 0..1000),
            ("Bytes=1-2", 1..3),
            ("bytes= 1-2 ", 1..3),
            ("bytes=,1-2,,", 1..3),
            ("bytes=0-18446744073709551615", 0..1000),
            ("bytes=5-99999999999999999999999999", 5..1000),
            ("bytes=-99999999999999999999999999", 0..1000),
            ("bytes=00001-0002", 1..3),
            ("bytes=2000-,5-6", 5..7),
        ] {
            assert_eq!(select(field, 1000), one(range), "{field}");
        }
    }

    #[test]
    fn a36_malformed_ranges_are_ignored() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "Bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=--1",
            "bytes=1--2",
            "bytes=a-b",
            "bytes=0x1-2",
            "bytes=+1-2",
            "bytes=1 -2",
            "bytes=1-2;3-4",
            "bytes=0-0,x",
            "bytes:0-0",
            "items=0-0",
            &format!("bytes={}", ",".repeat(8 << 10)),
        ] {
            assert_eq!(select(field, 1000), Whole, "{field}");
        }
    }

    #[test]
    fn a36_ranges_behind_the_end() {
        for field in [
            "bytes=1000-",
            "bytes=1000-2000",
            "bytes=-0",
            "bytes=18446744073709551615-",
            "bytes=18446744073709551615-18446744073709551615",
            "bytes=99999999999999999999999999-",
            "bytes=-0,5000-",
        ] {
            assert_eq!(select(field, 1000), Unsatisfiable, "{field}");
        }
        assert_eq!(select("bytes=0-0", 0), Whole);
        assert_eq!(select("bytes=-1", 0), Whole);
        assert_eq!(
            select("bytes=0-", u64::MAX),
            one(0..u64::MAX),
            "the longest file"
        );
    }

    #[test]
    fn a36_many_ranges() {
        let many = |count: u64, step: u64| {
            let specs: Vec<_> = (0..count)
                .map(|i| format!("{}-{}", i * step, i * step))
                .collect();
            format!("bytes={}", specs.join(","))
        };
        assert_eq!(
            select(&format!("bytes={}0-0", "0-0,".repeat(500)), 1000),
            one(0..1)
        );
        let full = select(&many(16, 1000), 1 << 20);
        assert!(matches!(full, Parts(parts) if parts.len() == 16));
        assert_eq!(select(&many(17, 1000), 1 << 20), Whole);
        assert_eq!(select(&many(500, 50), 1 << 20), one(0..24951));
    }

    #[test]
    fn ranges_apart_keep_their_order_and_others_are_joined() {
        assert_eq!(
            select("bytes=500-599,0-99", 1000),
            Parts(vec![500..600, 0..100])
        );
        assert_eq!(
            select("bytes=500-599,0-99,50-199", 1000),
            Parts(vec![0..200, 500..600])
        );
        assert_eq!(select("bytes=0-9,10-19", 1000), one(0..20));
        assert_eq!(select("bytes=0-9,90-99", 1000), one(0..100));
        assert_eq!(select("bytes=0-9,91-99", 1000), Parts(vec![0..10, 91..100]));
    }

    proptest! {
        #[test]
        fn never_more_than_the_file(
            specs in proptest::collection::vec("[0-9]{0,20}-[0-9]{0,20}|-[0-9]{1,3}|[0-9]{1,3}-[0-9]{1,4}", 1..40),
            length in prop_oneof![0u64..2000, any::<u64>()],
        ) {
            if let Parts(parts) = select(&format!("bytes={}", specs.join(",")), length) {
                prop_assert!(!parts.is_empty() && parts.len() <= MOST);
                let mut total = 0u64;
                for (index, part) in parts.iter().enumerate() {
                    prop_assert!(part.start < part.end && part.end <= length);
                    total = total.checked_add(part.end - part.start).expect("no overflow");
                    for other in &parts[index + 1..] {
                        prop_assert!(part.end <= other.start || other.end <= part.start);
                    }
                }
                prop_assert!(total <= length);
            }
        }

        #[test]
        fn no_text_is_too_strange(field in "(bytes=)?[-0-9, a-z=]{0,40}", length in any::<u64>()) {
            let _ = select(&field, length);
        }
    }
}
