//! The text of a line: what came from a client is escaped.

use std::fmt::{self, Display as _, Write as _};

/// A text that came from outside, within a line of the log.
///
/// Control characters (U+0000 to U+001F and U+007F to U+009F) become `\xNN` and a backslash becomes
/// `\\`, as in `http.server`, so that a text can neither begin a line of its own nor speak to the
/// terminal. Everything else stays.
///
/// ```
/// use doget::log::Escaped;
///
/// assert_eq!(Escaped("red: \u{1b}[31m\n").to_string(), r"red: \x1b[31m\x0a");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.0, Quotes::Stay)
    }
}

/// A field that came from outside and stands between quotes in a line of the log.
///
/// Like [`Escaped`], and `"` becomes `\x22`, so that a field ends at the next quote, whoever reads it.
/// `http.server` leaves quotes as they are, and there a client can make up the fields that follow.
/// Bytes that are not UTF-8 become `\xNN`. What is beyond 2 KiB is cut off.
///
/// The quotes around the field are not part of it.
///
/// ```
/// use doget::log::Quoted;
///
/// let requestline = "GET /\" 200 - HTTP/1.1";
/// assert_eq!(Quoted::new(requestline).to_string(), r"GET /\x22 200 - HTTP/1.1");
/// assert_eq!(Quoted::new(b"caf\xe9").to_string(), r"caf\xe9");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a [u8]);

impl<'a> Quoted<'a> {
    /// How many bytes of a field are shown at most.
    ///
    /// ```
    /// use doget::log::Quoted;
    ///
    /// let long = "x".repeat(5000);
    /// assert_eq!(Quoted::new(&long).to_string().len(), Quoted::LIMIT);
    /// ```
    pub const LIMIT: usize = 2048;

    /// The field as it is to be shown.
    ///
    /// ```
    /// use doget::log::Quoted;
    ///
    /// assert_eq!(Quoted::new("curl/8.5.0").to_string(), "curl/8.5.0");
    /// ```
    pub fn new<T: AsRef<[u8]> + ?Sized>(field: &'a T) -> Quoted<'a> {
        let field = field.as_ref();
        if field.len() <= Self::LIMIT {
            return Quoted(field);
        }
        // Back to the start of the character that would be cut, which has three more bytes at most.
        let is_start = |&end: &usize| field[end] & 0b1100_0000 != 0b1000_0000;
        let end = (Self::LIMIT - 3..=Self::LIMIT).rev().find(is_start);
        Quoted(&field[..end.unwrap_or(Self::LIMIT)])
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The common case, and several times as fast as taking it to pieces.
        if is_plain(self.0)
            && let Ok(text) = str::from_utf8(self.0)
        {
            return f.write_str(text);
        }
        for chunk in self.0.utf8_chunks() {
            write_escaped(f, chunk.valid(), Quotes::Escaped)?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Stay,
    Escaped,
}

/// Whether there is surely nothing to escape: ASCII without control characters, backslash or quotes.
/// What is not ASCII has to be looked at more closely, as it might be one of U+0080 to U+009F.
fn is_plain(bytes: &[u8]) -> bool {
    // Without a branch in it, so that the compiler can look at many bytes at once.
    bytes.iter().fold(true, |plain, byte| {
        plain & (b' '..0x7f).contains(byte) & (*byte != b'\\') & (*byte != b'"')
    })
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str, quotes: Quotes) -> fmt::Result {
    if is_plain(text.as_bytes()) {
        return f.write_str(text);
    }
    let needs_escape = |c: char| match c {
        '\\' => true,
        '"' => quotes == Quotes::Escaped,
        _ => c.is_control(),
    };
    let mut rest = text;
    while let Some(at) = rest.find(needs_escape) {
        let (before, special) = rest.split_at(at);
        f.write_str(before)?;
        let mut chars = special.chars();
        match chars.next() {
            Some('\\') => f.write_str(r"\\")?,
            Some(c) => write!(f, "\\x{:02x}", u32::from(c))?,
            None => {}
        }
        rest = chars.as_str();
    }
    f.write_str(rest)
}

/// The form of the line that each request leaves in the log.
///
/// ```
/// use doget::log::LogFormat;
///
/// assert_eq!(LogFormat::default(), LogFormat::Common);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogFormat {
    /// That of `http.server`, which is the NCSA common log format but for the date:
    /// `127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234`.
    #[default]
    Common,
    /// The same and `"referer" "user agent"`, with `-` for one that the request has not. With the
    /// date of [`LogDate::ncsa`](crate::date::LogDate::ncsa) it is the NCSA combined log format.
    Combined,
}

/// What the log tells of a request.
///
/// ```
/// use doget::log::{LogFormat, Record};
///
/// let record = Record {
///     address: "127.0.0.1",
///     date: "21/Nov/2026 10:02:51",
///     requestline: "GET / HTTP/1.1",
///     status: 200,
///     size: 1234,
///     referer: None,
///     user_agent: Some(b"curl/8.5.0"),
/// };
/// assert_eq!(
///     record.format(LogFormat::Common).to_string(),
///     r#"127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234"#
/// );
/// assert_eq!(
///     record.format(LogFormat::Combined).to_string(),
///     r#"127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234 "-" "curl/8.5.0""#
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The client, as text. Escaped in the line: it may come from a header that a proxy passes on.
    pub address: &'a str,
    /// When. Not escaped.
    pub date: &'a str,
    /// The first line of the request. Escaped in the line.
    pub requestline: &'a str,
    /// The status code of the response.
    pub status: u16,
    /// How many bytes of body were sent.
    pub size: u64,
    /// The `Referer` of the request. Escaped in the line.
    pub referer: Option<&'a [u8]>,
    /// The `User-Agent` of the request. Escaped in the line.
    pub user_agent: Option<&'a [u8]>,
}

impl<'a> Record<'a> {
    /// The line, without its end.
    ///
    /// ```
    /// use doget::log::{Log, LogFormat, Record};
    ///
    /// fn log_request(log: &Log, record: &Record<'_>) {
    ///     log.line(format_args!("{}", record.format(LogFormat::Common)));
    /// }
    /// ```
    pub fn format(&self, format: LogFormat) -> FormattedRecord<'_> {
        FormattedRecord {
            record: self,
            format,
        }
    }
}

/// The line of a [`Record`]: see [`Record::format`].
///
/// ```
/// use doget::log::{FormattedRecord, Log};
///
/// fn log_request(log: &Log, line: FormattedRecord<'_>) {
///     log.line(format_args!("{line}"));
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FormattedRecord<'a> {
    record: &'a Record<'a>,
    format: LogFormat,
}

impl fmt::Display for FormattedRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.record;
        write_prefix(f, record.address, record.date)?;
        f.write_char('"')?;
        Quoted::new(record.requestline).fmt(f)?;
        f.write_str("\" ")?;
        f.write_str(itoa::Buffer::new().format(record.status))?;
        f.write_char(' ')?;
        f.write_str(itoa::Buffer::new().format(record.size))?;
        if self.format == LogFormat::Combined {
            for field in [record.referer, record.user_agent] {
                f.write_str(" \"")?;
                Quoted::new(field.unwrap_or(b"-")).fmt(f)?;
                f.write_char('"')?;
            }
        }
        Ok(())
    }
}

/// A line of the log that is not about a finished request, such as an error.
///
/// ```
/// use doget::log::Message;
///
/// let message = Message {
///     address: "127.0.0.1",
///     date: "21/Nov/2026 10:02:51",
///     message: "code 404, message File not found",
/// };
/// assert_eq!(
///     message.to_string(),
///     "127.0.0.1 - - [21/Nov/2026 10:02:51] code 404, message File not found"
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The client, as text. Escaped in the line.
    pub address: &'a str,
    /// When. Not escaped.
    pub date: &'a str,
    /// What there is to say. Escaped in the line.
    pub message: &'a str,
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_prefix(f, self.address, self.date)?;
        Escaped(self.message).fmt(f)
    }
}

fn write_prefix(f: &mut fmt::Formatter<'_>, address: &str, date: &str) -> fmt::Result {
    Escaped(address).fmt(f)?;
    f.write_str(" - - [")?;
    f.write_str(date)?;
    f.write_str("] ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Record<'_> = Record {
        address: "127.0.0.1",
        date: "21/Nov/2026 10:02:51",
        requestline: "GET / HTTP/1.1",
        status: 200,
        size: 1234,
        referer: None,
        user_agent: None,
    };

    #[test]
    fn exactly_the_control_characters_and_the_backslash_are_escaped() {
        for c in (0..=0x2030).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let expected = match c {
                '\0'..='\x1f' | '\x7f'..='\u{9f}' => format!("a\\x{:02x}b", u32::from(c)),
                '\\' => r"a\\b".to_owned(),
                _ => text.clone(),
            };
            assert_eq!(Escaped(&text).to_string(), expected);
            let expected = if c == '"' { r"a\x22b" } else { &expected };
            assert_eq!(Quoted::new(&text).to_string(), expected);
        }
    }

    #[test]
    fn escapes_at_the_ends_and_in_a_row() {
        assert_eq!(Escaped("").to_string(), "");
        assert_eq!(Escaped("\n").to_string(), r"\x0a");
        assert_eq!(Escaped("\r\n\r\n").to_string(), r"\x0d\x0a\x0d\x0a");
        assert_eq!(Escaped("\u{85}\u{e9}\\").to_string(), "\\x85\u{e9}\\\\");
        assert_eq!(Quoted::new("\"\"").to_string(), r"\x22\x22");
    }

    #[test]
    fn what_is_not_utf_8_is_escaped_byte_by_byte() {
        let cases: [(&[u8], &str); 6] = [
            (b"\xff", r"\xff"),
            (b"a\xe9b", r"a\xe9b"),
            (b"\xc3\xa9", "\u{e9}"),
            (b"\xc3", r"\xc3"),
            (b"\xed\xa0\x80", r"\xed\xa0\x80"),
            (b"\xc0\xaf\"\n", r"\xc0\xaf\x22\x0a"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Quoted::new(bytes).to_string(), expected);
        }
    }

    #[test]
    fn long_fields_are_cut_between_characters() {
        for c in ['x', '\u{e9}', '\u{20ac}', '\u{1f600}'] {
            for offset in 0..4 {
                let text = "-".repeat(offset) + &c.to_string().repeat(Quoted::LIMIT);
                let shown = Quoted::new(&text).to_string();
                assert!(text.starts_with(&shown));
                assert!(shown.len() <= Quoted::LIMIT);
                assert!(shown.len() > Quoted::LIMIT - c.len_utf8());
            }
        }
        let exact = "x".repeat(Quoted::LIMIT);
        assert_eq!(Quoted::new(&exact).to_string(), exact);
        let bytes = [0x80; 5000];
        assert_eq!(Quoted::new(&bytes).to_string().len(), 4 * Quoted::LIMIT);
    }

    #[test]
    fn forged_fields_and_lines_stay_in_their_quotes() {
        let record = Record {
            address: "::1\n",
            requestline: "GET /\" 200 1\n127.0.0.1 - - \x1b[2J\\",
            user_agent: Some(b"\" \"\xff"),
            ..RECORD
        };
        assert_eq!(
            record.format(LogFormat::Combined).to_string(),
            r#"::1\x0a - - [21/Nov/2026 10:02:51] "GET /\x22 200 1\x0a127.0.0.1 - - \x1b[2J\\" 200 1234 "-" "\x22 \x22\xff""#
        );
    }

    #[test]
    fn the_line_of_http_server() {
        assert_eq!(
            RECORD.format(LogFormat::Common).to_string(),
            r#"127.0.0.1 - - [21/Nov/2026 10:02:51] "GET / HTTP/1.1" 200 1234"#
        );
        let message = Message {
            address: RECORD.address,
            date: RECORD.date,
            message: "code 400, message Bad \"request\"\x07 \\x01",
        };
        assert_eq!(
            message.to_string(),
            r#"127.0.0.1 - - [21/Nov/2026 10:02:51] code 400, message Bad "request"\x07 \\x01"#
        );
    }
}
