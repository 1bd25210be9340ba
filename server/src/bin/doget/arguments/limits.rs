//! `--limit` and `--print-limits`: every limit by its name.

use clap::ArgMatches;
use doget::{ArchiveLimits, Limits};
#[cfg(unix)]
use doget::{CgiLimits, UploadLimits};
use std::fmt::Write as _;
use std::time::Duration;

/// Entries of a listing, if nothing else is said.
const LISTED: usize = 10_000;

/// What is under way has this long at the end: less than the 10 s that `docker stop` and its like wait before they
/// kill.
const GRACE: Duration = Duration::from_secs(5);

/// The limits of everything that the command runs.
#[derive(Clone, Debug)]
pub(crate) struct AllLimits {
    pub(crate) server: Limits,
    pub(crate) max_listed_entries: usize,
    #[cfg(unix)]
    pub(crate) scripts: CgiLimits,
    #[cfg(unix)]
    pub(crate) upload: UploadLimits,
    pub(crate) archive: ArchiveLimits,
}

/// A name and a value, as they were written.
pub(super) type Setting = (String, String);

/// Limits that may be 0: then there is none, or none of it. Any other limit of 0 would end everything.
const MAY_BE_ZERO: [&str; 15] = [
    "body_buffer_size",
    "total_body_buffer_size",
    "max_drain_size",
    "response_buffer_size",
    "min_body_rate",
    "body_rate_grace",
    "min_send_rate",
    "send_rate_grace",
    "linger_timeout",
    "max_linger_time",
    "shutdown_head_timeout",
    "max_queued_requests",
    "head.max_empty_lines",
    "cgi.max_redirects",
    "cgi.max_stderr_lines",
];

/// Options of their own, for those that are set most.
const SHORT: [(&str, &str); 4] = [
    ("max-connections", "max_connections"),
    ("max-threads", "max_threads"),
    ("idle-timeout", "idle_timeout"),
    ("shutdown-timeout", "shutdown_timeout"),
];

macro_rules! each {
    ($visit:ident: $( $prefix:literal $limits:expr => $( $field:ident )* ; )*) => {
        $( $( $visit(concat!($prefix, stringify!($field)), &mut $limits.$field); )* )*
    };
}

impl AllLimits {
    pub(super) fn new() -> Self {
        Self {
            server: Limits::new().shutdown_timeout(GRACE),
            max_listed_entries: LISTED,
            #[cfg(unix)]
            scripts: CgiLimits::new(),
            #[cfg(unix)]
            upload: UploadLimits::new(),
            archive: ArchiveLimits::new(),
        }
    }

    /// What the command line says; an error names what is wrong with it.
    pub(super) fn read(matches: &mut ArgMatches) -> Result<Self, String> {
        let mut limits = Self::new();
        if matches.contains_id("behind") || matches.contains_id("proxy-protocol") {
            limits.server.idle_timeout = Limits::behind_balancer().idle_timeout;
        }
        for (option, name) in SHORT {
            if let Some(value) = matches.remove_one::<String>(option) {
                limits.set(name, &value).map_err(|words| {
                    format!("invalid value '{value}' for '--{option}': {words}")
                })?;
            }
        }
        for (name, value) in matches
            .remove_many::<Setting>("limit")
            .into_iter()
            .flatten()
        {
            limits.set(&name, &value).map_err(|words| {
                format!("invalid value '{name}={value}' for '--limit': {words}")
            })?;
        }
        Ok(limits)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let mut done = Err("there is no such limit; --print-limits has them all".to_owned());
        self.each(|known, limit| {
            if known == name {
                let may_be_zero = MAY_BE_ZERO
                    .iter()
                    .any(|zero| *zero == known || known.strip_prefix("lenient_") == Some(zero));
                done = limit.set(value, may_be_zero);
            }
        });
        done
    }

    /// One a line, as `--limit` takes them.
    pub(super) fn text(&mut self, with_scripts: bool) -> String {
        let mut text = String::new();
        self.each(|name, limit| {
            if with_scripts || !name.starts_with("cgi.") {
                // A `String` takes whatever is written to it.
                let _ = writeln!(text, "{name}={}", limit.text());
            }
        });
        text
    }

    fn each(&mut self, mut visit: impl FnMut(&'static str, &mut dyn Limit)) {
        each! { visit:
            "" self.server => handshake_timeout head_timeout idle_timeout body_timeout min_body_rate
                body_rate_grace send_timeout min_send_rate send_rate_grace linger_timeout max_linger_time
                shutdown_timeout shutdown_head_timeout max_connections max_requests_per_connection
                max_connection_age max_threads max_queued_requests queue_timeout takeover_threads_per_loop
                thread_stack_size backlog body_buffer_size total_body_buffer_size max_collected_body_size
                max_drain_size response_buffer_size;
            "" self => max_listed_entries;
            "archive." self.archive => max_entries max_size max_depth max_archives;
            "head." self.server.head => max_method_size max_target_size max_request_line_size max_field_line_size
                max_fields max_size max_empty_lines;
            "lenient_head." self.server.lenient_head => max_method_size max_target_size max_request_line_size
                max_field_line_size max_fields max_size max_empty_lines;
            "chunk." self.server.chunk => max_line_size max_extensions_size max_trailer_size max_trailer_fields;
        }
        #[cfg(unix)]
        each! { visit:
            "cgi." self.scripts => max_scripts max_header_size header_timeout idle_timeout exit_timeout
                half_close_timeout max_body_size body_buffer_size max_redirects max_stderr_lines;
            "upload." self.upload => max_file_size max_total_size max_files max_uploads;
        }
    }
}

/// `NAME=VALUE`.
pub(super) fn setting(text: &str) -> Result<Setting, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write NAME=VALUE, as in head_timeout=5")?;
    Ok((name.trim().replace('-', "_"), value.trim().to_owned()))
}

/// A value of a limit.
trait Limit {
    fn set(&mut self, text: &str, may_be_zero: bool) -> Result<(), String>;
    fn text(&self) -> String;
}

macro_rules! numbers {
    ($($Number:ty)*) => { $(
        impl Limit for $Number {
            fn set(&mut self, text: &str, may_be_zero: bool) -> Result<(), String> {
                let number = number(text)?;
                if number == 0 && !may_be_zero {
                    return Err("it has to be more than 0".to_owned());
                }
                *self = <$Number>::try_from(number)
                    .map_err(|_| format!("it can be {} at most", <$Number>::MAX))?;
                Ok(())
            }

            fn text(&self) -> String {
                self.to_string()
            }
        }
    )* };
}

numbers! { u8 u32 u64 usize }

/// A number, in bytes also with a unit of 1024: `16K`.
fn number(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (text.get(..at), 1 << 10),
        Some((at, 'm' | 'M')) => (text.get(..at), 1 << 20),
        Some((at, 'g' | 'G')) => (text.get(..at), 1 << 30),
        _ => (Some(text), 1),
    };
    let number = digits.and_then(|digits| digits.parse::<u64>().ok());
    number
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| "write a number, or one with K, M or G".to_owned())
}

impl Limit for Duration {
    /// Seconds, or `none`.
    fn set(&mut self, text: &str, may_be_zero: bool) -> Result<(), String> {
        // More than a year is no bound, and some sums of times would have no room.
        const LONGEST: f64 = 365.0 * 86_400.0;
        if text == "none" {
            *self = Self::MAX;
            return Ok(());
        }
        let seconds = text.strip_suffix('s').unwrap_or(text).parse::<f64>();
        let seconds = seconds
            .ok()
            .filter(|seconds| (0.0..=LONGEST).contains(seconds));
        let seconds = seconds.ok_or("write seconds, as in 5 or 0.5, or none")?;
        let time = Self::from_secs_f64(seconds);
        if time.is_zero() && !may_be_zero {
            return Err("it has to be more than 0".to_owned());
        }
        *self = time;
        Ok(())
    }

    fn text(&self) -> String {
        if *self == Self::MAX {
            "none".to_owned()
        } else {
            format!("{}s", self.as_secs_f64())
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    /// The names of all fields of a structure, as `{:#?}` shows it.
    fn fields(shown: &str, prefix: &str) -> Vec<String> {
        let mut within = vec![prefix.to_owned()];
        let mut names = Vec::new();
        for line in shown.lines().skip(1) {
            let line = line.trim();
            if line.starts_with('}') {
                within.pop();
            } else if let Some((name, value)) = line.split_once(": ") {
                let name = format!("{}{name}", within.last().unwrap());
                if value.ends_with('{') {
                    within.push(format!("{name}."));
                } else {
                    names.push(name);
                }
            }
        }
        names
    }

    #[test]
    fn every_limit_has_a_name_and_what_is_printed_can_be_said() {
        let mut limits = AllLimits::new();
        let text = limits.text(true);
        let mut names: Vec<_> = text
            .lines()
            .map(|line| line.split('=').next().unwrap())
            .collect();
        let mut all = fields(&format!("{:#?}", limits.server), "");
        all.push("max_listed_entries".to_owned());
        all.extend(fields(&format!("{:#?}", limits.archive), "archive."));
        #[cfg(unix)]
        all.extend(fields(&format!("{:#?}", limits.upload), "upload."));
        #[cfg(unix)]
        all.extend(fields(&format!("{:#?}", limits.scripts), "cgi."));
        // The command has no live connections.
        all.retain(|name| !name.starts_with("live."));
        all.sort_unstable();
        names.sort_unstable();
        assert_eq!(names, all);
        for line in text.lines() {
            let (name, value) = setting(line).unwrap();
            limits.set(&name, &value).unwrap();
        }
        assert_eq!(limits.text(true), text);
        assert!(!limits.text(false).contains("cgi."));
    }

    #[test]
    fn values() {
        let mut limits = AllLimits::new();
        let mut set = |text: &str| {
            let (name, value) = setting(text).unwrap();
            limits.set(&name, &value).map(|()| {
                let text = limits.text(true);
                let line = text
                    .lines()
                    .find(|line| line.starts_with(&format!("{name}=")));
                line.unwrap().to_owned()
            })
        };
        for (said, shown) in [
            (
                "head.max_field_line_size=32K",
                "head.max_field_line_size=32768",
            ),
            ("head-timeout=0.5", "head_timeout=0.5s"),
            ("idle_timeout=75s", "idle_timeout=75s"),
            ("idle_timeout = none", "idle_timeout=none"),
            ("min_send_rate=0", "min_send_rate=0"),
            ("max_drain_size=1m", "max_drain_size=1048576"),
            (
                "lenient_head.max_empty_lines=0",
                "lenient_head.max_empty_lines=0",
            ),
        ] {
            assert_eq!(set(said).unwrap(), shown);
        }
        for (said, words) in [
            ("head=1", "no such limit"),
            ("nothing=1", "--print-limits"),
            ("max_threads=0", "more than 0"),
            ("head_timeout=0", "more than 0"),
            ("head_timeout=-1", "write seconds"),
            ("head_timeout=1e30", "write seconds"),
            ("head_timeout=nan", "write seconds"),
            ("max_threads=many", "write a number"),
            ("max_threads=", "write a number"),
            ("max_drain_size=99999999999G", "write a number"),
            ("backlog=5G", "at most"),
        ] {
            let error = set(said).unwrap_err();
            assert!(error.contains(words), "{said}: {error}");
        }
        assert!(setting("head_timeout").is_err());
    }
}
