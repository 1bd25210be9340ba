//! Certificates and keys out of PEM files (RFC 7468).

use crate::tls::TlsError;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::der::{Decode as _, ErrorKind, Reader as _, SliceReader};
use pkcs8::spki::AlgorithmIdentifierRef;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::borrow::Cow;

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The scheme with a choice of ciphers (RFC 8018 section 6.2).
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

/// What old OpenSSL versions wrote into an encrypted key (RFC 1421 section 4.6.1.1).
const LEGACY: &str = "Proc-Type: 4,ENCRYPTED";

/// All certificates of a file, in order. None is left out: a chain that is not whole fails at some clients and not at
/// others.
pub(super) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = ascii(text).map_err(TlsError::BadCertificate)?;
    let written = written(&text)?;
    let chain = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::BadCertificate(error.to_string()))?;
    match (written, chain.len()) {
        (0, 0) => Err(TlsError::NoCertificate),
        (written, read) if written > read => Err(TlsError::BadCertificate(format!(
            "the file has {written} certificates, of which {read} can be read; each line -----BEGIN CERTIFICATE----- \
             and -----END CERTIFICATE----- has to be a line of its own"
        ))),
        _ => Ok(chain),
    }
}

/// The text without the marks that Windows programs put before what they write, also in the middle if files were
/// joined.
fn ascii(text: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Err("the file is UTF-16, as PowerShell writes it: save it as ASCII".to_owned());
    }
    if memchr::memmem::find(text, MARK).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut rest = text;
    let mut plain = Vec::with_capacity(text.len());
    while let Some(at) = memchr::memmem::find(rest, MARK) {
        let (before, behind) = rest.split_at(at);
        plain.extend_from_slice(before);
        rest = behind.get(MARK.len()..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    Ok(Cow::Owned(plain))
}

/// How many certificates somebody put into a file, wherever they begin; what stands behind a `#` does not count.
fn written(text: &[u8]) -> Result<usize, TlsError> {
    let text = String::from_utf8_lossy(text);
    let mut count = 0;
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        for begin in line.split("-----BEGIN ").skip(1) {
            match begin.split("-----").next().unwrap_or_default() {
                "CERTIFICATE" => count += 1,
                // OpenSSL's own forms, one of which has more in it than the certificate.
                label @ ("TRUSTED CERTIFICATE" | "X509 CERTIFICATE") => {
                    return Err(TlsError::BadCertificate(format!(
                        "there is a {label} in the file: convert it with `openssl x509 -in OLD.pem -out NEW.pem`"
                    )));
                }
                _ => {}
            }
        }
    }
    Ok(count)
}

/// The first key of a file.
pub(super) fn key(text: &[u8], password: Option<&str>) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = ascii(text).map_err(TlsError::BadKey)?;
    let text = String::from_utf8_lossy(&text);
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
    use pkcs8::pkcs5::Error::{AlgorithmParametersInvalid, UnsupportedAlgorithm};
    let bad = |error: pkcs8::Error| TlsError::BadKey(error.to_string());
    let scheme = scheme(der).map_err(|error| bad(error.into()))?;
    if scheme != PBES2 {
        // Those of RFC 8018 appendix A.3 and RFC 7292 appendix C, which came before it.
        return Err(TlsError::UnknownEncryption(format!("PBES1, {scheme}")));
    }
    let unknown = |oid: ObjectIdentifier| TlsError::UnknownEncryption(format!("PBES2 with {oid}"));
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|error| match error {
        pkcs8::Error::Asn1(error) => match error.kind() {
            ErrorKind::OidUnknown { oid } => unknown(oid),
            _ => bad(error.into()),
        },
        error => bad(error),
    })?;
    let password = password.ok_or(TlsError::PasswordNeeded)?;
    match info.decrypt(password) {
        Ok(key) => Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into()),
        Err(pkcs8::Error::EncryptedPrivateKey(
            AlgorithmParametersInvalid { oid } | UnsupportedAlgorithm { oid },
        )) => Err(unknown(oid)),
        // A wrong password shows in the padding, or else in what is behind it.
        Err(_) => Err(TlsError::WrongPassword),
    }
}

/// How a key is encrypted, read by itself: the decoder of the whole knows only what it can undo.
fn scheme(der: &[u8]) -> pkcs8::der::Result<ObjectIdentifier> {
    SliceReader::new(der)?.sequence(|reader| {
        let algorithm = AlgorithmIdentifierRef::decode(reader)?;
        AnyRef::decode(reader)?;
        Ok::<_, pkcs8::der::Error>(algorithm.oid)
    })
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
