//! Frames (RFC 6455 section 5.2).

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn of(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    pub(super) fn is_control(self) -> bool {
        self.bits() >= 8
    }
}

/// The longest header of a client's frame.
pub(crate) const LONGEST_HEADER: usize = 14;

/// The most that a control frame carries.
const CONTROL: u64 = 125;

/// The header of a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) fin: bool,
    /// The message is compressed: RSV1 on its first frame.
    pub(super) rsv1: bool,
    pub(super) opcode: Opcode,
    pub(super) length: u64,
    pub(super) key: [u8; 4],
    /// Bytes of the header itself.
    pub(super) size: usize,
}

/// The client breaks the protocol: 1002.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Violation;

/// Reads a header as far as it is there; `None`: more has to come. A fault is found at the byte that makes it one.
pub(super) fn read_header(bytes: &[u8], deflates: bool) -> Result<Option<FrameHeader>, Violation> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let opcode = Opcode::of(first & 0x0f).ok_or(Violation)?;
    let (fin, rsv1) = (first & 0x80 != 0, first & 0x40 != 0);
    let begins = matches!(opcode, Opcode::Text | Opcode::Binary);
    if first & 0x30 != 0 || rsv1 && !(deflates && begins) || opcode.is_control() && !fin {
        return Err(Violation);
    }
    let Some(&second) = bytes.get(1) else {
        return Ok(None);
    };
    let short = u64::from(second & 0x7f);
    if second & 0x80 == 0 || opcode.is_control() && short > CONTROL {
        return Err(Violation);
    }
    let (length, at) = match short {
        126 => match bytes.get(2..4) {
            Some(&[high, low]) => (u64::from(u16::from_be_bytes([high, low])), 4),
            _ => return Ok(None),
        },
        127 => {
            // The top bit has to be clear: seen at its byte.
            if bytes.get(2).is_some_and(|byte| byte & 0x80 != 0) {
                return Err(Violation);
            }
            match bytes.get(2..10).and_then(|length| length.first_chunk()) {
                Some(length) => (u64::from_be_bytes(*length), 10),
                None => return Ok(None),
            }
        }
        short => (short, 2),
    };
    // A length has one form (section 5.2: the minimal number of bytes).
    if short == 126 && length < 126 || short == 127 && length <= u64::from(u16::MAX) {
        return Err(Violation);
    }
    let key = bytes.get(at..at + 4).and_then(|key| key.first_chunk());
    Ok(key.map(|&key| FrameHeader {
        fin,
        rsv1,
        opcode,
        length,
        key,
        size: at + 4,
    }))
}

/// Writes a whole frame of a server: no mask.
pub(crate) fn write_frame(out: &mut Vec<u8>, opcode: Opcode, rsv1: bool, payload: &[u8]) {
    out.reserve(payload.len() + 10);
    write_header(out, opcode, rsv1, payload.len());
    out.extend_from_slice(payload);
}

/// Writes the header of a frame of the server.
pub(crate) fn write_header(out: &mut Vec<u8>, opcode: Opcode, rsv1: bool, length: usize) {
    out.push(0x80 | u8::from(rsv1) << 6 | opcode.bits());
    match length {
        short @ 0..=125 => out.push(short as u8),
        middle @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            out.push(127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
}

/// Writes a Close frame; `code` 1005 is one without a code.
pub(crate) fn write_close(out: &mut Vec<u8>, code: u16, reason: &str) {
    let mut payload = Vec::new();
    if code != 1005 {
        payload.extend_from_slice(&code.to_be_bytes());
        payload.extend_from_slice(reason.as_bytes());
    }
    write_frame(out, Opcode::Close, false, &payload);
}
