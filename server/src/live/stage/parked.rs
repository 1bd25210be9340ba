//! A request that waits for its answer.

use crate::live::channel::frame::Frame;
use crate::live::channel::slot::{Answer, Slot};
use crate::live::places::busy;
use crate::reply::Reply;
use crate::response::promised::Promised;
use crate::{Response, Result, Sent, StatusCode};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct ParkedRole {
    pub(super) slot: Option<Arc<Slot>>,
    /// Its head: the answer is written as if the request had come just now.
    request: Box<[u8]>,
    /// What the layers around its handler have promised; they are not asked again.
    promised: Promised,
    pub(super) within: Duration,
    /// Why it gets no answer of its own.
    pub(super) over: Option<Over>,
}

/// See [`ParkedRole::over`].
#[derive(Clone, Copy)]
pub(super) enum Over {
    Time,
    Server,
}

/// What a parked request needs to be answered.
pub(crate) struct Resumed {
    pub(crate) request: Box<[u8]>,
    pub(crate) promised: Promised,
    pub(crate) answer: Answer,
}

impl ParkedRole {
    pub(crate) fn new(slot: Option<Arc<Slot>>, request: Box<[u8]>, within: Duration) -> Box<Self> {
        Box::new(Self {
            slot,
            request,
            promised: Promised::default(),
            within,
            over: None,
        })
    }

    pub(super) fn keep(&mut self, promised: Promised) {
        self.promised = promised;
    }

    pub(super) fn has_answer(&self) -> bool {
        self.over.is_some() || self.slot.as_ref().is_some_and(|slot| slot.has_answer())
    }

    /// The answer that came, or that stands for one; `frame`: a message is the answer.
    pub(super) fn resume(mut self, frame: Option<Arc<Frame>>) -> Option<Resumed> {
        let given = self.slot.as_ref().and_then(|slot| slot.take());
        let answer: Answer = match (given, frame, self.over) {
            (Some(answer), ..) => answer,
            (None, Some(frame), _) => Box::new(move |response| send(response, &frame)),
            (None, None, Some(Over::Time)) => {
                Box::new(|response| StatusCode::NO_CONTENT.reply(response))
            }
            (None, None, Some(Over::Server)) => Box::new(|_| Err(busy().close())),
            (None, None, None) => return None,
        };
        if let Some(slot) = self.slot.take() {
            slot.end();
        }
        Some(Resumed {
            request: self.request,
            promised: self.promised,
            answer,
        })
    }
}

/// A message of a topic as the answer.
fn send(response: Response<'_>, frame: &Frame) -> Result<Sent> {
    let (kind, bytes) = frame.payload();
    response
        .send_response(200)
        .content_type(kind)
        .send_header_if("ETag", frame.tag().as_deref())
        .send_header("Cache-Control", "no-store")
        .finish_with(bytes)
}
