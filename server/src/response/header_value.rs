//! [`HeaderValue`]: what may stand behind the name of a header field.

use crate::connection::state::ExchangeState;
use crate::handler::registry::MethodSet;
use crate::http1::{self, EncodeError};
use crate::response::writer::ResponseWriter;
use crate::semantics::date::HttpDate;
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// The value of a header field: text, numbers, and what a [`Displayed`] makes of everything else.
///
/// Text and numbers are copied; nothing is formatted for them, and nothing is allocated. For other types write
/// `Displayed(value)`, or `format_args!("{value}")`, or implement the trait:
///
/// ```
/// use doget::{HeaderEncoder, HeaderValue, Response, Result, Sent};
///
/// struct Pages(u32, u32);
///
/// impl HeaderValue for Pages {
///     fn encode(&self, field: HeaderEncoder<'_>) {
///         field.display(format_args!("{}-{}", self.0, self.1));
///     }
/// }
///
/// fn answer(response: Response<'_>) -> Result<Sent> {
///     response
///         .send_response(200)
///         .send_header("X-Pages", Pages(3, 4))
///         .send_header("X-Total", 40)
///         .finish_with("three and four")
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the value of a header",
    label = "neither text nor a number",
    note = "what implements `Display` is sent as `doget::Displayed(value)`, or as `format_args!(\"{{value}}\")`",
    note = "`doget::HeaderValue` can be implemented for types of your own"
)]
pub trait HeaderValue {
    /// Writes the value, with one of the methods of the encoder.
    fn encode(&self, field: HeaderEncoder<'_>);
}

/// A header field whose value is still to be written: see [`HeaderValue`]. One that is dropped leaves the field out.
pub struct HeaderEncoder<'a> {
    writer: &'a mut ResponseWriter,
    exchange: &'a ExchangeState<'a>,
    name: &'a str,
    /// The field waits for the head, and takes the place of its own.
    forced: bool,
}

impl<'a> HeaderEncoder<'a> {
    #[inline]
    pub(crate) fn new(
        writer: &'a mut ResponseWriter,
        exchange: &'a ExchangeState<'a>,
        name: &'a str,
    ) -> Self {
        Self {
            writer,
            exchange,
            name,
            forced: false,
        }
    }

    pub(crate) fn forced(
        writer: &'a mut ResponseWriter,
        exchange: &'a ExchangeState<'a>,
        name: &'a str,
    ) -> Self {
        Self {
            writer,
            exchange,
            name,
            forced: true,
        }
    }

    /// The value is this text.
    #[inline]
    pub fn text(self, value: &str) {
        self.line(|line, name| http1::field(line, name, value));
    }

    /// The value is what this displays.
    #[inline]
    pub fn display(self, value: fmt::Arguments<'_>) {
        self.line(|line, name| http1::field_args(line, name, value));
    }

    #[inline]
    fn line(self, write: impl FnOnce(&mut Vec<u8>, &str) -> Result<(), EncodeError>) {
        if self.writer.request().bare {
            return;
        }
        if self.forced {
            return self.force(write);
        }
        let mark = self.writer.bytes.len();
        match write(&mut self.writer.bytes, self.name) {
            Ok(()) => self.writer.notice(self.name, mark, self.exchange),
            Err(error) => self.writer.refuse(error),
        }
    }
}

impl HeaderEncoder<'_> {
    #[cold]
    #[inline(never)]
    fn force(self, write: impl FnOnce(&mut Vec<u8>, &str) -> Result<(), EncodeError>) {
        let written = self.writer.pending.force(self.name, write);
        self.writer.record(written);
    }
}

impl fmt::Debug for HeaderEncoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeaderEncoder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The value of a header field that is displayed.
///
/// ```
/// use doget::{Displayed, Response, Result, Sent};
/// use std::net::IpAddr;
///
/// fn answer(address: IpAddr, response: Response<'_>) -> Result<Sent> {
///     response
///         .send_response(200)
///         .send_header("X-Address", Displayed(address))
///         .finish()
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Displayed<T>(pub T);

impl<T: fmt::Display> HeaderValue for Displayed<T> {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.display(format_args!("{}", self.0));
    }
}

impl HeaderValue for fmt::Arguments<'_> {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.display(*self);
    }
}

impl HeaderValue for str {
    #[inline]
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.text(self);
    }
}

impl HeaderValue for HttpDate {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.text(self.as_str());
    }
}

impl HeaderValue for MethodSet {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.display(format_args!("{self}"));
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<T: HeaderValue + ?Sized> HeaderValue for $pointer {
            #[inline]
            fn encode(&self, field: HeaderEncoder<'_>) {
                (**self).encode(field);
            }
        }
    )*};
}

pointers! { &T, Box<T>, Rc<T>, Arc<T> }

impl HeaderValue for String {
    #[inline]
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.text(self);
    }
}

impl HeaderValue for Cow<'_, str> {
    #[inline]
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.text(self);
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl HeaderValue for $number {
            fn encode(&self, field: HeaderEncoder<'_>) {
                field.text(itoa::Buffer::new().format(*self));
            }
        }
    )*};
}

numbers! { u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize }

impl HeaderValue for bool {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.text(if *self { "true" } else { "false" });
    }
}

impl HeaderValue for char {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.text(self.encode_utf8(&mut [0; 4]));
    }
}
