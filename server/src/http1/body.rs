use crate::http1::chunked::{ChunkError, ChunkedDecoder, Decoded};
use crate::http1::framing::RequestFraming;
use crate::http1::limits::ChunkLimits;

/// A decoder of a request body, whatever its framing.
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    kind: BodyKind,
}

#[derive(Clone, Debug)]
enum BodyKind {
    Length(u64),
    Chunked(ChunkedDecoder),
}

impl BodyDecoder {
    /// A decoder at the start of a body that is framed like this.
    pub fn new(framing: RequestFraming, limits: &ChunkLimits) -> Self {
        let kind = match framing {
            RequestFraming::None => BodyKind::Length(0),
            RequestFraming::Length(length) => BodyKind::Length(length),
            RequestFraming::Chunked => BodyKind::Chunked(ChunkedDecoder::new(limits)),
        };
        BodyDecoder { kind }
    }

    /// Reads on; see [`ChunkedDecoder::decode`].
    ///
    /// # Errors
    ///
    /// Only of a chunked body.
    pub fn decode(&mut self, input: &[u8]) -> Result<Decoded, ChunkError> {
        match &mut self.kind {
            BodyKind::Chunked(decoder) => decoder.decode(input),
            BodyKind::Length(left) => {
                let run = usize::try_from(*left)
                    .unwrap_or(usize::MAX)
                    .min(input.len());
                *left -= run as u64;
                Ok(Decoded {
                    consumed: run,
                    data: 0..run,
                    done: *left == 0,
                })
            }
        }
    }

    /// Whether the body has ended; true from the start where there is none.
    pub fn is_done(&self) -> bool {
        match &self.kind {
            BodyKind::Length(left) => *left == 0,
            BodyKind::Chunked(decoder) => decoder.is_done(),
        }
    }

    /// How many bytes are still to come, as the peer announced it; `None` where only the end will tell. Never allocate
    /// by this number: announcing a terabyte costs the peer one line.
    pub fn remaining_hint(&self) -> Option<u64> {
        match &self.kind {
            BodyKind::Length(left) => Some(*left),
            BodyKind::Chunked(decoder) => decoder.is_done().then_some(0),
        }
    }
}
