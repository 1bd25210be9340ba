//! UTF-8, checked as bytes come: a fault is seen at its first byte, not at the end of the message.

/// A character that was begun, of at most three bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Utf8 {
    begun: [u8; 4],
    len: u8,
}

impl Utf8 {
    /// Takes the next bytes. False: no text begins so.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> bool {
        while self.len > 0 {
            let [first, rest @ ..] = bytes else {
                return true;
            };
            let len = usize::from(self.len);
            let Some(place) = self.begun.get_mut(len) else {
                return false;
            };
            *place = *first;
            bytes = rest;
            let begun = self.begun.get(..=len).unwrap_or_default();
            match std::str::from_utf8(begun) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return false,
                Err(_) => self.len += 1,
            }
        }
        match std::str::from_utf8(bytes) {
            Ok(_) => true,
            Err(error) if error.error_len().is_some() => false,
            Err(error) => {
                let begun = bytes.get(error.valid_up_to()..).unwrap_or_default();
                for (place, byte) in self.begun.iter_mut().zip(begun) {
                    *place = *byte;
                }
                self.len = begun.len() as u8;
                true
            }
        }
    }

    /// Whether no character is cut off.
    pub(super) fn is_whole(self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_pieces_is_text() {
        let text = "aä€𝄞z".as_bytes();
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let mut check = Utf8::default();
                assert!(check.push(&text[..first]));
                assert!(check.push(&text[first..second]));
                assert!(check.push(&text[second..]));
                assert!(check.is_whole());
            }
        }
    }

    #[test]
    fn a_fault_is_seen_at_its_first_byte() {
        for (good, bad) in [
            (&b"a"[..], 0xc0),
            (b"\xc3", 0x28),
            (b"\xed", 0xa0),
            (b"\xf4", 0x90),
            (b"\xf0", 0x80),
            (b"\xe2\x82", 0x41),
            (b"", 0xf5),
            (b"", 0x80),
        ] {
            let mut check = Utf8::default();
            for byte in good {
                assert!(check.push(&[*byte]), "{good:x?}");
            }
            assert!(!check.push(&[bad]), "{good:x?} {bad:x}");
            let whole = [good, &[bad]].concat();
            assert!(!Utf8::default().push(&whole), "{whole:x?}");
        }
        let mut check = Utf8::default();
        assert!(check.push(b"\xe2\x82"));
        assert!(!check.is_whole());
    }
}
