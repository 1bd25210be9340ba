//! A turn of a connection whose request is parked: its answer, once there is one.

use crate::engine::conn::blocking::Blocking;
use crate::engine::conn::{Conn, OnLoop, Turn, TurnOutcome, chosen, context};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::exchange::{Driver, RunDecision, Written};
use crate::handler::Route;
use crate::live::answered::Answered;
use crate::live::stage::{LiveStage, Resumed};
use crate::response::writer::ResponseWriter;

/// The answer was admitted already.
struct Admitted<D>(D);

impl<D: Driver> Driver for Admitted<D> {
    fn decide(&mut self, _: &Route, _: &str, _: &str) -> RunDecision {
        RunDecision::Run
    }

    fn decide_gate(&mut self) -> RunDecision {
        RunDecision::Run
    }

    fn buffer(&mut self) -> Vec<u8> {
        self.0.buffer()
    }

    fn write_tail(&mut self, writer: &mut ResponseWriter) -> Written {
        self.0.write_tail(writer)
    }
}

impl Conn {
    /// Answers the request, if the answer is there. What the peer sends behind it waits in the system: nothing is read.
    #[cold]
    pub(super) fn parked_turn(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
        finished: bool,
    ) -> TurnOutcome {
        let Some(stage) = self.exchanges.live() else {
            return TurnOutcome::Close;
        };
        if !stage.has_news() {
            if let Some(work) = &mut self.work
                && work.input.is_empty()
            {
                work.unread = false;
            }
            // The peer has left: whoever has the answer is told so.
            return if finished {
                TurnOutcome::Close
            } else {
                TurnOutcome::Keep
            };
        }
        // An answer may take its time, as a handler may: it is made of the user's value.
        if let RunDecision::Offload = turn.placement.decide_message(stage.times.key) {
            self.work.get_or_insert_default().unread = true;
            return TurnOutcome::Offload;
        }
        match self.exchanges.take_live().and_then(LiveStage::resume) {
            Some(resumed) => self.resume(resumed, turn, buffers),
            None => TurnOutcome::Close,
        }
    }

    /// The request comes again, and this is its answer.
    fn resume(
        &mut self,
        resumed: Resumed,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        let Self {
            socket,
            peer,
            handler,
            exchanges,
            ..
        } = self;
        let server = turn.server;
        let exchange = Blocking::new(socket, server.shared);
        let Some(handler) = chosen(handler, server.handler) else {
            return TurnOutcome::Close;
        };
        exchanges.resume(resumed.promised, handler.is_gated());
        let answered = Answered::new(handler, resumed.answer);
        let mut context = context(&answered, peer, &exchange, server, buffers.time);
        context.draining |= server.now >= self.born.after(server.shared.limits.max_connection_age);
        let mut driver = Admitted(OnLoop {
            socket,
            placement: &mut turn.placement,
            spares: &mut buffers.spares,
        });
        let advance = exchanges.advance(
            &context,
            &mut buffers.head,
            &resumed.request,
            false,
            &mut buffers.writer,
            &mut driver,
        );
        if let Some(work) = &mut self.work {
            work.unread = !work.input.is_empty();
        }
        match self.write_answers(advance.next, turn, buffers) {
            // What came meanwhile was reported then, and not read.
            TurnOutcome::Keep if !self.writes() => TurnOutcome::Again,
            outcome => outcome,
        }
    }
}
