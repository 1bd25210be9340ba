//! A request whose handler runs on a thread of the pool.

use crate::Peer;
use crate::exchange::{Exchanges, Next};
use crate::tower::answered::Answered;
use crate::tower::bridge::{Bridge, Waiting};
use crate::tower::scratch;
use crate::tower::shared::{Decide, Input, Shared};
use crate::tower::workers::Job;
use std::sync::Arc;

/// See the module.
pub(super) struct Work {
    pub(super) shared: Arc<Shared>,
    pub(super) bridge: Arc<Bridge>,
    pub(super) exchanges: Exchanges,
    /// The head, unless a body has been collected behind it already.
    pub(super) input: Vec<u8>,
    pub(super) ended: bool,
    pub(super) peer: Peer,
    pub(super) multiplexed: bool,
}

impl Work {
    fn answer(mut self, decide: Decide) {
        // Nobody waits for the answer any more, and the handler has done nothing yet.
        if self.bridge.is_gone() {
            return;
        }
        let shared = &*self.shared;
        let bridge = &*self.bridge;
        let waiting = Waiting::new(bridge, &shared.limits, &shared.ending, self.multiplexed);
        scratch::with(shared.limits.response_buffer_size, |scratch| {
            let mut at = 0;
            let next = loop {
                let input = Input {
                    bytes: self.input.get(at..).unwrap_or_default(),
                    ended: self.ended,
                    peer: &self.peer,
                };
                let advance = shared.advance(&mut self.exchanges, input, scratch, &waiting, decide);
                at += advance.consumed;
                match advance.next {
                    // Nothing but an interim response of a hook can stand there before the answer.
                    Next::Again if self.exchanges.served == 0 => scratch.writer.bytes.clear(),
                    next => break next,
                }
            };
            let unsent = waiting.into_unsent();
            let writer = &mut scratch.writer;
            let (answered, had_interim) =
                Answered::of(unsent, writer, next, self.multiplexed, &mut scratch.known);
            if had_interim {
                shared.say_interim();
            }
            bridge.finish(answered);
        });
    }
}

impl Job for Work {
    fn run(self: Box<Self>) {
        self.answer(Decide::Run);
    }

    fn is_gone(&self) -> bool {
        self.bridge.is_gone()
    }

    fn refuse(self: Box<Self>) {
        self.answer(Decide::Refuse);
    }
}
