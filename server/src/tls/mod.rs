//! [`Tls`]: a certificate and its key, for HTTPS.

mod error;
mod pem;

pub use error::TlsError;

#[cfg(feature = "tls-aws-lc")]
use rustls::crypto::aws_lc_rs as provider;
#[cfg(not(feature = "tls-aws-lc"))]
use rustls::crypto::ring as provider;
use rustls::{InconsistentKeys, ServerConfig};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// A certificate chain with its private key, checked and ready: what [`HttpServer::tls`](crate::HttpServer::tls) takes.
///
/// Files are in PEM form. The chain begins with the server's own certificate; certificates of authorities between it
/// and the root follow. Keys are RSA (2048 bits or more), ECDSA (P-256 or P-384) or Ed25519, in PKCS#8, PKCS#1 or SEC1
/// form; an encrypted key is one in PKCS#8 form (`BEGIN ENCRYPTED PRIVATE KEY`).
///
/// The cryptography is ring's, or with the feature `tls-aws-lc` that of aws-lc. It agrees on keys by X25519MLKEM768
/// with clients that know it, as today's browsers do: who records that now cannot read it with a quantum computer
/// later.
///
/// Clients get TLS 1.3 or 1.2, and `http/1.1` if they ask by ALPN; they are asked for no certificate.
/// Sessions are resumed by tickets, whose keys live as long as this value and its clones, or until
/// [`replace`](Self::replace). Files are read once: `replace` gives a running server a new certificate.
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
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// Reads a certificate chain and its key from two files. The key must not be encrypted: see [`load`](Self::load).
    ///
    /// # Errors
    ///
    /// Those that [`TlsError`] lists. A bad certificate or key is found here, and not when the first client connects.
    pub fn from_pem_files(
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::load(certificate.as_ref(), Some(key.as_ref()), None)
    }

    /// Reads a certificate chain and its key. Without a key file the key is read from the certificate's file. The
    /// password decrypts the key; if the key is not encrypted, the password is ignored.
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
    /// Those that [`TlsError`] lists.
    pub fn load(
        certificate: &Path,
        key: Option<&Path>,
        password: Option<&str>,
    ) -> Result<Self, TlsError> {
        let certificate = read(certificate)?;
        let key = key.map(read).transpose()?;
        Self::from_pem(&certificate, key.as_deref(), password)
    }

    /// As [`load`](Self::load), from memory.
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
    /// Those that [`TlsError`] lists, but for files that cannot be read.
    pub fn from_pem(
        certificate: &[u8],
        key: Option<&[u8]>,
        password: Option<&str>,
    ) -> Result<Self, TlsError> {
        let chain = pem::certificates(certificate)?;
        let key = pem::key(key.unwrap_or(certificate), password)?;
        let provider = Arc::new(provider::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Other(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(refused)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.ticketer =
            provider::Ticketer::new().map_err(|error| TlsError::Other(error.to_string()))?;
        Ok(Self::from_config(Arc::new(config)))
    }

    /// Takes a configuration of rustls as it is: for client certificates, a certificate for each of several names, or
    /// another provider of cryptography (`adapters/tls` in the repository). Its `alpn_protocols` should have `http/1.1`
    /// alone.
    ///
    /// This ties a program to the version of rustls that this crate has.
    pub fn from_config(config: Arc<ServerConfig>) -> Self {
        Self(Arc::new(RwLock::new(config)))
    }

    /// Gives this value, its clones, and the server that has one of them what another value has: a new certificate,
    /// for example. Connections that are accepted from now on get it; those that are there go on as they are.
    ///
    /// ```no_run
    /// use doget::{HttpServer, Tls};
    ///
    /// let tls = Tls::from_pem_files("cert.pem", "key.pem")?;
    /// let server = HttpServer::bind("localhost:8443")?.tls(tls.clone());
    /// // Later, while it serves, when the files have changed:
    /// tls.replace(&Tls::from_pem_files("cert.pem", "key.pem")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace(&self, with: &Self) {
        let config = with.config();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shows neither the key nor anything that leads to it.
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

#[cfg(all(test, feature = "tls-aws-lc"))]
mod tests {
    use super::*;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, NamedGroup, RootCertStore, ServerConnection};
    use std::path::PathBuf;

    fn file(name: &str) -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/tls")).join(name)
    }

    /// What a client that prefers the hybrid group, as browsers do, agrees on with this server.
    #[test]
    fn keys_are_exchanged_safe_from_quantum_computers() {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(file("ca.pem")).unwrap())
            .unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
        let tls = Tls::from_pem_files(file("ec-cert.pem"), file("ec-key.pem")).unwrap();
        let mut server = ServerConnection::new(tls.config()).unwrap();
        let mut wire = Vec::new();
        while client.is_handshaking() {
            wire.clear();
            client.write_tls(&mut wire).unwrap();
            server.read_tls(&mut wire.as_slice()).unwrap();
            server.process_new_packets().unwrap();
            wire.clear();
            server.write_tls(&mut wire).unwrap();
            client.read_tls(&mut wire.as_slice()).unwrap();
            client.process_new_packets().unwrap();
        }
        let group = client.negotiated_key_exchange_group().unwrap().name();
        assert_eq!(group, NamedGroup::X25519MLKEM768);
    }
}
