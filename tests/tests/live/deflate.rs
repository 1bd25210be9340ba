//! F3, F22 to F25: compressed messages (RFC 7692). Each in one piece, byte by byte, and over TLS.

use crate::ways::{Way, Ways};
use crate::{limits, site};
use doget_tests::Client;
use doget_tests::live::{Ws, frame, handshake, hex};
use doget_tests::test_server::TestServer;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use std::sync::LazyLock;

pub(crate) const OFFER: &str =
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
const TAKEN: &str = "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; \
                     client_no_context_takeover\r\n";

/// For what needs no site of its own.
static WAYS: LazyLock<Ways> = LazyLock::new(Ways::new);

fn over(mut ws: Ws, path: &str) -> Ws {
    ws.send(handshake(path, OFFER));
    let head = ws.head();
    assert!(
        head.starts_with("HTTP/1.1 101 ") && head.contains(TAKEN),
        "{head}"
    );
    ws
}

impl Way<'_> {
    fn deflating(&self) -> Ws {
        over(self.raw(), "/deflated")
    }
}

fn connect(server: &TestServer, path: &str) -> Ws {
    over(Ws::raw(Client::connect(server.address())), path)
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 100);
    let mut compress = Compress::new(Compression::default(), false);
    compress
        .compress_vec(bytes, &mut out, FlushCompress::Sync)
        .unwrap();
    assert_eq!(out[out.len() - 4..], [0, 0, 0xff, 0xff]);
    out.truncate(out.len() - 4);
    out
}

fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 << 20);
    let whole = [bytes, &[0, 0, 0xff, 0xff]].concat();
    Decompress::new(false)
        .decompress_vec(&whole, &mut out, FlushDecompress::Sync)
        .unwrap();
    out
}

/// The bytes lead to these frames, and to a Close with this code.
#[track_caller]
fn leads_to(bytes: &[u8], expected: &[(u8, &[u8])], code: u16) {
    WAYS.each(|way| {
        let mut ws = way.deflating();
        ws.send(bytes);
        for (first, payload) in expected {
            assert_eq!(ws.receive(), Some((*first, payload.to_vec())));
        }
        ws.is_closed_with(code);
    });
}

/// Behind the bytes comes a Close, which is answered.
#[track_caller]
fn echoes(text: &str, expected: &[(u8, &[u8])]) {
    let bytes = [hex(text), frame(0x88, &[0x03, 0xe8])].concat();
    leads_to(&bytes, expected, 1000);
}

/// 1 GiB of zeros, in a thousandth of that.
pub(crate) fn bomb() -> Vec<u8> {
    // Blocks that were flushed follow each other in one stream.
    let mut block = deflated(&vec![0; 1 << 20]);
    block.extend([0, 0, 0xff, 0xff]);
    let mut bomb = block.repeat(1 << 10);
    bomb.truncate(bomb.len() - 4);
    bomb
}

#[test]
fn f22_a_bomb() {
    let (gib, mib) = (bomb(), deflated(&vec![0; 1 << 20]));
    assert!(gib.len() < 1200 << 10);
    let ways = Ways::limited(limits(|live| live.max_message_size(2 << 20)));
    ways.each_in(997, |way| {
        let mut ws = way.deflating();
        ws.send(frame(0xc2, &gib));
        ws.is_closed_with(1009);
    });
    let ways = Ways::limited(limits(|live| live.max_message_size(1 << 20)));
    ways.each(|way| {
        let mut ws = way.deflating();
        ws.send(frame(0xc2, &mib));
        let Some((0xc2, answer)) = ws.receive() else {
            panic!("no compressed message");
        };
        assert!(inflated(&answer) == vec![0; 1 << 20]);
        // One byte more.
        ws.send(frame(0xc2, &deflated(&vec![0; (1 << 20) + 1])));
        ws.is_closed_with(1009);
    });
}

#[test]
fn f23_what_comes_compressed() {
    // "Hello", RFC 7692 section 7.2.3.1; the answer is short, so it is not compressed.
    echoes("c187 00000000 f248cdc9c90700", &[(0x81, b"Hello")]);
    // In fragments, with a Ping between.
    echoes(
        "4183 00000000 f248cd 8980 00000000 8084 00000000 c9c90700",
        &[(0x8a, b""), (0x81, b"Hello")],
    );
    echoes("c181 00000000 00", &[(0x81, b"")]);
    // A message that is not compressed may come beside those that are.
    echoes("8185 00000000 48656c6c6f", &[(0x81, b"Hello")]);
}

#[test]
fn f23_what_is_not_deflate() {
    leads_to(&hex("c183 00000000 ffffff"), &[], 1007);
    leads_to(&hex("c184 00000000 f248cdc9"), &[], 1007);
    // Text that is no UTF-8 once it is inflated.
    let latin = deflated(b"\xc3\x28");
    leads_to(&frame(0xc1, &latin), &[], 1007);
}

#[test]
fn f3_f23_bits_where_they_may_not_be() {
    // RSV1 on a continuation, on a Ping, on a Close.
    leads_to(
        &hex("4183 00000000 f248cd c084 00000000 c9c90700"),
        &[],
        1002,
    );
    leads_to(&hex("c980 00000000"), &[], 1002);
    leads_to(&hex("c880 00000000"), &[], 1002);
    // RSV2 and RSV3 are nobody's.
    leads_to(&hex("a180"), &[], 1002);
    leads_to(&hex("9180"), &[], 1002);
    leads_to(&hex("e180"), &[], 1002);
}

#[test]
fn f24_a_message_that_refers_to_the_one_before() {
    let two = "c187 00000000 f248cdc9c90700 c185 00000000 f200110000";
    leads_to(&hex(two), &[(0x81, b"Hello")], 1007);
}

#[test]
fn f25_what_gets_no_shorter_is_sent_plain() {
    let mut random = 1u32;
    let noise = std::iter::repeat_with(|| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 24) as u8
    });
    let noise: Vec<u8> = noise.take(50_000).collect();
    let echoes = |way: &Way<'_>, noise: &[u8]| {
        let mut ws = way.deflating();
        ws.send(frame(0xc2, &deflated(noise)));
        assert!(ws.receive() == Some((0x82, noise.to_vec())));
        let text = "the quick brown fox ".repeat(50);
        ws.text(&text);
        let Some((0xc1, answer)) = ws.receive() else {
            panic!("no compressed text");
        };
        assert!(answer.len() < text.len() / 4);
        assert_eq!(inflated(&answer), text.as_bytes());
        // Too short to be worth it.
        ws.text("short");
        assert_eq!(ws.receive_text(), "short");
    };
    WAYS.each_in(101, |way| echoes(way, &noise));
    WAYS.each(|way| echoes(way, &noise[..1000]));
}

#[test]
fn a_small_window_is_kept_to() {
    let (server, _) = site();
    let mut client = Client::connect(server.address());
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n";
    client.send(handshake("/deflated", offer));
    let mut ws = Ws::raw(client);
    let head = ws.head();
    assert!(head.contains("; server_max_window_bits=9\r\n"), "{head}");
    for (size, first) in [(512, 0xc1), (513, 0x81)] {
        ws.text(&"a".repeat(size));
        assert_eq!(ws.receive().unwrap().0, first, "{size}");
    }
}

#[test]
fn a_topic_is_compressed_for_those_who_have_agreed() {
    let (server, site) = site();
    let mut deflating = connect(&server, "/deflated-room");
    let mut plain = Ws::connect(server.address(), "/deflated-room");
    deflating.text("begin");
    for ws in [&mut deflating, &mut plain] {
        assert_eq!(ws.receive_text(), "begin");
    }
    let long = "long and longer ".repeat(100);
    for round in 0..50 {
        let message = format!("{round} {long}");
        site.room.publish(message.as_str());
        let Some((0xc1, bytes)) = deflating.receive() else {
            panic!("no compressed text");
        };
        assert_eq!(inflated(&bytes), message.as_bytes());
        assert_eq!(plain.receive_text(), message);
    }
}

#[test]
fn h10_nothing_is_agreed_where_one_side_does_not_ask() {
    let (server, _) = site();
    for (path, lines) in [("/echo", OFFER), ("/deflated", "")] {
        let mut client = Client::connect(server.address());
        client.send(handshake(path, lines));
        let mut ws = Ws::raw(client);
        let head = ws.head();
        assert!(!head.contains("Sec-WebSocket-Extensions"), "{head}");
        ws.send(hex("c187 00000000 f248cdc9c90700"));
        ws.is_closed_with(1002);
    }
}
