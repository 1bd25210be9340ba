//! Dates: the `Date` header, `If-Modified-Since`, and the log.

pub(crate) mod mail;
mod zone;

use crate::semantics::field_value::FieldValueError;
use std::cell::Cell;
use std::fmt;
use std::io::Write;
use std::ops::Deref;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tz::UtcDateTime;

/// The last second that has a date of four digits: 9999-12-31 23:59:59 GMT.
const LAST_HTTP_SECOND: u64 = 253_402_300_799;

/// The same for the log, two days earlier: no offset of a time zone then leads into the year 10000.
const LAST_LOG_SECOND: u64 = LAST_HTTP_SECOND - 2 * 24 * 60 * 60;

/// Whole seconds since the start of 1970, between that and `last`; fractions are cut off.
fn whole_seconds(time: SystemTime, last: u64) -> u64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs().min(last),
        Err(_) => 0,
    }
}

/// A date as HTTP writes it, in GMT: `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// It is 29 bytes of ASCII, held in place.
///
/// ```
/// use doget::HttpDate;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let date = HttpDate::new(UNIX_EPOCH + Duration::from_secs(784_111_777));
/// assert_eq!(date.as_str(), "Sun, 06 Nov 1994 08:49:37 GMT");
/// ```
///
/// It is parsed from any form that [`parse_http_date`] reads, so a field of `Params` can be one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HttpDate([u8; 29]);

impl HttpDate {
    /// The date of this moment. Fractions of a second are cut off.
    ///
    /// The form has no room for years before 1970 or after 9999: an earlier or later time gives the
    /// first or the last second of that span.
    ///
    /// ```
    /// use doget::HttpDate;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let date = HttpDate::new(UNIX_EPOCH - Duration::from_secs(1));
    /// assert_eq!(date.as_str(), "Thu, 01 Jan 1970 00:00:00 GMT");
    /// ```
    pub fn new(time: SystemTime) -> HttpDate {
        HttpDate::from_second(whole_seconds(time, LAST_HTTP_SECOND))
    }

    fn from_second(second: u64) -> HttpDate {
        // `httpdate` panics outside the span that `whole_seconds` keeps to.
        let date = httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(second));
        let mut bytes = [b' '; 29];
        // Cannot fail: the text has 29 bytes, and a slice takes as many as it is long.
        let _ = write!(&mut bytes[..], "{date}");
        HttpDate(bytes)
    }

    /// The text.
    ///
    /// ```
    /// use doget::HttpDate;
    /// use std::time::SystemTime;
    ///
    /// assert!(HttpDate::new(SystemTime::now()).as_str().ends_with(" GMT"));
    /// ```
    pub fn as_str(&self) -> &str {
        // Always ASCII; the empty text is only there so that nothing can panic.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The moment that it names.
    ///
    /// ```
    /// use doget::HttpDate;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let date: HttpDate = "Sun, 06 Nov 1994 08:49:37 GMT".parse()?;
    /// assert_eq!(date.time(), UNIX_EPOCH + Duration::from_secs(784_111_777));
    /// # Ok::<(), doget::FieldValueError>(())
    /// ```
    pub fn time(&self) -> SystemTime {
        // It was made of a time, so it is read again; the start of 1970 is only there so that nothing can panic.
        parse_http_date(self.as_str()).unwrap_or(UNIX_EPOCH)
    }

    /// The text as bytes, for a header that is put together as bytes.
    ///
    /// ```
    /// use doget::HttpDate;
    /// use std::time::UNIX_EPOCH;
    ///
    /// assert_eq!(HttpDate::new(UNIX_EPOCH).as_bytes(), b"Thu, 01 Jan 1970 00:00:00 GMT");
    /// ```
    pub fn as_bytes(&self) -> &[u8; 29] {
        &self.0
    }
}

impl Deref for HttpDate {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpDate({})", self.as_str())
    }
}

impl From<SystemTime> for HttpDate {
    fn from(time: SystemTime) -> HttpDate {
        HttpDate::new(time)
    }
}

/// By [`parse_http_date`].
impl FromStr for HttpDate {
    type Err = FieldValueError;

    fn from_str(text: &str) -> Result<Self, FieldValueError> {
        parse_http_date(text)
            .map(Self::new)
            .ok_or(FieldValueError::new(
                "date of HTTP, such as Sun, 06 Nov 1994 08:49:37 GMT",
            ))
    }
}

/// Reads a date in any of the three forms that a server must accept (RFC 9110, section 5.6.7).
///
/// Anything else is `None`, and the header it came from is then to be ignored.
///
/// ```
/// use doget::parse_http_date;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let time = UNIX_EPOCH + Duration::from_secs(784_111_777);
/// assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(time));
/// assert_eq!(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), Some(time));
/// assert_eq!(parse_http_date("Sun Nov  6 08:49:37 1994"), Some(time));
/// assert_eq!(parse_http_date("yesterday"), None);
/// ```
pub fn parse_http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// The date of a response, rendered at most once a second.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateCache {
    last: Option<(u64, HttpDate)>,
}

impl DateCache {
    /// An empty cache.
    pub(crate) const fn new() -> DateCache {
        DateCache { last: None }
    }

    /// The date of `now`, from the cache if the last call was for the same second.
    pub(crate) fn get(&mut self, now: SystemTime) -> HttpDate {
        let second = whole_seconds(now, LAST_HTTP_SECOND);
        match self.last {
            Some((last, date)) if last == second => date,
            _ => {
                let date = HttpDate::from_second(second);
                self.last = Some((second, date));
                date
            }
        }
    }
}

/// A date as the log writes it, in local time: at most 26 bytes of ASCII, held in place.
///
/// There are two forms: that of `http.server`, and that of the NCSA log formats, which programs that read logs
/// expect.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LogDate {
    bytes: [u8; 26],
    len: u8,
}

impl LogDate {
    /// `DD/Mon/YYYY HH:MM:SS` in local time.
    ///
    /// As in [`HttpDate::new`], a time before 1970 or after 9999 gives about the nearest that is not.
    #[cfg(test)]
    pub(crate) fn new(time: SystemTime) -> LogDate {
        LogDate::local(whole_seconds(time, LAST_LOG_SECOND), Form::HttpServer)
    }

    /// `DD/Mon/YYYY:HH:MM:SS +HHMM` in local time, with its offset from GMT.
    #[cfg(test)]
    pub(crate) fn ncsa(time: SystemTime) -> LogDate {
        LogDate::local(whole_seconds(time, LAST_LOG_SECOND), Form::Ncsa)
    }

    fn local(second: u64, form: Form) -> LogDate {
        // Does not fall back: `whole_seconds` keeps to less.
        let second = i64::try_from(second).unwrap_or_default();
        LogDate::with_offset(second, zone::offset(second), form)
    }

    /// `offset`: the seconds that local time is ahead of GMT.
    fn with_offset(second: i64, offset: i64, form: Form) -> LogDate {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        // Neither falls back in practice: the years of the log are among those that the calendar knows.
        let local = UtcDateTime::from_timespec(second + offset, 0);
        let local = local.unwrap_or(UtcDateTime::UNIX_EPOCH);
        let month = MONTHS.get(usize::from(local.month()).wrapping_sub(1));

        let mut bytes = [0; 26];
        let mut room = &mut bytes[..];
        // Cannot fail: the longer form has 26 bytes.
        let _ = write!(
            room,
            "{:02}/{}/{:04}{}{:02}:{:02}:{:02}",
            local.month_day(),
            month.unwrap_or(&"???"),
            local.year(),
            match form {
                Form::HttpServer => ' ',
                Form::Ncsa => ':',
            },
            local.hour(),
            local.minute(),
            local.second(),
        );
        if let Form::Ncsa = form {
            let minutes = offset / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.unsigned_abs();
            let _ = write!(room, " {sign}{:02}{:02}", minutes / 60, minutes % 60);
        }
        let left = room.len();
        // At most 26, so the conversion does not fall back.
        let len = u8::try_from(bytes.len() - left).unwrap_or_default();
        LogDate { bytes, len }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        // Always ASCII; the empty text is only there so that nothing can panic.
        str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl Deref for LogDate {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for LogDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for LogDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogDate({})", self.as_str())
    }
}

#[derive(Clone, Copy)]
enum Form {
    HttpServer,
    Ncsa,
}

/// The form of `http.server`, rendered at most once a second on each thread.
pub(crate) fn log_date_time(now: SystemTime) -> LogDate {
    thread_local! {
        static LAST: Cell<Option<(u64, LogDate)>> = const { Cell::new(None) };
    }
    LAST.with(|last| cached(last, now, Form::HttpServer))
}

/// The NCSA form, rendered at most once a second on each thread.
pub(crate) fn ncsa_date_time(now: SystemTime) -> LogDate {
    thread_local! {
        static LAST: Cell<Option<(u64, LogDate)>> = const { Cell::new(None) };
    }
    LAST.with(|last| cached(last, now, Form::Ncsa))
}

fn cached(cache: &Cell<Option<(u64, LogDate)>>, now: SystemTime, form: Form) -> LogDate {
    let second = whole_seconds(now, LAST_LOG_SECOND);
    match cache.get() {
        Some((last, date)) if last == second => date,
        _ => {
            let date = LogDate::local(second, form);
            cache.set(Some((second, date)));
            date
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(second: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(second)
    }

    #[test]
    fn http_dates() {
        let dates = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_255_371, "Sat, 21 Nov 2026 10:02:51 GMT"),
            (LAST_HTTP_SECOND, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ];
        for (second, text) in dates {
            let date = HttpDate::new(at(second));
            assert_eq!(date.as_str(), text);
            assert_eq!(date.as_bytes(), text.as_bytes());
            assert_eq!(date.to_string(), text);
            assert_eq!(format!("{date:?}"), format!("HttpDate({text})"));
            assert_eq!(parse_http_date(&date), Some(at(second)));
        }
    }

    #[test]
    fn fractions_are_cut_off() {
        let almost = at(784_111_777) + Duration::from_nanos(999_999_999);
        assert_eq!(HttpDate::new(almost), HttpDate::new(at(784_111_777)));
    }

    #[test]
    fn times_out_of_range_are_clamped() {
        let mut before = UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(HttpDate::new(before), HttpDate::new(at(0)));
        assert_eq!(LogDate::new(before), LogDate::new(at(0)));
        let mut after = at(LAST_HTTP_SECOND + 1);
        assert_eq!(HttpDate::new(after), HttpDate::new(at(LAST_HTTP_SECOND)));

        // As far as the system's clock type goes.
        let mut step = Duration::from_secs(1 << 62);
        // Not all systems count nanoseconds: with less than theirs, a time stays what it is.
        while step >= Duration::from_nanos(100) {
            while let Some(earlier) = before.checked_sub(step) {
                before = earlier;
            }
            while let Some(later) = after.checked_add(step) {
                after = later;
            }
            step /= 2;
        }
        assert_eq!(HttpDate::new(before), HttpDate::new(at(0)));
        assert_eq!(HttpDate::new(after), HttpDate::new(at(LAST_HTTP_SECOND)));
        assert_eq!(LogDate::new(before), LogDate::new(at(0)));
        assert_eq!(LogDate::new(after), LogDate::new(at(LAST_LOG_SECOND)));
        assert_eq!(DateCache::new().get(after), HttpDate::new(after));
    }

    #[test]
    fn the_three_forms_are_read_and_no_other() {
        let time = Some(at(784_111_777));
        assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), time);
        assert_eq!(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), time);
        assert_eq!(parse_http_date("Sun Nov  6 08:49:37 1994"), time);
        let wrong = [
            "",
            " ",
            "0",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "S\u{fc}n, 06 Nov 1994 08:49:37 GMT",
        ];
        for text in wrong {
            assert_eq!(parse_http_date(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let forms = [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ];
        for form in forms {
            for index in 0..form.len() {
                for byte in 0..0x80u8 {
                    let mut bytes = form.as_bytes().to_vec();
                    bytes[index] = byte;
                    if let Ok(text) = str::from_utf8(&bytes) {
                        let _ = parse_http_date(text);
                    }
                }
                let _ = parse_http_date(&form[..index]);
                let _ = parse_http_date(&form[index..]);
            }
        }
    }

    #[test]
    fn the_cache_follows_the_clock_in_both_directions() {
        let mut cache = DateCache::new();
        for second in [5, 5, 6, 7, 6, 0, 5] {
            for nanos in [0, 1, 999_999_999] {
                let now = at(second) + Duration::from_nanos(nanos);
                assert_eq!(cache.get(now), HttpDate::new(at(second)));
                assert_eq!(log_date_time(now), LogDate::new(at(second)));
                assert_eq!(ncsa_date_time(now), LogDate::ncsa(at(second)));
            }
        }
    }

    #[test]
    fn log_dates_are_local() {
        const MINUTE: i64 = 60;
        for (second, offset, http_server, ncsa) in [
            (
                1_795_255_371,
                0,
                "21/Nov/2026 10:02:51",
                "21/Nov/2026:10:02:51 +0000",
            ),
            (
                1_795_255_371,
                60 * MINUTE,
                "21/Nov/2026 11:02:51",
                "21/Nov/2026:11:02:51 +0100",
            ),
            (
                1_795_255_371,
                330 * MINUTE,
                "21/Nov/2026 15:32:51",
                "21/Nov/2026:15:32:51 +0530",
            ),
            (
                0,
                -210 * MINUTE,
                "31/Dec/1969 20:30:00",
                "31/Dec/1969:20:30:00 -0330",
            ),
            (
                951_782_399,
                1,
                "29/Feb/2000 00:00:00",
                "29/Feb/2000:00:00:00 +0000",
            ),
        ] {
            let date = |form| LogDate::with_offset(second, offset, form);
            assert_eq!(date(Form::HttpServer).as_str(), http_server);
            assert_eq!(date(Form::Ncsa).as_str(), ncsa);
        }
    }

    #[test]
    fn log_dates_have_one_length_at_both_ends_of_every_zone() {
        for offset in (-zone::MOST..=zone::MOST).step_by(60 * 60) {
            for second in [0, LAST_LOG_SECOND.cast_signed()] {
                let len = |form| LogDate::with_offset(second, offset, form).len();
                assert_eq!(len(Form::HttpServer), 20);
                assert_eq!(len(Form::Ncsa), 26);
            }
        }
    }
}
