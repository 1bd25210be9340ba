//! `Tls::from_config`: certificates of clients, several names, and a provider of cryptography that the program chooses.

use super::{both, patient};
use doget::Tls;
use doget_tests::tls::{self, AUTHORITY, CERTIFICATE, KEY};
use doget_tests::{Client, Server, answers};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ResolvesServerCertUsingSni, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, NamedGroup, RootCertStore, ServerConfig,
    SupportedProtocolVersion,
};
use std::sync::Arc;

const CLIENT_AUTHORITY: &str = include_str!("../../support/tls/client-ca.pem");
const CLIENT_CERTIFICATE: &str = include_str!("../../support/tls/client-cert.pem");
const CLIENT_KEY: &str = include_str!("../../support/tls/client-key.pem");
const OTHER_CERTIFICATE: &str = include_str!("../../support/tls/other-cert.pem");
const OTHER_KEY: &str = include_str!("../../support/tls/other-key.pem");

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn key(pem: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for pem in [AUTHORITY, CLIENT_AUTHORITY] {
        roots.add(certificate(pem)).unwrap();
    }
    roots
}

fn serve(config: ServerConfig) -> Server {
    let tls = Tls::from_config(Arc::new(config));
    Server::built(
        |server| server.limits(patient()).tls(tls),
        answers(|_, response| response.reply("hello")),
    )
}

fn server_config() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    builder.with_safe_default_protocol_versions().unwrap()
}

fn client_config(
    versions: &[&'static SupportedProtocolVersion],
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots())
}

/// Whether a client with this configuration gets an answer: in TLS 1.3 it hears only then that it is refused.
fn is_served(server: &Server, config: ClientConfig) -> bool {
    let client = server.connect().try_secure(&Arc::new(config));
    client.is_ok_and(|mut client| {
        client
            .try_send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .and_then(|()| client.try_answer_to("GET"))
            .is_ok_and(|answer| answer.text() == "hello")
    })
}

#[test]
fn clients_that_have_to_have_a_certificate_are_refused_without_it() {
    let mut authorities = RootCertStore::empty();
    authorities.add(certificate(CLIENT_AUTHORITY)).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider);
    let config = server_config()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate(CERTIFICATE)], key(KEY))
        .unwrap();
    let server = serve(config);
    for version in [&TLS13, &TLS12] {
        let known = client_config(&[version])
            .with_client_auth_cert(vec![certificate(CLIENT_CERTIFICATE)], key(CLIENT_KEY));
        assert!(is_served(&server, known.unwrap()));
        let unknown = client_config(&[version]).with_no_client_auth();
        assert!(!is_served(&server, unknown));
        // One that another authority signed.
        let foreign = client_config(&[version])
            .with_client_auth_cert(vec![certificate(CERTIFICATE)], key(KEY));
        assert!(!is_served(&server, foreign.unwrap()));
    }
}

/// The certificate that a client of this name is shown; none if it is refused.
fn shown_to(server: &Server, name: &str) -> Option<CertificateDer<'static>> {
    let config = Arc::new(client_config(&[&TLS13, &TLS12]).with_no_client_auth());
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(config, name).unwrap();
    let mut socket = std::net::TcpStream::connect(server.address()).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket).ok()?;
    }
    let chain = connection.peer_certificates()?;
    chain
        .first()
        .map(|certificate| certificate.clone().into_owned())
}

#[test]
fn each_name_has_its_certificate() {
    let provider = ring::default_provider();
    let mut names = ResolvesServerCertUsingSni::new();
    for (name, pem, secret) in [
        ("localhost", CERTIFICATE, KEY),
        ("other.example", OTHER_CERTIFICATE, OTHER_KEY),
    ] {
        let key = provider.key_provider.load_private_key(key(secret)).unwrap();
        let certified = CertifiedKey::new(vec![certificate(pem)], key);
        names.add(name, certified).unwrap();
    }
    let config = server_config()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(names));
    let server = serve(config);
    assert_eq!(
        shown_to(&server, "localhost"),
        Some(certificate(CERTIFICATE))
    );
    assert_eq!(
        shown_to(&server, "other.example"),
        Some(certificate(OTHER_CERTIFICATE))
    );
    assert_eq!(shown_to(&server, "third.example"), None);
    // Those that came to nothing hold up nobody.
    let mut client: Client = server.connect().secure(&both());
    assert_eq!(client.get("/").text(), "hello");
}

#[test]
fn the_provider_is_the_programs_own() {
    let provider = CryptoProvider {
        cipher_suites: vec![ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
        kx_groups: vec![ring::kx_group::SECP384R1],
        ..ring::default_provider()
    };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate(CERTIFICATE)], key(KEY))
        .unwrap();
    let server = serve(config);
    let mut client = server.connect().secure(&both());
    assert_eq!(client.get("/").text(), "hello");
    let agreed = client.tls();
    let suite = agreed.negotiated_cipher_suite().map(|suite| suite.suite());
    let group = agreed
        .negotiated_key_exchange_group()
        .map(|group| group.name());
    assert_eq!(suite, Some(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256));
    assert_eq!(group, Some(NamedGroup::secp384r1));
    let old = tls::client(&[&TLS12]);
    assert!(!is_served(&server, old));
}
