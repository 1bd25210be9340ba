//! [`Promised`]: header fields that every answer to a request carries, whoever writes that answer in the end.

#[cfg(feature = "session")]
use crate::connection::session_slots::SessionSlot;
use crate::connection::time_limit::TimeLimit;
use crate::connection::verified_user::VerifiedUser;
use crate::http1;
use crate::response::field_lines::{adds_up, is_named, name};
use crate::{Error, Result};

/// So many fields can be promised for one request: a bit for each says which of them a head has already.
const MOST: usize = 64;

/// The header fields that every answer to one request carries: that of the handler, an error page, a refusal of the
/// server. [`Layer::promise`](crate::Layer::promise) fills it in.
///
/// A field that the answer has itself wins. `Set-Cookie`, `Vary`, `Link` and `WWW-Authenticate` add up instead, and a
/// `Vary` that names the same field already is not repeated. Of two promises of one name the first stands, which is
/// that of the outermost layer.
///
/// There can be 64 of them. Interim responses have none, and neither have responses without a head (HTTP/0.9).
#[derive(Debug, Default)]
pub struct Promised {
    fields: EncodedFields,
    /// The head of the response in hand has them already.
    written: bool,
    /// Whose gates let the request pass: an address, and the type of what is there, since a struct begins where its
    /// first field does.
    passed: Vec<(usize, &'static str)>,
    /// The first field that could not be promised.
    fault: Option<Error>,
    /// See [`Request::id`](crate::Request::id).
    id: Option<Box<str>>,
    /// Who asks, as a gate has verified it.
    user: Option<Box<VerifiedUser>>,
    /// How long the request may take.
    limit: Option<TimeLimit>,
    /// What a gate has looked at.
    #[cfg(feature = "session")]
    sessions: Vec<SessionSlot>,
}

impl Promised {
    /// Promises a field.
    ///
    /// A name that is no token, a value with a line end or another control, and the fields that frame a message
    /// (`Content-Length`, `Transfer-Encoding`, `Connection`) are faults of the program: the request is then answered
    /// with 500, and the log says why.
    ///
    /// ```
    /// use doget::{Layer, Promised, Request};
    ///
    /// struct Version;
    ///
    /// impl Layer for Version {
    ///     fn promise(&self, _: &Request<'_>, promised: &mut Promised) {
    ///         promised.header("X-Version", "1.2.3");
    ///     }
    /// }
    ///
    /// struct Inbox;
    ///
    /// #[doget::handler]
    /// impl Inbox {
    ///     fn do_POST(&self) -> &'static str {
    ///         "taken"
    ///     }
    /// }
    ///
    /// let answer = doget::testing::get("/").send(&doget::with(Version, Inbox));
    /// assert_eq!(answer.status(), 501);
    /// assert_eq!(answer.header("X-Version"), Some("1.2.3"));
    /// ```
    pub fn header(&mut self, name: &str, value: &str) {
        if !self.fields.may_add(name.as_bytes()) {
            return;
        }
        match self.fields.add(name, value) {
            Ok(()) => self.check_count(),
            Err(error) => {
                self.fault.get_or_insert(error);
            }
        }
    }

    fn check_count(&mut self) {
        if self.fields.all.len() > MOST {
            let words = "more than 64 headers were promised for one request";
            self.fault.get_or_insert(Error::internal(words));
        }
    }

    /// The value that was promised for this name.
    pub fn get(&self, wanted: &str) -> Option<&str> {
        let mut all = self.fields.all.iter().map(|field| self.fields.line(field));
        let line = all.find(|line| is_named(line, wanted.as_bytes()))?;
        std::str::from_utf8(line.get(wanted.len() + 1..)?.trim_ascii()).ok()
    }

    /// Promises lines that [`EncodedFields`] made.
    pub(crate) fn encoded(&mut self, fields: &EncodedFields) {
        if self.fields.kinds & fields.kinds == 0 {
            self.fields.append(fields);
        } else {
            for field in &fields.all {
                let line = fields.line(field);
                if name(line).is_some_and(|name| self.fields.may_add(name)) {
                    self.fields.push(line, field.kind);
                }
            }
        }
        self.check_count();
    }

    /// Names the request.
    pub(crate) fn set_id(&mut self, id: String) {
        self.id.get_or_insert(id.into_boxed_str());
    }

    pub(crate) fn keep_user(&mut self, user: Option<&VerifiedUser>) {
        self.user = user.cloned().map(Box::new);
    }

    pub(crate) fn take_user(&mut self) -> Option<VerifiedUser> {
        self.user.take().map(|user| *user)
    }

    pub(crate) fn take_id(&mut self) -> Option<Box<str>> {
        self.id.take()
    }

    /// The request has this time, or less where it was given less.
    pub(crate) fn limit_time(&mut self, limit: TimeLimit) {
        self.limit = Some(limit.earlier(self.limit));
    }

    pub(crate) fn time_limit(&self) -> Option<TimeLimit> {
        self.limit
    }

    #[cfg(feature = "session")]
    pub(crate) fn keep_sessions(&mut self, sessions: Vec<SessionSlot>) {
        self.sessions = sessions;
    }

    #[cfg(feature = "session")]
    pub(crate) fn take_sessions(&mut self) -> Vec<SessionSlot> {
        std::mem::take(&mut self.sessions)
    }

    pub(crate) fn take_fault(&mut self) -> Option<Error> {
        self.fault.take()
    }

    /// The gates of this handler have let the request pass.
    #[doc(hidden)]
    pub fn mark_passed<H>(&mut self, handler: &H) {
        let mark = mark(handler);
        if !self.passed.contains(&mark) {
            self.passed.push(mark);
        }
    }

    /// Whether the gates of this handler have been asked for this request.
    pub(crate) fn has_passed<H>(&self, handler: &H) -> bool {
        self.passed.contains(&mark(handler))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.all.is_empty()
            && self.passed.is_empty()
            && self.fault.is_none()
            && self.id.is_none()
            && self.user.is_none()
            && self.limit.is_none()
            && !self.has_sessions()
    }

    #[cfg(feature = "session")]
    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    #[cfg(not(feature = "session"))]
    fn has_sessions(&self) -> bool {
        false
    }

    pub(crate) fn clear(&mut self) {
        self.fields.clear();
        self.passed.clear();
        self.written = false;
        self.fault = None;
        self.id = None;
        self.user = None;
        self.limit = None;
        #[cfg(feature = "session")]
        self.sessions.clear();
    }

    /// The response in hand begins anew.
    pub(super) fn begin(&mut self) {
        self.written = false;
    }

    /// Adds what the head, which begins at `start`, has not, once for each head.
    pub(super) fn put(&mut self, start: usize, bytes: &mut Vec<u8>) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        let head = bytes.get(start..).unwrap_or_default();
        let there = self.fields.there(head);
        if there == 0 {
            bytes.extend_from_slice(&self.fields.lines);
            return;
        }
        for (position, field) in self.fields.all.iter().enumerate().take(MOST) {
            if there & (1 << position) == 0 {
                bytes.extend_from_slice(self.fields.line(field));
            }
        }
    }

    /// Adds everything, behind a head that has no fields of its own.
    pub(super) fn put_all(&mut self, bytes: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.written, true) {
            bytes.extend_from_slice(&self.fields.lines);
        }
    }
}

/// Encoded lines, and where each begins and ends: nothing is searched for line ends a second time.
#[derive(Clone, Debug, Default)]
pub(crate) struct EncodedFields {
    lines: Vec<u8>,
    all: Vec<EncodedField>,
    /// Of all of them: see [`kind`].
    kinds: u64,
}

#[derive(Clone, Copy, Debug)]
struct EncodedField {
    start: usize,
    end: usize,
    kind: u64,
}

impl EncodedFields {
    pub(crate) fn add(&mut self, name: &str, value: &str) -> Result<()> {
        let start = self.lines.len();
        encode(&mut self.lines, name, value)?;
        let kind = kind(self.lines.get(start..).unwrap_or_default());
        self.note(start, kind);
        Ok(())
    }

    /// Leaves out what was added of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        let old = std::mem::take(self);
        for field in &old.all {
            let line = old.line(field);
            if !is_named(line, name.as_bytes()) {
                self.push(line, field.kind);
            }
        }
    }

    fn push(&mut self, line: &[u8], kind: u64) {
        let start = self.lines.len();
        self.lines.extend_from_slice(line);
        self.note(start, kind);
    }

    fn note(&mut self, start: usize, kind: u64) {
        let end = self.lines.len();
        self.all.push(EncodedField { start, end, kind });
        self.kinds |= kind;
    }

    fn append(&mut self, other: &Self) {
        let before = self.lines.len();
        self.lines.extend_from_slice(&other.lines);
        self.all.extend(other.all.iter().map(|field| EncodedField {
            start: before + field.start,
            end: before + field.end,
            kind: field.kind,
        }));
        self.kinds |= other.kinds;
    }

    fn clear(&mut self) {
        self.lines.clear();
        self.all.clear();
        self.kinds = 0;
    }

    fn line(&self, field: &EncodedField) -> &[u8] {
        self.lines.get(field.start..field.end).unwrap_or_default()
    }

    fn may_add(&self, name: &[u8]) -> bool {
        adds_up(name)
            || !self
                .all
                .iter()
                .any(|field| is_named(self.line(field), name))
    }

    /// Which of these lines a head has already: a bit for each of the first [`MOST`].
    ///
    /// One pass over the head, in which almost every line is put aside by two bytes of its name.
    fn there(&self, head: &[u8]) -> u64 {
        let (mut there, mut start) = (0, 0);
        for end in memchr::memchr_iter(b'\n', head) {
            let own = head.get(start..=end).unwrap_or_default();
            start = end + 1;
            let kind = kind(own);
            if kind & self.kinds == 0 {
                continue;
            }
            for (position, field) in self.all.iter().enumerate().take(MOST) {
                if field.kind == kind && replaces(own, self.line(field)) {
                    there |= 1 << position;
                }
            }
        }
        there
    }
}

fn encode(out: &mut Vec<u8>, name: &str, value: &str) -> Result<()> {
    if ["Content-Length", "Transfer-Encoding", "Connection"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
    {
        return Err(Error::internal(format!(
            "{name} belongs to one message and cannot be promised: send it with the head"
        )));
    }
    http1::field(out, name, value).map_err(Error::internal)
}

fn mark<H>(handler: &H) -> (usize, &'static str) {
    (
        std::ptr::from_ref(handler).addr(),
        std::any::type_name::<H>(),
    )
}

/// A bit that lines of the same name have in common: of the first byte of the name and the fourth. A name that is
/// shorter stands for itself.
fn kind(line: &[u8]) -> u64 {
    let (first, fourth) = match line {
        [first, _, _, fourth, ..] => (*first, *fourth),
        _ => (0, 0),
    };
    let is_short = line.iter().take(4).any(|byte| *byte == b':');
    let fourth = if is_short { 0 } else { fourth };
    1 << ((u32::from(first & 0x1F) + 7 * u32::from(fourth & 0x1F)) % 64)
}

/// Whether a line of the head makes the promised one needless.
fn replaces(own: &[u8], promised: &[u8]) -> bool {
    let Some(name) = name(promised) else {
        return false;
    };
    if !is_named(own, name) {
        return false;
    }
    if name.eq_ignore_ascii_case(b"Vary") {
        let value = |line: &[u8]| line.get(name.len() + 1..).unwrap_or_default().to_vec();
        let (own, wanted) = (value(own), value(promised));
        return own
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .any(|one| one == b"*" || one.eq_ignore_ascii_case(wanted.trim_ascii()));
    }
    !adds_up(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(promises: &[(&str, &str)], head: &str) -> String {
        let mut promised = Promised::default();
        for (name, value) in promises {
            promised.header(name, value);
        }
        assert!(promised.take_fault().is_none());
        let mut bytes = format!("x{head}").into_bytes();
        promised.put(1, &mut bytes);
        String::from_utf8_lossy(bytes.get(1 + head.len()..).unwrap_or_default()).into_owned()
    }

    #[test]
    fn an_own_field_wins_and_lists_add_up() {
        let head = "HTTP/1.1 200 OK\r\nServer: a\r\nVary: Accept, origin\r\nx-frame-options: SAMEORIGIN\r\n";
        for (promise, expected) in [
            (("X-Frame-Options", "DENY"), ""),
            (("Vary", "Origin"), ""),
            (("Vary", "Accept-Encoding"), "Vary: Accept-Encoding\r\n"),
            (("Server-Timing", "a"), "Server-Timing: a\r\n"),
            (("HTTP", "1"), "HTTP: 1\r\n"),
            (("A", "1"), "A: 1\r\n"),
        ] {
            assert_eq!(put(&[promise], head), expected, "{promise:?}");
        }
        assert_eq!(put(&[("Vary", "Origin")], "Vary: *\r\n"), "");
        assert_eq!(put(&[("a", "1")], "A: 2\r\n"), "");
        assert_eq!(put(&[("Age", "1")], "age: 2\r\n"), "");
        assert_eq!(
            put(&[("Set-Cookie", "a=1")], "Set-Cookie: b=2\r\n"),
            "Set-Cookie: a=1\r\n"
        );
    }

    #[test]
    fn the_first_of_a_name_stands() {
        let two = [("X-A", "1"), ("x-a", "2"), ("Vary", "A"), ("Vary", "B")];
        assert_eq!(put(&two, ""), "X-A: 1\r\nVary: A\r\nVary: B\r\n");
    }

    #[test]
    fn there_can_be_sixty_four() {
        let names: Vec<String> = (0..64).map(|number| format!("X-{number}")).collect();
        let all: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "1")).collect();
        let written = put(&all, "X-3: 2\r\nX-63: 2\r\n");
        assert_eq!(written.lines().count(), 62);
        assert!(!written.contains("X-3:") && !written.contains("X-63:"));
        let mut promised = Promised::default();
        for number in 0..65 {
            promised.header(&format!("X-{number}"), "1");
        }
        assert!(promised.take_fault().is_some());
    }

    #[test]
    fn what_cannot_be_promised_is_a_fault() {
        for (name, value) in [
            ("Content-Length", "1"),
            ("connection", "close"),
            ("Transfer-Encoding", "chunked"),
            ("A b", "1"),
            ("A", "1\r\nB: 2"),
            ("", ""),
        ] {
            let mut promised = Promised::default();
            promised.header(name, value);
            assert!(promised.fields.all.is_empty(), "{name}");
            assert!(promised.take_fault().is_some(), "{name}");
        }
    }
}
