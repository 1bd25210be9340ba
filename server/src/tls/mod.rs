//! [`Tls`]: a certificate and its key, for HTTPS.

mod pem;

use rustls::crypto::ring;
use rustls::{InconsistentKeys, ServerConfig};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate chain with its private key, checked and ready: what [`HttpServer::tls`](crate::HttpServer::tls) takes.
///
/// Files are in PEM form. The chain begins with the server's own certificate; certificates of authorities between it and the root follow. Keys are
/// RSA (2048 bits or more), ECDSA (P-256 or P-384) or Ed25519, in PKCS#8, PKCS#1 or SEC1 form; an encrypted key is one in PKCS#8 form
/// (`BEGIN ENCRYPTED PRIVATE KEY`).
///
/// Clients get TLS 1.3 or 1.2, and `http/1.1` if they ask by ALPN (rule TLS-02); they are asked for no certificate. Sessions are resumed by tickets,
/// whose keys live as long as this value and its clones. Files are read once: a new certificate needs a new server.
///
/// ```no_run
/// use doget::{HttpServer, Tls, handler};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// fn main() -> std::io::Result<()> {
///     let tls = Tls::from_pem_files("cert.pem", "key.pem")?;
///     HttpServer::bind("localhost:8443")?.tls(tls).serve_forever(Hello)
/// }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate chain and its key, which is not encrypted.
    ///
    /// # Errors
    ///
    /// What [`TlsError`] lists. It shows here and not at the first client (rule TLS-03).
    pub fn from_pem_files(
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::load(certificate.as_ref(), Some(key.as_ref()), None)
    }

    /// Reads a certificate chain and its key. Without a key file the key is in the certificate's file (rule TLS-01). The password is that of an
    /// encrypted key; where the key is not encrypted it is left aside.
    ///
    /// ```no_run
    /// use doget::Tls;
    /// use std::path::Path;
    ///
    /// let both_in_one = Tls::load(Path::new("both.pem"), None, None)?;
    /// let encrypted = Tls::load(Path::new("cert.pem"), Some(Path::new("key.pem")), Some("secret"))?;
    /// # Ok::<(), doget::TlsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What [`TlsError`] lists.
    pub fn load(
        certificate: &Path,
        key: Option<&Path>,
        password: Option<&str>,
    ) -> Result<Self, TlsError> {
        let certificate = read(certificate)?;
        let key = key.map(read).transpose()?;
        Self::from_pem(&certificate, key.as_deref(), password)
    }

    /// The same from memory.
    ///
    /// ```
    /// use doget::{Tls, TlsError};
    ///
    /// let error = Tls::from_pem(b"not PEM", None, None).unwrap_err();
    /// assert!(matches!(error, TlsError::NoCertificate));
    /// ```
    ///
    /// # Errors
    ///
    /// What [`TlsError`] lists, but for files.
    pub fn from_pem(
        certificate: &[u8],
        key: Option<&[u8]>,
        password: Option<&str>,
    ) -> Result<Self, TlsError> {
        let chain = pem::certificates(certificate)?;
        let key = pem::key(key.unwrap_or(certificate), password)?;
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Other(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(refused)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.ticketer =
            ring::Ticketer::new().map_err(|error| TlsError::Other(error.to_string()))?;
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0)
    }
}

/// Neither the key nor anything that leads to it.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable(path.to_owned(), error))
}

/// What rustls says of a chain and a key.
fn refused(error: rustls::Error) -> TlsError {
    use rustls::Error::{General, InconsistentKeys as Inconsistent, InvalidCertificate};
    match error {
        Inconsistent(InconsistentKeys::KeyMismatch) => TlsError::KeyMismatch,
        InvalidCertificate(error) => TlsError::BadCertificate(format!("{error:?}")),
        General(words) => TlsError::BadKey(words),
        error => TlsError::Other(error.to_string()),
    }
}

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
    /// The key is in PKCS#8 form, but encrypted by a method that is not known here.
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
                "there is no certificate in the file: it has to be in PEM form, with a line -----BEGIN CERTIFICATE-----",
            ),
            Self::BadCertificate(words) => write!(f, "the certificate is damaged: {words}"),
            Self::NoKey => f.write_str(
                "there is no private key in the file: give the key's own file, in PEM form, with a line such as -----BEGIN PRIVATE KEY-----",
            ),
            Self::BadKey(words) => write!(
                f,
                "the private key cannot be used: {words}; RSA from 2048 bits on, ECDSA P-256 and P-384 and Ed25519 can"
            ),
            Self::PasswordNeeded => f.write_str("the private key is encrypted: give its password"),
            Self::WrongPassword => f.write_str("the password is not that of the private key"),
            Self::LegacyEncryption => f.write_str(
                "the private key is encrypted in an old and weak way: convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem`",
            ),
            Self::UnknownEncryption(words) => write!(
                f,
                "the private key is encrypted in a way that is not known here ({words}): convert it with \
                 `openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem`"
            ),
            Self::KeyMismatch => f.write_str(
                "the private key does not belong to the certificate: the server's own certificate has to be the first in its file",
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

/// So that `?` works in a `main` that returns [`io::Result`]. A file's error keeps its kind; the others are `InvalidInput`.
impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        let kind = match &error {
            TlsError::Unreadable(_, error) => error.kind(),
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
