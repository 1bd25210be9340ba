//! Which key exchange is agreed on, with clients that know the hybrid one and with older ones.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use doget::{HttpServer, Log, Tls, handler};
use rustls::crypto::{SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, NamedGroup, RootCertStore, ServerConfig};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

const AUTHORITY: &str = include_str!("../../../tests/support/tls/ca.pem");
const CERTIFICATE: &str = include_str!("../../../tests/support/tls/ec-cert.pem");
const KEY: &str = include_str!("../../../tests/support/tls/ec-key.pem");

struct Hello;

#[handler]
impl Hello {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn spawn(tls: Tls) -> (SocketAddr, doget::Running) {
    let server = HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .log(Log::off())
        .tls(tls);
    let address = server.local_addr().unwrap();
    (address, server.spawn(Hello).unwrap())
}

/// Asks for a page with these groups, and says which one was agreed on.
fn agreed(address: SocketAddr, groups: Vec<&'static dyn SupportedKxGroup>) -> Option<NamedGroup> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(AUTHORITY.as_bytes()).unwrap())
        .unwrap();
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = groups;
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut stream = rustls::Stream::new(&mut client, &mut socket);
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    assert!(answer.ends_with("hello"), "{answer}");
    client
        .negotiated_key_exchange_group()
        .map(|group| group.name())
}

#[test]
fn the_hybrid_group_comes_first_and_others_are_left_to_older_clients() {
    use aws_lc_rs::kx_group::{SECP256R1, X25519, X25519MLKEM768};
    let tls = doget_by_aws_lc::from_pem(CERTIFICATE.as_bytes(), KEY.as_bytes()).unwrap();
    let (address, _running) = spawn(tls);
    for (groups, group) in [
        (vec![X25519MLKEM768, X25519], NamedGroup::X25519MLKEM768),
        (vec![X25519MLKEM768], NamedGroup::X25519MLKEM768),
        (vec![X25519], NamedGroup::X25519),
        (vec![SECP256R1], NamedGroup::secp256r1),
    ] {
        assert_eq!(agreed(address, groups), Some(group));
    }
}

/// A configuration of the program's own, by another provider than that of the feature would be.
#[test]
fn a_configuration_of_the_programs_own_is_taken_as_it_is() {
    use aws_lc_rs::kx_group::{X25519, X25519MLKEM768};
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![X25519];
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()];
    let mut names = ResolvesServerCertUsingSni::new();
    names
        .add("localhost", CertifiedKey::new(chain, key))
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(names));
    let (address, _running) = spawn(Tls::from_config(Arc::new(config)));
    assert_eq!(
        agreed(address, vec![X25519MLKEM768, X25519]),
        Some(NamedGroup::X25519)
    );
    assert_eq!(agreed(address, vec![X25519MLKEM768]), None);
}
