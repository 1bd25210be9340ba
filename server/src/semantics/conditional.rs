//! Preconditions (RFC 9110 section 13): whether to send the file, a 304 or a 412, as a function of the request and the
//! file.

use crate::parse_http_date;
use crate::semantics::date::mail;
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

/// What a request's preconditions are compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validators {
    pub(crate) etag: ETag,
    pub(crate) modified: Modified,
}

/// The entity tag of a file (RFC 9110 section 8.8.3): its length, and a digest of its modification time and of which
/// file it is. A number of the file system is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ETag {
    weak: bool,
    length: u64,
    digest: u64,
    /// The content coding, which makes a tag of its own.
    coding: &'static str,
}

/// A file that was changed so recently may change again within the same tick of the file system's clock, so its tag is
/// weak (RFC 9110 section 8.8.1). Two seconds are the coarsest tick in use, that of FAT. A time in the future was set
/// by somebody, or is that of another clock: then the file's own change of state, which nobody can set, tells how long
/// it has been at rest.
const SETTLED: Duration = Duration::from_secs(2);

impl ETag {
    pub(crate) fn new(
        length: u64,
        (modified, changed): (Modified, Modified),
        file: u64,
        coding: &'static str,
        now: SystemTime,
    ) -> Self {
        let mut digest = mix(file);
        for part in [modified.seconds.cast_unsigned(), modified.nanos.into()] {
            digest = mix(digest ^ part);
        }
        let settled = modified.min(changed).to_the_second().checked_add(SETTLED);
        Self {
            weak: settled.is_none_or(|settled| settled >= now),
            length,
            digest,
            coding,
        }
    }

    /// As header fields have it.
    pub(crate) fn text(self) -> String {
        let mut text = String::with_capacity(48);
        text.push_str(if self.weak { "W/\"" } else { "\"" });
        self.push_opaque(&mut text);
        text.push('"');
        text
    }

    /// The tag between the quotes.
    fn opaque(self) -> String {
        let mut text = String::with_capacity(48);
        self.push_opaque(&mut text);
        text
    }

    fn push_opaque(self, into: &mut String) {
        push_hex(self.length, into);
        into.push('-');
        push_hex(self.digest, into);
        if !self.coding.is_empty() {
            into.push('-');
            into.push_str(self.coding);
        }
    }

    /// Both strong and the same (RFC 9110 section 8.8.3.2).
    fn is_strongly(self, other: Listed<'_>) -> bool {
        !self.weak && !other.weak && self.opaque() == other.opaque
    }

    /// The same, weak or not.
    fn is_weakly(self, other: Listed<'_>) -> bool {
        self.opaque() == other.opaque
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

/// The precondition fields of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preconditions<'r> {
    /// All lines of `If-Match`, joined.
    pub(crate) if_match: Option<String>,
    /// All lines of `If-None-Match`, joined.
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<&'r str>,
    pub(crate) if_unmodified_since: Option<&'r str>,
}

/// What the preconditions of a GET or HEAD come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The method is carried out.
    Proceed,
    /// 304
    NotModified,
    /// 412
    Failed,
}

impl Preconditions<'_> {
    /// Evaluates them in the order of RFC 9110 section 13.2.2.
    pub(crate) fn evaluate(&self, file: &Validators) -> Verdict {
        if let Some(list) = &self.if_match {
            if !matches(list, |tag| file.etag.is_strongly(tag)) {
                return Verdict::Failed;
            }
        } else if let Some(date) = self.if_unmodified_since.and_then(since)
            && file.modified.to_the_second() > date
        {
            return Verdict::Failed;
        }
        if let Some(list) = &self.if_none_match {
            if matches(list, |tag| file.etag.is_weakly(tag)) {
                return Verdict::NotModified;
            }
        } else if let Some(date) = self.if_modified_since.and_then(since)
            && file.modified.to_the_second() <= date
        {
            // Rules CND-01 and CND-03.
            return Verdict::NotModified;
        }
        Verdict::Proceed
    }
}

/// Whether `If-Range` lets a range be sent (RFC 9110 section 13.1.5): the same strong tag, or exactly the date of a
/// file that has been at rest since.
pub(crate) fn if_range(value: &str, file: &Validators) -> bool {
    let value = value.trim();
    if let Some((tag, "")) = tag(value) {
        return file.etag.is_strongly(tag);
    }
    !file.etag.weak && parse_http_date(value) == Some(file.modified.to_the_second())
}

/// The date of a conditional field (rule CND-02): the three forms of HTTP, and what mail programs write, as long as it
/// is in UTC or names no zone.
fn since(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    parse_http_date(text).or_else(|| {
        let seconds = mail::parse(text)?;
        Some(Modified { seconds, nanos: 0 }.to_the_second())
    })
}

/// An entity tag as a request lists it.
#[derive(Clone, Copy, Debug)]
struct Listed<'t> {
    weak: bool,
    opaque: &'t str,
}

/// Whether a list of entity tags, or `*`, matches. What is malformed ends the list.
fn matches(list: &str, mut same: impl FnMut(Listed<'_>) -> bool) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while let Some((listed, behind)) = tag(rest) {
        if same(listed) {
            return true;
        }
        let next = behind.trim_start_matches([' ', '\t']);
        if !next.is_empty() && !next.starts_with(',') {
            return false;
        }
        rest = next.trim_start_matches([' ', '\t', ',']);
    }
    false
}

/// The tag at the start, and what follows it.
fn tag(text: &str) -> Option<(Listed<'_>, &str)> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
    Some((Listed { weak, opaque }, rest))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Verdict::{Failed, NotModified, Proceed};
    use super::*;

    const SECOND: i64 = 784_111_777;
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
    const FUTURE: &str = "Fri, 31 Dec 9999 23:59:59 GMT";

    fn at(seconds: i64) -> Modified {
        Modified { seconds, nanos: 5 }
    }

    fn file_at(now: SystemTime) -> Validators {
        Validators {
            etag: ETag::new(10, (at(SECOND), at(SECOND)), 7, "", now),
            modified: at(SECOND),
        }
    }

    fn file() -> Validators {
        file_at(SystemTime::now())
    }

    fn fresh() -> Validators {
        file_at(at(SECOND).to_the_second())
    }

    #[test]
    fn tags_differ_by_length_time_file_and_coding() {
        let now = SystemTime::now();
        let tag = |length, seconds, nanos, file, coding| {
            let time = Modified { seconds, nanos };
            ETag::new(length, (time, time), file, coding, now).text()
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
            ETag::new(1, (at(modified), at(changed)), 1, "", now)
                .text()
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

    #[test]
    fn if_match_compares_strongly() {
        let file = file();
        let (tag, fresh) = (file.etag.text(), fresh());
        for (value, file, verdict) in [
            (tag.clone(), &file, Proceed),
            ("*".to_owned(), &file, Proceed),
            (format!("\"x\", {tag}"), &file, Proceed),
            (format!("W/{tag}"), &file, Failed),
            (fresh.etag.text(), &fresh, Failed),
            ("\"x\"".to_owned(), &file, Failed),
            (String::new(), &file, Failed),
            ("x".to_owned(), &file, Failed),
        ] {
            let conditions = Preconditions {
                if_match: Some(value.clone()),
                ..Preconditions::default()
            };
            assert_eq!(conditions.evaluate(file), verdict, "{value}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let file = file();
        let tag = file.etag.text();
        for (value, verdict) in [
            (tag.clone(), NotModified),
            (format!("W/{tag}"), NotModified),
            ("*".to_owned(), NotModified),
            (format!(" , \"a,b\" ,\t{tag} "), NotModified),
            (format!("\"x\" {tag}"), Proceed),
            ("\"x\"".to_owned(), Proceed),
            (tag.trim_matches('"').to_owned(), Proceed),
            ("\"".to_owned(), Proceed),
        ] {
            let conditions = Preconditions {
                if_none_match: Some(value.clone()),
                ..Preconditions::default()
            };
            assert_eq!(conditions.evaluate(&file), verdict, "{value}");
        }
        let fresh = fresh();
        let conditions = Preconditions {
            if_none_match: Some(tag),
            ..Preconditions::default()
        };
        assert_eq!(conditions.evaluate(&fresh), NotModified);
    }

    #[test]
    fn cnd_03_seconds_are_compared() {
        for (date, verdict) in [
            (BEFORE, Proceed),
            (THEN, NotModified),
            (AFTER, NotModified),
            (FUTURE, NotModified),
        ] {
            let conditions = Preconditions {
                if_modified_since: Some(date),
                ..Preconditions::default()
            };
            assert_eq!(conditions.evaluate(&file()), verdict, "{date}");
        }
    }

    #[test]
    fn cnd_02_dates() {
        for (date, is) in [
            (THEN, true),
            ("Sunday, 06-Nov-94 08:49:37 GMT", true),
            ("Sun Nov  6 08:49:37 1994", true),
            ("Sun, 06 Nov 1994 08:49:37 UTC", true),
            ("Sun, 06 Nov 1994 08:49:37 +0000", true),
            ("Sun, 06 Nov 1994 08:49:37 -0000", true),
            ("Sun, 06 Nov 1994 08:49:37", true),
            ("06 Nov 1994 08:49:37 GMT", true),
            ("Mon, 06 Nov 1994 08:49:37 GMT", true),
            ("Sun, 06 Nov 1994 09:49:37 +0100", false),
            ("Sun, 06 Nov 1994 03:49:37 EST", false),
            ("yesterday", false),
            ("", false),
            ("784111777", false),
        ] {
            assert_eq!(
                since(date),
                is.then(|| at(SECOND).to_the_second()),
                "{date}"
            );
        }
    }

    #[test]
    fn cnd_01_if_none_match_goes_before_if_modified_since() {
        let conditions = Preconditions {
            if_none_match: Some("\"other\"".to_owned()),
            if_modified_since: Some(FUTURE),
            ..Preconditions::default()
        };
        assert_eq!(conditions.evaluate(&file()), Proceed);
    }

    #[test]
    fn if_unmodified_since_counts_without_if_match() {
        let evaluate = |if_match: Option<&str>, date| {
            Preconditions {
                if_match: if_match.map(str::to_owned),
                if_unmodified_since: Some(date),
                ..Preconditions::default()
            }
            .evaluate(&file())
        };
        assert_eq!(evaluate(None, BEFORE), Failed);
        assert_eq!(evaluate(None, THEN), Proceed);
        assert_eq!(evaluate(None, "never"), Proceed);
        assert_eq!(evaluate(Some("*"), BEFORE), Proceed);
    }

    #[test]
    fn a_failed_precondition_goes_before_not_modified() {
        let tag = file().etag.text();
        let conditions = Preconditions {
            if_match: Some("\"other\"".to_owned()),
            if_none_match: Some(tag.clone()),
            ..Preconditions::default()
        };
        assert_eq!(conditions.evaluate(&file()), Failed);
        let conditions = Preconditions {
            if_match: Some(tag.clone()),
            if_none_match: Some(tag),
            ..Preconditions::default()
        };
        assert_eq!(conditions.evaluate(&file()), NotModified);
    }

    #[test]
    fn if_range_takes_a_strong_tag_or_the_very_date() {
        let (file, fresh) = (file(), fresh());
        let tag = file.etag.text();
        for (value, allowed) in [
            (tag.as_str(), true),
            (THEN, true),
            (AFTER, false),
            (BEFORE, false),
            ("\"other\"", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(if_range(value, &file), allowed, "{value}");
        }
        assert!(!if_range(&format!("W/{tag}"), &file));
        assert!(!if_range(&format!("{tag}, {tag}"), &file));
        assert!(!if_range(&fresh.etag.text(), &fresh));
        assert!(!if_range(THEN, &fresh));
    }
}
