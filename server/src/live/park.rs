//! [`Park`]: a request that is answered later, by another thread.

use crate::extract::FromRequest;
use crate::http1::RequestFraming;
use crate::live::channel::frame::parse_event_id;
use crate::live::channel::slot::Slot;
use crate::live::channel::topic::{Payload, Topic};
use crate::live::entry::{Entry, enter, need_connections};
use crate::live::opening::{Live, Opening};
use crate::live::places::busy;
use crate::live::stage::{LiveStage, ParkedRole, Sources};
use crate::reply::Reply;
use crate::{Answers, Error, Request, Result, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A request whose answer comes later, a long poll: a parameter of a method. It costs no thread while it waits.
///
/// [`within`](Self::within) gives a [`Parked`] to whoever will have the answer; [`next_of`](Self::next_of) answers with
/// the next message of a topic. When the time is over, the answer is 204.
///
/// ```
/// use doget::live::{Live, Park, Parked};
/// use doget::{StatusCode, handler};
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::time::Duration;
///
/// #[derive(Default)]
/// struct Jobs {
///     waiting: Mutex<HashMap<u64, Parked>>,
/// }
///
/// #[handler]
/// impl Jobs {
///     #[route("/job/{id}/result")]
///     fn do_GET_result(&self, id: u64, park: Park) -> Live {
///         let (live, parked) = park.within(Duration::from_secs(25));
///         self.waiting.lock().unwrap().insert(id, parked);
///         live
///     }
///
///     #[route("/job/{id}/done")]
///     fn do_POST_done(&self, id: u64, result: String) -> StatusCode {
///         match self.waiting.lock().unwrap().remove(&id).map(|parked| parked.reply(result)) {
///             Some(Ok(())) => StatusCode::NO_CONTENT,
///             _ => StatusCode::GONE, // nobody waits, or the client has left
///         }
///     }
/// }
/// ```
///
/// The layers around the handler are asked once, and what they add is on the answer. A request with a body gets 400,
/// one with more than 8 KiB of head 431, and one that finds no place
/// ([`LiveLimits::max_connections`](crate::LiveLimits)) 503. Requests behind it on its connection wait for it.
pub struct Park {
    request: Box<[u8]>,
    entry: Option<Entry>,
    /// Which message the client has seen last.
    after: Option<(u64, u64)>,
    longest: Duration,
}

/// The head is kept while the request waits.
const LARGEST_HEAD: usize = 8 << 10;

impl<'c> FromRequest<'c> for Park {
    const REFUSALS: &'static Answers = &Answers::LIVE;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        need_connections(request)?;
        if request.head.framing() != RequestFraming::None {
            return Err(Error::new(400).explain("a request that is parked has no body"));
        }
        if request.bytes.len() > LARGEST_HEAD {
            return Err(
                Error::new(431).explain("the head is too long for a request that is parked")
            );
        }
        let fields = request.headers();
        let query = request.query().get("after");
        let after = query
            .as_deref()
            .or_else(|| fields.get("Last-Event-ID"))
            .or_else(|| fields.get("If-None-Match").map(|tag| tag.trim_matches('"')));
        Ok(Self {
            request: request.bytes.into(),
            entry: enter(request),
            after: after.and_then(parse_event_id),
            longest: request.limits().live.park_timeout,
        })
    }
}

impl Park {
    /// Parks the request for at most `time`, or [`LiveLimits::park_timeout`](crate::LiveLimits) if that is less. The
    /// [`Live`] is for the method to return, the [`Parked`] for whoever answers; that may happen before the method has
    /// returned.
    pub fn within(self, time: Duration) -> (Live, Parked) {
        let slot = Arc::new(Slot::default());
        let live = self.open(Some(Arc::clone(&slot)), time, Sources::default());
        if matches!(live.0, Opening::Refused(_)) {
            slot.end();
        }
        (live, Parked(slot))
    }

    /// Answers with the next message that is published: its text or bytes, with an `ETag` that names it. A client that
    /// sends the tag again, in `If-None-Match`, in `Last-Event-ID` or as `?after=`, gets the message behind that one,
    /// at once if there is one. So it misses none that the topic still has.
    pub fn next_of<T: Payload>(self, topic: &Topic<T>) -> Live {
        let cursor = match self.after {
            Some(id) => topic.ring.resume(Some(id)).0,
            None => topic.ring.subscribe(),
        };
        let longest = self.longest;
        self.open(None, longest, Sources::of(cursor))
    }

    fn open(self, slot: Option<Arc<Slot>>, time: Duration, sources: Sources) -> Live {
        let Some(entry) = self.entry else {
            return Live(Opening::Refused(busy()));
        };
        let role = ParkedRole::new(slot, self.request, time.min(self.longest));
        Live(Opening::Parked(LiveStage::parked(role, sources, entry)))
    }
}

impl fmt::Debug for Park {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Park").finish_non_exhaustive()
    }
}

/// The one answer that a parked request waits for. Dropped without one, the request is answered with 204.
#[must_use = "a request that is parked waits for its answer; when this is dropped, it gets 204"]
pub struct Parked(Arc<Slot>);

/// Nobody waits for the answer any more: the client has left, the time is over, or the server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody waits for the answer any more")
    }
}

impl std::error::Error for Gone {}

impl Parked {
    /// Answers, from any thread and without waiting: whatever a method may return.
    ///
    /// # Errors
    ///
    /// Nobody waits any more.
    pub fn reply(self, reply: impl Reply + Send + 'static) -> std::result::Result<(), Gone> {
        let given = self.0.give(Box::new(move |response| reply.reply(response)));
        given.map_err(|_| Gone)
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.is_over()
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        let nothing = |response: crate::Response<'_>| StatusCode::NO_CONTENT.reply(response);
        drop(self.0.give(Box::new(nothing)));
    }
}

impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parked")
            .field("is_gone", &self.is_gone())
            .finish_non_exhaustive()
    }
}
