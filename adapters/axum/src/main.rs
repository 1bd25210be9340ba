//! `doget-on-axum [ADDRESS [CERTIFICATE KEY]]`

use std::fs::File;
use std::io::{BufReader, Error, Result};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let address = args.first().map_or("127.0.0.1:8080", String::as_str);
    let tls = match args.get(1..3) {
        Some([certificate, key]) => Some(acceptor(certificate, key)?),
        _ => None,
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening {}", listener.local_addr()?);
    let app = doget_on_axum::app(doget_on_axum::shop(doget::Log::stderr()));
    doget_on_axum::serve(listener, tls, app).await
}

/// HTTP/2 where the client knows it.
fn acceptor(certificate: &str, key: &str) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_reader_iter(BufReader::new(File::open(certificate)?));
    let chain = chain
        .collect::<std::result::Result<_, _>>()
        .map_err(Error::other)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(Error::other)?;
    let config = ServerConfig::builder().with_no_client_auth();
    let mut config = config.with_single_cert(chain, key).map_err(Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
