//! [`Topic`]: messages for all who follow it.

use crate::live::channel::frame::Content;
use crate::live::channel::ring::{Lag, Ring, TopicStats};
use crate::live::protocol::event::Event;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// What a [`Topic`] can be of: [`Text`], [`Bytes`] or [`Event`].
pub trait Payload: sealed::Payload {}

/// What sockets can follow: [`Text`] and [`Bytes`].
#[diagnostic::on_unimplemented(
    message = "a socket cannot follow a topic of `{Self}`",
    note = "sockets follow `Topic<Text>` and `Topic<Bytes>`"
)]
pub trait AsMessage: Payload {}

/// What event streams can follow: [`Event`] and [`Text`].
#[diagnostic::on_unimplemented(
    message = "an event stream cannot follow a topic of `{Self}`",
    note = "event streams are text: they follow `Topic<Event>` and `Topic<Text>`"
)]
pub trait AsEvent: Payload {}

mod sealed {
    use super::Content;

    pub trait Payload {
        #[allow(private_interfaces, reason = "no one else implements or calls it")]
        fn into_content(self) -> Content;
    }
}

/// A text, for a [`Topic`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

/// Bytes, for a [`Topic`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

#[allow(private_interfaces, reason = "no one else implements or calls it")]
mod payloads {
    use super::{AsEvent, AsMessage, Bytes, Content, Event, Payload, Text, sealed};

    impl sealed::Payload for Text {
        fn into_content(self) -> Content {
            Content::Text(self.0)
        }
    }

    impl sealed::Payload for Bytes {
        fn into_content(self) -> Content {
            Content::Binary(self.0)
        }
    }

    impl sealed::Payload for Event {
        fn into_content(self) -> Content {
            Content::Event(self)
        }
    }

    impl Payload for Text {}
    impl Payload for Bytes {}
    impl Payload for Event {}
    impl AsMessage for Text {}
    impl AsMessage for Bytes {}
    impl AsEvent for Text {}
    impl AsEvent for Event {}
}

/// A channel from any thread to all sockets and event streams that follow it.
///
/// [`publish`](Self::publish) makes a message once, puts it into a bounded ring and returns: it waits for nobody, calls
/// no code of yours, and costs the same for ten receivers and for ten thousand. Each receiver gets every message in
/// order. One that is slow costs no memory; when the ring has moved past it, [`Lag`] says what becomes of it.
///
/// Clones are the same topic. It is no part of a server: two servers may have followers of one topic.
///
/// ```
/// use doget::handler;
/// use doget::live::{Event, Events, Lag, Live, Topic};
///
/// struct Jobs {
///     progress: Topic<Event>,
/// }
///
/// #[handler]
/// impl Jobs {
///     #[route("/progress")]
///     fn do_GET_progress(&self, events: Events) -> Live {
///         events.follow(&self.progress)
///     }
/// }
///
/// // Whoever comes late gets the last state; whoever is slow gets the newest.
/// let jobs = Jobs { progress: Topic::new().keeping(1).lagging(Lag::Latest) };
/// jobs.progress.publish(Event::data(50));
/// # assert_eq!(jobs.progress.stats().published, 1);
/// ```
pub struct Topic<T> {
    pub(crate) ring: Arc<Ring>,
    kind: PhantomData<fn(T)>,
}

/// The bound of a ring: some 6,000 messages of 100 bytes.
const CAPACITY: usize = 2 << 20;

impl<T: Payload> Topic<T> {
    /// A topic that keeps nothing for who comes later, and whose slow receivers are closed ([`Lag::Close`]).
    ///
    /// Its ring takes 2 MiB of memory at most, each message counted twice, since its encoded form is kept too, and 128
    /// bytes more: some 6,000 messages of 100 bytes. That is the burst that no receiver is slow for.
    #[must_use]
    pub fn new() -> Self {
        Self::build(CAPACITY, 0, Lag::Close)
    }

    fn build(capacity: usize, keep: u64, lag: Lag) -> Self {
        Self {
            ring: Arc::new(Ring::new(capacity, keep, lag)),
            kind: PhantomData,
        }
    }

    /// An empty topic as this one, in which newcomers first get the last `messages` that were published, as far as they
    /// are still in the ring.
    #[must_use]
    pub fn keeping(self, messages: u64) -> Self {
        Self::build(self.ring.capacity, messages, self.ring.lag)
    }

    /// An empty topic as this one with another fate for slow receivers.
    #[must_use]
    pub fn lagging(self, lag: Lag) -> Self {
        Self::build(self.ring.capacity, self.ring.keep, lag)
    }

    /// An empty topic as this one with a ring of so many bytes, counted as [`new`](Self::new) says. Whoever publishes
    /// bursts sets it to hold the largest one, and the time in which a busy loop does not come to its receivers.
    #[must_use]
    pub fn capacity(self, bytes: usize) -> Self {
        Self::build(bytes, self.ring.keep, self.ring.lag)
    }

    /// Sends a message to all who follow. It may be called from anywhere, a callback of a socket included.
    pub fn publish(&self, message: impl Into<T>) {
        self.ring
            .publish(sealed::Payload::into_content(message.into()));
    }

    /// What the topic has seen.
    #[must_use]
    pub fn stats(&self) -> TopicStats {
        self.ring.stats()
    }
}

impl<T: Payload> Default for Topic<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self {
            ring: Arc::clone(&self.ring),
            kind: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic")
            .field("stats", &self.ring.stats())
            .finish_non_exhaustive()
    }
}
