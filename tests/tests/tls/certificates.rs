//! Certificates, keys and what is agreed on.

use super::{Place, configs, get, hello, patient, secure};
use doget::{Tls, TlsError};
use doget_tests::tls::{
    self, AUTHORITY, CERTIFICATE, KEY, KEY_CAMELLIA, KEY_DES3, KEY_DES3_SHA1, KEY_ENCRYPTED,
    KEY_LEGACY, KEY_PBES1, KEY_SEC1, RSA_CERTIFICATE, RSA_KEY,
};
use doget_tests::{Server, answers};
use rustls::ProtocolVersion;
use rustls::version::{TLS12, TLS13};
use std::io::{self};
use std::sync::Arc;

#[test]
fn tls_01_a_certificate_a_key_and_a_password() {
    let place = Place::new();
    let pem = |certificate: &str, key: &str, password| {
        Tls::from_pem(certificate.as_bytes(), Some(key.as_bytes()), password).unwrap()
    };
    for key in [KEY, KEY_SEC1] {
        assert_eq!(get(pem(CERTIFICATE, key, None)), "https /path");
    }
    assert_eq!(get(pem(RSA_CERTIFICATE, RSA_KEY, None)), "https /path");
    for key in [KEY_ENCRYPTED, KEY_DES3, KEY_DES3_SHA1] {
        assert_eq!(get(pem(CERTIFICATE, key, Some("secret"))), "https /path");
    }
    // A password for a key that needs none, and line ends of another system.
    let windows = KEY.replace('\n', "\r\n");
    assert_eq!(get(pem(CERTIFICATE, &windows, Some("x"))), "https /path");

    let certificate = place.file("cert.pem", format!("{CERTIFICATE}{AUTHORITY}"));
    let key = place.file("key.pem", KEY);
    assert_eq!(
        get(Tls::from_pem_files(&certificate, &key).unwrap()),
        "https /path"
    );
    // Without a key file the key is beside the certificate, before it or behind it.
    for text in [
        format!("{KEY_ENCRYPTED}{CERTIFICATE}"),
        format!("{CERTIFICATE}{KEY_ENCRYPTED}"),
    ] {
        let both = place.file("both.pem", text);
        let tls = Tls::load(&both, None, Some("secret")).unwrap();
        assert_eq!(get(tls), "https /path");
    }
}

#[test]
fn tls_02_alpn_is_http_1_1_and_no_certificate_is_asked_for() {
    let server = hello(patient());
    for (asked, got) in [
        (&[&b"h2"[..], b"http/1.1"][..], Some(&b"http/1.1"[..])),
        (&[b"http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let mut config = tls::client(&[&TLS13, &TLS12]);
        config.alpn_protocols = asked.iter().map(|name| name.to_vec()).collect();
        // Its client has no certificate, and would fail if it were asked for one and had to have it.
        let mut client = server.connect().secure(&Arc::new(config));
        assert_eq!(client.tls().alpn_protocol(), got);
        assert_eq!(client.get("/").text(), "hello");
    }
    // Who knows only what the server does not is told so (RFC 7301 section 3.2).
    let mut config = tls::client(&[&TLS13]);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let failed = server.connect().try_secure(&Arc::new(config)).unwrap_err();
    assert!(
        failed.to_string().contains("NoApplicationProtocol"),
        "{failed}"
    );
    for (config, version) in configs()
        .iter()
        .zip([ProtocolVersion::TLSv1_3, ProtocolVersion::TLSv1_2])
    {
        let mut client = server.connect().secure(config);
        assert_eq!(client.tls().protocol_version(), Some(version));
    }
}

#[test]
fn tls_03_a_bad_certificate_fails_at_the_start() {
    let place = Place::new();
    let pem = |certificate: &str, key: &str, password| {
        Tls::from_pem(certificate.as_bytes(), Some(key.as_bytes()), password).unwrap_err()
    };
    let says = |error: TlsError, words: &str| {
        let text = error.to_string();
        assert!(text.contains(words), "{text}");
        assert!(!text.contains('\n'), "{text}");
        assert_eq!(io::Error::from(error).to_string(), text);
    };
    let error = pem("", KEY, None);
    assert!(matches!(error, TlsError::NoCertificate));
    says(error, "BEGIN CERTIFICATE");
    assert!(matches!(pem(KEY, KEY, None), TlsError::NoCertificate));
    let error = pem(CERTIFICATE, "", None);
    assert!(matches!(error, TlsError::NoKey));
    says(error, "BEGIN PRIVATE KEY");
    assert!(matches!(
        Tls::from_pem(CERTIFICATE.as_bytes(), None, None).unwrap_err(),
        TlsError::NoKey
    ));
    let error = pem(CERTIFICATE, RSA_KEY, None);
    assert!(matches!(error, TlsError::KeyMismatch));
    says(error, "does not belong to the certificate");
    // The authority's certificate first: the wrong order.
    let turned = format!("{AUTHORITY}{CERTIFICATE}");
    assert!(matches!(pem(&turned, KEY, None), TlsError::KeyMismatch));
    let error = pem(CERTIFICATE, KEY_ENCRYPTED, None);
    assert!(matches!(error, TlsError::PasswordNeeded));
    says(error, "give its password");
    for password in ["", "wrong", "Secret"] {
        let error = pem(CERTIFICATE, KEY_ENCRYPTED, Some(password));
        assert!(matches!(error, TlsError::WrongPassword), "{error:?}");
        says(error, "the password is not");
    }
    let error = pem(CERTIFICATE, KEY_LEGACY, Some("secret"));
    assert!(matches!(error, TlsError::LegacyEncryption));
    says(error, "openssl pkcs8 -topk8");
    for (key, name) in [
        (KEY_PBES1, "PBES1"),
        (KEY_CAMELLIA, "1.2.392.200011.61.1.1.1.4"),
    ] {
        // Whether there is a password, and which, has nothing to do with it.
        for password in [None, Some("secret"), Some("wrong")] {
            let error = pem(CERTIFICATE, key, password);
            assert!(matches!(error, TlsError::UnknownEncryption(_)), "{error:?}");
            let text = error.to_string();
            assert!(
                !text.contains("ASN.1") && !text.contains("unsupported OID"),
                "{text}"
            );
            assert!(text.contains(name), "{text}");
            says(error, "openssl pkcs8 -topk8");
        }
    }
    let damaged = KEY.replace("MIGH", "MIGI");
    let error = pem(CERTIFICATE, &damaged, None);
    assert!(matches!(error, TlsError::BadKey(_)), "{error:?}");
    let damaged = CERTIFICATE.replace("MII", "MIJ");
    let error = pem(&damaged, KEY, None);
    assert!(matches!(error, TlsError::BadCertificate(_)), "{error:?}");
    let damaged = CERTIFICATE.replace("MII", "M%I");
    let error = pem(&damaged, KEY, None);
    assert!(matches!(error, TlsError::BadCertificate(_)), "{error:?}");

    let certificate = place.file("cert.pem", CERTIFICATE);
    let missing = place.0.join("missing.pem");
    let error = Tls::from_pem_files(&certificate, &missing).unwrap_err();
    assert!(matches!(&error, TlsError::Unreadable(path, _) if *path == missing));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
    assert_eq!(format!("{:?}", tls::server()), "Tls { .. }");
}

/// As many certificates are sent as the file has, or it is refused with words.
#[test]
fn tls_03_no_certificate_of_a_file_is_left_out_in_silence() {
    let sent = |text: &str| {
        let tls = Tls::from_pem(text.as_bytes(), Some(KEY.as_bytes()), None)?;
        let server = Server::built(
            |server| server.tls(tls),
            answers(|_, response| response.reply("hello")),
        );
        let mut client = secure(&server);
        assert_eq!(client.get("/").text(), "hello");
        Ok::<_, TlsError>(client.tls().peer_certificates().unwrap().len())
    };
    let joined = format!("{}{AUTHORITY}", CERTIFICATE.trim_end());
    assert!(joined.contains("----------BEGIN"));
    let (bom, windows) = ("\u{feff}", CERTIFICATE.replace('\n', "\r\n"));
    for (text, certificates) in [
        (CERTIFICATE.to_owned(), 1),
        (format!("{CERTIFICATE}{AUTHORITY}"), 2),
        (format!("{bom}{CERTIFICATE}"), 1),
        (format!("{bom}{windows}{bom}{AUTHORITY}"), 2),
        (
            format!("subject: a\n{CERTIFICATE}\nsubject: b\n{AUTHORITY}"),
            2,
        ),
        (
            format!("{CERTIFICATE}# {}", AUTHORITY.replace('\n', "\n# ")),
            1,
        ),
    ] {
        assert_eq!(sent(&text).unwrap(), certificates, "{text}");
    }
    let other = |label: &str| AUTHORITY.replace(" CERTIFICATE", &format!(" {label} CERTIFICATE"));
    let indented = AUTHORITY.replace('\n', "\n  ");
    for (text, words) in [
        (joined, "has 2 certificates, of which 1 can be read"),
        (format!("{CERTIFICATE}  {indented}"), "a line of its own"),
        (format!("{CERTIFICATE}{}", other("TRUSTED")), "openssl x509"),
        (format!("{CERTIFICATE}{}", other("X509")), "openssl x509"),
        (
            format!("{}{CERTIFICATE}", KEY.trim_end()),
            "a line of its own",
        ),
    ] {
        let error = sent(&text).unwrap_err();
        assert!(matches!(error, TlsError::BadCertificate(_)), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(words) && !said.contains('\n'), "{said}");
    }
    // As PowerShell's `>` writes it.
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(CERTIFICATE.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (certificate, key) in [
        (&utf16[..], KEY.as_bytes()),
        (CERTIFICATE.as_bytes(), &utf16),
    ] {
        let error = Tls::from_pem(certificate, Some(key), None).unwrap_err();
        assert!(error.to_string().contains("UTF-16"), "{error}");
    }
}
