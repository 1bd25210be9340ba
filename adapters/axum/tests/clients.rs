//! The service on axum and hyper, asked by clients that are not ours: the `h2` crate in clear and by TLS, and a plain
//! socket for HTTP/1.1.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use bytes::Bytes;
use doget::Log;
use h2::client::SendRequest;
use http::{HeaderMap, Request, Response};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const PATIENCE: Duration = Duration::from_secs(60);
const AUTHORITY: &[u8] = include_bytes!("../../../tests/support/tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../../tests/support/tls/ec-cert.pem");
const KEY: &[u8] = include_bytes!("../../../tests/support/tls/ec-key.pem");

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap())
}

/// A server on a free port, for as long as the tests run.
fn server(tls: bool) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = tls.then(|| {
        let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        let mut config = config.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    });
    runtime().spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let app = doget_on_axum::app(doget_on_axum::shop(Log::off()));
        doget_on_axum::serve(listener, acceptor, app).await
    });
    address
}

/// Runs a test, and no longer than it may take.
fn run(test: impl Future<Output = ()>) {
    runtime().block_on(async {
        tokio::time::timeout(PATIENCE, test).await.expect("in time");
    });
}

async fn connection<T>(stream: T) -> SendRequest<Bytes>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

async fn in_clear(address: SocketAddr) -> SendRequest<Bytes> {
    connection(tokio::net::TcpStream::connect(address).await.unwrap()).await
}

/// Sends a request, with a body in pieces and perhaps trailers, and reads the answer.
async fn ask(
    client: &mut SendRequest<Bytes>,
    request: Request<()>,
    pieces: &[Bytes],
    trailers: Option<HeaderMap>,
) -> (Response<()>, Vec<u8>) {
    let over = pieces.is_empty() && trailers.is_none();
    let (response, mut body) = client.send_request(request, over).unwrap();
    let pieces = pieces.to_vec();
    let sender = tokio::spawn(async move {
        for (n, piece) in pieces.iter().enumerate() {
            let mut piece = piece.clone();
            let last = n + 1 == pieces.len() && trailers.is_none();
            while !piece.is_empty() {
                body.reserve_capacity(piece.len());
                let room = std::future::poll_fn(|cx| body.poll_capacity(cx)).await;
                let Some(Ok(room)) = room else { return };
                let part = piece.split_to(room.min(piece.len()));
                let ends = last && piece.is_empty();
                if body.send_data(part, ends).is_err() {
                    return;
                }
            }
        }
        if let Some(trailers) = trailers {
            let _ = body.send_trailers(trailers);
        }
    });
    let (head, mut body) = response.await.unwrap().into_parts();
    let mut all = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        let _ = body.flow_control().release_capacity(data.len());
        all.extend_from_slice(&data);
    }
    sender.await.unwrap();
    (Response::from_parts(head, ()), all)
}

fn get(path: &str) -> http::request::Builder {
    Request::get(format!("http://shop.example{path}"))
}

#[test]
fn http2_in_clear_with_async_routes_beside_the_handler() {
    let address = server(false);
    run(async move {
        let mut client = in_clear(address).await;
        let (_, live) = ask(&mut client, get("/live").body(()).unwrap(), &[], None).await;
        assert_eq!(live, b"async beside it\n");
        let (head, item) = ask(&mut client, get("/items/7").body(()).unwrap(), &[], None).await;
        assert_eq!(
            (head.status().as_u16(), item.as_slice()),
            (200, b"item 7\n".as_slice())
        );
        let (head, _) = ask(&mut client, get("/items/x").body(()).unwrap(), &[], None).await;
        assert_eq!(head.status(), 404);
        assert!(!head.headers().contains_key("connection"));
        let head = Request::head("http://shop.example/items/7")
            .body(())
            .unwrap();
        let (head, body) = ask(&mut client, head, &[], None).await;
        assert_eq!(
            (head.headers()["content-length"].as_bytes(), body.len()),
            (b"7".as_slice(), 0)
        );
    });
}

#[test]
fn the_authority_crumbs_and_a_host_that_differs() {
    let address = server(false);
    run(async move {
        let mut client = in_clear(address).await;
        let request = get("/whoami")
            .header("cookie", "a=1")
            .header("cookie", "b=2");
        let (_, text) = ask(&mut client, request.body(()).unwrap(), &[], None).await;
        let expected = "127.0.0.1 asks shop.example with a=1; b=2, query \"\", tags []\n";
        assert_eq!(text, expected.as_bytes());
        let request = get("/whoami").header("host", "other.example");
        let (head, _) = ask(&mut client, request.body(()).unwrap(), &[], None).await;
        assert_eq!(head.status(), 400);
    });
}

#[test]
fn bodies_go_both_ways_with_and_without_a_length_and_with_trailers() {
    let address = server(false);
    run(async move {
        let mut client = in_clear(address).await;
        let pieces: Vec<Bytes> = (0..16u8).map(|n| Bytes::from(vec![n; 60_000])).collect();
        let whole = pieces.concat();
        let post = || Request::post("http://shop.example/echo");
        let (_, back) = ask(&mut client, post().body(()).unwrap(), &pieces, None).await;
        assert!(back == whole);
        let length = post().header("content-length", whole.len());
        let (_, back) = ask(&mut client, length.body(()).unwrap(), &pieces, None).await;
        assert!(back == whole);
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", "1".parse().unwrap());
        let request = post().body(()).unwrap();
        let (_, back) = ask(&mut client, request, &pieces, Some(trailers)).await;
        assert!(back == whole);
    });
}

/// Hundreds at once on one connection, and a stream that is broken off among them.
#[test]
fn many_requests_share_a_connection_with_a_stream_that_is_broken_off() {
    let address = server(false);
    run(async move {
        let mut client = in_clear(address).await;
        let ticks = get("/ticks").body(()).unwrap();
        let (response, _) = client.send_request(ticks, true).unwrap();
        let mut ticks = response.await.unwrap().into_body();
        assert_eq!(ticks.data().await.unwrap().unwrap(), "tick\n");
        let mut answers = Vec::new();
        for n in 0..150 {
            client = client.ready().await.unwrap();
            let request = get(&format!("/items/{n}")).body(()).unwrap();
            answers.push((n, client.send_request(request, true).unwrap().0));
        }
        drop(ticks);
        for (n, answer) in answers {
            let mut body = answer.await.unwrap().into_body();
            let data = body.data().await.unwrap().unwrap();
            assert_eq!(data, format!("item {n}\n"));
        }
    });
}

#[test]
fn http2_by_tls() {
    let address = server(true);
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(AUTHORITY).unwrap())
        .unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    run(async move {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        let mut client = connection(stream).await;
        let (_, item) = ask(&mut client, get("/items/7").body(()).unwrap(), &[], None).await;
        assert_eq!(item, b"item 7\n");
    });
}

#[test]
fn http1_on_the_same_port() {
    let mut client = std::net::TcpStream::connect(server(false)).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
        4\r\nbody\r\n0\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nbody"),
        "{answer}"
    );
}

/// The programs in the documentation are those that are compiled, but for the import of the handler.
#[test]
fn the_documentation_has_the_programs_of_the_examples() {
    let documentation = include_str!("../../../server/src/tower/mod.rs");
    for program in [
        include_str!("../examples/short.rs"),
        include_str!("../../lambda/examples/short.rs"),
    ] {
        let (_, program) = program.split_once("use doget_shop::Shop;\n\n").unwrap();
        let lines: Vec<String> = program
            .lines()
            .map(|line| format!("//! {line}").trim_end().to_owned())
            .collect();
        assert!(documentation.contains(&lines.join("\n")), "{program}");
    }
}
