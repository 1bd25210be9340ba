//! F16 to F21: clients that send too much of something, end nothing, or read nothing.

use crate::limits;
use crate::ways::{Way, Ways};
use doget::Limits;
use doget::testing::Clock;
use doget_tests::live::{Ws, frame};
use doget_tests::{FastClock, eventually};
use std::io;
use std::time::Duration;

#[test]
fn f16_a_flood_of_empty_fragments() {
    let ways = Ways::new();
    let flood = |way: &Way<'_>, fragments: usize| {
        let mut ws = way.connect("/echo");
        ws.send(frame(0x01, b""));
        ws.send(frame(0, b"").repeat(fragments));
        ws.is_closed_with(1008);
    };
    ways.whole(|way| flood(way, 100_000));
    ways.each(|way| flood(way, 1100));
    // The bound itself is served.
    ways.each(|way| {
        let mut ws = way.connect("/echo");
        ws.send(frame(0x01, b""));
        ws.send(frame(0, b"").repeat(1023));
        ws.send(frame(0x80, b"*"));
        assert_eq!(ws.receive_text(), "*");
    });
}

/// A binary message in so many fragments of one byte.
fn fragments(count: usize) -> Vec<u8> {
    let mut bytes = frame(0x02, b"*");
    bytes.extend(frame(0, b"*").repeat(count - 2));
    bytes.extend(frame(0x80, b"*"));
    bytes
}

#[test]
fn f17_a_message_in_fragments_of_one_byte() {
    let ways = Ways::new();
    let sent = |way: &Way<'_>, count: usize| {
        let mut ws = way.connect("/echo");
        ws.send(fragments(count));
        assert!(ws.receive() == Some((0x82, vec![b'*'; count])), "{count}");
    };
    // The largest message that there may be.
    ways.whole(|way| sent(way, 1 << 20));
    // Pieces of this size cut frames everywhere.
    ways.each_in(601, |way| sent(way, 1 << 16));
    ways.each(|way| sent(way, 1000));
}

#[test]
fn f18_a_message_that_does_not_end() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).each(|way| {
        let mut ws = way.connect("/echo");
        let since = clock.now();
        ws.send(&frame(0x81, b"hello")[..8]);
        assert_eq!(ws.receive(), None);
        // A message keeps the least rate of a body.
        clock.took(since, Duration::from_secs(10));
    });
}

#[test]
fn f18_a_message_that_comes_too_slowly() {
    let clock = Clock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let mut ws = way.connect("/echo");
        let since = clock.now();
        ws.send(&frame(0x82, &vec![0; 1 << 20])[..14]);
        // It is never silent for longer than this.
        eventually("a byte a second is too little", || {
            clock.advance(Duration::from_secs(1));
            ws.client.try_send(b"*").is_err()
        });
        assert!(clock.now().duration_since(since) >= Duration::from_secs(10));
    });
}

#[test]
fn f20_more_pings_than_anybody_needs() {
    Ways::new().each(|way| {
        let mut ws = way.connect("/echo");
        ws.send(frame(0x89, b"").repeat(101));
        for _ in 0..100 {
            assert_eq!(ws.receive(), Some((0x8a, vec![])));
        }
        ws.is_closed_with(1008);
    });
}

/// More than the system holds for a connection, both ways together.
const FLOOD: usize = 64 << 20;

/// A client sends this again and again, and reads nothing: the server stops to read, and cuts it in time.
fn is_stopped(way: &Way<'_>, clock: &Clock, bytes: &[u8]) {
    let mut deaf = way.connect_narrow("/echo");
    let mut other = way.connect("/echo");
    deaf.client.set_send_patience(Duration::from_millis(200));
    let since = clock.now();
    let mut sent = 0;
    while !stalls(&mut deaf, bytes) {
        sent += bytes.len();
        assert!(sent < FLOOD, "the server reads on");
    }
    deaf.client.set_send_patience(Duration::from_millis(1));
    other.text("hello");
    assert_eq!(other.receive_text(), "hello");
    clock.advance(Duration::from_secs(31));
    let mut pinged = false;
    eventually("it is cut", || {
        clock.advance(Duration::from_secs(1));
        // Nobody but the one who reads nothing is to be cut.
        if !std::mem::replace(&mut pinged, true) {
            other.text("here");
        }
        deaf.client
            .try_send(b"*")
            .is_err_and(|error| !is_late(&error))
    });
    assert!(clock.now().duration_since(since) >= Duration::from_secs(30));
}

/// The server does not take these bytes.
fn stalls(ws: &mut Ws, bytes: &[u8]) -> bool {
    match ws.client.try_send(bytes) {
        Ok(()) => false,
        Err(error) if is_late(&error) => true,
        Err(error) => panic!("the server cuts too early: {error}"),
    }
}

/// With TLS there is a buffer between, which is full then.
fn is_late(error: &io::Error) -> bool {
    use io::ErrorKind::{TimedOut, WouldBlock, WriteZero};
    matches!(error.kind(), WouldBlock | TimedOut | WriteZero)
}

#[test]
fn f19_pings_of_a_client_that_reads_nothing() {
    let clock = Clock::new();
    // They are not to be too many by themselves.
    let limits = limits(|live| live.max_control_frames(u32::MAX));
    let pings = frame(0x89, &[0; 125]).repeat(1000);
    Ways::timed(limits, &clock).whole(|way| is_stopped(way, &clock, &pings));
}

#[test]
fn f21_a_client_that_reads_no_echoes_harms_nobody() {
    let clock = Clock::new();
    let message = frame(0x82, &vec![0; 1 << 20]);
    Ways::timed(Limits::new(), &clock).whole(|way| is_stopped(way, &clock, &message));
}
