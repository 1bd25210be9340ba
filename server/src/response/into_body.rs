//! [`IntoBody`]: what may be the whole body of a response.

use crate::response::ResponseHead;
use crate::{Result, Sent};
use std::borrow::Cow;
use std::sync::Arc;

/// What [`ResponseHead::finish_with`] takes: text and bytes, owned or borrowed from anywhere.
///
/// Owned bytes are not copied if they are many. Borrowed ones are copied once, but for [`Static`]. A type of your own
/// finishes with what is in it:
///
/// ```
/// use doget::{IntoBody, ResponseHead, Result, Sent};
///
/// struct Page {
///     text: String,
/// }
///
/// impl IntoBody for Page {
///     fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
///         head.finish_with(self.text)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the body of a response",
    label = "neither text nor bytes",
    note = "`finish_with` takes `&str`, `String`, `&[u8]`, `Vec<u8>` and `Cow`s of them; write other values with \
            `write!` to the `Body` that `end_headers()` gives"
)]
pub trait IntoBody {
    /// Finishes the response with this body.
    ///
    /// # Errors
    ///
    /// Those of [`ResponseHead::finish_with`].
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent>;
}

impl ResponseHead<'_> {
    /// Sends this as the whole body.
    ///
    /// # Errors
    ///
    /// As [`end_headers`](Self::end_headers).
    pub fn finish_with(self, body: impl IntoBody) -> Result<Sent> {
        body.finish(self)
    }
}

/// Bytes that live as long as the program, such as those of `include_bytes!`: they are sent from where they are,
/// however many there are.
///
/// ```
/// use doget::{Response, Result, Sent, Static};
///
/// static LOGO: &[u8] = b"GIF89a";
///
/// fn logo(response: Response<'_>) -> Result<Sent> {
///     response
///         .send_response(200)
///         .content_type("image/gif")
///         .finish_with(Static(LOGO))
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Static(pub &'static [u8]);

impl IntoBody for Static {
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        head.finish_with_bytes(Cow::Borrowed(self.0))
    }
}

impl IntoBody for &[u8] {
    #[inline]
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        head.finish_with_slice(self)
    }
}

impl IntoBody for Vec<u8> {
    #[inline]
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        head.finish_with_bytes(Cow::Owned(self))
    }
}

impl IntoBody for String {
    #[inline]
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        self.into_bytes().finish(head)
    }
}

macro_rules! borrowed {
    ($([$($generics:tt)*] $body:ty),* $(,)?) => {$(
        impl<$($generics)*> IntoBody for $body {
            #[inline]
            fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
                let bytes: &[u8] = self.as_ref();
                head.finish_with_slice(bytes)
            }
        }
    )*};
}

borrowed! {
    [] &str, [] &String, [] &Vec<u8>, [const N: usize] [u8; N], [const N: usize] &[u8; N], [] Arc<[u8]>,
}

impl IntoBody for Arc<str> {
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        head.finish_with_slice(self.as_bytes())
    }
}

impl IntoBody for Cow<'_, str> {
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(text) => text.finish(head),
            Cow::Owned(text) => text.finish(head),
        }
    }
}

impl IntoBody for Cow<'_, [u8]> {
    fn finish(self, head: ResponseHead<'_>) -> Result<Sent> {
        match self {
            Cow::Borrowed(bytes) => bytes.finish(head),
            Cow::Owned(bytes) => bytes.finish(head),
        }
    }
}
