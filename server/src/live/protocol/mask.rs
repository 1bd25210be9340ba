//! The client's mask (RFC 6455 section 5.3).

/// Takes the mask off, or puts it on; `at` is the place of the first byte in the payload.
pub(super) fn apply(bytes: &mut [u8], key: [u8; 4], at: u64) {
    let shift = (at % 4) as usize;
    let mut turned = key;
    turned.rotate_left(shift);
    // Eight bytes at a time: the compiler makes vector instructions of it.
    let [a, b, c, d] = turned;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    let (words, rest) = rest.as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(turned)).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(turned) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use super::apply;

    #[test]
    fn every_place_and_length_is_masked_as_byte_by_byte() {
        let key = [0xa1, 0xb2, 0xc3, 0xd4];
        let plain: Vec<u8> = (0..100).collect();
        for at in 0..9u64 {
            for size in 0..40 {
                let mut bytes = plain[..size].to_vec();
                apply(&mut bytes, key, at);
                let expected = (plain[..size].iter().enumerate())
                    .map(|(place, byte)| byte ^ key[(at as usize + place) % 4]);
                assert_eq!(bytes, expected.collect::<Vec<_>>(), "{at} {size}");
            }
        }
    }
}
