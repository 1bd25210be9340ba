//! Server-Sent Events (the HTML standard, "Server-sent events"): an event, and its lines.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// An event of a stream, as a browser's `EventSource` reads it.
///
/// ```
/// use doget::live::{Event, EventName};
///
/// const TICK: EventName = EventName::new("tick");
/// let event = Event::data("one\ntwo").named(TICK);
/// assert_eq!(event.to_string(), "event: tick\ndata: one\ndata: two\n\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    data: Option<String>,
    name: Option<EventName>,
    id: Option<String>,
    retry: Option<Duration>,
}

impl Event {
    /// An event with this text. Its lines may end in LF, CR or both; the browser gets LF for each.
    #[must_use]
    pub fn data(data: impl fmt::Display) -> Self {
        Self {
            data: Some(data.to_string()),
            ..Self::default()
        }
    }

    /// An event with this value as JSON.
    ///
    /// # Errors
    ///
    /// The value cannot be written as JSON.
    #[cfg(feature = "json")]
    pub fn json<T: serde::Serialize + ?Sized>(value: &T) -> crate::Result<Self> {
        let text = serde_json::to_string(value).map_err(crate::Error::internal)?;
        Ok(Self::data(text))
    }

    /// Tells the browser how long to wait before it connects anew.
    #[must_use]
    pub fn retry(mut self, after: Duration) -> Self {
        self.retry = Some(after);
        self
    }

    /// The same event of this type: `addEventListener(name, ..)` gets it in the browser, and `onmessage` does not.
    #[must_use]
    pub fn named(mut self, name: EventName) -> Self {
        self.name = Some(name);
        self
    }

    /// The same event with an id, which the browser sends as `Last-Event-ID` when it connects anew. Events of a
    /// [`Topic`](crate::live::Topic) have ids by themselves.
    ///
    /// # Errors
    ///
    /// A line end or a NUL in the id.
    pub fn id(mut self, id: impl Into<String>) -> Result<Self, NotAnEventName> {
        let id = id.into();
        if !is_one_line(&id) {
            return Err(NotAnEventName);
        }
        self.id = Some(id);
        Ok(self)
    }

    pub(crate) fn size(&self) -> usize {
        self.data.as_ref().map_or(0, String::len)
    }

    pub(crate) fn text(&self) -> &str {
        self.data.as_deref().unwrap_or_default()
    }

    /// Writes the event's lines; `id` stands for events that have none.
    pub(crate) fn write(&self, out: &mut String, id: Option<&str>) {
        if let Some(EventName(name)) = &self.name {
            field(out, "event", name);
        }
        if let Some(id) = self.id.as_deref().or(id) {
            field(out, "id", id);
        }
        if let Some(retry) = self.retry {
            field(out, "retry", &retry.as_millis().to_string());
        }
        if let Some(data) = &self.data {
            for line in lines(data) {
                field(out, "data", line);
            }
        }
        out.push('\n');
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, None);
        f.write_str(&text)
    }
}

/// A blank behind the colon is taken off by the reader, so one is written always: a text may begin with its own.
fn field(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "{name}: {value}");
}

/// The lines of a text, whichever of the three ends each has.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let (line, behind) = text.split_at(end);
        let both = behind.strip_prefix("\r\n");
        rest = both.or_else(|| behind.get(1..));
        Some(line)
    })
}

fn is_one_line(text: &str) -> bool {
    !text.contains(['\r', '\n', '\0'])
}

/// The type of an event: text without a line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventName(Cow<'static, str>);

impl EventName {
    /// A name that stands in the program.
    ///
    /// ```compile_fail,E0080
    /// use doget::live::EventName;
    ///
    /// const TWO_LINES: EventName = EventName::new("a\nb"); // a name is one line
    /// ```
    ///
    /// # Panics
    ///
    /// With a line end or a NUL in it; in a `const` that is an error of the compiler.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            #[allow(
                clippy::indexing_slicing,
                reason = "in bounds; a const function has no `get`"
            )]
            let byte = bytes[at];
            assert!(
                byte != b'\r' && byte != b'\n' && byte != 0,
                "the name of an event has no line end and no NUL"
            );
            at += 1;
        }
        Self(Cow::Borrowed(name))
    }

    /// A name that is made while the program runs.
    ///
    /// # Errors
    ///
    /// A line end or a NUL in it.
    pub fn from_text(name: impl Into<String>) -> Result<Self, NotAnEventName> {
        let name = name.into();
        if is_one_line(&name) {
            Ok(Self(Cow::Owned(name)))
        } else {
            Err(NotAnEventName)
        }
    }
}

/// A text that cannot be the name or the id of an event, since it has a line end or a NUL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEventName;

impl fmt::Display for NotAnEventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or id of an event has no line end and no NUL: take them out")
    }
}

impl std::error::Error for NotAnEventName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s11_each_kind_of_line_end_is_a_line() {
        let event = Event::data("a\rb\nc\r\nd\n\r e");
        let expected = "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata:  e\n\n";
        assert_eq!(event.to_string(), expected);
        assert_eq!(Event::data("").to_string(), "data: \n\n");
        assert_eq!(Event::data("x\n").to_string(), "data: x\ndata: \n\n");
    }

    #[test]
    fn s11_an_id_is_one_line() {
        assert!(Event::data("x").id("a\0").is_err());
        assert!(Event::data("x").id("a\rb").is_err());
        assert!(EventName::from_text("a\nb").is_err());
        let event = Event::data("x")
            .id("7")
            .unwrap()
            .retry(Duration::from_secs(2));
        assert_eq!(event.to_string(), "id: 7\nretry: 2000\ndata: x\n\n");
    }
}
