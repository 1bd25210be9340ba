//! Base64 (RFC 4648 section 4), read strictly: the padding has to be there, and bits that stand for nothing are zero.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let padding = bytes
        .iter()
        .rev()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    let (digits, _) = bytes.split_at(bytes.len() - padding);
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    for group in digits.chunks(4) {
        let mut value = 0u32;
        for digit in group {
            value = value << 6 | value_of(*digit)?;
        }
        // One digit alone cannot occur: the padding is at most two.
        let missing = 4 - group.len();
        let [_, all @ ..] = (value << (6 * missing)).to_be_bytes();
        let (used, unused) = all.split_at(3 - missing.min(2));
        if unused.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend_from_slice(used);
    }
    Some(out)
}

/// What a digit stands for. Without a search: what is read may be as long as a head.
fn value_of(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Read the other way round, with its padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let [first, second, third] =
            [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let value = first << 16 | second << 8 | third;
        for position in 0..4 {
            let digit = (value >> (18 - 6 * position) & 63) as usize;
            let digit = ALPHABET
                .get(digit)
                .filter(|_| position <= group.len())
                .unwrap_or(&b'=');
            out.push(char::from(*digit));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_alphabet() {
        for byte in 0..=u8::MAX {
            let position = ALPHABET.iter().position(|known| *known == byte);
            let expected = position.map(|position| u32::try_from(position).unwrap_or(64));
            assert_eq!(value_of(byte), expected, "{byte}");
        }
    }

    #[test]
    fn the_examples_of_the_rfc() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(decode(coded).as_deref(), Some(plain.as_bytes()), "{coded}");
            assert_eq!(encode(plain.as_bytes()), coded);
        }
        for bad in [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm 9", "Zg==Zg==", "Zm-_",
        ] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
