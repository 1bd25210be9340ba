//! Requests that no handler sees: their heads were not understood, or they came too slowly.

use crate::connection::state::ExchangeState;
use crate::exchange::finish::{catch_panic, conclude};
use crate::exchange::gate::promise_for;
use crate::exchange::state::{Close, Collected, ExchangeContext, ExchangeStage, Exchanges};
use crate::http1::{BodyDecoder, Head, HeadError, RequestFraming};
use crate::request::body::BodyReader;
use crate::response::writer::{RequestFacts, ResponseWriter};
use crate::{Error, Request, StatusCode};

impl Exchanges {
    /// Answers a head that was not understood.
    #[cold]
    pub(super) fn refuse(
        &mut self,
        error: &HeadError,
        context: &ExchangeContext<'_>,
        head: &Head,
        bytes: &[u8],
        writer: &mut ResponseWriter,
    ) {
        let mut page = Error::new(error.status()).close();
        if let Some(message) = error.message() {
            page = page.message(message.to_owned());
        }
        if let Some(explain) = error.explain() {
            page = page.explain(explain.to_owned());
        }
        let is_head = head.method() == "HEAD";
        self.error_page(page, None, is_head, context, head, bytes, writer);
    }

    /// A client sent plain HTTP to a TLS port. Answers in plain HTTP with 400. The bytes are not parsed, since whatever
    /// they ask for is not served.
    #[cfg(feature = "tls")]
    pub(crate) fn spoke_plainly(
        &mut self,
        context: &ExchangeContext<'_>,
        bytes: &[u8],
        writer: &mut ResponseWriter,
    ) -> Close {
        let page = Error::new(400)
            .message("Plain HTTP on an HTTPS port")
            .explain(
                "this port speaks HTTPS: write https:// in place of http:// before the address",
            )
            .close();
        let is_head = bytes.starts_with(b"HEAD ");
        self.error_page(page, None, is_head, context, &Head::default(), &[], writer);
        Close::Linger
    }

    /// A deadline has passed while a request was arriving: answers it with 408, unless nothing of it has come.
    pub(crate) fn timed_out(
        &mut self,
        context: &ExchangeContext<'_>,
        writer: &mut ResponseWriter,
    ) -> Close {
        match std::mem::take(&mut self.stage) {
            ExchangeStage::Drain(_) => Close::Linger,
            ExchangeStage::Idle | ExchangeStage::Gated(_) => self.close_in_silence(),
            #[cfg(feature = "live")]
            ExchangeStage::Live(_) => Close::Clean,
            ExchangeStage::Head(scan) if !scan.has_begun() => self.close_in_silence(),
            ExchangeStage::Head(_) => {
                self.too_slow("the request head", context, &Head::default(), &[], writer);
                Close::Linger
            }
            ExchangeStage::Collect(mut collected) => {
                collected.give_promised(writer);
                let Collected { head, bytes, .. } = *collected;
                self.too_slow("the request body", context, &head, &bytes, writer);
                Close::Linger
            }
        }
    }

    /// How a connection ends about which there is nothing to say: what was said before may still be on its way.
    pub(super) fn close_in_silence(&self) -> Close {
        match self.served {
            0 => Close::Clean,
            _ => Close::Linger,
        }
    }

    fn too_slow(
        &mut self,
        what: &str,
        context: &ExchangeContext<'_>,
        head: &Head,
        bytes: &[u8],
        writer: &mut ResponseWriter,
    ) {
        let error = Error::new(StatusCode::REQUEST_TIMEOUT)
            .explain(format!("{what} came too slowly"))
            .close();
        let words = format!("Request timed out: {what} came too slowly");
        let is_head = head.method() == "HEAD";
        self.error_page(error, Some(&words), is_head, context, head, bytes, writer);
    }

    #[allow(clippy::too_many_arguments, reason = "a request in its parts")]
    fn error_page(
        &mut self,
        error: Error,
        words: Option<&str>,
        is_head: bool,
        context: &ExchangeContext<'_>,
        head: &Head,
        bytes: &[u8],
        writer: &mut ResponseWriter,
    ) {
        let shutdown = &context.connection.site.shutdown;
        let exchange = ExchangeState::new(context.transport, shutdown, true, false, 0);
        writer.first_lines.set_now(context.now);
        writer.open(RequestFacts {
            head: is_head,
            ..RequestFacts::default()
        });
        let body = BodyReader::new(
            Vec::new(),
            &[],
            BodyDecoder::new(RequestFraming::None, &context.connection.limits.chunk),
            &exchange,
        );
        let request = Request::new(head, bytes, body, &exchange, &context.connection);
        if writer.pending.is_empty() {
            promise_for(&request, context, writer.pending.standing());
        }
        if let Some(words) = words {
            catch_panic(|| context.handler.log_error(&request, format_args!("{words}")));
        }
        conclude(context.handler, Ok(Err(error)), &request, &exchange, writer);
        let (status, size) = (writer.status, writer.sent.logged(0));
        catch_panic(|| context.handler.log_request(&request, status, size));
        writer.end_request();
    }
}
