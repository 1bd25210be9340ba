//! What stands in the place of `deflate` without the feature `live-deflate`: nothing is ever compressed.

use crate::live::protocol::close::CloseCode;
use crate::live::protocol::frame::{Opcode, write_frame};

/// Never agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerMessageDeflate {}

/// No unit, so that it is made in one way with the feature and without.
#[derive(Debug, Default)]
pub(crate) struct Codec(());

impl PerMessageDeflate {
    pub(crate) fn takes(self, _size: usize) -> bool {
        match self {}
    }

    pub(crate) fn answer(self) -> String {
        match self {}
    }
}

impl Codec {
    pub(crate) fn is_large(&self) -> bool {
        false
    }

    pub(crate) fn inflate(&mut self, _bytes: &[u8], _max: u64) -> Result<Vec<u8>, CloseCode> {
        Err(CloseCode::PROTOCOL_ERROR)
    }

    pub(crate) fn deflate(&mut self, _bytes: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// Writes a message as one frame.
pub(crate) fn write_message(
    out: &mut Vec<u8>,
    opcode: Opcode,
    payload: &[u8],
    _agreed: Option<PerMessageDeflate>,
    _codec: &mut Codec,
) {
    write_frame(out, opcode, false, payload);
}
