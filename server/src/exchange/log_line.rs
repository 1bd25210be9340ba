//! The log line of a request whose response outlasts its turn. How large a response was for the log is said in
//! [`sent_size`](crate::response::sent_size).

use crate::connection::state::ExchangeState;
use crate::connection::verified_user::VerifiedUser;
use crate::exchange::finish::catch_panic;
use crate::exchange::state::{ExchangeContext, PendingLogLine};
#[cfg(feature = "live")]
use crate::http1;
use crate::http1::{BodyDecoder, Head, RequestFraming};
#[cfg(feature = "live")]
use crate::live::record::Record;
#[cfg(feature = "live")]
use crate::log::Quoted;
use crate::request::body::BodyReader;
use crate::response::sent_size::SentSize;
use crate::{Request, StatusCode};

impl PendingLogLine {
    #[cold]
    pub(super) fn new(
        head: &Head,
        bytes: &[u8],
        (route, id, user): (u32, Option<Box<str>>, Option<&VerifiedUser>),
        status: StatusCode,
        sent: SentSize,
    ) -> Box<Self> {
        Box::new(Self {
            head: head.clone(),
            bytes: bytes.to_vec(),
            route,
            id,
            user: user.cloned(),
            status,
            sent,
        })
    }

    /// Logs the request, now that its response is over; `left` bytes of it were not sent.
    pub(crate) fn log(self, context: &ExchangeContext<'_>, left: u64) {
        let about = (self.route, self.id.as_deref(), self.user);
        log(context, &self.head, &self.bytes, about, |request| {
            let size = self.sent.logged(left);
            context.handler.log_request(request, self.status, size);
        });
    }
}

/// Logs something of a request that is over.
fn log(
    context: &ExchangeContext<'_>,
    head: &Head,
    bytes: &[u8],
    (route, id, user): (u32, Option<&str>, Option<VerifiedUser>),
    line: impl FnOnce(&Request<'_>),
) {
    let shutdown = &context.connection.site.shutdown;
    let exchange = ExchangeState::new(context.transport, shutdown, true, false, 0);
    if let Some(user) = user {
        exchange.set_user(user);
    }
    let body = BodyReader::new(
        Vec::new(),
        &[],
        BodyDecoder::new(RequestFraming::None, &context.connection.limits.chunk),
        &exchange,
    );
    let mut request = Request::new(head, bytes, body, &exchange, &context.connection);
    request.route = route;
    request.id = id;
    catch_panic(|| line(&request));
}

/// Logs that a live connection is over. `unanswered`: the request was parked, and its client has left.
#[cfg(feature = "live")]
pub(crate) fn log_end(context: &ExchangeContext<'_>, record: &Record, now: u32, unanswered: bool) {
    let Some((route, kept)) = record.request() else {
        return;
    };
    let (mut scan, mut head) = (http1::Scan::default(), Head::default());
    // Not all fields are left that the strict profile asks for.
    let (profile, limits) = (
        http1::Parsing::Lenient,
        &context.connection.limits.lenient_head,
    );
    let parsed = http1::parse(kept, true, profile, limits, &mut scan, &mut head);
    let Ok(http1::Progress::Complete(size)) = parsed else {
        return;
    };
    let (bytes, id) = kept.split_at_checked(size).unwrap_or((kept, &[]));
    let id = std::str::from_utf8(id).ok().filter(|id| !id.is_empty());
    let about = (route, id, None);
    log(context, &head, bytes, about, |request| {
        let (handler, time) = (context.handler, record.lasted(now));
        let line = Quoted(request.requestline());
        if unanswered {
            return handler.log_message(
                request,
                format_args!("\"{line}\" left unanswered after {time}"),
            );
        }
        let code = record
            .code
            .map(|code| format!(" {code}"))
            .unwrap_or_default();
        let (received, sent) = (record.received, record.sent);
        handler.log_message(
            request,
            format_args!(
                "\"{line}\" closed{code} after {time}, {received} bytes in, {sent} bytes out"
            ),
        );
    });
}
