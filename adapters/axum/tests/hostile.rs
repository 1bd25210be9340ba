//! What hostile clients send to the service on axum and hyper, over HTTP/1.1 and HTTP/2: they get a refusal or nothing,
//! and everybody else an answer.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use bytes::Bytes;
use doget::{Limits, Log};
use h2::client::SendRequest;
use http::{Method, Request};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::OnceLock;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap())
}

/// A server on a free port with few threads, for as long as the tests run.
fn server() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    runtime().spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let limits = Limits::new().max_threads(4).max_queued_requests(8);
        let app = doget_on_axum::app(doget_on_axum::shop(Log::off()).limits(limits));
        doget_on_axum::serve(listener, None, app).await
    });
    address
}

fn run(test: impl Future<Output = ()>) {
    runtime().block_on(async {
        tokio::time::timeout(PATIENCE, test).await.expect("in time");
    });
}

/// Sends bytes of HTTP/1 and reads until the server ends the connection.
fn send(address: SocketAddr, bytes: &[u8]) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server that refuses a head need not read the rest of it.
    let _ = client.write_all(bytes);
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[track_caller]
fn is_well(address: SocketAddr) {
    let answer = send(
        address,
        b"GET /items/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nitem 7\n"),
        "{answer}"
    );
}

async fn connect(address: SocketAddr) -> SendRequest<Bytes> {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

fn request(method: Method, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("http://shop.example{path}"))
}

#[test]
fn heads_of_http1_that_nobody_takes() {
    let address = server();
    let many = |count: usize| {
        let fields: String = (0..count).map(|n| format!("X-{n}: y\r\n")).collect();
        format!("GET /items/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n")
    };
    let two_lengths = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let contradiction = "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd";
    let post =
        |rest: &str| format!("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{rest}");
    let long = format!(
        "GET /items/7 HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "y".repeat(1 << 20)
    );
    let cases = [
        (many(50), &["200"][..]),
        (many(101), &["431"]),
        (many(100_000), &["431", ""]),
        (long, &["431", ""]),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n".to_owned(), &["501"]),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(), &["200"]),
        ("GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(), &["400"]),
        ("GET a:80 HTTP/1.1\r\nHost: a:80\r\nConnection: close\r\n\r\n".to_owned(), &["400"]),
        ("GET /items/7 HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n".to_owned(), &["400"]),
        // It is not upgraded, and goes on as HTTP/1.1.
        (
            "GET /items/7 HTTP/1.1\r\nHost: a\r\nConnection: upgrade, http2-settings, close\r\nUpgrade: h2c\r\n\
             HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
                .to_owned(),
            &["200"],
        ),
        (
            "GET /items/7 HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                .to_owned(),
            &["200"],
        ),
        (post(two_lengths), &["200", "400"]),
        (post(contradiction), &["400", ""]),
    ];
    for (head, expected) in cases {
        let answer = send(address, head.as_bytes());
        let status = answer.get(9..12).unwrap_or("");
        let shown = head.get(..200).unwrap_or(&head);
        assert!(
            expected.contains(&status),
            "{shown}\nis answered by {answer}"
        );
        assert!(
            answer.matches("HTTP/1.1 ").count() <= 1,
            "{shown}\nis more than one request: {answer}"
        );
    }
    is_well(address);
}

/// More of them than there are threads and places in the queue.
#[test]
fn bodies_of_http1_that_do_not_come_hold_no_thread() {
    let address = server();
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome";
    let stalled: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(head.as_bytes()).unwrap();
            client
        })
        .collect();
    is_well(address);
    drop(stalled);
    is_well(address);
}

/// Requests that are reset at once, before and behind their bodies: some thousand, as CVE-2023-44487 has it.
#[test]
fn streams_that_are_reset_at_once_keep_nobody_out() {
    let address = server();
    run(async move {
        for path in ["/items/7", "/ticks", "/echo"] {
            let client = connect(address).await;
            for _ in 0..3000 {
                // The server may end a connection on which that is done.
                let Ok(mut ready) = client.clone().ready().await else {
                    break;
                };
                let (method, ends) = if path == "/echo" {
                    (Method::POST, false)
                } else {
                    (Method::GET, true)
                };
                let request = request(method, path).body(()).unwrap();
                let Ok((answer, mut body)) = ready.send_request(request, ends) else {
                    break;
                };
                if !ends {
                    let _ = body.send_data(Bytes::from_static(b"some"), false);
                }
                body.send_reset(h2::Reason::CANCEL);
                drop(answer);
                tokio::task::yield_now().await;
            }
            let mut client = connect(address).await;
            let request = request(Method::GET, "/items/7").body(()).unwrap();
            let (answer, _) = client.send_request(request, true).unwrap();
            assert_eq!(answer.await.unwrap().status(), 200, "behind {path}");
        }
    });
}

#[test]
fn a_length_that_lies_is_no_request() {
    let address = server();
    run(async move {
        for (said, bytes) in [
            ("3", "four"),
            ("100", "four"),
            ("0", "four"),
            ("4x", "four"),
            ("-1", ""),
            ("5", ""),
        ] {
            let mut client = connect(address).await;
            let request = request(Method::POST, "/echo")
                .header("content-length", said)
                .body(())
                .unwrap();
            let Ok((answer, mut body)) = client.send_request(request, bytes.is_empty()) else {
                continue;
            };
            if !bytes.is_empty() {
                let _ = body.send_data(Bytes::from_static(bytes.as_bytes()), true);
            }
            let status = answer.await.map(|answer| answer.status().as_u16());
            assert!(
                !matches!(status, Ok(200..400)),
                "{said} for {bytes:?}: {status:?}"
            );
        }
        let mut client = connect(address).await;
        let request = request(Method::CONNECT, "").body(()).unwrap();
        let (answer, _) = client.send_request(request, false).unwrap();
        let status = answer.await.map(|answer| answer.status().as_u16());
        assert!(!matches!(status, Ok(200..400)), "CONNECT: {status:?}");
    });
    is_well(address);
}

/// Streams that nobody reads: their threads wait for windows, and are free when the client has left.
#[test]
fn a_client_that_never_reads_holds_its_streams_alone() {
    let address = server();
    run(async move {
        let mut client = connect(address).await;
        let mut unread = Vec::new();
        for _ in 0..3 {
            client = client.ready().await.unwrap();
            let request = request(Method::GET, "/ticks").body(()).unwrap();
            unread.push(client.send_request(request, true).unwrap().0.await.unwrap());
        }
        tokio::task::spawn_blocking(move || is_well(address))
            .await
            .unwrap();
        drop((client, unread));
        // All four threads are free again: as many streams can be begun at once.
        let mut client = connect(address).await;
        let mut begun = Vec::new();
        while begun.len() < 4 {
            client = client.ready().await.unwrap();
            let request = request(Method::GET, "/ticks").body(()).unwrap();
            let answer = client.send_request(request, true).unwrap().0.await.unwrap();
            assert_eq!(answer.status(), 200);
            begun.push(answer);
        }
    });
}
