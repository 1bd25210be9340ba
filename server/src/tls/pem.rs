//! Certificates and keys out of PEM files (RFC 7468).

use crate::tls::TlsError;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::ErrorKind;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// What old OpenSSL versions wrote into an encrypted key (RFC 1421 section 4.6.1.1).
const LEGACY: &str = "Proc-Type: 4,ENCRYPTED";

/// All certificates of a file, in order.
pub(super) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::BadCertificate(error.to_string()))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    Ok(chain)
}

/// The first key of a file.
pub(super) fn key(text: &[u8], password: Option<&str>) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = String::from_utf8_lossy(text);
    let (label, section) = first_key(&text).ok_or(TlsError::NoKey)?;
    let bad = |error: rustls::pki_types::pem::Error| TlsError::BadKey(error.to_string());
    match label {
        _ if section.contains(LEGACY) => Err(TlsError::LegacyEncryption),
        ENCRYPTED => {
            // The decoder knows no encrypted keys, but the lines between are the same.
            let renamed = section.replace(ENCRYPTED, PLAIN);
            let info = PrivatePkcs8KeyDer::from_pem_slice(renamed.as_bytes()).map_err(bad)?;
            decrypt(info.secret_pkcs8_der(), password)
        }
        PLAIN | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
            PrivateKeyDer::from_pem_slice(section.as_bytes()).map_err(bad)
        }
        label => Err(TlsError::BadKey(format!("it is of the kind {label}"))),
    }
}

/// The label of the first section that is a private key, and the section.
fn first_key(text: &str) -> Option<(&str, &str)> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut rest = text;
    loop {
        rest = rest.get(rest.find(BEGIN)?..)?;
        let label = rest.get(BEGIN.len()..)?;
        let label = label.get(..label.find("-----")?)?;
        let Some(end) = rest.find(END) else {
            return label.ends_with(PLAIN).then_some((label, rest));
        };
        if label.ends_with(PLAIN) {
            let line = rest.get(end..)?.find('\n').map(|line| end + line);
            return Some((label, rest.get(..line.unwrap_or(rest.len()))?));
        }
        rest = rest.get(end..)?;
    }
}

fn decrypt(der: &[u8], password: Option<&str>) -> Result<PrivateKeyDer<'static>, TlsError> {
    use pkcs8::pkcs5::Error::{
        AlgorithmParametersInvalid, NoPbes1CryptSupport, UnsupportedAlgorithm,
    };
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|error| match error {
        pkcs8::Error::Asn1(error) if matches!(error.kind(), ErrorKind::OidUnknown { .. }) => {
            TlsError::UnknownEncryption(error.to_string())
        }
        error => TlsError::BadKey(error.to_string()),
    })?;
    let password = password.ok_or(TlsError::PasswordNeeded)?;
    match info.decrypt(password) {
        Ok(key) => Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into()),
        Err(pkcs8::Error::EncryptedPrivateKey(
            error @ (AlgorithmParametersInvalid { .. }
            | NoPbes1CryptSupport
            | UnsupportedAlgorithm { .. }),
        )) => Err(TlsError::UnknownEncryption(error.to_string())),
        // A wrong password shows in the padding, or else in what is behind it.
        Err(_) => Err(TlsError::WrongPassword),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_is_found_wherever_it_stands() {
        let text = "words\n-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\r\n\
                    -----BEGIN EC PARAMETERS-----\nAA\n-----END EC PARAMETERS-----\n\
                    -----BEGIN EC PRIVATE KEY-----\r\nBB\r\n-----END EC PRIVATE KEY-----\r\nwords";
        let section = "-----BEGIN EC PRIVATE KEY-----\r\nBB\r\n-----END EC PRIVATE KEY-----\r";
        assert_eq!(first_key(text), Some(("EC PRIVATE KEY", section)));
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        for text in [
            "",
            "-----BEGIN ",
            "-----BEGIN X",
            "-----BEGIN CERTIFICATE-----\n-----END",
        ] {
            assert!(
                matches!(key(text.as_bytes(), None), Err(TlsError::NoKey)),
                "{text}"
            );
        }
        for text in [
            "-----BEGIN PRIVATE KEY-----\nAA",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAA\n-----END OPENSSH PRIVATE KEY-----\n",
        ] {
            assert!(
                matches!(key(text.as_bytes(), None), Err(TlsError::BadKey(_))),
                "{text}"
            );
        }
    }
}
