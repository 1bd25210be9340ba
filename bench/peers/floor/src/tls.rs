//! The same behind rustls, with ring as doget has it: what TLS itself takes.

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

static BYTES: [u8; 100 << 10] = [b'x'; 100 << 10];

pub struct Connection {
    stream: TcpStream,
    tls: ServerConnection,
    /// What TLS has not taken yet.
    unsent: &'static [u8],
    close: bool,
}

impl Connection {
    pub fn new(stream: TcpStream, config: &Arc<ServerConfig>) -> io::Result<Self> {
        Ok(Self {
            stream,
            tls: ServerConnection::new(config.clone()).map_err(io::Error::other)?,
            unsent: b"",
            close: false,
        })
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

pub fn config(certificate: &str, key: &str) -> io::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(certificate).map_err(io::Error::other)?;
    let chain: Result<Vec<_>, _> = chain.collect();
    let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain.map_err(io::Error::other)?, key)
        .map_err(io::Error::other)?;
    config.ticketer = ring::Ticketer::new().map_err(io::Error::other)?;
    Ok(Arc::new(config))
}

/// Answers what is there to be read. `Err`: the connection is over.
pub fn serve(connection: &mut Connection, buffer: &mut [u8]) -> io::Result<()> {
    send(connection)?;
    loop {
        match connection.tls.read_tls(&mut connection.stream) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
        connection
            .tls
            .process_new_packets()
            .map_err(io::Error::other)?;
        // A request comes whole, and the next one only after its answer.
        match connection.tls.reader().read(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(got) => answer(connection, &buffer[..got])?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => send(connection)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn answer(connection: &mut Connection, request: &[u8]) -> io::Result<()> {
    let body = match request.get(5..8) {
        Some(b"1k ") => &BYTES[..1 << 10],
        Some(b"100") => &BYTES[..],
        _ => b"Hello, World!",
    };
    let mut head = [0; 256];
    let mut rest = &mut head[..];
    write!(
        rest,
        "HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Type: application/octet-stream\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )?;
    let left = rest.len();
    let length = head.len() - left;
    connection.tls.writer().write_all(&head[..length])?;
    connection.unsent = body;
    connection.close = request.ends_with(b"close\r\n\r\n");
    send(connection)
}

fn send(connection: &mut Connection) -> io::Result<()> {
    loop {
        let taken = connection.tls.writer().write(connection.unsent)?;
        connection.unsent = &connection.unsent[taken..];
        while connection.tls.wants_write() {
            match connection.tls.write_tls(&mut connection.stream) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        if connection.unsent.is_empty() {
            break;
        }
    }
    if connection.close {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    Ok(())
}
