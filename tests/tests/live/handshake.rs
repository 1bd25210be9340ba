//! H1 to H14: the opening handshake.

use crate::{Site, limited, limits, quick, site};
use doget::Limits;
use doget_tests::live::{Ws, frame, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, tls};
use std::sync::Arc;

#[track_caller]
fn status(path: &str, lines: &str) -> (u16, String) {
    each_way(&handshake(path, lines))
}

/// The answer to the request in one piece, which is the same byte by byte and over TLS.
#[track_caller]
fn each_way(request: &str) -> (u16, String) {
    let (server, _) = site();
    let secure = TestServer::with(Site::default(), |server| server.tls(tls::server()));
    let config = Arc::new(tls::client(rustls::ALL_VERSIONS));
    let answer = answer_to(&server, request);
    for piece in [request.len(), 1] {
        let clear = Client::connect(server.address());
        let encrypted = Client::connect(secure.address()).secure(&config);
        for client in [clear, encrypted] {
            let (status, head) = answer_in_pieces(client, request, piece);
            assert_eq!(status, answer.0, "pieces of {piece}: {head}");
        }
    }
    answer
}

#[track_caller]
fn answer_to(server: &TestServer, request: &str) -> (u16, String) {
    let client = Client::connect(server.address());
    answer_in_pieces(client, request, request.len())
}

#[track_caller]
fn answer_in_pieces(client: Client, request: &str, piece: usize) -> (u16, String) {
    let mut ws = Ws::raw(client);
    for piece in request.as_bytes().chunks(piece) {
        ws.send(piece);
    }
    let head = ws.head();
    let status = head[9..12].parse().unwrap();
    (status, head)
}

#[test]
fn h1_the_answer_to_a_key() {
    let (status, head) = status("/echo", "");
    assert_eq!(status, 101);
    assert!(head.contains("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
    assert!(head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert!(!head.contains("Content-Length") && !head.contains("Transfer-Encoding"));
}

#[test]
fn h2_the_fields_as_browsers_spell_them() {
    let request = handshake("/echo", "")
        .replace("Connection: Upgrade", "Connection: keep-alive, Upgrade")
        .replace("Upgrade: websocket", "Upgrade: WebSocket");
    assert_eq!(each_way(&request).0, 101);
}

#[test]
fn h3_a_request_that_asks_for_none() {
    let (server, _) = site();
    let answer = server.get("/echo");
    assert_eq!(answer.status, 426);
    assert_eq!(answer.header("Upgrade"), Some("websocket"));
    assert_eq!(answer.header("Sec-WebSocket-Version"), Some("13"));
    assert_eq!(server.get("/").text(), "a page");
    assert_eq!(status("/", "").0, 101);
}

#[test]
fn h4_versions() {
    for version in ["8", "7", "0", "x", ""] {
        let request = handshake("/echo", "").replace("Version: 13", &format!("Version: {version}"));
        let (status, head) = each_way(&request);
        assert_eq!(status, 426, "{version}");
        assert!(head.contains("\r\nSec-WebSocket-Version: 13\r\n"), "{head}");
    }
    let none = handshake("/echo", "").replace("Sec-WebSocket-Version: 13\r\n", "");
    assert_eq!(each_way(&none).0, 426);
    assert_eq!(status("/echo", "Sec-WebSocket-Version: 13\r\n").0, 400);
}

#[test]
fn h5_keys() {
    for key in ["", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25j!Q=="] {
        let request = handshake("/echo", "").replace(doget_tests::live::KEY, key);
        assert_eq!(each_way(&request).0, 400, "{key}");
    }
    let twice = format!("Sec-WebSocket-Key: {}\r\n", doget_tests::live::KEY);
    assert_eq!(status("/echo", &twice).0, 400);
}

#[test]
fn h6_other_methods_and_versions() {
    let post = handshake("/echo", "").replacen("GET", "POST", 1);
    assert_eq!(each_way(&post).0, 405);
    let old = handshake("/echo", "").replacen("HTTP/1.1", "HTTP/1.0", 1);
    assert_eq!(each_way(&old).0, 426);
    let head = handshake("/echo", "").replacen("GET", "HEAD", 1);
    assert_eq!(each_way(&head).0, 426);
}

#[test]
fn h7_a_handshake_with_a_body() {
    for (lines, body) in [
        ("Content-Length: 5\r\n", "hello"),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ] {
        let request = handshake("/echo", lines) + body;
        let (status, head) = each_way(&request);
        assert_eq!(status, 400);
        assert!(head.contains("\r\nConnection: close\r\n"), "{head}");
    }
}

#[test]
fn h8_origins() {
    for (origin, expected) in [
        ("http://other.example", 403),
        ("http://test:8000", 403),
        ("null", 403),
        ("http://test", 101),
        // A proxy that ends TLS asks without it.
        ("https://test:443", 101),
        ("http://test\r\nOrigin: http://test", 403),
    ] {
        let (status, _) = status("/echo", &format!("Origin: {origin}\r\n"));
        assert_eq!(status, expected, "{origin}");
    }
    let friend = "Origin: https://friend.example\r\n";
    assert_eq!(status("/friends", friend).0, 101);
    assert_eq!(status("/echo", friend).0, 403);
}

#[test]
fn h9_subprotocols() {
    let (chosen, head) = status("/protocols", "Sec-WebSocket-Protocol: a, b\r\n");
    assert_eq!(chosen, 101);
    assert!(head.contains("\r\nSec-WebSocket-Protocol: b\r\n"), "{head}");
    assert_eq!(
        status("/protocols", "Sec-WebSocket-Protocol: a, c\r\n").0,
        400
    );
    assert_eq!(status("/protocols", "").0, 101);
    assert_eq!(status("/echo", "Sec-WebSocket-Protocol: a\r\n").0, 400);
    let commas = format!("Sec-WebSocket-Protocol: {}\r\n", ",".repeat(8000));
    assert_eq!(status("/protocols", &commas).0, 400);
}

#[test]
fn h10_extensions_are_declined_without_an_error() {
    let lines =
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=16, x-foo\r\n";
    let (status, head) = status("/echo", lines);
    assert_eq!(status, 101);
    assert!(!head.contains("Sec-WebSocket-Extensions"), "{head}");
}

#[test]
fn h11_a_frame_in_the_packet_of_the_head() {
    let (server, _) = site();
    let mut bytes = handshake("/echo", "").into_bytes();
    bytes.extend(frame(0x81, b"early"));
    for size in [1, 7, bytes.len()] {
        let mut client = Client::connect(server.address());
        for piece in bytes.chunks(size) {
            client.send(piece);
        }
        let mut ws = Ws::raw(client);
        assert!(ws.head().starts_with("HTTP/1.1 101 "));
        assert_eq!(ws.receive_text(), "early");
    }
}

#[test]
fn h12_requests_before_the_upgrade() {
    let (server, _) = site();
    let mut client = Client::connect(server.address());
    let get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    client.send(format!("{get}{get}{}", handshake("/echo", "")));
    for _ in 0..2 {
        assert_eq!(client.answer().text(), "a page");
    }
    let answer = client.answer();
    assert_eq!(answer.status, 101);
    let mut ws = Ws::raw(client);
    ws.text("hello");
    assert_eq!(ws.receive_text(), "hello");
}

#[test]
fn h13_there_is_no_place() {
    let (server, _) = limited(limits(|live| live.max_connections(2)));
    let first = Ws::connect(server.address(), "/echo");
    let _second = Ws::connect(server.address(), "/echo");
    let (status, head) = answer_to(&server, &handshake("/echo", ""));
    assert_eq!(status, 503);
    assert!(head.contains("\r\nRetry-After: "), "{head}");
    // Requests have room.
    assert_eq!(server.get("/").text(), "a page");
    drop(first);
    doget_tests::eventually("a place is free", || {
        answer_to(&server, &handshake("/echo", "")).0 == 101
    });
}

#[test]
fn h14_a_head_in_single_bytes() {
    let (server, _, clock) = quick(Limits::new());
    let mut client = Client::connect(server.address());
    let since = clock.now();
    let head = handshake("/echo", &format!("X-Long: {}\r\n", "x".repeat(6000)));
    // It does not end: its time is that of any head.
    for byte in head.as_bytes()[..head.len() - 2].chunks(1) {
        if client.try_send(byte).is_err() {
            break;
        }
    }
    assert_eq!(client.answer().status, 408);
    clock.took(since, std::time::Duration::from_secs(15));
}
