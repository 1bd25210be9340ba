//! A response in the hands of a handler that has hooks of its own, though the server called another one.

use crate::handler::Handler;
use crate::response::Response;

impl Response<'_> {
    /// The same response with the hooks of another handler, for the time of a call. The version of the protocol is the
    /// server's own, so settings that say another one are not taken.
    pub(crate) fn with_hooks_of<T>(
        self,
        handler: &dyn Handler,
        answer: impl FnOnce(Response<'_>) -> T,
    ) -> T {
        let settings = handler.settings();
        let settings = match settings.protocol_version == self.settings.protocol_version {
            true => settings,
            false => self.settings,
        };
        let mut response = Response::new(self.writer, self.exchange, handler, settings);
        response.forced = self.forced;
        answer(response)
    }
}
