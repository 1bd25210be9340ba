//! Bodies of `multipart/form-data`: [`Multipart`](crate::Multipart) as a type of the program's own, and
//! [`Request::multipart`] part by part.

mod boundary;
mod file_name;
mod head;
pub(crate) mod limits;
pub(crate) mod parts;
mod temporary;
#[cfg(test)]
mod tests;
pub(crate) mod typed;
pub(crate) mod upload;

use crate::request::body::BodyReader;
use crate::{Error, Request, Result};
use limits::MultipartLimits;
use parts::Parts;

/// Forms with files (RFC 7578). Feature `multipart`.
impl<'c> Request<'c> {
    /// The parts of a body of `multipart/form-data`, one after the other, in constant memory, within the default
    /// [`MultipartLimits`]. To have them as a type there is [`Multipart`](crate::Multipart).
    ///
    /// ```
    /// use doget::{Request, Result, handler, testing};
    /// use std::io;
    ///
    /// struct Archive;
    ///
    /// #[handler]
    /// impl Archive {
    ///     fn do_POST(&self, request: &mut Request<'_>) -> Result<String> {
    ///         let mut parts = request.multipart()?;
    ///         let mut report = String::new();
    ///         while let Some(mut part) = parts.next()? {
    ///             let bytes = io::copy(&mut part, &mut io::sink())?;
    ///             report += &format!("{} {:?}: {bytes} bytes\n", part.name(), part.file_name());
    ///         }
    ///         Ok(report)
    ///     }
    /// }
    ///
    /// let body = "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"../tea.png\"\r\n\r\n123\r\n--b--";
    /// let request = testing::post("/").header("Content-Type", "multipart/form-data; boundary=b").body(body);
    /// assert_eq!(request.send(&Archive).text(), "photo Some(\"tea.png\"): 3 bytes\n");
    /// ```
    ///
    /// # Errors
    ///
    /// 415 for a body of another type, 400 for one without a boundary, 413 for one whose announced length is beyond the
    /// limit.
    pub fn multipart(&mut self) -> Result<Parts<&mut BodyReader<'c>>> {
        self.multipart_within(MultipartLimits::new())
    }

    /// The same within other limits.
    ///
    /// # Errors
    ///
    /// As [`multipart`](Self::multipart).
    pub fn multipart_within(
        &mut self,
        limits: MultipartLimits,
    ) -> Result<Parts<&mut BodyReader<'c>>> {
        let content_type = self.headers().get("Content-Type").unwrap_or_default();
        if self
            .body()
            .announced()
            .is_some_and(|length| length > limits.max_size)
        {
            let most = limits.max_size;
            return Err(Error::new(413).explain(format!("the body may have {most} bytes")));
        }
        Parts::new(self.body(), content_type, limits)
    }
}
