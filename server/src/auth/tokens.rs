//! [`Tokens`]: secrets of clients, kept as digests.

use crate::auth::secret::same_secret;
use sha2::{Digest, Sha256};
use std::fmt;

/// Tokens, and whom each stands for. Only their SHA-256 is kept, and all of them are compared, so that neither the
/// memory nor the time tells a token.
///
/// Tokens have to be long and random (`openssl rand -hex 32`): a short one, or a word, can be guessed. For passwords
/// there is [`Passwords`](crate::Passwords).
///
/// ```
/// let tokens = doget::Tokens::new([("6f1c0e1d..", "deploy"), ("91ab77c2..", "backup")]);
/// assert_eq!(tokens.find("91ab77c2.."), Some(&"backup"));
/// assert_eq!(tokens.find("91ab77c2"), None);
/// ```
pub struct Tokens<U> {
    known: Vec<([u8; 32], U)>,
}

impl<U> Tokens<U> {
    /// Tokens, each with whom it stands for.
    pub fn new<T: AsRef<str>>(tokens: impl IntoIterator<Item = (T, U)>) -> Self {
        let known = tokens
            .into_iter()
            .map(|(token, user)| (digest(token.as_ref()), user));
        Self {
            known: known.collect(),
        }
    }

    /// Whom a token stands for.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<&U> {
        let digest = digest(token);
        let mut found = None;
        for (known, user) in &self.known {
            if same_secret(digest, known) {
                found = Some(user);
            }
        }
        found
    }
}

impl<U> fmt::Debug for Tokens<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("count", &self.known.len())
            .finish_non_exhaustive()
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_looked_at_by_its_digest() {
        let tokens = Tokens::new((0..20).map(|number| (format!("token-{number}"), number)));
        for number in 0..20 {
            assert_eq!(tokens.find(&format!("token-{number}")), Some(&number));
        }
        for other in ["", "token-", "token-20", "Token-1", "token-1 "] {
            assert_eq!(tokens.find(other), None, "{other}");
        }
        assert!(!format!("{tokens:?}").contains("token-1"));
        assert!(tokens.known.iter().all(|(digest, _)| digest.len() == 32));
    }
}
