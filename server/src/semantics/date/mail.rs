//! Dates as mail programs write them (RFC 5322 section 3.3), as long as they are in UTC or name no zone.

use tz::UtcDateTime;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Reads `Sun, 06 Nov 1994 08:49:37 +0000`, in seconds since 1970. What may be left out: the day of the week, which
/// is not compared, a leading zero of the day, the century, the seconds, the zone. A comment may follow.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = match text.split_once('(') {
        Some((date, comment)) => {
            comment.trim_end().strip_suffix(')')?;
            date
        }
        None => text,
    };
    let text = match text.split_once(',') {
        Some((weekday, date)) => {
            is_word(weekday.trim()).then_some(())?;
            date
        }
        None => text,
    };
    let mut words = text.split_ascii_whitespace();
    let day = number(words.next()?, 1)?;
    let month = month(words.next()?)?;
    let year = year(words.next()?)?;
    let mut time = words.next()?.split(':');
    let hour = number(time.next()?, 2)?;
    let minute = number(time.next()?, 2)?;
    let second = time.next().map_or(Some(0), |second| number(second, 2))?;
    is_utc(words.next().unwrap_or("GMT")).then_some(())?;
    if time.next().is_some() || words.next().is_some() {
        return None;
    }
    let date = UtcDateTime::new(year.into(), month, day, hour, minute, second, 0).ok()?;
    Some(date.unix_time())
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A number of two digits, or of one if that many are enough.
fn number(text: &str, digits: usize) -> Option<u8> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (digits..=2).contains(&text.len())).then(|| text.parse().ok())?
}

fn month(name: &str) -> Option<u8> {
    let index = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(name))?;
    u8::try_from(index + 1).ok()
}

/// With the century of RFC 5322 section 4.3, if it has none.
fn year(text: &str) -> Option<u16> {
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let year = u16::from(number(text, 2)?);
    Some(if year < 50 { 2000 + year } else { 1900 + year })
}

fn is_utc(zone: &str) -> bool {
    ["+0000", "-0000", "GMT", "UTC", "UT", "Z"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mail_programs_write() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 6 Nov 1994 08:49:37 +0000 (UTC)",
            "sun , 06  nov 94 08:49:37 gmt",
            "Mon,06 NOV 1994 08:49:37 -0000",
            "06 Nov 1994 08:49:37",
            "06 Nov 1994 08:49:37 UT",
            "06 Nov 1994 08:49:37 Z (on the sea)",
        ] {
            assert_eq!(parse(text), Some(784_111_777), "{text}");
        }
        assert_eq!(parse("6 Nov 1994 08:49"), Some(784_111_740));
        assert_eq!(parse("1 Jan 49 00:00:00"), Some(2_493_072_000));
        assert_eq!(parse("31 Dec 1969 23:59:59"), Some(-1));
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            " ",
            ",",
            "(",
            "()",
            "Sun, 06 Nov 1994 08:49:37 +0100",
            "Sun, 06 Nov 1994 08:49:37 EST",
            "Sun, 06 Nov 1994 08:49:37 GMT GMT",
            "Sun, 06 Nov 1994 08:49:37 (UTC",
            "Sun, Sun, 06 Nov 1994 08:49:37",
            "1, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994",
            "Sun, 06 Nov 1994 08",
            "Sun, 06 Nov 1994 8:49:37",
            "Sun, 06 Nov 1994 08:49:37:00",
            "Sun, 06 Nov 1994 08:49:",
            "Sun, 006 Nov 1994 08:49:37",
            "Sun, +6 Nov 1994 08:49:37",
            "Sun, 31 Nov 1994 08:49:37",
            "Sun, 29 Feb 1900 08:49:37",
            "Sun, 06 Nov 1994 24:49:37",
            "Sun, 06 November 1994 08:49:37",
            "Sun, 06 Nov 994 08:49:37",
            "Sun, 06 Nov 19940 08:49:37",
            "Sun, 06 Nov \u{661}\u{669} 08:49:37",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
