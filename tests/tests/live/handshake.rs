//! H1 to H14: the opening handshake.

use crate::limits;
use crate::ways::{Way, Ways};
use doget::Limits;
use doget::testing::Clock;
use doget_tests::eventually;
use doget_tests::live::{Ws, frame, handshake};
use std::cell::RefCell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// For what needs no site of its own.
static WAYS: LazyLock<Ways> = LazyLock::new(Ways::new);

#[track_caller]
fn status(path: &str, lines: &str) -> (u16, String) {
    each_way(&handshake(path, lines))
}

/// The answer to the request in one piece, which is the same byte by byte and over TLS.
#[track_caller]
fn each_way(request: &str) -> (u16, String) {
    let first = RefCell::new(None);
    WAYS.each(|way| {
        let (status, head) = way.answer_to(request);
        let mut first = first.borrow_mut();
        let (expected, _) = first.get_or_insert_with(|| (status, head.clone()));
        assert_eq!(status, *expected, "{head}");
    });
    first.into_inner().unwrap()
}

impl Way<'_> {
    #[track_caller]
    fn answer_to(&self, request: &str) -> (u16, String) {
        head_of(&mut self.ask(request))
    }
}

#[track_caller]
fn head_of(asked: &mut Ws) -> (u16, String) {
    let head = asked.head();
    (head[9..12].parse().unwrap(), head)
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
    WAYS.each(|way| {
        let mut asked = way.ask("GET /echo HTTP/1.1\r\nHost: test\r\n\r\n");
        let answer = asked.client.answer();
        assert_eq!(answer.status, 426);
        assert_eq!(answer.header("Upgrade"), Some("websocket"));
        assert_eq!(answer.header("Sec-WebSocket-Version"), Some("13"));
        let mut asked = way.ask(GET);
        assert_eq!(asked.client.answer().text(), "a page");
    });
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

const GET: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

#[test]
fn h11_a_frame_in_the_packet_of_the_head() {
    let mut bytes = handshake("/echo", "").into_bytes();
    bytes.extend(frame(0x81, b"early"));
    for piece in [1, 7] {
        WAYS.each_in(piece, |way| {
            let mut ws = way.raw();
            ws.send(&bytes);
            assert!(ws.head().starts_with("HTTP/1.1 101 "));
            assert_eq!(ws.receive_text(), "early");
            ws.text("later");
            assert_eq!(ws.receive_text(), "later");
        });
    }
}

#[test]
fn h12_requests_before_the_upgrade() {
    WAYS.each(|way| {
        let mut asked = way.ask(&format!("{GET}{GET}{}", handshake("/echo", "")));
        for _ in 0..2 {
            assert_eq!(asked.client.answer().text(), "a page");
        }
        assert_eq!(asked.client.answer().status, 101);
        asked.text("hello");
        assert_eq!(asked.receive_text(), "hello");
    });
}

#[test]
fn h13_there_is_no_place() {
    let ways = Ways::limited(limits(|live| live.max_connections(2)));
    ways.each(|way| {
        // The places of the way before are free at some time.
        let mut taken = Vec::new();
        eventually("two places", || {
            let mut asked = way.ask(&handshake("/echo", ""));
            if head_of(&mut asked).0 == 101 {
                taken.push(asked);
            }
            taken.len() == 2
        });
        let (status, head) = way.answer_to(&handshake("/echo", ""));
        assert_eq!(status, 503);
        assert!(head.contains("\r\nRetry-After: 5\r\n"), "{head}");
        // Requests have room.
        assert_eq!(way.ask(GET).client.answer().text(), "a page");
        drop(taken);
    });
}

#[test]
fn h13_the_server_ends() {
    let patience = Duration::from_secs(60);
    let limits = Limits::new()
        .shutdown_head_timeout(patience)
        .shutdown_timeout(patience);
    let ways = Ways::limited(limits);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    let requests = [handshake("/echo", ""), get("/park"), get("/news")];
    let mut asked = ways.all(|way| {
        requests.each_ref().map(|request| {
            // Its answer shows that what came with it was read.
            let mut asked = way.raw();
            asked.send(format!("{GET}{}", &request[..20]));
            assert_eq!(asked.client.answer().text(), "a page");
            asked
        })
    });
    let mut told = ways.all(|way| way.connect("/echo"));
    let end = std::thread::spawn(move || ways.end());
    for ws in &mut told {
        ws.is_closed_with(1001);
    }
    for [socket, park, stream] in &mut asked {
        socket.send(&requests[0][20..]);
        let answer = socket.client.answer();
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("Retry-After"), Some("5"));
        assert_eq!(answer.header("Connection"), Some("close"));
        assert_eq!(answer.header("Sec-WebSocket-Accept"), None);
        park.send(&requests[1][20..]);
        assert_eq!(park.client.answer().status, 503);
        stream.send(&requests[2][20..]);
        // A browser never comes back after a 503.
        assert_eq!(stream.client.answer().text(), "retry: 30000\n\n");
        for asked in [socket, park, stream] {
            asked.client.is_closed();
        }
    }
    drop((told, asked));
    end.join().unwrap();
}

#[test]
fn h14_a_head_in_single_bytes() {
    let clock = Clock::new();
    let long = format!("X-Long: {}\r\n", "x".repeat(6000)).repeat(5);
    let head = handshake("/echo", &long);
    Ways::timed(Limits::new(), &clock).each(|way| {
        let since = clock.now();
        // It does not end: its time is that of any head.
        let mut asked = way.ask(&head[..head.len() - 2]);
        let over = AtomicBool::new(false);
        let answer = std::thread::scope(|scope| {
            scope.spawn(|| {
                // Nobody knows when the server has read the first byte.
                while !over.load(Ordering::SeqCst) {
                    clock.advance(Duration::from_secs(1));
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            let answer = asked.client.try_answer_to("GET");
            over.store(true, Ordering::SeqCst);
            answer.unwrap()
        });
        assert_eq!(answer.status, 408);
        assert!(clock.now().duration_since(since) >= Duration::from_secs(15));
    });
}
