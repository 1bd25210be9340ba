//! One message for many receivers, encoded once for each protocol that asks for it.

use crate::live::protocol::deflate::{Codec, PerMessageDeflate};
use crate::live::protocol::event::Event;
use crate::live::protocol::frame::{Opcode, write_frame};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A message, whatever it is sent by.
#[derive(Debug)]
pub(crate) enum Content {
    Text(String),
    Binary(Vec<u8>),
    Event(Event),
}

/// A message and its encoded forms.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) content: Content,
    /// What the browser gives back as `Last-Event-ID`.
    id: Option<(u64, u64)>,
    socket: OnceLock<Box<[u8]>>,
    /// The same compressed; `None` once it is known that it would be no shorter.
    deflated: OnceLock<Option<Box<[u8]>>>,
    event: OnceLock<EventBytes>,
}

#[derive(Debug)]
struct EventBytes {
    /// A chunk with the event's lines in it.
    bytes: Box<[u8]>,
    /// Where the lines begin.
    start: usize,
}

/// Memory beside the payload, roughly.
const OVERHEAD: usize = 128;

/// Bytes of a header, or of an event's lines, roughly.
const FRAMING: usize = 16;

impl Frame {
    /// `id`: the ring's epoch and the message's number in it.
    pub(crate) fn new(content: Content, id: Option<(u64, u64)>) -> Self {
        Self {
            content,
            id,
            socket: OnceLock::new(),
            deflated: OnceLock::new(),
            event: OnceLock::new(),
        }
    }

    /// Bytes of the payload.
    pub(crate) fn size(&self) -> usize {
        match &self.content {
            Content::Text(text) => text.len(),
            Content::Binary(bytes) => bytes.len(),
            Content::Event(event) => event.size(),
        }
    }

    /// Roughly what it takes on the wire, whatever form it has there: it need not be encoded to know that.
    pub(crate) fn length(&self) -> usize {
        self.size() + FRAMING
    }

    /// What it takes of memory: the payload, and once encoded.
    pub(crate) fn cost(&self) -> usize {
        2 * self.size() + OVERHEAD
    }

    /// What it counts in the queue of a handle: an empty message takes memory too.
    pub(crate) fn queued(&self) -> usize {
        self.size() + OVERHEAD
    }

    /// The payload alone, for a long poll.
    pub(crate) fn payload(&self) -> (&'static str, &[u8]) {
        match &self.content {
            Content::Text(text) => ("text/plain; charset=utf-8", text.as_bytes()),
            Content::Binary(bytes) => ("application/octet-stream", bytes),
            Content::Event(event) => ("text/plain; charset=utf-8", event.text().as_bytes()),
        }
    }

    /// What a client that polls gives back, as an entity tag.
    pub(crate) fn tag(&self) -> Option<String> {
        self.id.map(|id| format!("\"{}\"", event_id(id)))
    }

    /// As a frame of a WebSocket. A topic of events has no followers of that kind.
    pub(crate) fn for_socket(&self) -> &[u8] {
        self.socket.get_or_init(|| {
            let (opcode, payload) = self.message();
            let mut bytes = Vec::new();
            write_frame(&mut bytes, opcode, false, payload);
            bytes.into_boxed_slice()
        })
    }

    fn message(&self) -> (Opcode, &[u8]) {
        match &self.content {
            Content::Text(text) => (Opcode::Text, text.as_bytes()),
            Content::Binary(payload) => (Opcode::Binary, payload),
            Content::Event(event) => (Opcode::Text, event.text().as_bytes()),
        }
    }

    /// Compresses it, unless it is known how that comes out: once for all who have agreed to it.
    pub(crate) fn deflate(&self, agreed: PerMessageDeflate, codec: &mut Codec) {
        if agreed.takes(self.size()) {
            self.deflated.get_or_init(|| {
                let (opcode, payload) = self.message();
                let payload = codec.deflate(payload)?;
                let mut bytes = Vec::new();
                write_frame(&mut bytes, opcode, true, &payload);
                Some(bytes.into_boxed_slice())
            });
        }
    }

    /// As a frame for a socket that has agreed to this, behind [`deflate`](Self::deflate).
    pub(crate) fn for_deflating_socket(&self, agreed: PerMessageDeflate) -> &[u8] {
        match self.deflated.get() {
            Some(Some(bytes)) if agreed.takes(self.size()) => bytes,
            _ => self.for_socket(),
        }
    }

    /// As an event of a stream, with or without the chunk around it. Binary messages are never followed so.
    pub(crate) fn for_stream(&self, chunked: bool) -> &[u8] {
        let EventBytes { bytes, start } = self.event.get_or_init(|| self.encode_event());
        if chunked {
            bytes
        } else {
            let end = bytes.len().saturating_sub(2);
            bytes.get(*start..end).unwrap_or_default()
        }
    }

    fn encode_event(&self) -> EventBytes {
        let id = self.id.map(event_id);
        let mut text = String::new();
        match &self.content {
            Content::Event(event) => event.write(&mut text, id.as_deref()),
            Content::Text(data) => Event::data(data).write(&mut text, id.as_deref()),
            Content::Binary(_) => {}
        }
        let mut head = String::new();
        let _ = write!(head, "{:x}\r\n", text.len());
        let bytes = [head.as_bytes(), text.as_bytes(), b"\r\n"].concat();
        EventBytes {
            bytes: bytes.into_boxed_slice(),
            start: head.len(),
        }
    }
}

/// The text of an id. The epoch tells a ring of this process from one of an earlier one.
pub(crate) fn event_id((epoch, number): (u64, u64)) -> String {
    format!("{epoch:x}-{number}")
}

/// What [`event_id`] wrote.
pub(crate) fn parse_event_id(text: &str) -> Option<(u64, u64)> {
    let (epoch, number) = text.trim().split_once('-')?;
    Some((u64::from_str_radix(epoch, 16).ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_thing_to_each_protocol() {
        let frame = Frame::new(Content::Text("a\nb".into()), Some((0xab, 7)));
        assert_eq!(frame.for_socket(), b"\x81\x03a\nb");
        let lines = "id: ab-7\ndata: a\ndata: b\n\n";
        assert_eq!(frame.for_stream(false), lines.as_bytes());
        assert_eq!(
            frame.for_stream(true),
            format!("{:x}\r\n{lines}\r\n", lines.len()).as_bytes()
        );
        assert_eq!(parse_event_id("ab-7"), Some((0xab, 7)));
        assert_eq!(parse_event_id("7"), None);
    }
}
