//! Compressed messages (RFC 7692), each by itself: neither side keeps its window from one message to the next.
//!
//! So nothing is kept for a connection, a frame of a topic is compressed once for all that follow it, and what one
//! message is made of says nothing of another. A window smaller than the compressor's is kept to by what is compressed:
//! nothing can refer further back than its own beginning, so a message that fits the window fits it.

use crate::live::protocol::close::CloseCode;
use crate::live::protocol::frame::{Opcode, write_frame};
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressionStrategy, CompressorOxide, TDEFLFlush, compress};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use std::fmt;
use std::num::NonZero;

/// What both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerMessageDeflate {
    /// The client's window for what the server sends, from 8 to 15; [`UNSAID`](Self::UNSAID) if it says none. In a
    /// byte with its niche, since each socket has one.
    pub(super) window_bits: NonZero<u8>,
}

/// A shorter message gains nothing worth the time.
const SHORTEST: usize = 256;

/// The window that all have: no message refers further back.
const LARGEST: u8 = 15;

/// Of 1 to 10. Higher ones take two and three times as long for a twentieth less.
const LEVEL: u8 = 4;

/// What a sender leaves out at the end of a message (section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// An empty last block behind it: a message that ends within a block does not get as far.
const END: [u8; 5] = [1, 0, 0, 0xff, 0xff];

impl PerMessageDeflate {
    pub(super) const UNSAID: NonZero<u8> = NonZero::<u8>::MAX;

    /// Whether a message of this size is sent compressed, if that makes it shorter.
    pub(crate) fn takes(self, size: usize) -> bool {
        let bits = self.window_bits.get();
        size >= SHORTEST && (bits >= LARGEST || size <= 1 << bits)
    }

    /// The answer to the client's offer.
    pub(crate) fn answer(self) -> String {
        let mut answer =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover".to_owned();
        if let bits @ ..=LARGEST = self.window_bits.get() {
            answer.push_str("; server_max_window_bits=");
            answer.push_str(&bits.to_string());
        }
        answer
    }
}

/// The memory for it, some 400 KiB once it is used: that of a thread, and not of a connection.
#[derive(Default)]
pub(crate) struct Codec {
    inflater: Option<Box<DecompressorOxide>>,
    deflater: Option<Box<CompressorOxide>>,
}

impl Codec {
    /// Whether it has memory that a pause is to end.
    pub(crate) fn is_large(&self) -> bool {
        self.inflater.is_some() || self.deflater.is_some()
    }

    /// What a compressed message says, of at most `max` bytes: no more is ever made of it.
    pub(crate) fn inflate(&mut self, bytes: &[u8], max: u64) -> Result<Vec<u8>, CloseCode> {
        // zlib makes nothing of a second flush, so there are clients that send that.
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        let inflater = self.inflater.get_or_insert_default();
        inflater.init();
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let input = [bytes, &TAIL, &END].concat();
        let (mut used, mut written) = (0, 0);
        let mut out = vec![0; bytes.len().saturating_mul(4).min(max).saturating_add(1)];
        loop {
            let rest = input.get(used..).unwrap_or_default();
            let (status, read, more) = decompress(
                inflater,
                rest,
                &mut out,
                written,
                TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
            );
            used += read;
            written += more;
            if written > max {
                return Err(CloseCode::TOO_BIG);
            }
            match status {
                TINFLStatus::Done if used == input.len() => break,
                // The last block of a stream is no end of the message: another stream follows.
                TINFLStatus::Done if used + END.len() <= input.len() => inflater.init(),
                TINFLStatus::HasMoreOutput if out.len() <= max => {
                    let size = out.len().saturating_mul(2).min(max.saturating_add(1));
                    out.resize(size, 0);
                }
                TINFLStatus::HasMoreOutput => return Err(CloseCode::TOO_BIG),
                _ => return Err(CloseCode::INVALID_DATA),
            }
        }
        out.truncate(written);
        Ok(out)
    }

    /// The message compressed, if that is shorter.
    pub(crate) fn deflate(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let deflater = match &mut self.deflater {
            Some(deflater) => {
                deflater.reset();
                deflater
            }
            none => none.insert(Box::new(CompressorOxide::with_params(
                DataFormat::Raw,
                LEVEL,
                CompressionStrategy::Default,
                LARGEST,
            ))),
        };
        let mut out = vec![0; bytes.len()];
        let (_, read, written) = compress(deflater, bytes, &mut out, TDEFLFlush::Sync);
        // Where there was no room to the last byte, it is not shorter.
        if read < bytes.len() || written >= out.len() {
            return None;
        }
        out.truncate(written);
        out.ends_with(&TAIL).then(|| {
            out.truncate(written - TAIL.len());
            out
        })
    }
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("is_large", &self.is_large())
            .finish()
    }
}

/// Writes a message as one frame, compressed where that is agreed on and makes it shorter.
pub(crate) fn write_message(
    out: &mut Vec<u8>,
    opcode: Opcode,
    payload: &[u8],
    agreed: Option<PerMessageDeflate>,
    codec: &mut Codec,
) {
    let compressed = match agreed {
        Some(agreed) if agreed.takes(payload.len()) => codec.deflate(payload),
        _ => None,
    };
    match compressed {
        Some(bytes) => write_frame(out, opcode, true, &bytes),
        None => write_frame(out, opcode, false, payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: String = text.split_whitespace().collect();
        (0..digits.len() / 2)
            .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    }

    fn inflate(text: &str) -> Result<Vec<u8>, CloseCode> {
        Codec::default().inflate(&hex(text), 1 << 20)
    }

    #[test]
    fn the_examples_of_the_rfc() {
        // RFC 7692 section 7.2.3: one block, stored, and with a last block.
        for text in [
            "f2 48 cd c9 c9 07 00",
            "00 05 00 fa ff 48 65 6c 6c 6f 00",
            "f3 48 cd c9 c9 07 00 00",
            "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
        ] {
            assert_eq!(inflate(text).unwrap(), b"Hello", "{text}");
        }
        assert_eq!(inflate("00").unwrap(), b"");
        assert_eq!(inflate("").unwrap(), b"");
    }

    #[test]
    fn f23_what_is_not_deflate() {
        for text in [
            "ff ff ff",
            "06",
            // Cut off within a block, and within the length of a stored one.
            "f2 48 cd c9",
            "00 05 00",
            "00 05 00 fa ff 48 65",
            // A block that is stored, with lengths that do not agree.
            "00 05 00 fa fe 48 65 6c 6c 6f 00",
        ] {
            assert_eq!(inflate(text), Err(CloseCode::INVALID_DATA), "{text}");
        }
    }

    #[test]
    fn f24_a_message_that_refers_to_the_one_before() {
        // The second "Hello" of RFC 7692 section 7.2.3.2, which needs the first one's window.
        let mut codec = Codec::default();
        let first = codec.inflate(&hex("f2 48 cd c9 c9 07 00"), 100);
        assert_eq!(first.unwrap(), b"Hello");
        let second = codec.inflate(&hex("f2 00 11 00 00"), 100);
        assert_eq!(second, Err(CloseCode::INVALID_DATA));
    }

    #[test]
    fn f22_no_more_comes_out_than_the_bound() {
        let zeros = vec![0; 10 << 20];
        let bomb = Codec::default().deflate(&zeros).unwrap();
        assert!(bomb.len() < 20_000);
        let mut codec = Codec::default();
        for max in [0, 1, 1000, 1 << 20, (10 << 20) - 1] {
            assert_eq!(codec.inflate(&bomb, max), Err(CloseCode::TOO_BIG), "{max}");
        }
        assert!(codec.inflate(&bomb, 10 << 20).unwrap() == zeros);
    }

    #[test]
    fn f25_what_gets_no_shorter_is_not_compressed() {
        let mut random = 0x9e37_79b9_u32;
        let noise = std::iter::repeat_with(|| {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            random as u8
        });
        let noise: Vec<u8> = noise.take(100_000).collect();
        let mut codec = Codec::default();
        assert_eq!(codec.deflate(&noise), None);
        // What follows is right.
        let text = "to be or not to be, ".repeat(100);
        let bytes = codec.deflate(text.as_bytes()).unwrap();
        assert_eq!(codec.inflate(&bytes, 1 << 20).unwrap(), text.as_bytes());
    }

    #[test]
    fn a_small_window_is_kept_to() {
        let agreed = |bits: u8| PerMessageDeflate {
            window_bits: NonZero::new(bits).unwrap_or(PerMessageDeflate::UNSAID),
        };
        assert!(!agreed(0).takes(255) && agreed(0).takes(256) && agreed(0).takes(1 << 30));
        assert!(agreed(15).takes(1 << 30));
        assert!(agreed(8).takes(256) && !agreed(8).takes(257));
        assert!(agreed(10).takes(1024) && !agreed(10).takes(1025));
    }

    proptest! {
        #[test]
        fn what_is_compressed_comes_back(words in prop::collection::vec("[a-d]{1,6}", 0..600)) {
            let text = words.concat();
            let mut codec = Codec::default();
            if let Some(bytes) = codec.deflate(text.as_bytes()) {
                prop_assert!(bytes.len() < text.len());
                prop_assert_eq!(codec.inflate(&bytes, 1 << 20).unwrap(), text.as_bytes());
            }
        }

        #[test]
        fn any_bytes_are_inflated_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), max in 0u64..5000) {
            if let Ok(message) = Codec::default().inflate(&bytes, max) {
                prop_assert!(message.len() as u64 <= max);
            }
        }
    }
}
