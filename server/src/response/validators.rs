//! What an answer says of the version that it sends.

use crate::semantics::conditional::Validators;
use crate::{HttpDate, ResponseHead};

impl ResponseHead<'_> {
    /// Adds `ETag` and `Last-Modified`, as far as they are known. A date in the future is told as that of `Date` (RFC
    /// 9110 section 8.8.2.1). A 304 says them too, besides what else a 200 would say of caching (section 15.4.5).
    ///
    /// ```
    /// use doget::{ETag, Response, Result, Sent, Validators};
    ///
    /// fn page(response: Response<'_>) -> Result<Sent> {
    ///     let version = Validators::new().etag(ETag::strong("v7"));
    ///     response.send_response(200).send_validators(&version).finish_with(b"seven")
    /// }
    /// ```
    pub fn send_validators(self, validators: &Validators) -> Self {
        let now = self.writer.first_lines.now();
        let headers = match validators.tag() {
            Some(tag) => self.send_header("ETag", tag.as_str()),
            None => self,
        };
        match validators.told_date(now) {
            Some(time) => headers.send_header("Last-Modified", HttpDate::new(time)),
            None => headers,
        }
    }
}
