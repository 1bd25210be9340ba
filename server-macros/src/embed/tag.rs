//! The tag of a content: the same wherever and whenever it is built.

/// FNV-1a with 128 bits, in hexadecimal digits. Who could want two contents with one tag is who wrote both.
pub(super) fn of(bytes: &[u8]) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let digest = bytes.iter().fold(BASIS, |digest, &byte| {
        (digest ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("{digest:032x}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_digests() {
        assert_eq!(super::of(b""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(super::of(b"a"), "d228cb696f1a8caf78912b704e4a8964");
    }
}
