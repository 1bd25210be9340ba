//! Bytes that a client keeps and cannot change: HMAC-SHA256 (RFC 2104) over them and over what they are for.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A shorter key is a word that somebody has thought of.
pub(super) const LEAST_KEY: usize = 32;

/// Bytes of the code behind what it is made of.
pub(super) const CODE: usize = 32;

/// Keys, of which the first signs and all verify.
pub(super) struct Keys(Vec<Hmac<Sha256>>);

impl Keys {
    /// `None`: there is none, or one of them is too short.
    pub(super) fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Option<Self> {
        let mut all = Vec::new();
        for key in keys {
            let key = key.as_ref();
            if key.len() < LEAST_KEY {
                return None;
            }
            all.push(Hmac::new_from_slice(key).ok()?);
        }
        (!all.is_empty()).then_some(Self(all))
    }

    /// The bytes, and their code behind them. `purpose`: what is signed for one cookie is worthless in another.
    pub(super) fn seal(&self, purpose: &str, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(key) = self.0.first() {
            let code = code(key, purpose, &bytes).finalize().into_bytes();
            bytes.extend_from_slice(&code);
        }
        bytes
    }

    /// The bytes, if one of the keys has signed them. The codes are compared in constant time.
    pub(super) fn open<'b>(&self, purpose: &str, sealed: &'b [u8]) -> Option<&'b [u8]> {
        let (bytes, given) = sealed.split_at_checked(sealed.len().checked_sub(CODE)?)?;
        let is_signed = |key| code(key, purpose, bytes).verify_slice(given).is_ok();
        self.0.iter().any(is_signed).then_some(bytes)
    }
}

fn code(key: &Hmac<Sha256>, purpose: &str, bytes: &[u8]) -> Hmac<Sha256> {
    let mut code = key.clone();
    code.update(b"doget session\0");
    code.update(purpose.as_bytes());
    code.update(b"\0");
    code.update(bytes);
    code
}
