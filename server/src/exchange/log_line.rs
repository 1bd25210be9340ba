//! The log line of a request whose response outlasts its turn. How large a response was for the log is said in
//! [`sent_size`](crate::response::sent_size).

use crate::connection::state::ExchangeState;
use crate::exchange::finish::catch_panic;
use crate::exchange::state::{ExchangeContext, PendingLogLine};
use crate::http1::{BodyDecoder, Head, RequestFraming};
use crate::request::body::BodyReader;
use crate::response::sent_size::SentSize;
use crate::{Request, StatusCode};

impl PendingLogLine {
    #[cold]
    pub(super) fn new(
        head: &Head,
        bytes: &[u8],
        (route, id): (u32, Option<Box<str>>),
        status: StatusCode,
        sent: SentSize,
    ) -> Box<Self> {
        Box::new(Self {
            head: head.clone(),
            bytes: bytes.to_vec(),
            route,
            id,
            status,
            sent,
        })
    }

    /// Logs the request, now that its response is over; `left` bytes of it were not sent.
    pub(crate) fn log(self, context: &ExchangeContext<'_>, left: u64) {
        let shutdown = &context.connection.site.shutdown;
        let exchange = ExchangeState::new(context.transport, shutdown, true, false, 0);
        let body = BodyReader::new(
            Vec::new(),
            &[],
            BodyDecoder::new(RequestFraming::None, &context.connection.limits.chunk),
            &exchange,
        );
        let mut request = Request::new(
            &self.head,
            &self.bytes,
            body,
            &exchange,
            &context.connection,
        );
        request.route = self.route;
        request.id = self.id.as_deref();
        catch_panic(|| {
            context
                .handler
                .log_request(&request, self.status, self.sent.logged(left))
        });
    }
}
