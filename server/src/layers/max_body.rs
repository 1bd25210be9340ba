//! [`MaxBody`]: how large a body may be.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Error, Request, Response, Result, Sent};

/// A [`Layer`] that refuses bodies of more bytes with 413: by its head a body whose length is announced, before
/// `100 Continue` and before any of it is read, and else as soon as it has brought more.
///
/// It makes a limit smaller. A parameter such as `Vec<u8>` collects no more than
/// [`Limits::max_collected_body_size`](crate::Limits::max_collected_body_size) in any case.
///
/// ```
/// use doget::{MaxBody, handler, testing};
///
/// struct Notes {
///     small: MaxBody,
/// }
///
/// #[handler]
/// impl Notes {
///     #[layer(self.small)]
///     fn do_POST(&self, note: String) -> String {
///         note
///     }
/// }
///
/// let notes = Notes { small: MaxBody::bytes(10) };
/// assert_eq!(testing::post("/").body("milk").send(&notes).text(), "milk");
/// assert_eq!(testing::post("/").body("milk and butter").send(&notes).status(), 413);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MaxBody {
    bytes: u64,
}

impl MaxBody {
    /// A body may have so many bytes.
    #[must_use]
    pub const fn bytes(bytes: u64) -> Self {
        Self { bytes }
    }

    fn refusal(&self) -> Error {
        Error::new(413).explain(format!("the body may have {} bytes", self.bytes))
    }
}

impl Layer for MaxBody {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        match request.announced_body() {
            Some(length) if length > self.bytes => Err(self.refusal()),
            _ => Ok(Gate::Pass),
        }
    }

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        if !request.body().limit(self.bytes) {
            return Err(self.refusal());
        }
        next(request, response)
    }

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        api.every_operation(|operation| {
            operation.fault(crate::StatusCode::from(413), "");
        });
    }
}
