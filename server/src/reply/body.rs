//! Whole answers of a media type and a body.

use crate::{Response, Result, Sent, StatusCode};
use std::borrow::Cow;

pub(super) fn borrowed(response: Response<'_>, kind: &'static str, body: &[u8]) -> Result<Sent> {
    response
        .send_response(StatusCode::OK)
        .media_type(kind)
        .finish_with_slice(body)
}

pub(super) fn owned(response: Response<'_>, kind: &'static str, body: Vec<u8>) -> Result<Sent> {
    response
        .send_response(StatusCode::OK)
        .media_type(kind)
        .finish_with_bytes(Cow::Owned(body))
}
