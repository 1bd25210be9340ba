//! Messages out of a client's bytes, however they are cut.
//!
//! A message that lies whole in the input is unmasked there and lent; only one that does not is copied, or read to
//! where it is gathered ([`Decoder::sink`]). Between two messages a decoder holds no memory but its own.

use crate::live::protocol::close::CloseCode;
use crate::live::protocol::frame::{FrameHeader, LONGEST_HEADER, Opcode, Violation, read_header};
use crate::live::protocol::mask;
use crate::live::protocol::utf8::Utf8;

/// Whether a message is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
}

/// What a decoder is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) max_message: u64,
    pub(crate) max_empty: u32,
    pub(crate) deflates: bool,
}

/// What came of the input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item<'i> {
    /// Nothing whole yet.
    More,
    /// A message is whole, and the caller did not admit it: it comes again with the same input.
    Held,
    /// A message, where it lay in the input.
    Message(Kind, &'i [u8]),
    /// A message that came in pieces.
    Gathered(Kind, Vec<u8>),
    /// A message that is compressed.
    Compressed(Kind, Vec<u8>),
    /// Ping, Pong or Close.
    Control(Opcode, Vec<u8>),
}

/// The input up to here is used, and this came of it.
#[derive(Debug)]
pub(crate) struct Step<'i> {
    pub(crate) consumed: usize,
    pub(crate) item: Item<'i>,
}

#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// A header that was cut. In a box, as what follows: a quiet socket has neither.
    begun: Option<Box<BegunHeader>>,
    partial: Option<Box<Partial>>,
}

/// The first bytes of a header, one at least.
#[derive(Clone, Copy, Debug, Default)]
struct BegunHeader {
    bytes: [u8; LONGEST_HEADER],
    size: u8,
}

/// A message that is under way, or a frame.
#[derive(Debug, Default)]
struct Partial {
    frame: Option<OpenFrame>,
    /// A message has begun and not ended.
    kind: Option<Kind>,
    compressed: bool,
    /// The last frame of the message is in.
    whole: bool,
    data: Vec<u8>,
    utf8: Utf8,
    empty: u32,
    control: Vec<u8>,
}

/// A frame whose payload has not come whole.
#[derive(Debug)]
struct OpenFrame {
    opcode: Opcode,
    fin: bool,
    key: [u8; 4],
    at: u64,
    left: u64,
}

impl From<Violation> for CloseCode {
    fn from(_: Violation) -> Self {
        Self::PROTOCOL_ERROR
    }
}

impl Decoder {
    /// Whether something has begun that is not whole.
    pub(crate) fn is_amid(&self) -> bool {
        self.begun.is_some() || self.partial.is_some()
    }

    /// Whether a whole message waits for somebody to admit it.
    pub(crate) fn has_whole(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| partial.whole)
    }

    /// Bytes of a message that is gathered.
    pub(crate) fn held(&self) -> usize {
        self.partial
            .as_ref()
            .map_or(0, |partial| partial.data.len())
    }

    /// Where the payload of the frame in hand may be read to, and how much of it is left. Behind it stands
    /// [`filled`](Self::filled).
    pub(crate) fn sink(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        let partial = self.partial.as_mut()?;
        let frame = partial.frame.as_ref()?;
        if frame.opcode.is_control() {
            return None;
        }
        let left = usize::try_from(frame.left).unwrap_or(usize::MAX);
        Some((&mut partial.data, left))
    }

    /// So many bytes were read to the [`sink`](Self::sink).
    pub(crate) fn filled(&mut self, size: usize) -> Result<(), CloseCode> {
        let Some(partial) = &mut self.partial else {
            return Ok(());
        };
        let start = partial.data.len().saturating_sub(size);
        partial.take_in(start, size)
    }

    /// Reads on in `input`. `admits` is asked once a message is whole, before it is touched.
    pub(crate) fn next<'i>(
        &mut self,
        input: &'i mut [u8],
        rules: &Rules,
        admits: &mut dyn FnMut() -> bool,
    ) -> Result<Step<'i>, CloseCode> {
        let mut at = 0;
        loop {
            if let Some(item) = self.ended(admits) {
                return Ok(Step { consumed: at, item });
            }
            if let Some(partial) = &mut self.partial
                && let Some(frame) = &partial.frame
            {
                let there = input.len() - at;
                let size = usize::try_from(frame.left).map_or(there, |left| left.min(there));
                if size == 0 && frame.left > 0 {
                    return Ok(Step {
                        consumed: at,
                        item: Item::More,
                    });
                }
                let bytes = input.get(at..at + size).unwrap_or_default();
                partial.push(bytes)?;
                at += size;
                continue;
            }
            let Some(header) = self.header(input.get(at..).unwrap_or_default(), rules)? else {
                self.keep_header(input.get(at..).unwrap_or_default());
                return Ok(Step {
                    consumed: input.len(),
                    item: Item::More,
                });
            };
            self.check(&header, rules)?;
            let begun = self
                .begun
                .as_ref()
                .map_or(0, |begun| usize::from(begun.size));
            let start = at + header.size - begun;
            let whole = usize::try_from(header.length)
                .ok()
                .and_then(|length| start.checked_add(length))
                .filter(|&end| end <= input.len());
            let alone = header.fin && !header.rsv1 && self.partial.is_none();
            let kind = match header.opcode {
                Opcode::Text => Some(Kind::Text),
                Opcode::Binary => Some(Kind::Binary),
                _ => None,
            };
            if let (Some(end), Some(kind), true) = (whole, kind, alone) {
                if !admits() {
                    return Ok(Step {
                        consumed: at,
                        item: Item::Held,
                    });
                }
                self.begun = None;
                let payload = input.get_mut(start..end).unwrap_or_default();
                mask::apply(payload, header.key, 0);
                if kind == Kind::Text && std::str::from_utf8(payload).is_err() {
                    return Err(CloseCode::INVALID_DATA);
                }
                return Ok(Step {
                    consumed: end,
                    item: Item::Message(kind, payload),
                });
            }
            self.begun = None;
            at = start;
            self.begin(&header, kind, rules)?;
        }
    }

    /// The header at the front of the input, with what was kept of it before.
    fn header(&self, input: &[u8], rules: &Rules) -> Result<Option<FrameHeader>, CloseCode> {
        let Some(begun) = &self.begun else {
            return Ok(read_header(input, rules.deflates)?);
        };
        let mut header = **begun;
        header.push(input);
        let bytes = header.bytes.get(..usize::from(header.size));
        Ok(read_header(bytes.unwrap_or_default(), rules.deflates)?)
    }

    fn keep_header(&mut self, input: &[u8]) {
        if !input.is_empty() {
            self.begun.get_or_insert_default().push(input);
        }
    }

    /// What a header may be where it stands.
    fn check(&self, header: &FrameHeader, rules: &Rules) -> Result<(), CloseCode> {
        if header.opcode.is_control() {
            return Ok(());
        }
        let under_way = self
            .partial
            .as_ref()
            .is_some_and(|partial| partial.kind.is_some());
        if under_way != (header.opcode == Opcode::Continuation) {
            return Err(CloseCode::PROTOCOL_ERROR);
        }
        // Before a byte of it is held: the length is the client's word.
        if (self.held() as u64).saturating_add(header.length) > rules.max_message {
            return Err(CloseCode::TOO_BIG);
        }
        Ok(())
    }

    fn begin(
        &mut self,
        header: &FrameHeader,
        kind: Option<Kind>,
        rules: &Rules,
    ) -> Result<(), CloseCode> {
        let partial = self.partial.get_or_insert_default();
        if let Some(kind) = kind {
            partial.kind = Some(kind);
            partial.compressed = header.rsv1;
        }
        if !header.opcode.is_control() && header.length == 0 {
            partial.empty += 1;
            if partial.empty > rules.max_empty {
                return Err(CloseCode::POLICY);
            }
        }
        partial.frame = Some(OpenFrame {
            opcode: header.opcode,
            fin: header.fin,
            key: header.key,
            at: 0,
            left: header.length,
        });
        if header.length == 0 {
            partial.end_frame()?;
        }
        Ok(())
    }

    /// A control frame or a message that has come whole by pieces.
    fn ended(&mut self, admits: &mut dyn FnMut() -> bool) -> Option<Item<'static>> {
        let partial = self.partial.as_mut()?;
        if let Some(frame) = partial.frame.take_if(|frame| frame.left == 0) {
            let control = std::mem::take(&mut partial.control);
            if partial.kind.is_none() {
                self.partial = None;
            }
            return Some(Item::Control(frame.opcode, control));
        }
        if !partial.whole {
            return None;
        }
        if !admits() {
            return Some(Item::Held);
        }
        let partial = self.partial.take()?;
        let kind = partial.kind?;
        Some(if partial.compressed {
            Item::Compressed(kind, partial.data)
        } else {
            Item::Gathered(kind, partial.data)
        })
    }
}

impl BegunHeader {
    /// As many bytes more as a header may have.
    fn push(&mut self, input: &[u8]) {
        for byte in input {
            let Some(place) = self.bytes.get_mut(usize::from(self.size)) else {
                return;
            };
            *place = *byte;
            self.size += 1;
        }
    }
}

impl Partial {
    /// Bytes of the open frame.
    fn push(&mut self, bytes: &[u8]) -> Result<(), CloseCode> {
        let Some(frame) = &mut self.frame else {
            return Ok(());
        };
        if frame.opcode.is_control() {
            let start = self.control.len();
            self.control.extend_from_slice(bytes);
            mask::apply(
                self.control.get_mut(start..).unwrap_or_default(),
                frame.key,
                frame.at,
            );
            frame.at += bytes.len() as u64;
            frame.left -= bytes.len() as u64;
            return Ok(());
        }
        let start = self.data.len();
        self.data.extend_from_slice(bytes);
        self.take_in(start, bytes.len())
    }

    /// Unmasks and checks bytes that stand in `data` already.
    fn take_in(&mut self, start: usize, size: usize) -> Result<(), CloseCode> {
        let Some(frame) = &mut self.frame else {
            return Ok(());
        };
        let bytes = self.data.get_mut(start..).unwrap_or_default();
        mask::apply(bytes, frame.key, frame.at);
        frame.at += size as u64;
        frame.left = frame.left.saturating_sub(size as u64);
        if self.kind == Some(Kind::Text) && !self.compressed && !self.utf8.push(bytes) {
            return Err(CloseCode::INVALID_DATA);
        }
        if frame.left == 0 {
            self.end_frame()?;
        }
        Ok(())
    }

    /// The open frame is whole: one of a message is done with, a control frame is left for [`Decoder::ended`].
    fn end_frame(&mut self) -> Result<(), CloseCode> {
        let Some(frame) = self.frame.take_if(|frame| !frame.opcode.is_control()) else {
            return Ok(());
        };
        if frame.fin {
            self.whole = true;
            if self.kind == Some(Kind::Text) && !self.compressed && !self.utf8.is_whole() {
                return Err(CloseCode::INVALID_DATA);
            }
        }
        Ok(())
    }
}
