//! Certificates, and clients that speak TLS.

use doget::Tls;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use std::sync::Arc;

/// The authority that all certificates are signed by.
pub const AUTHORITY: &str = include_str!("tls/ca.pem");

/// A certificate, ECDSA P-256.
pub const CERTIFICATE: &str = include_str!("tls/ec-cert.pem");

/// Its key, in PKCS#8 form.
pub const KEY: &str = include_str!("tls/ec-key.pem");

/// The same key in SEC1 form.
pub const KEY_SEC1: &str = include_str!("tls/ec-key-sec1.pem");

/// The same key, encrypted with the password `secret`.
pub const KEY_ENCRYPTED: &str = include_str!("tls/ec-key-encrypted.pem");

/// The same key, encrypted by triple DES, as `openssl req -newkey` does it.
pub const KEY_DES3: &str = include_str!("tls/ec-key-des3.pem");

/// The same, with HMAC-SHA1.
pub const KEY_DES3_SHA1: &str = include_str!("tls/ec-key-des3-sha1.pem");

/// The same key, encrypted by the older scheme of PKCS #5, which the server does not take.
pub const KEY_PBES1: &str = include_str!("tls/ec-key-pbes1.pem");

/// The same key, encrypted by Camellia, which the server does not take.
pub const KEY_CAMELLIA: &str = include_str!("tls/ec-key-camellia.pem");

/// The same key, encrypted as old OpenSSL versions did it.
pub const KEY_LEGACY: &str = include_str!("tls/ec-key-legacy.pem");

/// Another certificate, RSA.
pub const RSA_CERTIFICATE: &str = include_str!("tls/rsa-cert.pem");

/// Its key, in PKCS#1 form.
pub const RSA_KEY: &str = include_str!("tls/rsa-key-pkcs1.pem");

/// What a server of HTTPS is built with.
///
/// # Panics
///
/// The certificates of the tests are wrong.
pub fn server() -> Tls {
    Tls::from_pem(CERTIFICATE.as_bytes(), Some(KEY.as_bytes()), None).expect("a certificate")
}

/// A client that trusts the authority, and speaks these versions only.
///
/// # Panics
///
/// The certificates of the tests are wrong.
pub fn client(versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    client_of(rustls::crypto::ring::default_provider(), versions)
}

/// The same with these ciphers.
///
/// # Panics
///
/// The certificates of the tests are wrong, or the ciphers are not of these versions.
pub fn client_of(
    provider: CryptoProvider,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(AUTHORITY.as_bytes()).expect("a certificate");
    roots.add(authority).expect("a certificate");
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The client's side of a connection, before its first byte.
///
/// # Panics
///
/// The configuration is wrong.
pub fn connection(config: &Arc<ClientConfig>) -> ClientConnection {
    let name = ServerName::try_from("localhost").expect("a name");
    ClientConnection::new(Arc::clone(config), name).expect("a client")
}
