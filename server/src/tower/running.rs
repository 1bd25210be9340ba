//! The task's side of a request whose handler runs on a thread.

use crate::Peer;
use crate::tower::bridge::{Bridge, Found};
use crate::tower::gathered::Gathered;
use crate::tower::shared::Shared;
use crate::tower::source::{Progress, Source};
use std::sync::Arc;
use std::task::{Context, Poll};

/// See the module. Dropped, it tells the handler that the client has left.
pub(super) struct Running {
    shared: Arc<Shared>,
    bridge: Arc<Bridge>,
    source: Option<Box<Source>>,
    peer: Peer,
}

impl Running {
    pub(super) fn new(
        shared: Arc<Shared>,
        bridge: Arc<Bridge>,
        source: Option<Box<Source>>,
        peer: Peer,
    ) -> Self {
        Self {
            shared,
            bridge,
            source,
            peer,
        }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(super) fn peer(&self) -> Peer {
        self.peer
    }

    /// What the handler has for the task; meanwhile the body is carried to it.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Found {
        let mut has_more = true;
        loop {
            match self.bridge.take(cx, has_more && self.source.is_some()) {
                Found::BodyIsWanted => has_more = self.feed(cx),
                found => return found,
            }
        }
    }

    /// Carries a piece of the body. False: there is none now.
    fn feed(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(source) = &mut self.source else {
            return false;
        };
        let mut came = Gathered::default();
        let Poll::Ready(progress) = source.poll(cx, &mut came) else {
            return false;
        };
        self.bridge.feed(&mut came);
        match progress {
            Progress::Bytes => {}
            Progress::End | Progress::Broken => {
                self.bridge.end_of_body(progress == Progress::End);
                if source.had_trailers {
                    self.shared.say_trailers();
                }
                self.source = None;
            }
        }
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.bridge.leave();
    }
}
