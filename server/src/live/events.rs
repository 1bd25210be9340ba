//! [`Events`]: the parameter of a method that answers with Server-Sent Events.

use crate::extract::FromRequest;
use crate::live::channel::frame::parse_event_id;
use crate::live::channel::topic::{AsEvent, Topic};
use crate::live::entry::{Entry, enter, need_connections};
use crate::live::opening::{Live, Opening};
use crate::live::protocol::event::Event;
use crate::live::stage::{EventsRole, LiveStage, Sources};
use crate::{Body, Error, Request, Response, Result, Sent};
use std::fmt;
use std::io::Write as _;
use std::time::Duration;

/// An event stream that is to begin (`text/event-stream`): a parameter of a `do_GET` method.
///
/// [`follow`](Self::follow) sends what is published to a topic, and costs no thread. [`open`](Self::open) gives a
/// stream to write by hand, on the thread of its method.
///
/// A browser's `EventSource` connects again by itself, with the id of the last event that it saw: what was published
/// since then is sent first, as far as the topic still has it. While nothing is published, a comment every
/// [`LiveLimits::event_silence`](crate::LiveLimits) keeps proxies from giving up. Beyond
/// [`LiveLimits::max_connections`](crate::LiveLimits) the answer is a stream that ends at once and tells the client to
/// come again in 30 s; it is no 503, since a browser would never come again.
pub struct Events {
    last_event_id: Option<String>,
    entry: Option<Entry>,
    /// Why the connection can never become live: a stream that is written by hand needs none.
    refusal: Option<Error>,
    retry: Option<Duration>,
}

impl<'c> FromRequest<'c> for Events {
    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        let last = request.headers().get("Last-Event-ID");
        Ok(Self {
            last_event_id: last.map(str::to_owned),
            entry: enter(request),
            refusal: need_connections(request).err(),
            retry: None,
        })
    }
}

impl Events {
    /// The id of the last event that the client saw, if it has seen one.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.last_event_id.as_deref()
    }

    /// Tells the browser how long to wait before it connects again; by itself it waits some seconds.
    pub fn retry(mut self, after: Duration) -> Self {
        self.retry = Some(after);
        self
    }

    /// Sends what is published to this topic, each message with an id.
    pub fn follow<T: AsEvent>(self, topic: &Topic<T>) -> Live {
        if let Some(refusal) = self.refusal {
            return Live(Opening::Refused(refusal));
        }
        let Some(entry) = self.entry else {
            return Live(Opening::Events(None));
        };
        let (cursor, lacks) = match &self.last_event_id {
            Some(id) => topic.ring.resume(parse_event_id(id)),
            None => (topic.ring.subscribe(), false),
        };
        let retry = self
            .retry
            .map(|after| format!("retry: {}\n\n", after.as_millis()));
        let mut preface = retry.unwrap_or_default();
        if lacks {
            preface.push_str(": events were lost\n\n");
        }
        let role = EventsRole {
            chunked: true,
            preface: (!preface.is_empty()).then(|| preface.into_boxed_str()),
        };
        Live(Opening::Events(Some(LiveStage::events(
            role,
            Sources::of(cursor),
            entry,
        ))))
    }

    /// Begins a stream to be written by hand. It holds the thread of its method until it ends, so the method is
    /// `#[blocking]`.
    ///
    /// ```
    /// use doget::live::{Event, Events};
    /// use doget::{Request, Response, Result, Sent, handler};
    /// use std::time::Duration;
    ///
    /// struct Clock;
    ///
    /// #[handler]
    /// impl Clock {
    ///     #[blocking]
    ///     fn do_GET(&self, request: &Request<'_>, response: Response<'_>, events: Events) -> Result<Sent> {
    ///         let mut stream = events.open(response)?;
    ///         let mut seconds = 0;
    ///         while !request.server().shutdown().wait_begun(Duration::from_secs(1)) {
    ///             seconds += 1;
    ///             stream.send(&Event::data(seconds))?;
    ///         }
    ///         stream.finish()
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A header that is not valid.
    pub fn open(self, response: Response<'_>) -> Result<EventStream<'_>> {
        let body = response
            .send_response(200)
            .content_type("text/event-stream")
            .send_header("Cache-Control", "no-cache")
            .send_header("X-Accel-Buffering", "no")
            .end_headers()?;
        let mut stream = EventStream {
            body,
            _entry: self.entry,
        };
        if let Some(retry) = self.retry {
            stream.write(&format!("retry: {}\n\n", retry.as_millis()))?;
        } else {
            stream.body.flush()?;
        }
        Ok(stream)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("last_event_id", &self.last_event_id)
            .finish_non_exhaustive()
    }
}

/// An event stream that is written by hand: see [`Events::open`].
#[must_use = "a stream that is not finished is cut off: end with `finish()`"]
pub struct EventStream<'c> {
    body: Body<'c>,
    _entry: Option<Entry>,
}

impl EventStream<'_> {
    /// Sends an event at once.
    ///
    /// # Errors
    ///
    /// The client is gone, or takes nothing.
    pub fn send(&mut self, event: &Event) -> Result<()> {
        self.write(&event.to_string())
    }

    /// Sends a comment, which a browser does not show: it tells the proxies between that the stream is alive, and this
    /// side whether the client is.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn keep_alive(&mut self) -> Result<()> {
        self.write(":\n\n")
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.body.write_all(text.as_bytes())?;
        self.body.flush()?;
        Ok(())
    }

    /// Ends the stream.
    ///
    /// # Errors
    ///
    /// The client is gone.
    pub fn finish(self) -> Result<Sent> {
        self.body.finish()
    }
}

impl fmt::Debug for EventStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}
