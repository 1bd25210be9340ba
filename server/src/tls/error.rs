//! [`TlsError`]: what is wrong with a certificate or its key.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a certificate or its key cannot be used. The words say what to do about it, in one line.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// There is no certificate in the certificate's file.
    NoCertificate,
    /// A certificate is damaged.
    BadCertificate(String),
    /// There is no private key in the key's file, or in the certificate's file if there is no other.
    NoKey,
    /// The key is damaged, or of a kind that cannot be used.
    BadKey(String),
    /// The key is encrypted, and there is no password.
    PasswordNeeded,
    /// The password is not the key's.
    WrongPassword,
    /// The key is encrypted in the way of old OpenSSL versions (`Proc-Type: 4,ENCRYPTED`), which is too weak.
    LegacyEncryption,
    /// The key is in PKCS#8 form, but encrypted by a method that is not taken here, such as PBES1.
    UnknownEncryption(String),
    /// The key belongs to another certificate.
    KeyMismatch,
    /// Something else, in the words of the TLS library.
    Other(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::NoCertificate => f.write_str(
                "there is no certificate in the file: it has to be in PEM form, with a line -----BEGIN \
                 CERTIFICATE-----",
            ),
            Self::BadCertificate(words) => write!(f, "the certificate is damaged: {words}"),
            Self::NoKey => f.write_str(
                "there is no private key in the file: give the key's own file, in PEM form, with a line such as \
                 -----BEGIN PRIVATE KEY-----",
            ),
            Self::BadKey(words) => write!(
                f,
                "the private key cannot be used: {words}; RSA from 2048 bits on, ECDSA P-256 and P-384 and Ed25519 can"
            ),
            Self::PasswordNeeded => f.write_str("the private key is encrypted: give its password"),
            Self::WrongPassword => f.write_str("the password is not that of the private key"),
            Self::LegacyEncryption => f.write_str(
                "the private key is encrypted in an old and weak way: convert it with `openssl pkcs8 -topk8 -v2 \
                 aes-256-cbc -in OLD.pem -out NEW.pem`",
            ),
            Self::UnknownEncryption(words) => write!(
                f,
                "the private key is encrypted in a way that is not taken here ({words}): convert it with \
                 `openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem`, and with \
                 `-provider legacy -provider default` too if OpenSSL calls that unsupported"
            ),
            Self::KeyMismatch => f.write_str(
                "the private key does not belong to the certificate: the server's own certificate has to be the \
                 first in its file",
            ),
            Self::Other(words) => write!(f, "TLS cannot be set up: {words}"),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, error) => Some(error),
            _ => None,
        }
    }
}

/// So that `?` works in a `main` that returns [`io::Result`]. A file's error keeps its kind; the others are
/// `InvalidInput`.
impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        let kind = match &error {
            TlsError::Unreadable(_, error) => error.kind(),
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
