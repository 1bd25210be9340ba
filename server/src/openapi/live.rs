//! What the parameters of live connections say of themselves: it is the parameter that knows what `Live` becomes.

use crate::live::{Events, Live, Park, WebSocket};
use crate::openapi::describe::{Input, Output};
use crate::openapi::operation::{Answer, Operation, Parameter};
use crate::openapi::schema::Schema;

impl Input for Events {
    fn input(operation: &mut Operation<'_>) {
        let id = "The id of the last event that the client has seen: the stream goes on behind it.";
        operation
            .parameter(
                Parameter::header("Last-Event-ID")
                    .description(id)
                    .schema(Schema::string())
                    .optional(),
            )
            .answer(
                Answer::new(200)
                    .description("A stream of events, which does not end.")
                    .content("text/event-stream", Schema::string()),
            );
    }
}

impl Input for WebSocket {
    fn input(operation: &mut Operation<'_>) {
        operation
            .answer(Answer::new(101).description("A WebSocket (RFC 6455)."))
            .fault(400, "The handshake is faulty.")
            .fault(403, "A page of this origin may not connect.")
            .fault(426, "The request asks for no WebSocket.")
            .fault(503, "There is no place for another live connection.");
    }
}

impl Input for Park {
    fn input(operation: &mut Operation<'_>) {
        operation
            .answer(Answer::new(204).description("The time is over, and there is no answer."))
            .fault(400, "A request that waits has no body.")
            .fault(431, "")
            .fault(503, "There is no place for another request that waits.")
            .any_fault()
            .remark("what is answered later is not described: say it with `#[answers(..)]`");
    }
}

/// Its parameter has said it.
impl Output for Live {
    fn output(_: &mut Operation<'_>) {}
}
