//! Preconditions (RFC 9110 section 13): whether to carry out a request, as a function of its fields and of what is
//! known of the resource.

use crate::parse_http_date;
use crate::semantics::date::mail;
use crate::semantics::field_value::FieldValueError;
use std::fmt;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An entity tag (RFC 9110 section 8.8.3): a name for one version of a resource, as `ETag` has it.
///
/// ```
/// use doget::ETag;
///
/// assert_eq!(ETag::strong("v7").to_string(), "\"v7\"");
/// assert_eq!(ETag::weak("v7").to_string(), "W/\"v7\"");
/// assert_eq!(ETag::strong("say \"hi\"").to_string(), "\"say%20%22hi%22\"");
/// ```
///
/// One that a client sent is parsed, quotes included. So a field of `Params` can be one: `if_match: Option<ETag>`, or a
/// `Vec<ETag>` where several may be listed. The `*` that such a field may have in place of tags is none:
/// [`Request::is_not_modified`](crate::Request::is_not_modified) knows all of it.
///
/// ```
/// use doget::ETag;
///
/// assert_eq!("W/\"v7\"".parse(), Ok(ETag::weak("v7")));
/// assert!("v7".parse::<ETag>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag {
    /// As the field has it.
    text: String,
    weak: bool,
}

impl ETag {
    /// For a version whose bytes are always the same. What may not stand in a tag is percent-encoded, and so is `%`, so
    /// that two versions never get one tag.
    pub fn strong(version: impl AsRef<str>) -> Self {
        Self::new(version.as_ref(), false)
    }

    /// For a version that means the same, though its bytes may differ: good for `If-None-Match`, not for ranges and
    /// `If-Match`.
    pub fn weak(version: impl AsRef<str>) -> Self {
        Self::new(version.as_ref(), true)
    }

    /// The strong tag of a version that consists of these bytes: a digest of them. It says nothing to who does not know
    /// them, and it is the same for the same bytes as long as the program is built with the same Rust.
    ///
    /// ```
    /// use doget::ETag;
    ///
    /// assert_eq!(ETag::of_bytes(b"seven"), ETag::of_bytes(b"seven"));
    /// assert_ne!(ETag::of_bytes(b"seven"), ETag::of_bytes(b"eight"));
    /// ```
    pub fn of_bytes(bytes: &[u8]) -> Self {
        // Two digests of 64 bits: by chance none of them is ever twice there.
        let digest = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(seed);
            hasher.write(bytes);
            hasher.finish()
        };
        Self::new(&format!("{:016x}{:016x}", digest(0), digest(1)), false)
    }

    /// Whether it is a weak one.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    fn new(version: &str, weak: bool) -> Self {
        let mut text = String::with_capacity(version.len() + 4);
        text.push_str(if weak { "W/\"" } else { "\"" });
        for &byte in version.as_bytes() {
            if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
                text.push(char::from(byte));
            } else {
                // A string takes whatever is written to it.
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text.push('"');
        Self { text, weak }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands between the quotes.
    fn opaque(&self) -> &str {
        let quoted = self.text.strip_prefix("W/").unwrap_or(&self.text);
        quoted.trim_matches('"')
    }

    /// Both strong and the same (RFC 9110 section 8.8.3.2).
    fn is_strongly(&self, other: Listed<'_>) -> bool {
        !self.weak && !other.weak && self.opaque() == other.opaque
    }

    /// The same, weak or not.
    fn is_weakly(&self, other: Listed<'_>) -> bool {
        self.opaque() == other.opaque
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// As a field has it, quotes included (RFC 9110 section 8.8.3).
impl FromStr for ETag {
    type Err = FieldValueError;

    fn from_str(text: &str) -> Result<Self, FieldValueError> {
        let is_tag_text = |text: &str| text.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        match tag(text) {
            Some((Listed { weak, opaque }, "")) if is_tag_text(opaque) => Ok(Self {
                text: text.to_owned(),
                weak,
            }),
            _ => Err(FieldValueError::new(
                "entity tag, such as \"v7\" or W/\"v7\", quotes included",
            )),
        }
    }
}

/// What is known of a resource as it is now: what a request's conditions are compared with, and what an answer says of
/// it.
///
/// See [`Request::is_not_modified`](crate::Request::is_not_modified).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    is_there: bool,
    etag: Option<ETag>,
    /// To the second.
    modified: Option<SystemTime>,
}

impl Default for Validators {
    fn default() -> Self {
        Self::new()
    }
}

impl Validators {
    /// Of a resource of which nothing is known but that it is there.
    pub fn new() -> Self {
        Self {
            is_there: true,
            etag: None,
            modified: None,
        }
    }

    /// Of a resource that is not there: `If-None-Match: *` lets it be made, `If-Match` fails.
    pub fn missing() -> Self {
        Self {
            is_there: false,
            ..Self::new()
        }
    }

    /// With the tag of its version.
    #[must_use]
    pub fn etag(mut self, etag: ETag) -> Self {
        self.etag = Some(etag);
        self
    }

    /// With the time of its last change, which counts to the second.
    #[must_use]
    pub fn last_modified(mut self, time: SystemTime) -> Self {
        self.modified = Some(to_the_second(time));
        self
    }

    pub(crate) fn tag(&self) -> Option<&ETag> {
        self.etag.as_ref()
    }

    /// The value of `Last-Modified`, never later than `Date` (RFC 9110 section 8.8.2.1).
    pub(crate) fn told_date(&self, now: SystemTime) -> Option<SystemTime> {
        self.modified.map(|modified| modified.min(now))
    }
}

/// The start of the second that a time is in.
fn to_the_second(time: SystemTime) -> SystemTime {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => UNIX_EPOCH + Duration::from_secs(since.as_secs()),
        Err(error) => {
            let before = error.duration();
            let seconds = before.as_secs() + u64::from(before.subsec_nanos() > 0);
            let start = UNIX_EPOCH.checked_sub(Duration::from_secs(seconds));
            start.unwrap_or(UNIX_EPOCH)
        }
    }
}

/// The precondition fields of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preconditions<'r> {
    /// The method is GET or HEAD.
    pub(crate) reads: bool,
    /// All lines of `If-Match`, joined.
    pub(crate) if_match: Option<String>,
    /// All lines of `If-None-Match`, joined.
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<&'r str>,
    pub(crate) if_unmodified_since: Option<&'r str>,
}

/// What the conditions of a request come to.
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
    pub(crate) fn evaluate(&self, resource: &Validators) -> Verdict {
        let is_later = |date: SystemTime| resource.modified.map(|modified| modified > date);
        let same = |list: &str, equal: &dyn Fn(&ETag, Listed<'_>) -> bool| {
            resource.is_there
                && matches(list, |tag| {
                    resource.etag.as_ref().is_some_and(|own| equal(own, tag))
                })
        };
        if let Some(list) = &self.if_match {
            if !same(list, &ETag::is_strongly) {
                return Verdict::Failed;
            }
        } else if self.if_unmodified_since.and_then(since).and_then(is_later) == Some(true) {
            return Verdict::Failed;
        }
        if let Some(list) = &self.if_none_match {
            if same(list, &ETag::is_weakly) {
                return if self.reads {
                    Verdict::NotModified
                } else {
                    Verdict::Failed
                };
            }
        } else if self.reads
            && self.if_modified_since.and_then(since).and_then(is_later) == Some(false)
        {
            // The date counts only without `If-None-Match` (RFC 9110 section 13.1.3).
            return Verdict::NotModified;
        }
        Verdict::Proceed
    }
}

/// Whether `If-Range` lets a range be sent (RFC 9110 section 13.1.5): the same strong tag, or exactly the date of a
/// file that has been at rest since.
#[cfg(feature = "files")]
pub(crate) fn if_range(value: &str, resource: &Validators) -> bool {
    let value = value.trim();
    let own = resource.etag.as_ref();
    if let Some((tag, "")) = tag(value) {
        return own.is_some_and(|own| own.is_strongly(tag));
    }
    let date = parse_http_date(value);
    date.is_some() && date == resource.modified && own.is_none_or(|own| !own.weak)
}

/// The date of a conditional field: the three forms of HTTP, and those that mail programs write, as long as the date is
/// in UTC or names no zone. `http.server` too ignores a date of another zone.
fn since(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    parse_http_date(text).or_else(|| {
        let seconds = mail::parse(text)?;
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        }
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

    const SECOND: u64 = 784_111_777;
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
    const FUTURE: &str = "Fri, 31 Dec 9999 23:59:59 GMT";

    fn then() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(SECOND)
    }

    fn with(etag: ETag) -> Validators {
        let modified = then() + Duration::from_millis(500);
        Validators::new().etag(etag).last_modified(modified)
    }

    fn file() -> Validators {
        with(ETag::strong("a-b"))
    }

    fn fresh() -> Validators {
        with(ETag::weak("a-b"))
    }

    fn tag_of(resource: &Validators) -> String {
        resource.etag.as_ref().unwrap().to_string()
    }

    fn reading() -> Preconditions<'static> {
        Preconditions {
            reads: true,
            ..Preconditions::default()
        }
    }

    #[test]
    fn if_match_compares_strongly() {
        let file = file();
        let (tag, fresh) = (tag_of(&file), fresh());
        for (value, file, verdict) in [
            (tag.clone(), &file, Proceed),
            ("*".to_owned(), &file, Proceed),
            (format!("\"x\", {tag}"), &file, Proceed),
            (format!("W/{tag}"), &file, Failed),
            (tag_of(&fresh), &fresh, Failed),
            ("\"x\"".to_owned(), &file, Failed),
            (String::new(), &file, Failed),
            ("x".to_owned(), &file, Failed),
        ] {
            let conditions = Preconditions {
                if_match: Some(value.clone()),
                ..reading()
            };
            assert_eq!(conditions.evaluate(file), verdict, "{value}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let file = file();
        let tag = tag_of(&file);
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
                ..reading()
            };
            assert_eq!(conditions.evaluate(&file), verdict, "{value}");
        }
        let fresh = fresh();
        let conditions = Preconditions {
            if_none_match: Some(tag),
            ..reading()
        };
        assert_eq!(conditions.evaluate(&fresh), NotModified);
    }

    #[test]
    fn a_tag_is_parsed_as_it_is_written() {
        for tag in [
            ETag::strong("a,b"),
            ETag::weak("say \"hi\""),
            ETag::strong(""),
        ] {
            assert_eq!(tag.to_string().parse(), Ok(tag));
        }
        for text in [
            "",
            "v7",
            "*",
            "\"v7",
            "v7\"",
            "w/\"v7\"",
            "\"a b\"",
            "\"a\"b\"",
            "\"a\", \"b\"",
            " \"a\"",
        ] {
            assert!(text.parse::<ETag>().is_err(), "{text}");
        }
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
                ..reading()
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
            assert_eq!(since(date), is.then(then), "{date}");
        }
    }

    #[test]
    fn cnd_01_if_none_match_goes_before_if_modified_since() {
        let conditions = Preconditions {
            if_none_match: Some("\"other\"".to_owned()),
            if_modified_since: Some(FUTURE),
            ..reading()
        };
        assert_eq!(conditions.evaluate(&file()), Proceed);
    }

    #[test]
    fn if_unmodified_since_counts_without_if_match() {
        let evaluate = |if_match: Option<&str>, date| {
            Preconditions {
                if_match: if_match.map(str::to_owned),
                if_unmodified_since: Some(date),
                ..reading()
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
        let tag = tag_of(&file());
        let conditions = Preconditions {
            if_match: Some("\"other\"".to_owned()),
            if_none_match: Some(tag.clone()),
            ..reading()
        };
        assert_eq!(conditions.evaluate(&file()), Failed);
        let conditions = Preconditions {
            if_match: Some(tag.clone()),
            if_none_match: Some(tag),
            ..reading()
        };
        assert_eq!(conditions.evaluate(&file()), NotModified);
    }

    #[cfg(feature = "files")]
    #[test]
    fn if_range_takes_a_strong_tag_or_the_very_date() {
        let (file, fresh) = (file(), fresh());
        let tag = tag_of(&file);
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
        assert!(!if_range(&tag_of(&fresh), &fresh));
        assert!(!if_range(THEN, &fresh));
    }

    #[test]
    fn a_method_that_changes_something() {
        let writing = |if_match: Option<&str>, if_none_match: Option<&str>| Preconditions {
            if_match: if_match.map(str::to_owned),
            if_none_match: if_none_match.map(str::to_owned),
            if_modified_since: Some(FUTURE),
            ..Preconditions::default()
        };
        let (there, missing) = (file(), Validators::missing());
        let tag = tag_of(&there);
        for (conditions, of_there, of_missing) in [
            (writing(None, None), Proceed, Proceed),
            (writing(None, Some("*")), Failed, Proceed),
            (writing(Some("*"), None), Proceed, Failed),
            (writing(Some(&tag), None), Proceed, Failed),
            (writing(None, Some(&tag)), Failed, Proceed),
            (writing(Some("\"other\""), None), Failed, Failed),
        ] {
            assert_eq!(conditions.evaluate(&there), of_there, "{conditions:?}");
            assert_eq!(conditions.evaluate(&missing), of_missing, "{conditions:?}");
        }
    }

    #[test]
    fn what_is_not_known_does_not_match() {
        let conditions = |if_none_match: Option<&str>| Preconditions {
            if_none_match: if_none_match.map(str::to_owned),
            if_modified_since: Some(FUTURE),
            if_unmodified_since: Some(BEFORE),
            ..reading()
        };
        let nothing = Validators::new();
        assert_eq!(conditions(None).evaluate(&nothing), Proceed);
        assert_eq!(conditions(Some("\"a\"")).evaluate(&nothing), Proceed);
        assert_eq!(conditions(Some("*")).evaluate(&nothing), NotModified);
    }
}
