//! Interim responses (RFC 9110 section 15.2): heads that leave before the response.

use crate::http1;
use crate::response::Response;
use crate::{Error, Result, StatusCode};
use std::sync::atomic::Ordering;

impl Response<'_> {
    /// Sends an interim response (1xx) at once, such as 103 with `Link` headers, and gives the response back.
    ///
    /// Nothing is sent to a client of HTTP/1.0, which does not know interim responses (RFC 9110 section 15.2).
    ///
    /// # Errors
    ///
    /// A status that is not 1xx, or is 101; a header that is not valid; a client that is gone.
    pub fn send_interim<'h>(
        mut self,
        status: impl Into<StatusCode>,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    ) -> Result<Self> {
        let status = status.into();
        if !status.is_informational() || status.as_u16() == 101 {
            return Err(Error::internal(format!(
                "{} is not an interim status",
                status.as_u16()
            )));
        }
        if self.writer.request().interim {
            let mark = self.writer.bytes.len();
            let head = self.interim_head(status, headers);
            if let Err(error) = head {
                self.writer.bytes.truncate(mark);
                return Err(error);
            }
            self.writer.flush_earlier(self.exchange)?;
            if status.as_u16() == 100 {
                self.exchange
                    .awaits_continue
                    .store(false, Ordering::Relaxed);
            }
        }
        Ok(self)
    }

    fn interim_head<'h>(
        &mut self,
        status: StatusCode,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    ) -> Result<()> {
        let out = &mut self.writer.bytes;
        http1::status_line(
            out,
            self.settings.protocol_version,
            status.as_u16(),
            status.phrase(),
        )
        .map_err(Error::internal)?;
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("content-length")
                || name.eq_ignore_ascii_case("transfer-encoding")
            {
                return Err(Error::internal(format!(
                    "an interim response has no body: leave {name} out"
                )));
            }
            http1::field(out, name, value).map_err(Error::internal)?;
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }
}
