//! F1 to F15: frames, in one piece, byte by byte, and over TLS.

use crate::limits;
use crate::ways::Ways;
use doget::Limits;
use doget_tests::FastClock;
use doget_tests::live::{Frame, Ws, frame, handshake, hex};
use std::sync::LazyLock;
use std::time::Duration;

/// For what needs no site of its own.
static WAYS: LazyLock<Ways> = LazyLock::new(Ways::new);

/// What the server answers, to its end.
#[track_caller]
fn answers(mut ws: Ws) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some(frame) = ws.receive() {
        let is_last = frame.0 == 0x88;
        frames.push(frame);
        if is_last {
            // The server ends first.
            assert_eq!(ws.receive(), None);
        }
    }
    frames
}

/// The bytes, then a Close, lead to these frames before the Close is answered.
#[track_caller]
fn echoes(text: &str, expected: &[Frame]) {
    let mut bytes = hex(text);
    bytes.extend(frame(0x88, &[0x03, 0xe8]));
    let mut expected = expected.to_vec();
    expected.push((0x88, vec![0x03, 0xe8]));
    each_way(&bytes, &expected);
}

/// The bytes lead to a Close with this code.
#[track_caller]
fn fails(text: &str, code: u16) {
    each_way(&hex(text), &[(0x88, code.to_be_bytes().to_vec())]);
}

/// Behind the handshake, and in one piece with it.
#[track_caller]
fn each_way(bytes: &[u8], expected: &[Frame]) {
    WAYS.each(|way| {
        let mut ws = way.connect("/echo");
        ws.send(bytes);
        assert_eq!(answers(ws), expected, "behind the head");
        let mut ws = way.raw();
        ws.send([handshake("/echo", "").as_bytes(), bytes].concat());
        assert!(ws.head().starts_with("HTTP/1.1 101 "));
        assert_eq!(answers(ws), expected, "with the head");
    });
}

#[test]
fn f1_a_text() {
    echoes("8185 00000000 48656c6c6f", &[(0x81, b"Hello".to_vec())]);
    echoes("8185 a1b2c3d4 e9d7afb8ce", &[(0x81, b"Hello".to_vec())]);
    echoes("8280 00000000", &[(0x82, vec![])]);
}

#[test]
fn f2_a_frame_without_a_mask() {
    fails("8105", 1002);
}

#[test]
fn f3_reserved_bits() {
    fails("c180", 1002);
    fails("a180", 1002);
}

#[test]
fn f4_reserved_opcodes() {
    fails("83", 1002);
    fails("8b", 1002);
}

#[test]
fn f5_control_frames_that_are_none() {
    fails("89fe 007e", 1002);
    fails("0980", 1002);
}

#[test]
fn f6_pings_within_a_message() {
    let ping: String = format!("89fd 00000000 {}", "2a".repeat(125));
    let text = format!(
        "0182 00000000 4865 {} 8083 00000000 6c6c6f",
        ping.repeat(10)
    );
    let mut expected = vec![(0x8a, vec![0x2a; 125]); 10];
    expected.push((0x81, b"Hello".to_vec()));
    echoes(&text, &expected);
}

#[test]
fn f7_lengths_longer_than_needed() {
    fails("81fe 0005", 1002);
    fails("81ff 0000000000000005", 1002);
}

#[test]
fn f8_lengths_that_nobody_has() {
    fails("82ff 8000000000000000", 1002);
    fails("82ff 0000010000000000 00000000", 1009);
}

#[test]
fn f9_fragments_out_of_order() {
    fails("8080 00000000", 1002);
    fails("0180 00000000 8180 00000000", 1002);
}

#[test]
fn f10_text_that_is_none() {
    fails("8182 00000000 c328", 1007);
    fails("8183 00000000 eda080", 1007);
    fails("0182 00000000 f490", 1007);
    let two = "0181 00000000 c3 8081 00000000 a4";
    echoes(two, &[(0x81, "ä".as_bytes().to_vec())]);
}

#[test]
fn f11_closes() {
    each_way(&hex("8880 00000000"), &[(0x88, vec![])]);
    fails("8881 00000000 03", 1002);
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] {
        let answer = (0x88, u16::to_be_bytes(1002).to_vec());
        each_way(&frame(0x88, &u16::to_be_bytes(code)), &[answer]);
    }
    for code in (1000..=1003).chain(1007..=1014).chain([3000, 4999]) {
        let answer = (0x88, u16::to_be_bytes(code).to_vec());
        each_way(&frame(0x88, &u16::to_be_bytes(code)), &[answer]);
    }
    fails("8884 00000000 03e8 c328", 1007);
}

#[test]
fn f12_data_behind_a_close() {
    let bytes = [
        frame(0x88, &[0x03, 0xe8]),
        frame(0x81, b"late"),
        frame(0x88, &[0x03, 0xe9]),
    ];
    each_way(&bytes.concat(), &[(0x88, vec![0x03, 0xe8])]);
}

#[test]
fn f13_our_close_and_a_client_that_stays() {
    let clock = FastClock::new();
    let ways = Ways::timed(Limits::new(), &clock);
    // It sends nothing, or without end.
    for sends in [false, true] {
        ways.whole(|way| {
            let mut ws = way.connect("/teller");
            assert_eq!(ws.receive_text(), "welcome");
            let since = clock.now();
            ws.text("bye");
            ws.is_closed_with(1000);
            if !sends {
                clock.sleep(Duration::from_secs(10));
            }
            // A connection that is gone refuses what comes.
            let junk = vec![0; 1 << 16];
            while ws.client.try_send(&junk).is_ok() {}
            clock.took(since, Duration::ZERO);
        });
    }
}

#[test]
fn f15_a_message_at_the_bound_and_beyond() {
    let ways = Ways::limited(limits(|live| live.max_message_size(300_000)));
    ways.each_in(997, |way| {
        let mut ws = way.connect("/echo");
        for size in [0, 125, 126, 65_535, 65_536, 300_000] {
            let payload = vec![0x2a; size];
            ws.send(frame(0x82, &payload));
            assert!(ws.receive() == Some((0x82, payload)), "{size}");
        }
        ws.send(&frame(0x82, &vec![0; 300_001])[..14]);
        ws.is_closed_with(1009);
        let mut ws = way.connect("/echo");
        ws.send(frame(0x02, &vec![0; 200_000]));
        ws.send(&frame(0x80, &vec![0; 100_001])[..14]);
        ws.is_closed_with(1009);
    });
}

#[test]
fn a_message_of_many_reads_is_echoed() {
    let payload: Vec<u8> = (0..5_000_000u32).map(|at| at as u8).collect();
    let mut bytes = frame(0x82, &payload);
    let key = [9, 8, 7, 6];
    bytes[10..14].copy_from_slice(&key);
    for (at, byte) in bytes[14..].iter_mut().enumerate() {
        *byte ^= key[at % 4];
    }
    WAYS.each_in(9973, |way| {
        let mut ws = way.connect("/large");
        ws.send(&bytes);
        assert!(ws.receive().as_ref() == Some(&(0x82, payload.clone())));
    });
}
