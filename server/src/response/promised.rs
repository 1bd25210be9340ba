//! [`Promised`]: header fields that every answer to a request carries, whoever writes that answer in the end.

use crate::Error;
#[cfg(feature = "session")]
use crate::connection::session_slots::SessionSlot;
use crate::connection::time_limit::TimeLimit;
use crate::connection::verified_user::VerifiedUser;
use crate::response::encoded_fields::{EncodedFields, MOST};

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
        if self.fields.len() > MOST {
            let words = "more than 64 headers were promised for one request";
            self.fault.get_or_insert(Error::internal(words));
        }
    }

    /// The value that was promised for this name.
    pub fn get(&self, wanted: &str) -> Option<&str> {
        let line = self.fields.line(wanted.as_bytes())?;
        std::str::from_utf8(line.get(wanted.len() + 1..)?.trim_ascii()).ok()
    }

    /// Promises lines that [`EncodedFields`] made.
    pub(crate) fn encoded(&mut self, fields: &EncodedFields) {
        self.fields.append(fields);
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
        if !self.has(mark) {
            self.passed.push(mark);
        }
    }

    /// Whether the gates of this handler have been asked for this request.
    pub(crate) fn has_passed<H>(&self, handler: &H) -> bool {
        self.has(mark(handler))
    }

    fn has(&self, (address, name): (usize, &'static str)) -> bool {
        // A type has one name, but perhaps in several places of the program. Mostly in one: names are long.
        let is_same = |known: &'static str| std::ptr::eq(known, name) || known == name;
        self.passed
            .iter()
            .any(|passed| passed.0 == address && is_same(passed.1))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
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

    /// Adds what the head, which begins at `start`, has not, once for each head. Up to `first_lines` it is status line,
    /// `Server` and `Date`.
    pub(super) fn put(&mut self, start: usize, first_lines: usize, bytes: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.written, true) {
            self.fields.put(start, first_lines, bytes);
        }
    }

    /// Adds everything, behind a head that has no fields of its own.
    pub(super) fn put_all(&mut self, bytes: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.written, true) {
            self.fields.put_all(bytes);
        }
    }
}

fn mark<H>(handler: &H) -> (usize, &'static str) {
    (
        std::ptr::from_ref(handler).addr(),
        std::any::type_name::<H>(),
    )
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
        promised.put(1, 1, &mut bytes);
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
            assert!(promised.fields.is_empty(), "{name}");
            assert!(promised.take_fault().is_some(), "{name}");
        }
    }
}
