//! Bodies that are given whole, so that their length is known before the head is closed.

use crate::response::tail::{FileRanges, Tail};
use crate::response::writer::{ResponseFraming, ResponseWriter};
use crate::response::{ResponseHead, Sent};
use crate::{Error, Result};
use std::borrow::Cow;
use std::fs::File;

/// A body up to this size is copied behind its head, so that both leave in one piece; a larger one is kept as it is.
const COPY: usize = 16 << 10;

impl ResponseHead<'_> {
    /// Sends these bytes as the whole body, without copying large ones.
    pub(crate) fn finish_with_bytes(self, body: Cow<'static, [u8]>) -> Result<Sent> {
        if self.writer.pending.has_version() {
            self.writer.pending.tag_by(&body);
        }
        #[cfg(feature = "compress")]
        if self.writer.wants_coding() {
            return self.finish_coded(&body);
        }
        let length = body.len() as u64;
        self.finish_known(length, |writer| writer.append(body))
    }

    /// Sends `length` bytes of `file` from `offset` as the whole body, by the system's `sendfile` where there is one,
    /// after the handler has returned: a slow client costs no thread.
    ///
    /// A file that turns out to be shorter cuts the connection, so that the client sees it.
    ///
    /// # Errors
    ///
    /// As [`end_headers`](Self::end_headers).
    pub fn finish_with_file(self, file: File, offset: u64, length: u64) -> Result<Sent> {
        self.finish_known(length, |writer| {
            writer.tail = Some(Tail::file(file, offset, length))
        })
    }

    /// A body whose bytes may be borrowed from anywhere: copied once.
    pub(crate) fn finish_with_slice(self, body: &[u8]) -> Result<Sent> {
        if self.writer.pending.has_version() {
            self.writer.pending.tag_by(body);
        }
        #[cfg(feature = "compress")]
        if self.writer.wants_coding() {
            return self.finish_coded(body);
        }
        self.finish_known(body.len() as u64, |writer| writer.append_slice(body))
    }

    /// A whole body that may be compressed. One that may not be keeps its length.
    #[cfg(feature = "compress")]
    #[cold]
    #[inline(never)]
    fn finish_coded(self, data: &[u8]) -> Result<Sent> {
        let body = self.end_headers()?;
        if !body.writer.wants_coding() {
            body.writer.declare(data.len() as u64);
        }
        body.writer.put(data, body.exchange)?;
        body.finish()
    }

    /// Ranges of a file as the whole body, sent as by [`finish_with_file`](Self::finish_with_file).
    ///
    /// ```
    /// use doget::{FileRanges, Response, Result, Sent};
    /// use std::fs::File;
    ///
    /// fn ends(file: File, length: u64, response: Response<'_>) -> Result<Sent> {
    ///     let ranges = vec![
    ///         ("first line: ".to_owned(), 0..80),
    ///         ("\nlast line: ".to_owned(), length - 80..length),
    ///     ];
    ///     response
    ///         .send_response(200)
    ///         .finish_with_ranges(file, FileRanges::new(ranges, "\n".to_owned()))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`end_headers`](Self::end_headers).
    pub fn finish_with_ranges(self, file: File, parts: FileRanges) -> Result<Sent> {
        self.finish_known(parts.length(), |writer| writer.append_parts(file, parts))
    }

    /// Always inlined: a head that is passed on goes through memory (see ARCHITECTURE.md).
    #[inline(always)]
    pub(crate) fn finish_known(
        self,
        length: u64,
        put: impl FnOnce(&mut ResponseWriter),
    ) -> Result<Sent> {
        let (writer, exchange) = self.end()?;
        if writer.declared().is_some_and(|declared| declared != length) && !writer.bodiless() {
            return Err(Error::internal(format!(
                "the body has {length} bytes, but the Content-Length header says {}",
                writer.declared().unwrap_or_default()
            )));
        }
        exchange.close_if_unread();
        // Where there is no body, the header speaks of the one that there would be.
        let told = writer.declared().unwrap_or(length);
        writer.close_head(ResponseFraming::Length(told), exchange);
        if !writer.bodiless() {
            put(writer);
            writer.sent.hand_on(length);
        }
        writer.finished();
        Ok(Sent { _private: () })
    }
}

impl ResponseWriter {
    /// A body of ranges of a file.
    fn append_parts(&mut self, file: File, parts: FileRanges) {
        self.tail = Some(Tail::parts(file, parts));
    }

    #[inline(always)]
    pub(crate) fn append(&mut self, body: Cow<'static, [u8]>) {
        if body.len() <= COPY {
            self.bytes.extend_from_slice(&body);
        } else {
            self.tail = Some(Tail::Bytes(body, 0));
        }
    }

    /// The same of bytes that are somebody else's: what is large is still a tail, so that the log knows how much of
    /// it left.
    pub(crate) fn append_slice(&mut self, body: &[u8]) {
        if body.len() <= COPY {
            self.bytes.extend_from_slice(body);
        } else {
            self.append(Cow::Owned(body.to_vec()));
        }
    }
}
