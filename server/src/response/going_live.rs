//! A response behind which its connection is live.

use crate::StatusCode;
use crate::connection::state::ExchangeState;
use crate::live::stage::LiveStage;
use crate::response::writer::ResponseWriter;
use std::io;

impl ResponseWriter {
    /// The response was taken back: its end is the user's code, and must not end anything else.
    #[cold]
    pub(super) fn drop_live(&mut self) {
        if let Some(stage) = self.live.take() {
            let _ = stage.lost(&|_| {});
        }
    }

    /// Behind this response the connection is live.
    pub(crate) fn go_live(&mut self, stage: Box<LiveStage>) {
        self.drop_live();
        self.live = Some(stage);
        self.pending.set_unusual();
    }

    #[inline]
    pub(crate) fn goes_live(&self) -> bool {
        self.live.is_some()
    }

    /// The line of the request in hand comes with its answer, later, or has come already. `is_logged` says whether the
    /// log tells of the request: else the log says nothing of its end either.
    #[inline]
    pub(crate) fn is_logged_apart(&mut self, is_logged: impl FnOnce(StatusCode) -> bool) -> bool {
        let Some(stage) = self.live.as_deref_mut() else {
            return false;
        };
        if !is_logged(self.status) {
            stage.record().forget_request();
        }
        stage.is_parked() || stage.is_blocking()
    }

    /// The connection is lost.
    pub(crate) fn lose(&mut self, why: io::ErrorKind) {
        self.gone = Some(why);
    }

    pub(crate) fn take_live(&mut self) -> Option<Box<LiveStage>> {
        self.live.take()
    }

    /// Ends the head of a response behind which the connection is live: nothing frames what follows a 101.
    pub(crate) fn close_live_head(&mut self, exchange: &ExchangeState<'_>) {
        if self.status.is_informational() {
            self.bytes.extend_from_slice(b"\r\n");
        } else {
            self.stream(exchange);
        }
        self.finished();
    }
}
