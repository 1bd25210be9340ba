//! HTTPS whose cryptography is aws-lc's, for programs of doget. Clients that know the hybrid key exchange
//! X25519MLKEM768, as today's browsers do, are then safe also from who records the connection now and has a quantum
//! computer later.
//!
//! It is to be copied: a program that does so has two dependencies more, `rustls` with its feature `aws_lc_rs`, and
//! compiles some minutes of C.

use doget::Tls;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::error::Error;
use std::sync::Arc;

/// As `Tls::from_pem` of a chain and a key that is not encrypted, by aws-lc instead of ring.
///
/// # Errors
///
/// The chain or the key is malformed, or they do not belong together.
pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Tls, Box<dyn Error + Send + Sync>> {
    let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(Tls::from_config(Arc::new(config)))
}
