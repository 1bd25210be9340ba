//! Requests that no handler sees: their heads were not understood, or they came too slowly.

use crate::exchange::finish::{conclude, quietly};
use crate::exchange::{Close, Collected, Dialogue, Service, Stage};
use crate::http1::{BodyDecoder, Framing, Head, HeadError};
use crate::request::body::Rfile;
use crate::response::Wire;
use crate::response::writer::{Outbox, RequestFacts};
use crate::{Error, Request, StatusCode};

impl Dialogue {
    /// Answers a head that was not understood.
    #[cold]
    pub(super) fn refuse(
        &mut self,
        error: &HeadError,
        service: &Service<'_>,
        head: &Head,
        bytes: &[u8],
        outbox: &mut Outbox,
    ) {
        let mut page = Error::new(error.status()).close();
        if let Some(message) = error.message() {
            page = page.message(message.to_owned());
        }
        if let Some(explain) = error.explain() {
            page = page.explain(explain.to_owned());
        }
        let is_head = head.command() == "HEAD";
        self.error_page(page, None, is_head, service, head, bytes, outbox);
    }

    /// The client of a port for TLS sent these bytes, and they are none: answers in plain HTTP. They are not parsed: whatever it is, it is not served.
    #[cfg(feature = "tls")]
    pub(crate) fn spoke_plainly(
        &mut self,
        service: &Service<'_>,
        bytes: &[u8],
        outbox: &mut Outbox,
    ) -> Close {
        let page = Error::new(400)
            .message("Plain HTTP on an HTTPS port")
            .explain(
                "this port speaks HTTPS: write https:// in place of http:// before the address",
            )
            .close();
        let is_head = bytes.starts_with(b"HEAD ");
        self.error_page(page, None, is_head, service, &Head::default(), &[], outbox);
        Close::Linger
    }

    /// A deadline has passed while a request was arriving: answers it with 408, unless nothing of it has come.
    pub(crate) fn timed_out(&mut self, service: &Service<'_>, outbox: &mut Outbox) -> Close {
        match std::mem::take(&mut self.stage) {
            Stage::Idle => Close::Clean,
            Stage::Drain(_) => Close::Clean,
            Stage::Head(scan) if !scan.has_begun() => Close::Clean,
            Stage::Head(_) => {
                self.too_slow("the request head", service, &Head::default(), &[], outbox);
                Close::Linger
            }
            Stage::Collect(collected) => {
                let Collected { head, bytes, .. } = *collected;
                self.too_slow("the request body", service, &head, &bytes, outbox);
                Close::Linger
            }
        }
    }

    fn too_slow(
        &mut self,
        what: &str,
        service: &Service<'_>,
        head: &Head,
        bytes: &[u8],
        outbox: &mut Outbox,
    ) {
        let error = Error::new(StatusCode::REQUEST_TIMEOUT)
            .explain(format!("{what} came too slowly"))
            .close();
        let words = format!("Request timed out: {what} came too slowly");
        let is_head = head.command() == "HEAD";
        self.error_page(error, Some(&words), is_head, service, head, bytes, outbox);
    }

    #[allow(clippy::too_many_arguments, reason = "a request in its parts")]
    fn error_page(
        &mut self,
        error: Error,
        words: Option<&str>,
        is_head: bool,
        service: &Service<'_>,
        head: &Head,
        bytes: &[u8],
        outbox: &mut Outbox,
    ) {
        let shutdown = &service.origin.site.shutdown;
        let wire = Wire::new(service.transport, shutdown, true, false, 0);
        outbox.set_now(service.now);
        outbox.open(RequestFacts {
            head: is_head,
            ..RequestFacts::default()
        });
        let rfile = Rfile::new(
            Vec::new(),
            &[],
            BodyDecoder::new(Framing::None, &service.origin.limits.chunk),
            &wire,
        );
        let request = Request::new(head, bytes, rfile, &wire, &service.origin);
        if let Some(words) = words {
            quietly(|| service.handler.log_error(&request, format_args!("{words}")));
        }
        conclude(service.handler, Ok(Err(error)), &request, &wire, outbox);
        let (status, size) = (outbox.status, outbox.body_sent);
        quietly(|| service.handler.log_request(&request, status, size));
    }
}
