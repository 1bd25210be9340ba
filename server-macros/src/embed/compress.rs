//! A gzip of a file, made once while compiling.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// The compressed form, if it saves a tenth and as much as its own fields cost in a head.
pub(super) fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    // Without a name and a time, so that it is the same wherever it is built.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() + bytes.len() / 10 + 64 < bytes.len()).then_some(compressed)
}

#[cfg(test)]
mod tests {
    use super::gzip;

    #[test]
    fn what_does_not_get_shorter_stays() {
        assert!(gzip(b"").is_none());
        assert!(gzip(b"short").is_none());
        assert!(gzip(&[b'a'; 1000]).is_some_and(|bytes| bytes.len() < 100));
        assert_eq!(gzip(&[b'a'; 1000]), gzip(&[b'a'; 1000]));
    }
}
