//! The bytes of `tests/BEHAVIOUR.md`, F1 to F24, in one piece and byte by byte: the same must come out.

use crate::live::protocol::close::CloseCode;
use crate::live::protocol::decoder::{Decoder, Item, Kind, Rules};
use crate::live::protocol::frame::Opcode;
use Heard::{Binary, Control, Fault, Text};
use proptest::prelude::*;

const RULES: Rules = Rules {
    max_message: 64,
    max_empty: 3,
    deflates: false,
};

#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Control(Opcode, Vec<u8>),
    Fault(CloseCode),
}

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

fn message(kind: Kind, bytes: &[u8]) -> Heard {
    match kind {
        Kind::Text => Text(bytes.to_vec()),
        Kind::Binary => Binary(bytes.to_vec()),
    }
}

/// What comes of the bytes in pieces, each message refused once before it is taken.
fn hear(bytes: &[u8], piece: usize) -> Vec<Heard> {
    let mut decoder = Decoder::default();
    let mut heard = Vec::new();
    for piece in bytes.chunks(piece) {
        let mut piece = piece.to_vec();
        let mut refuse = true;
        loop {
            let mut asked = false;
            let step = decoder.next(&mut piece, &RULES, &mut || {
                asked = true;
                !refuse
            });
            let step = match step {
                Ok(step) => step,
                Err(code) => {
                    heard.push(Fault(code));
                    return heard;
                }
            };
            let consumed = step.consumed;
            match step.item {
                Item::More => break,
                Item::Held => {
                    assert!(asked && refuse);
                    refuse = false;
                    piece.drain(..consumed);
                    continue;
                }
                Item::Message(kind, bytes) => heard.push(message(kind, bytes)),
                Item::Gathered(kind, bytes) => heard.push(message(kind, &bytes)),
                Item::Compressed(..) => unreachable!(),
                Item::Control(opcode, bytes) => heard.push(Control(opcode, bytes)),
            }
            refuse = true;
            piece.drain(..consumed);
        }
    }
    heard
}

#[track_caller]
fn check(text: &str, expected: &[Heard]) {
    let bytes = hex(text);
    for piece in 1..=bytes.len() {
        assert_eq!(hear(&bytes, piece), expected, "{text} in pieces of {piece}");
    }
}

#[test]
fn f1_a_text_with_any_key() {
    check("8185 00000000 48656c6c6f", &[Text(b"Hello".to_vec())]);
    check("8185 a1b2c3d4 e9d7afb8ce", &[Text(b"Hello".to_vec())]);
    check("8280 00000000", &[Binary(Vec::new())]);
}

#[test]
fn f2_a_frame_without_a_mask() {
    check("8105", &[Fault(CloseCode::PROTOCOL_ERROR)]);
}

#[test]
fn f3_reserved_bits() {
    for first in ["c1", "a1", "91", "c9"] {
        check(first, &[Fault(CloseCode::PROTOCOL_ERROR)]);
    }
}

#[test]
fn f4_reserved_opcodes() {
    for bits in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let first = format!("{:02x}", 0x80 | bits);
        check(&first, &[Fault(CloseCode::PROTOCOL_ERROR)]);
    }
}

#[test]
fn f5_control_frames_that_are_too_long_or_in_pieces() {
    check("89fe", &[Fault(CloseCode::PROTOCOL_ERROR)]);
    check("09", &[Fault(CloseCode::PROTOCOL_ERROR)]);
}

#[test]
fn f6_pings_between_two_fragments() {
    let ping = "8983 01020304 606265";
    let text = format!("0182 00000000 4865 {ping} {ping} 8083 00000000 6c6c6f");
    let pong = Control(Opcode::Ping, b"a`f".to_vec());
    check(&text, &[pong.clone(), pong, Text(b"Hello".to_vec())]);
}

#[test]
fn f7_lengths_that_are_longer_than_needed() {
    check("81fe 0005", &[Fault(CloseCode::PROTOCOL_ERROR)]);
    check("81ff 0000000000000005", &[Fault(CloseCode::PROTOCOL_ERROR)]);
    check("81ff 000000000000ffff", &[Fault(CloseCode::PROTOCOL_ERROR)]);
}

#[test]
fn f8_lengths_that_nobody_has() {
    check("82ff 80", &[Fault(CloseCode::PROTOCOL_ERROR)]);
    check(
        "82ff 0000010000000000 00000000",
        &[Fault(CloseCode::TOO_BIG)],
    );
}

#[test]
fn f9_fragments_out_of_order() {
    check("8080 00000000", &[Fault(CloseCode::PROTOCOL_ERROR)]);
    check(
        "0181 00000000 61 8181 00000000",
        &[Fault(CloseCode::PROTOCOL_ERROR)],
    );
}

#[test]
fn f10_text_that_is_none() {
    let invalid = [Fault(CloseCode::INVALID_DATA)];
    check("8182 00000000 c328", &invalid);
    check("8183 00000000 eda080", &invalid);
    check("0182 00000000 f490", &invalid);
    check("8181 00000000 c3", &invalid);
    check(
        "0181 00000000 c3 8081 00000000 a4",
        &[Text("ä".as_bytes().to_vec())],
    );
    check("0181 00000000 c3 8080 00000000", &invalid);
}

#[test]
fn f15_a_message_at_the_bound_and_beyond() {
    let at = format!("82c0 00000000 {}", "2a".repeat(64));
    let mut bytes = hex(&at);
    bytes[1] = 0x80 | 64;
    for piece in [1, 7, 200] {
        assert_eq!(hear(&bytes, piece), [Binary(vec![0x2a; 64])]);
    }
    check("82c1 00000000", &[Fault(CloseCode::TOO_BIG)]);
    let half = format!("02a8 00000000 {}", "2a".repeat(40));
    check(
        &format!("{half} 8098 00000000 {}", "2a".repeat(24)),
        &[Binary(vec![0x2a; 64])],
    );
    check(
        &format!("{half} 8099 00000000"),
        &[Fault(CloseCode::TOO_BIG)],
    );
}

#[test]
fn f16_empty_fragments() {
    let empty = "0080 00000000 ";
    let few = format!("0180 00000000 {} 8081 00000000 61", empty.repeat(2));
    check(&few, &[Text(b"a".to_vec())]);
    let many = format!("0180 00000000 {}", empty.repeat(3));
    check(&many, &[Fault(CloseCode::POLICY)]);
}

#[test]
fn f17_fragments_of_one_byte() {
    let mut bytes = hex("0281 00000000 2a");
    for _ in 0..62 {
        bytes.extend(hex("0081 00000000 2a"));
    }
    bytes.extend(hex("8081 00000000 2a"));
    for piece in [1, 5, 8, 1000] {
        assert_eq!(hear(&bytes, piece), [Binary(vec![0x2a; 64])]);
    }
}

#[test]
fn a_payload_is_read_where_it_is_gathered() {
    let mut decoder = Decoder::default();
    let mut begin = hex("81a0 01020304 49");
    let step = decoder.next(&mut begin, &RULES, &mut || true).unwrap();
    assert_eq!(step.consumed, 7);
    let (sink, left) = decoder.sink().unwrap();
    assert_eq!((sink.as_slice(), left), (&b"H"[..], 31));
    sink.extend(std::iter::repeat_n(0x21, 31));
    decoder.filled(31).unwrap();
    assert!(decoder.has_whole());
    let step = decoder.next(&mut [], &RULES, &mut || true).unwrap();
    let key = [1, 2, 3, 4];
    let mut expected = b"H".to_vec();
    expected.extend((1..32).map(|at| 0x21 ^ key[at % 4]));
    assert_eq!(step.item, Item::Gathered(Kind::Text, expected));
    assert!(!decoder.is_amid());
}

/// A frame of a client, in order or not.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        4 => Just(0x81u8),
        4 => Just(0x82),
        2 => Just(0x01),
        2 => Just(0x02),
        3 => Just(0x00),
        3 => Just(0x80),
        2 => Just(0x89),
        1 => Just(0x8a),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        "[a-zäé€]{0,20}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..70),
    ];
    (first, any::<[u8; 4]>(), payload).prop_map(|(first, key, payload)| {
        let mut frame = vec![first, 0x80 | payload.len() as u8];
        frame.extend(key);
        frame.extend((payload.iter().zip(key.iter().cycle())).map(|(byte, key)| byte ^ key));
        frame
    })
}

proptest! {
    /// However the bytes are cut, and whatever they are, the same comes out.
    #[test]
    fn pieces_make_no_difference(
        frames in prop::collection::vec(any_frame(), 0..8),
        tail in prop::collection::vec(any::<u8>(), 0..12),
        piece in 1usize..40,
    ) {
        let bytes = [frames.concat(), tail].concat();
        let whole = hear(&bytes, bytes.len().max(1));
        prop_assert_eq!(hear(&bytes, 1), whole.clone());
        prop_assert_eq!(hear(&bytes, piece), whole);
    }
}
