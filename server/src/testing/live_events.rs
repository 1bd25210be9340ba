//! An event stream in memory.

use crate::testing::answer::{Answer, read};
use crate::testing::connection::Connection;
use crate::testing::request::TestRequest;
use std::fmt;

/// An event stream in memory, from the client's side: [`Connection::events`].
///
/// What was published comes with the next call of [`receive`](Self::receive). Nothing comes of a silence: time stands
/// still.
///
/// ```
/// use doget::live::{Event, EventName, Events, Live, Topic};
/// use doget::{handler, testing};
///
/// const SOLD: EventName = EventName::new("sold");
///
/// struct Shop {
///     news: Topic<Event>,
/// }
///
/// #[handler]
/// impl Shop {
///     #[route("/news")]
///     fn do_GET_news(&self, events: Events) -> Live {
///         events.follow(&self.news)
///     }
/// }
///
/// let shop = Shop { news: Topic::new() };
/// let mut connection = testing::connect(&shop);
/// let mut news = connection.events(&testing::get("/news"));
/// assert_eq!(news.receive(), None);
/// shop.news.publish(Event::data("tea").named(SOLD));
/// let event = news.receive().unwrap();
/// assert_eq!((event.name.as_deref(), &*event.data), (Some("sold"), "tea"));
/// ```
pub struct LiveEvents<'c, 'h> {
    connection: &'c mut Connection<'h>,
    /// All bytes of the answer.
    received: Vec<u8>,
    /// So many bytes of its body were given out.
    taken: usize,
}

/// An event as a browser's `EventSource` gives it to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveEvent {
    /// Its type. `None`: it has none, so that `onmessage` gets it.
    pub name: Option<String>,
    /// Its text.
    pub data: String,
    /// Its id, if it has one: to be sent in `Last-Event-ID`.
    pub id: Option<String>,
}

impl<'h> Connection<'h> {
    /// Asks for an event stream with this request.
    ///
    /// # Panics
    ///
    /// The answer is no event stream.
    #[track_caller]
    pub fn events(&mut self, request: &TestRequest) -> LiveEvents<'_, 'h> {
        let received = self.feed(request);
        match read(&received, "GET") {
            Ok((answer, _)) if is_stream(&answer) => LiveEvents {
                received,
                connection: self,
                taken: 0,
            },
            Ok((answer, _)) => panic!("no event stream: {answer:?}"),
            Err(flaw) => panic!("{flaw}: {}", received.escape_ascii()),
        }
    }
}

fn is_stream(answer: &Answer) -> bool {
    answer.status() == 200 && answer.header("Content-Type") == Some("text/event-stream")
}

impl LiveEvents<'_, '_> {
    /// The next event, if there is one.
    ///
    /// # Panics
    ///
    /// The server sent what is no event stream in UTF-8.
    pub fn receive(&mut self) -> Option<LiveEvent> {
        if !self.connection.is_closed() {
            let news = self.connection.session.feed(b"", false);
            self.received.extend_from_slice(&news);
        }
        let (answer, _) = match read(&self.received, "GET") {
            Ok(answer) => answer,
            Err(flaw) => panic!("{flaw}: {}", self.received.escape_ascii()),
        };
        loop {
            let rest = answer.bytes().get(self.taken..)?;
            let end = rest.windows(2).position(|pair| pair == b"\n\n")?;
            self.taken += end + 2;
            let block = rest.get(..end).map(str::from_utf8)?;
            let block = match block {
                Ok(block) => block,
                Err(error) => panic!("an event that is no UTF-8: {error}"),
            };
            if let Some(event) = parse(block) {
                return Some(event);
            }
        }
    }
}

/// `None`: a page hears nothing of it, since it has no data.
fn parse(block: &str) -> Option<LiveEvent> {
    let mut data: Option<String> = None;
    let (mut name, mut id) = (None, None);
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = Some(value.to_owned()),
            "id" => id = Some(value.to_owned()),
            "data" => match &mut data {
                Some(data) => *data = format!("{data}\n{value}"),
                None => data = Some(value.to_owned()),
            },
            _ => {}
        }
    }
    data.map(|data| LiveEvent { name, data, id })
}

impl fmt::Debug for LiveEvents<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveEvents")
            .field("is_closed", &self.connection.is_closed())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_what_a_page_gets() {
        let event = parse(": hush\nevent: a\nid: 7\ndata: one\ndata:two").unwrap();
        assert_eq!(event.name.as_deref(), Some("a"));
        assert_eq!(event.id.as_deref(), Some("7"));
        assert_eq!(event.data, "one\ntwo");
        assert_eq!(parse(": hush"), None);
        assert_eq!(parse("retry: 1000"), None);
        assert_eq!(parse("data").unwrap().data, "");
    }
}
