//! The handler of a parked request, once its answer is there.

use crate::handler::Handler;
use crate::live::channel::slot::Answer;
use crate::{Request, Response, Result, Sent};
use std::cell::Cell;

/// A handler with an answer in place of its method; all else is its own.
pub(crate) struct Answered<'h> {
    handler: &'h dyn Handler,
    answer: Cell<Option<Answer>>,
}

impl<'h> Answered<'h> {
    pub(crate) fn new(handler: &'h dyn Handler, answer: Answer) -> Self {
        let answer = Cell::new(Some(answer));
        Self { handler, answer }
    }
}

impl Handler for Answered<'_> {
    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match self.answer.take() {
            Some(answer) => answer(response),
            None => self.handler.dispatch(request, response),
        }
    }

    crate::delegate! { |self| *self.handler => settings, route, allowed, is_gated, promise, gate }
    crate::delegate! { |self| *self.handler => version_string, date_time_string, log_date_time_string }
    crate::delegate! { |self| *self.handler => address_string, handle_expect_100, send_error, end_headers }
    crate::delegate! { |self| *self.handler => responses, is_logged, log_request, log_error, log_message }
}
