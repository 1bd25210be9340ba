//! [`same_secret`]: a comparison that takes the same time wherever two texts differ.

use std::hint::black_box;

/// Whether two secrets are the same. How long it takes depends on the length of what was given, and not on how much of
/// it is right: with `==` a secret can be guessed byte by byte.
///
/// ```
/// use doget::same_secret;
///
/// assert!(same_secret("6f1c", "6f1c"));
/// assert!(!same_secret("6f1d", "6f1c") && !same_secret("6f1", "6f1c") && !same_secret("", "6f1c"));
/// ```
#[must_use]
pub fn same_secret(given: impl AsRef<[u8]>, known: impl AsRef<[u8]>) -> bool {
    let (given, known) = (given.as_ref(), known.as_ref());
    // The length of a secret is none; what is compared beyond it is only there to take the time.
    let padding = std::iter::repeat(&0);
    let mut differs = u8::from(given.len() != known.len());
    for (one, two) in given.iter().zip(known.iter().chain(padding)) {
        // Opaque to the compiler, which could else leave the loop at the first difference.
        differs = black_box(differs | (one ^ two));
    }
    black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever the one byte stands that differs, and whatever is left out or added.
    #[test]
    fn all_of_a_secret_counts() {
        let known = "0123456789abcdef0123456789abcdef";
        assert!(same_secret(known, known));
        for at in 0..known.len() {
            let mut given = known.as_bytes().to_vec();
            if let Some(byte) = given.get_mut(at) {
                *byte ^= 1;
            }
            assert!(!same_secret(&given, known), "{at}");
            assert!(!same_secret(known.split_at(at).0, known), "{at}");
        }
        assert!(!same_secret(format!("{known}0"), known));
        assert!(!same_secret(format!("{known}\0"), known), "as padding is");
        assert!(same_secret("", "") && !same_secret("\0", "") && !same_secret("", "\0"));
    }
}
