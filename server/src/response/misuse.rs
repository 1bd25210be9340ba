//! Words for steps in the wrong order: methods that cannot be called, since their bounds hold for nothing.

use crate::response::header_value::HeaderValue;
use crate::response::{Body, Response, ResponseHead};
use crate::{Error, Result};
use std::fmt;
use std::io;

/// Never true: gives the compiler words for a header after the blank line.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a header after the blank line: `end_headers()` was already called",
    label = "the head is closed here",
    note = "call `send_header` on the `ResponseHead` that `send_response` returns, before `end_headers()`"
)]
pub trait HeadIsOpen {}

/// Never true: gives the compiler words for data before the blank line.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "data before the blank line: call `end_headers()` first",
    label = "the head is still open",
    note = "`end_headers()?` turns the `ResponseHead` into a `Body`, which is an `io::Write`"
)]
pub trait HeadIsClosed {}

/// Never true: gives the compiler words for a step before the status is chosen.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "no status yet: call `send_response(..)` first",
    label = "the status is not chosen",
    note = "`response.send_response(200)` gives the `ResponseHead` that this belongs to"
)]
pub trait StatusIsChosen {}

#[doc(hidden)]
impl<'c> Body<'c> {
    pub fn send_header(self, _: &str, _: impl HeaderValue) -> Self
    where
        Body<'c>: HeadIsOpen,
    {
        self
    }
}

#[doc(hidden)]
impl<'c> ResponseHead<'c> {
    pub fn write_fmt(&mut self, _: fmt::Arguments<'_>) -> io::Result<()>
    where
        ResponseHead<'c>: HeadIsClosed,
    {
        Ok(())
    }

    pub fn write_all(&mut self, _: &[u8]) -> io::Result<()>
    where
        ResponseHead<'c>: HeadIsClosed,
    {
        Ok(())
    }
}

#[doc(hidden)]
impl<'c> Response<'c> {
    pub fn send_header(self, _: &str, _: impl HeaderValue) -> Self
    where
        Response<'c>: StatusIsChosen,
    {
        self
    }

    pub fn end_headers(self) -> Result<Body<'c>>
    where
        Response<'c>: StatusIsChosen,
    {
        Err(Error::new(500))
    }

    pub fn write_fmt(&mut self, _: fmt::Arguments<'_>) -> io::Result<()>
    where
        Response<'c>: StatusIsChosen,
    {
        Ok(())
    }
}
