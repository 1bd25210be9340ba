//! [`Outgoing`]: what can be sent.

use crate::live::message::{Message, MessageBuf};
use crate::live::protocol::decoder::Kind;
use std::borrow::Cow;

/// A message to send: text of `&str` and `String`, binary of `&[u8]` and `Vec<u8>`; a [`Message`] is sent back as what
/// it is. Nothing makes text of bytes, so text is UTF-8.
#[derive(Clone, Debug)]
pub struct Outgoing<'m> {
    pub(crate) kind: Kind,
    pub(crate) bytes: Cow<'m, [u8]>,
}

macro_rules! outgoing {
    ($($from:ty => $kind:ident, |$value:ident| $bytes:expr;)*) => {$(
        impl<'m> From<$from> for Outgoing<'m> {
            fn from($value: $from) -> Self {
                Self { kind: Kind::$kind, bytes: $bytes }
            }
        }
    )*};
}

outgoing! {
    &'m str => Text, |text| Cow::Borrowed(text.as_bytes());
    &'m String => Text, |text| Cow::Borrowed(text.as_bytes());
    String => Text, |text| Cow::Owned(text.into_bytes());
    &'m [u8] => Binary, |bytes| Cow::Borrowed(bytes);
    &'m Vec<u8> => Binary, |bytes| Cow::Borrowed(bytes);
    Vec<u8> => Binary, |bytes| Cow::Owned(bytes);
}

impl From<MessageBuf> for Outgoing<'_> {
    fn from(message: MessageBuf) -> Self {
        match message {
            MessageBuf::Text(text) => text.into(),
            MessageBuf::Binary(bytes) => bytes.into(),
        }
    }
}

impl<'m> From<Message<'m>> for Outgoing<'m> {
    fn from(message: Message<'m>) -> Self {
        match message {
            Message::Text(text) => text.into(),
            Message::Binary(bytes) => bytes.into(),
        }
    }
}
